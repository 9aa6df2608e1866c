import { html } from '../vendor/htm-preact-standalone.js';
export function TagView() { return html`<p></p>`; }

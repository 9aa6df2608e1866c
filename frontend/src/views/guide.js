import { html } from '../vendor/htm-preact-standalone.js';
export function Guide() { return html`<p></p>`; }

import { html } from '../vendor/htm-preact-standalone.js';
export function LayerTable() { return html`<p></p>`; }

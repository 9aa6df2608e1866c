/** A texture for each shape, for strips too narrow for a silhouette, for eyes that do not tell the colours, and for print. */

import { SHAPES } from './shapes.js';
import { html } from '../vendor/htm-preact-standalone.js';

const SIZE = 6;

/** Lines in a tile of 6 × 6; a shape without an entry is plain. @type {Record<string, string>} */
const LINES = {
  non_finite: 'M0 0L6 6M6 0L0 6',
  constant: 'M3 0V6',
  collapsed: 'M0 1.5H6M0 4.5H6',
  saturated: 'M1 0V6M2.5 0V6',
  sparse: 'M3 2V4',
  spiky: 'M1.5 0V3M4.5 3V6',
  multimodal: 'M0 4L1.5 2L3 4L4.5 2L6 4',
  heavy_tailed: 'M0 6L6 0M-1 1L1 -1M5 7L7 5',
  skewed: 'M0 0L6 6M5 -1L7 1M-1 5L1 7',
  other: 'M0 1.5H3M3 4.5H6',
  empty: 'M0 3H6',
};

/** The name of a shape's texture, as the fill of an element. @param {string} shape @returns {string | null} null: it is plain */
export const textureOf = (shape) => (shape in LINES ? `url(#texture-${shape})` : null);

/** Once in a page: what `textureOf` names. */
export function Textures() {
  return html`<svg class="textures" width="0" height="0" aria-hidden="true"><defs>
    ${SHAPES.filter((shape) => shape in LINES).map(
      (shape) => html`<pattern id="texture-${shape}" width=${SIZE} height=${SIZE} patternUnits="userSpaceOnUse">
        <path d=${LINES[shape]} fill="none" stroke="#ffffff" stroke-width="1" stroke-opacity="0.45" />
      </pattern>`,
    )}
  </defs></svg>`;
}

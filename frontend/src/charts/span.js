/** One span of a shape on a strip: ground, texture, silhouette and name, as much of it as there is room for. */

import { silhouette } from './shapes.js';
import { textureOf } from './textures.js';
import { html } from '../vendor/htm-preact-standalone.js';

/** Pixels that a silhouette needs, whole and at its smallest. */
const WHOLE = 20;
const SMALL = 11;
const SMALL_SCALE = 0.6;
/** Pixels of a letter, and of a Chinese or Japanese character. */
const LETTER = 7;
const WIDE = 11.5;
const NAME_FROM = 26;

/** Pixels that a name takes on a strip, at most. @param {string} name */
export const nameWidth = (name) => [...name].reduce((sum, letter) => sum + (letter > '\u2e7f' ? WIDE : LETTER), 0);

/** What a span of so many pixels has room for. @param {number} room @param {string} name @returns {{ scale: number, named: boolean }} `scale` 0: no silhouette */
export const fitting = (room, name) => ({
  scale: room >= WHOLE ? 1 : room >= SMALL ? SMALL_SCALE : 0,
  named: room >= NAME_FROM + 8 + nameWidth(name),
});

/** @param {{ shape: string, name: string, x: number, width: number, height: number }} props */
export function Span({ shape, name, x, width, height }) {
  const { scale, named } = fitting(width, name);
  const texture = textureOf(shape);
  const left = scale === 1 ? x + 5 : x + (width - 16 * scale) / 2;
  return html`<g class="shape-${shape}">
    <rect class="ground" x=${x} y="0" width=${width} height=${height} />
    ${scale < 1 && texture ? html`<rect x=${x} y="0" width=${width} height=${height} fill=${texture} />` : null}
    ${x > 0 ? html`<rect class="seam" x=${x - 0.5} y="0" width="1" height=${height} />` : null}
    ${scale > 0
      ? html`<path class="glyph" d=${silhouette(shape)} transform="translate(${left} ${height / 2 - 5 * scale}) scale(${scale})" />`
      : null}
    ${named ? html`<text x=${x + NAME_FROM} y=${height / 2 + 4}>${name}</text>` : null}
  </g>`;
}

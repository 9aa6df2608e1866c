/** A tag's shape over its steps, as a band one line high. */

import { silhouette } from './shapes.js';
import { html } from '../vendor/htm-preact-standalone.js';
import { nameOf } from '../words.js';

/** @import { TimelineEntry } from '../schema.js' */

const GLYPH_WIDTH = 16;
/** Pixels of a letter, and of a Chinese or Japanese character. */
const LETTER = 7;
const WIDE = 11.5;

/**
 * @typedef {object} Segment
 * @property {string} shape
 * @property {number} x
 * @property {number} width
 */

/** Pixels that a name takes on a strip, at most. @param {string} name */
export const nameWidth = (name) => [...name].reduce((sum, letter) => sum + (letter > '\u2e7f' ? WIDE : LETTER), 0);

/**
 * Where each span lies; neighbours meet half-way between the last step of one and the first step of the next.
 * @param {TimelineEntry[]} timeline
 * @param {number} width
 * @returns {Segment[]}
 */
export function segments(timeline, width) {
  const first = timeline[0]?.first_step ?? 0;
  const last = timeline[timeline.length - 1]?.last_step ?? first;
  /** @param {number} step */
  const place = (step) => (last === first ? 0 : ((step - first) / (last - first)) * width);
  return timeline.map((span, i) => {
    const before = timeline[i - 1];
    const after = timeline[i + 1];
    const start = before ? place((before.last_step + span.first_step) / 2) : 0;
    const end = after ? place((span.last_step + after.first_step) / 2) : width;
    return { shape: span.shape, x: start, width: Math.max(1, end - start) };
  });
}

/** @param {{ timeline: TimelineEntry[], width: number, height: number }} props */
export function Strip({ timeline, width, height }) {
  const spans = timeline
    .map((span) => `${nameOf('shapes', span.shape)} ${span.first_step}–${span.last_step}`)
    .join(', ');
  return html`<svg class="strip" width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="img" aria-label=${spans}>
    ${segments(timeline, width).map((segment) => {
      const name = nameOf('shapes', segment.shape);
      const glyph = segment.width >= GLYPH_WIDTH + 4;
      const text = segment.width >= GLYPH_WIDTH + 14 + nameWidth(name);
      return html`<g class="shape-${segment.shape}">
        <rect class="ground" x=${segment.x} y="0" width=${segment.width} height=${height} />
        ${segment.x > 0 ? html`<rect class="seam" x=${segment.x - 0.5} y="0" width="1" height=${height} />` : null}
        ${glyph
          ? html`<path class="glyph" d=${silhouette(segment.shape)} transform="translate(${segment.x + 5} ${height / 2 - 5})" />`
          : null}
        ${text ? html`<text x=${segment.x + 26} y=${height / 2 + 4}>${name}</text>` : null}
      </g>`;
    })}
  </svg>`;
}

/** A shape's mark and name in running text. @param {{ shape: string, name?: boolean }} props */
export function ShapeMark({ shape, name = true }) {
  return html`<span class="shape-mark shape-${shape}">
    <svg width="22" height="16" viewBox="0 0 22 16" aria-hidden="true">
      <rect class="ground" width="22" height="16" rx="3" />
      <path class="glyph" d=${silhouette(shape)} transform="translate(3 3)" />
    </svg>
    <span class=${name ? '' : 'unseen'}>${nameOf('shapes', shape)}</span>
  </span>`;
}

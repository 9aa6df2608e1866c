/** A tag's shape over its steps, as a band one line high. */

import { silhouette } from './shapes.js';
import { Span } from './span.js';
import { textureOf } from './textures.js';
import { html } from '../vendor/htm-preact-standalone.js';
import { nameOf } from '../words.js';

/** @import { TimelineEntry } from '../schema.js' */

/**
 * @typedef {object} Segment
 * @property {string} shape
 * @property {number} x
 * @property {number} width
 */

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
    ${segments(timeline, width).map(
      (segment) => html`<${Span} shape=${segment.shape} name=${nameOf('shapes', segment.shape)} x=${segment.x} width=${segment.width} height=${height} />`,
    )}
  </svg>`;
}

/** A shape's mark and name in running text; in a legend with its texture. @param {{ shape: string, name?: boolean, textured?: boolean }} props */
export function ShapeMark({ shape, name = true, textured = false }) {
  return html`<span class="shape-mark shape-${shape}">
    <svg width="22" height="16" viewBox="0 0 22 16" aria-hidden="true">
      <rect class="ground" width="22" height="16" rx="3" />
      ${textured && textureOf(shape) ? html`<rect width="22" height="16" rx="3" fill=${textureOf(shape)} />` : null}
      <path class="glyph" d=${silhouette(shape)} transform="translate(3 3)" />
    </svg>
    <span class=${name ? '' : 'unseen'}>${nameOf('shapes', shape)}</span>
  </span>`;
}

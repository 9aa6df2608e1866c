/** Above the charts over steps: the shape at every step, and the steps of each finding. */

import { LEFT, RIGHT, useWidth } from './canvas.js';
import { nameWidth } from './strip.js';
import { silhouette } from './shapes.js';
import { printable } from '../format.js';
import { html, useRef } from '../vendor/htm-preact-standalone.js';
import { nameOf } from '../words.js';

/** @import { FindingEntry, TimelineEntry } from '../schema.js' */
/** @import { StepScale } from './step_axis.js' */
/** @import { Ref } from '../vendor/htm-preact-standalone.js' */

const STRIP_HEIGHT = 18;
const LINE_HEIGHT = 9;
const GLYPH_WIDTH = 22;

/**
 * From–to of a finding in pixels, at least wide enough to be seen.
 * @param {FindingEntry} finding @param {StepScale} steps @param {number} width
 */
export function findingBar(finding, steps, width) {
  const start = finding.first_step === null ? 0 : Math.max(0, steps.place(finding.first_step)) * width;
  const end = finding.last_step === null ? width : Math.min(1, steps.place(finding.last_step)) * width;
  return { x: Math.min(start, width - 4), width: Math.max(4, end - start) };
}

/**
 * @param {{ timeline: TimelineEntry[], findings: FindingEntry[], steps: StepScale, label: string }} props
 */
export function Tracks({ timeline, findings, steps, label }) {
  /** @type {Ref<HTMLElement | null>} */
  const box = useRef(null);
  const width = Math.max(0, useWidth(box) - LEFT - RIGHT);
  const dated = findings.filter((finding) => finding.first_step !== null);
  const height = STRIP_HEIGHT + 4 + dated.length * LINE_HEIGHT;
  // The first and last columns reach half a step beyond the steps themselves.
  const spans = timeline.map(({ shape, first_step, last_step }, i) => {
    const before = timeline[i - 1];
    const after = timeline[i + 1];
    return {
      shape,
      x: before ? steps.place((before.last_step + first_step) / 2) * width : 0,
      end: after ? steps.place((last_step + after.first_step) / 2) * width : width,
    };
  });
  return html`<div ref=${box} class="tracks">
    <svg width=${width + LEFT + RIGHT} height=${height} role="img" aria-label=${label}>
      <g transform="translate(${LEFT} 0)">
        ${spans.map(({ shape, x, end }) => {
          const name = nameOf('shapes', shape);
          const room = end - x;
          return html`<g class="shape-${shape} strip">
            <title>${name}</title>
            <rect class="ground" x=${x} y="0" width=${Math.max(1, room)} height=${STRIP_HEIGHT} />
            ${x > 0 ? html`<rect class="seam" x=${x - 0.5} y="0" width="1" height=${STRIP_HEIGHT} />` : null}
            ${room > GLYPH_WIDTH ? html`<path class="glyph" d=${silhouette(shape)} transform="translate(${x + 5} 4)" />` : null}
            ${room > GLYPH_WIDTH + 12 + nameWidth(name) ? html`<text x=${x + 26} y="13">${name}</text>` : null}
          </g>`;
        })}
        ${dated.map((finding, k) => {
          const bar = findingBar(finding, steps, width);
          return html`<g class="finding-bar ${finding.severity}">
            <title>${`${finding.title}\n${printable(finding.message)}`}</title>
            <rect x=${bar.x} y=${STRIP_HEIGHT + 6 + k * LINE_HEIGHT} width=${bar.width} height="4" rx="2" />
          </g>`;
        })}
      </g>
    </svg>
  </div>`;
}

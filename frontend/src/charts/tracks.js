/** Above the charts over steps: the shape at every step, and the steps of each finding. */

import { LEFT, RIGHT, useWidth } from './canvas.js';
import { Span } from './span.js';
import { printable } from '../format.js';
import { html, useRef } from '../vendor/htm-preact-standalone.js';
import { nameOf } from '../words.js';

/** @import { FindingEntry, TimelineEntry } from '../schema.js' */
/** @import { StepScale } from './step_axis.js' */
/** @import { Ref } from '../vendor/htm-preact-standalone.js' */

const STRIP_HEIGHT = 18;
const LINE_HEIGHT = 9;
/** Findings drawn as bars; they come worst first, and all of them stand below the charts. */
const MOST_BARS = 8;

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
  const dated = findings.filter((finding) => finding.first_step !== null).slice(0, MOST_BARS);
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
        <g class="strip">
          ${spans.map(({ shape, x, end }) => html`<${Span} shape=${shape} name=${nameOf('shapes', shape)} x=${x} width=${Math.max(1, end - x)} height=${STRIP_HEIGHT} />`)}
        </g>
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

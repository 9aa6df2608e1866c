/** How large a tensor is over its steps, in the space of a word: its root mean square on a log axis. */

import { number } from '../format.js';
import { html } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

const PAD = 2;
/** Decades that the height stands for at least: a tensor that stays as it is shows a level line. */
const DECADES = 1;

/**
 * The line in pixels; broken where a number does not exist or is 0.
 * @param {number[]} steps @param {(number | null)[]} values @param {number} width @param {number} height
 * @returns {[number, number][][]} x and y of each stretch
 */
export function sparkSegments(steps, values, width, height) {
  const logs = values.map((value) => (value !== null && value > 0 ? Math.log10(value) : null));
  const known = logs.filter((log) => log !== null);
  if (known.length < 2) return [];
  let low = Math.min(...known);
  let high = Math.max(...known);
  const room = Math.max(0, (DECADES - high + low) / 2);
  low -= room;
  high += room;
  const first = steps[0] ?? 0;
  const span = (steps[steps.length - 1] ?? first) - first || 1;
  /** @type {[number, number][][]} */
  const found = [];
  let drawing = false;
  logs.forEach((log, i) => {
    if (log !== null) {
      const x = PAD + (((steps[i] ?? first) - first) / span) * (width - 2 * PAD);
      const y = PAD + ((high - log) / (high - low)) * (height - 2 * PAD);
      if (drawing) found[found.length - 1]?.push([x, y]);
      else found.push([[x, y]]);
    }
    drawing = log !== null;
  });
  return found;
}

/**
 * The same as the `d` of a path.
 * @param {number[]} steps @param {(number | null)[]} values @param {number} width @param {number} height
 */
export const sparkPath = (steps, values, width, height) =>
  sparkSegments(steps, values, width, height)
    .map((points) => points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join(''))
    .join('');

/** @param {{ steps: number[], values: (number | null)[], width: number, height: number }} props */
export function Sparkline({ steps, values, width, height }) {
  const known = values.filter((value) => value !== null);
  const label = t('spark.label', { first: number(known[0]), last: number(known[known.length - 1]) });
  return html`<svg class="spark" width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="img" aria-label=${label}>
    <title>${label}</title>
    <path d=${sparkPath(steps, values, width, height)} />
  </svg>`;
}

/** Reading a chart bucket by bucket and line by line, with the keyboard or under the pointer. Pure. */

/** @import { Series } from '../routes.js' */

/** @typedef {{ step: number, left: number, right: number, count: number, share: number }} Bucket */

/** The buckets of a step, from where to where in the lists of the series. @param {Series} series @param {number} i */
const span = (series, i) => /** @type {const} */ ([series.offsets[i] ?? 0, series.offsets[i + 1] ?? 0]);

/**
 * Which bucket of a step holds a value; the nearest one where none does, null where the step has none.
 * @param {Series} series @param {number} i @param {number} value @returns {number | null} its place in the lists of the series
 */
export function bucketNear(series, i, value) {
  const [from, to] = span(series, i);
  let best = null;
  let distance = Infinity;
  for (let k = from; k < to; k += 1) {
    const left = series.left[k] ?? 0;
    const right = series.right[k] ?? left;
    // A single value is found before the wide bucket that begins or ends there.
    const away = value < left ? left - value : value > right ? value - right : left === right ? -1 : value === right ? 0 : -0.5;
    if (away < distance || (away === distance && (series.count[k] ?? 0) > (series.count[best ?? k] ?? 0))) {
      distance = away;
      best = k;
    }
  }
  return best;
}

/** Whether a bucket holds a value rather than being the nearest to it. @param {Series} series @param {number} k @param {number} value */
export const holds = (series, k, value) => value >= (series.left[k] ?? 0) && value <= (series.right[k] ?? 0);

/** @param {Series} series @param {number} i @param {number} k place in the lists of the series @returns {Bucket} */
export function bucketAt(series, i, k) {
  const [from, to] = span(series, i);
  let total = 0;
  for (let j = from; j < to; j += 1) total += series.count[j] ?? 0;
  const count = series.count[k] ?? 0;
  return { step: series.steps[i] ?? 0, left: series.left[k] ?? 0, right: series.right[k] ?? 0, count, share: total > 0 ? count / total : 0 };
}

/** The bucket with most values: where reading begins. @param {Series} series @param {number} i @returns {number | null} */
export function fullest(series, i) {
  const [from, to] = span(series, i);
  let best = null;
  for (let k = from; k < to; k += 1) if (best === null || (series.count[k] ?? 0) > (series.count[best] ?? 0)) best = k;
  return best;
}

/** So many buckets further, not beyond the ends of the step. @param {Series} series @param {number} i @param {number} k @param {number} by */
export function bucketFrom(series, i, k, by) {
  const [from, to] = span(series, i);
  return Math.max(from, Math.min(to - 1, k + by));
}

/** A value within a bucket that names it. @param {Series} series @param {number} k */
export const middleOf = (series, k) => ((series.left[k] ?? 0) + (series.right[k] ?? 0)) / 2;

/** Keys that walk: along the steps, and across the buckets or lines. */
const MOVES = new Map([
  ['ArrowLeft', [-1, 0]], ['ArrowRight', [1, 0]], ['ArrowUp', [0, 1]], ['ArrowDown', [0, -1]],
  ['PageUp', [0, 10]], ['PageDown', [0, -10]], ['Home', [-Infinity, 0]], ['End', [Infinity, 0]],
]);

/**
 * What a key means: so many steps, so many buckets upwards. In a ridgeline steps run downwards and values to the right.
 * @param {string} key @param {boolean} [turned] @returns {{ steps: number, buckets: number } | null}
 */
export function moveOf(key, turned = false) {
  const [across = 0, up = 0] = MOVES.get(key) ?? [];
  if (across === 0 && up === 0) return null;
  if (!turned || !Number.isFinite(across)) return { steps: across, buckets: up };
  return { steps: -Math.sign(up) * Math.abs(up), buckets: across };
}

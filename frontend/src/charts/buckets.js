/** The buckets of one step as shares of its values, and what can be asked of them. Pure. */

/** @import { Series } from '../routes.js' */

/** Old-style buckets end at 0 with one this wide: it holds exact zeros (a little more, for float32's rounding). */
export const ZERO_BUCKET = 1.0001e-12;

/** @typedef {{ left: number[], right: number[], share: number[], total: number }} Buckets */

/** The buckets of one step, as shares of its values. @param {Series} series @param {number} i @returns {Buckets} */
export function bucketsAt(series, i) {
  const from = series.offsets[i] ?? 0;
  const to = series.offsets[i + 1] ?? from;
  const count = series.count.slice(from, to);
  const total = count.reduce((sum, value) => sum + value, 0);
  return {
    left: series.left.slice(from, to),
    right: series.right.slice(from, to),
    share: count.map((value) => (total > 0 ? value / total : 0)),
    total,
  };
}

/** Whether a bucket stands for one value: a tensor of one value, or exact zeros. @param {number} left @param {number} right */
export const isPoint = (left, right) => right === left || ((left === 0 || right === 0) && right - left <= ZERO_BUCKET);

/**
 * Share of the values below each of some places, values uniform within a bucket.
 * @param {Buckets} buckets @param {number[]} places ascending @param {boolean} points whether masses at one value count
 */
export function shareBelow({ left, right, share }, places, points) {
  let k = 0;
  let sum = 0;
  return places.map((place) => {
    while (k < left.length && at(right, k) <= place) {
      if (points || !isPoint(at(left, k), at(right, k))) sum += at(share, k);
      k += 1;
    }
    if (k >= left.length || place <= at(left, k) || isPoint(at(left, k), at(right, k))) return sum;
    return sum + (at(share, k) * (place - at(left, k))) / (at(right, k) - at(left, k));
  });
}

/** The value below which a share of a step's values lies. @param {Buckets} buckets @param {number} wanted */
export function quantile({ left, right, share }, wanted) {
  let sum = 0;
  for (let k = 0; k < left.length; k += 1) {
    if (sum + at(share, k) >= wanted) return at(left, k) + (at(right, k) - at(left, k)) * ((wanted - sum) / at(share, k));
    sum += at(share, k);
  }
  return right[right.length - 1] ?? NaN;
}

/** @param {Buckets} buckets @returns {Buckets} */
export function withoutPoints({ left, right, share, total }) {
  const kept = left.flatMap((from, k) => (isPoint(from, at(right, k)) ? [] : [k]));
  const whole = kept.reduce((sum, k) => sum + at(share, k), 0);
  return {
    left: kept.map((k) => at(left, k)),
    right: kept.map((k) => at(right, k)),
    share: kept.map((k) => at(share, k) / whole),
    total: total * whole,
  };
}

/**
 * The share of the values that would have to move to make one step's histogram another's, values uniform within each
 * bucket: half of the area between the two densities.
 * @param {Series} series @param {number} i @param {Series} other @param {number} j
 */
export function shareElsewhere(series, i, other, j) {
  const [one, two] = [bucketsAt(series, i), bucketsAt(other, j)];
  const edges = [...new Set([...one.left, ...one.right, ...two.left, ...two.right])].sort((a, b) => a - b);
  const [first, second] = [shareBelow(one, edges, true), shareBelow(two, edges, true)];
  const apart = edges.map((_, k) => at(first, k) - (first[k - 1] ?? 0) - at(second, k) + (second[k - 1] ?? 0));
  return apart.reduce((sum, part) => sum + Math.abs(part), 0) / 2;
}

/** One step as a series of its own. @param {Series} series @param {number} i @returns {Series} */
export function oneStep(series, i) {
  const from = series.offsets[i] ?? 0;
  const to = series.offsets[i + 1] ?? from;
  return {
    ...series,
    steps: series.steps.slice(i, i + 1),
    offsets: [0, to - from],
    left: series.left.slice(from, to),
    right: series.right.slice(from, to),
    count: series.count.slice(from, to),
    shapes: series.shapes.slice(i, i + 1),
    percentiles: series.percentiles.slice(i, i + 1),
  };
}

/** @template T @param {T[]} list @param {number} i @returns {T} */
const at = (list, i) => /** @type {T} */ (list[i]);

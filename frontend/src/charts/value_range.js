/** What part of the value axis is drawn: where nearly all values are, or all of it; linear or logarithmic. Pure. */

import { bucketsAt, quantile, shareBelow, withoutPoints } from './buckets.js';
import { valueScale } from './scale.js';

/** @import { Series } from '../routes.js' */
/** @import { AxisKind, ValueScale } from './scale.js' */

/** Share of the values that may lie outside the drawn range, at either end. */
const OUTSIDE = 0.001;
/** The whole range is drawn unless it is this many times wider than where nearly all values are. */
const WORTH_CUTTING = 1.6;
/** Exponential buckets get a log axis when the range is this many times the bulk's width. */
const WORTH_LOG = 40;
/** Any buckets do when the bulk is this many times wider at one step than at another. */
const WORTH_LOG_OVER_STEPS = 1000;
/** Others laid over get this much room on either side, in widths of what is drawn of the series itself. */
const ROOM_FOR_OTHERS = 1;
/** The part of the log axis that is linear is never smaller than this share of the range. */
const SMALLEST = 1e-30;

/**
 * @typedef {object} Range
 * @property {number} low
 * @property {number} high
 * @property {boolean} cut whether values lie outside
 * @property {boolean} spread whether the values differ at all
 * @property {AxisKind} axis the axis that suits these buckets
 * @property {number} threshold for a log axis
 */

/** What part of the value axis to draw. @param {Series} series @param {boolean} whole @returns {Range} */
export function drawnRange(series, whole) {
  let low = Infinity;
  let high = -Infinity;
  let robustLow = Infinity;
  let robustHigh = -Infinity;
  /** @type {number[]} */
  const bulks = [];
  /** @type {number[]} */
  const sizes = [];
  for (let i = 0; i < series.steps.length; i += 1) {
    const buckets = bucketsAt(series, i);
    if (buckets.total === 0) continue;
    low = Math.min(low, at(buckets.left, 0));
    high = Math.max(high, at(buckets.right, buckets.right.length - 1));
    robustLow = Math.min(robustLow, quantile(buckets, OUTSIDE));
    robustHigh = Math.max(robustHigh, quantile(buckets, 1 - OUTSIDE));
    // Exact zeros say nothing about the scale of the rest.
    const rest = withoutPoints(buckets);
    if (rest.left.length === 0) continue;
    bulks.push(quantile(rest, 0.8413) - quantile(rest, 0.1587));
    const size = Math.min(Math.abs(quantile(rest, 0.3)), Math.abs(quantile(rest, 0.7)));
    if (size > 0) sizes.push(size);
  }
  if (!(low <= high)) return { low: -1, high: 1, cut: false, spread: false, axis: 'linear', threshold: 1 };
  const cut = !whole && high - low > WORTH_CUTTING * (robustHigh - robustLow) && robustHigh > robustLow;
  const [from, to] = cut ? [robustLow, robustHigh] : [low, high];
  const room = to > from ? 0.02 * (to - from) : Math.max(1e-3, Math.abs(from) * 0.05);
  const bulk = median(bulks);
  const wide = series.layout === 'exponential' && bulk > 0 && to - from > WORTH_LOG * bulk;
  const filled = bulks.filter((width) => width > 0);
  const grows = Math.max(...filled) > WORTH_LOG_OVER_STEPS * Math.min(...filled);
  const reach = Math.max(Math.abs(from), Math.abs(to)) || 1;
  const threshold = Math.min(Math.max(Math.min(...sizes, Infinity), reach * SMALLEST), reach / 10);
  return { low: from - room, high: to + room, cut, spread: to > from, axis: wide || grows ? 'log' : 'linear', threshold };
}

/**
 * The value axis of a series; with others laid over it, an axis that has room for them, up to their own width on either
 * side: one that diverged must not squeeze the rest into a line.
 * @param {Series} series @param {AxisKind | null} axis null: what suits the buckets @param {boolean} whole
 * @param {Series[]} [others]
 */
export function chooseScale(series, axis, whole, others = []) {
  const range = drawnRange(series, whole);
  const { low, high } = range;
  const kind = axis ?? range.axis;
  for (const other of others) {
    if (other.left.length === 0) continue;
    const second = drawnRange(other, whole);
    range.threshold = Math.min(range.threshold, second.threshold);
    const own = valueScale(kind, low, high, range.threshold);
    const room = whole || !range.spread ? Infinity : ROOM_FOR_OTHERS;
    range.low = Math.min(range.low, Math.max(second.low, own.value(-room)));
    range.high = Math.max(range.high, Math.min(second.high, own.value(1 + room)));
  }
  const scale = valueScale(kind, range.low, range.high, range.threshold);
  // Without any value there are no numbers either.
  const some = [series, ...others].some(({ left }) => left.length > 0);
  return { range, scale: some ? scale : { ...scale, ticks: [] } };
}

/** How many values of a step lie beyond the ends of an axis. @param {Series} series @param {number} i @param {ValueScale} scale */
export function outside(series, i, { low, high }) {
  const buckets = bucketsAt(series, i);
  const [under = 0, inside = 1] = shareBelow(buckets, [low, high], true);
  return { below: Math.round(under * buckets.total), above: Math.round((1 - inside) * buckets.total) };
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** @template T @param {T[]} list @param {number} i @returns {T} */
const at = (list, i) => /** @type {T} */ (list[i]);

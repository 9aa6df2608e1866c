/** Buckets as a density: share of the values per unit of value, never counts. Pure geometry. */

import { pooled } from './pool.js';
import { valueScale } from './scale.js';

/** @import { Series } from '../routes.js' */
/** @import { AxisKind, ValueScale } from './scale.js' */

/** Old-style buckets end at 0 with one this wide: it holds exact zeros (a little more, for float32's rounding). */
const ZERO_BUCKET = 1.0001e-12;
/** Steps are drawn each by its own densest place when their densities differ by more than this factor. */
const WORTH_LEVELLING = 8;
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
/** Share of the mass whose density must fit the colour scale; the rest is drawn as the densest. */
const FITTING = 0.98;

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
function quantile({ left, right, share }, wanted) {
  let sum = 0;
  for (let k = 0; k < left.length; k += 1) {
    if (sum + at(share, k) >= wanted) return at(left, k) + (at(right, k) - at(left, k)) * ((wanted - sum) / at(share, k));
    sum += at(share, k);
  }
  return right[right.length - 1] ?? NaN;
}

/** @param {Buckets} buckets @returns {Buckets} */
function withoutPoints({ left, right, share, total }) {
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
 * @typedef {object} Grid
 * @property {ValueScale} scale
 * @property {number[]} edges [bins + 1] values, ascending
 * @property {number[][]} density per step and bin, share per unit of value
 * @property {number} cap the density that is drawn in the strongest colour, over all steps
 * @property {number[]} caps the same for each step by itself
 * @property {boolean} uneven whether the steps differ so much that one scale for all hides some
 * @property {{ value: number, share: number }[][]} points per step: masses at one value
 * @property {number[]} below values per step that lie under the drawn range
 * @property {number[]} above the same over it
 */

/**
 * The density averaged over each of `bins` equal parts of the drawn axis; a bucket wider than a bin keeps its density.
 * @param {Series} series @param {ValueScale} scale @param {number} bins
 * @returns {Grid}
 */
export function densityGrid(series, scale, bins) {
  const edges = Array.from({ length: bins + 1 }, (_, k) => scale.value(k / bins));
  /** @type {Grid} */
  const grid = { scale, edges, density: [], cap: 0, caps: [], uneven: false, points: [], below: [], above: [] };
  const everything = massByDensity();
  for (let i = 0; i < series.steps.length; i += 1) {
    const buckets = bucketsAt(series, i);
    const below = shareBelow(drawn(series, buckets), edges, false);
    const masses = massByDensity();
    const density = [];
    for (let k = 0; k < bins; k += 1) {
      const mass = at(below, k + 1) - at(below, k);
      const height = mass / (at(edges, k + 1) - at(edges, k));
      density.push(height);
      if (mass > 0) {
        masses.add(height, mass);
        everything.add(height, mass);
      }
    }
    const ends = shareBelow(buckets, [scale.low, scale.high], true);
    grid.density.push(density);
    grid.caps.push(masses.fitting());
    grid.points.push(pointMasses(buckets));
    grid.below.push(Math.round(at(ends, 0) * buckets.total));
    grid.above.push(Math.round((1 - at(ends, 1)) * buckets.total));
  }
  grid.cap = everything.fitting();
  const filled = grid.caps.filter((cap) => cap > 0);
  grid.uneven = Math.max(...filled) > WORTH_LEVELLING * Math.min(...filled);
  return grid;
}

/** The buckets whose density is drawn. @param {Series} series @param {Buckets} buckets @returns {Buckets} */
function drawn(series, buckets) {
  if (series.layout !== 'exponential' || buckets.total === 0) return buckets;
  const rest = withoutPoints(buckets);
  return rest.left.length === 0 ? buckets : pooled(buckets, quantile(rest, 0.8413) - quantile(rest, 0.1587), isPoint);
}

/** @param {Buckets} buckets */
function pointMasses({ left, right, share }) {
  /** @type {{ value: number, share: number }[]} */
  const points = [];
  for (let k = 0; k < left.length; k += 1) {
    if (at(share, k) === 0 || !isPoint(at(left, k), at(right, k))) continue;
    const last = points[points.length - 1];
    // Exact zeros may lie in two buckets, one on either side of 0.
    if (last && at(left, k) - last.value <= ZERO_BUCKET) last.share += at(share, k);
    else points.push({ value: at(left, k) === at(right, k) ? at(left, k) : 0, share: at(share, k) });
  }
  return points;
}

/** How much mass lies at which density, in classes of 1/8 octave: sorting every bin of every step would take seconds. */
function massByDensity() {
  /** @type {Map<number, number>} */
  const classes = new Map();
  let highest = 0;
  let total = 0;
  return {
    add(/** @type {number} */ density, /** @type {number} */ mass) {
      const octave = Math.ceil(8 * Math.log2(density));
      classes.set(octave, (classes.get(octave) ?? 0) + mass);
      highest = Math.max(highest, density);
      total += mass;
    },
    /** The density at which the strongest colour begins. */
    fitting() {
      let sum = 0;
      for (const octave of [...classes.keys()].sort((a, b) => a - b)) {
        sum += classes.get(octave) ?? 0;
        if (sum >= FITTING * total) return Math.min(1.5 * 2 ** (octave / 8), highest);
      }
      return highest;
    },
  };
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

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** @template T @param {T[]} list @param {number} i @returns {T} */
const at = (list, i) => /** @type {T} */ (list[i]);

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

/** Buckets as a density: share of the values per unit of value, never counts. Pure geometry. */

import { ZERO_BUCKET, bucketsAt, isPoint, quantile, shareBelow, withoutPoints } from './buckets.js';
import { pooled } from './pool.js';

/** @import { Series } from '../routes.js' */
/** @import { Buckets } from './buckets.js' */
/** @import { ValueScale } from './scale.js' */

/** Steps are drawn each by its own densest place when their densities differ by more than this factor. */
const WORTH_LEVELLING = 8;
/** Share of the mass whose density must fit the colour scale; the rest is drawn as the densest. */
const FITTING = 0.98;

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

/** @template T @param {T[]} list @param {number} i @returns {T} */
const at = (list, i) => /** @type {T} */ (list[i]);

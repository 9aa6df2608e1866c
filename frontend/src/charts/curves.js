/** The curve that a shape's name stands for, fitted to the buckets of one step: bell, plateau, peak with long tails. Pure. */

import { bucketsAt } from './buckets.js';

/** @import { Series } from '../routes.js' */

/** Quantile 0.84 of the Laplace distribution of scale 1, and of Student's t with 4 degrees of freedom. */
const LAPLACE_SPREAD = 1.1394;
const STUDENT_SPREAD = 1.1343;
/** Rounds of reweighting for the scale of Student's t; source: Lange, Little & Taylor (1989), J. Am. Stat. Assoc. 84. */
const ROUNDS = 3;
/** Share of the values between the percentiles 15.87 and 84.13. */
const NORMAL_MIDDLE = 0.6826;
/** Spread / half range from which on a plateau is drawn with hard edges: near the 0.577 of a uniform. */
const HARD_EDGES = 0.55;
/** A normal whose spread says that it ends within so many sigmas is drawn as one that is cut there. */
const CUT_WITHIN = 3;
/** Halvings of the interval in which the place of the cut is looked for. */
const HALVINGS = 40;

/**
 * @typedef {object} Curve
 * @property {'normal' | 'cut_normal' | 'uniform' | 'laplace' | 'student' | 'compared'} family `compared`: a normal of the same
 *   mean and spread beside a shape that is none
 * @property {number} centre
 * @property {number} scale sigma, Laplace's and Student's scale, or half of the plateau's width
 * @property {(value: number) => number} density share of the values per unit of value
 */

/** @param {number} x @param {number} mean @param {number} std */
export const normalDensity = (x, mean, std) => Math.exp(-0.5 * ((x - mean) / std) ** 2) / (std * Math.sqrt(2 * Math.PI));

/**
 * The curve of the label of one step; null for labels that name no curve.
 * @param {Series} series of one step @param {number | null} mean @param {number | null} std
 * @returns {Curve | null}
 */
export function fittedCurve(series, mean, std) {
  const [shape] = series.shapes;
  const lines = series.percentiles[0];
  if (mean === null || std === null || !(std > 0) || !lines) return null;
  const [low = null, , early = null, , median = null, , late = null, , high = null] = lines;
  if (low === null || high === null || early === null || late === null || median === null || !(high > low)) return null;
  if (shape === 'uniform') return plateau(low, high, std, (early + late) / 2, (late - early) / 2);
  if (shape === 'gaussian') return bell(low, high, mean, std, median, (late - early) / 2);
  if (shape === 'skewed') return { family: 'compared', centre: mean, scale: std, density: (x) => normalDensity(x, mean, std) };
  if (shape === 'heavy_tailed') return peak(series, median, (late - early) / 2);
  return null;
}

/**
 * A plateau from the smallest to the largest value; where it is narrower than they say, one with soft edges: a uniform
 * plus a normal, whose width the middle 68 % give, which soft edges leave alone, and whose edges the rest of the spread.
 * @param {number} low @param {number} high @param {number} std @param {number} middle @param {number} spread half of the middle 68 % @returns {Curve}
 */
function plateau(low, high, std, middle, spread) {
  const half = (high - low) / 2;
  const width = spread / NORMAL_MIDDLE;
  const edge = Math.sqrt(Math.max(0, std * std - (width * width) / 3));
  if (std / half > HARD_EDGES || !(width > 0) || !(edge > 0)) {
    return { family: 'uniform', centre: (low + high) / 2, scale: half, density: (x) => (x < low || x > high ? 0 : 1 / (high - low)) };
  }
  const under = (/** @type {number} */ z) => (z < 0 ? 1 - below(-z) : below(z));
  return {
    family: 'uniform',
    centre: middle,
    scale: width,
    density: (x) => (under((x - middle + width) / edge) - under((x - middle - width) / edge)) / (2 * width),
  };
}

/** A normal; its middle and its sides count, not a few values far out. @param {number} low @param {number} high @param {number} mean @param {number} std @param {number} median @param {number} spread @returns {Curve} */
function bell(low, high, mean, std, median, spread) {
  const half = (high - low) / 2;
  const cut = cutOf(std / half);
  if (cut < CUT_WITHIN && Math.abs(mean - (low + high) / 2) < 0.1 * half) {
    const sigma = half / cut;
    const inside = 2 * below(cut) - 1;
    return { family: 'cut_normal', centre: mean, scale: sigma, density: (x) => (x < low || x > high ? 0 : normalDensity(x, mean, sigma) / inside) };
  }
  const sigma = spread > 0 ? spread : std;
  return { family: 'normal', centre: median, scale: sigma, density: (x) => normalDensity(x, median, sigma) };
}

/** Where a normal is cut, in its sigmas, to have this spread in half widths of its range. @param {number} ratio */
function cutOf(ratio) {
  let [near, far] = [0.05, 12];
  for (let k = 0; k < HALVINGS; k += 1) {
    const cut = (near + far) / 2;
    const kept = 1 - (2 * cut * normalDensity(cut, 0, 1)) / (2 * below(cut) - 1);
    if (Math.sqrt(kept) / cut > ratio) near = cut;
    else far = cut;
  }
  return (near + far) / 2;
}

/** Share of a normal below so many sigmas, to 1e-7; source: Abramowitz & Stegun (1964), 26.2.17. @param {number} z at least 0 */
export function below(z) {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - normalDensity(z, 0, 1) * series;
}

/** The likelier of Laplace and Student's t with four degrees of freedom. @param {Series} series @param {number} centre @param {number} spread half of the middle 68 % @returns {Curve | null} */
function peak(series, centre, spread) {
  const { left, right, share } = bucketsAt(series, 0);
  const middles = left.map((from, k) => (from + (right[k] ?? from)) / 2);
  const widths = left.map((from, k) => (right[k] ?? from) - from);
  /** @param {(away: number, width: number, part: number) => number} part */
  const total = (part) => middles.reduce((sum, middle, k) => sum + part(middle - centre, widths[k] ?? 0, share[k] ?? 0), 0);
  if (!(spread > 0)) return null;
  // Outliers of the size of the range must not set the scale.
  const wide = Math.min(total((away, width, part) => part * Math.max(Math.abs(away), width / 4)), (1.5 * spread) / LAPLACE_SPREAD);
  let scale = spread / STUDENT_SPREAD;
  for (let round = 0; round < ROUNDS; round += 1) {
    const square = (/** @type {number} */ away, /** @type {number} */ width) => away * away + (width * width) / 12;
    scale = Math.sqrt(total((away, width, part) => (part * square(away, width) * 5) / (4 + square(away, width) / (scale * scale))));
  }
  /** @param {(z: number) => number} under */
  const likelihood = (under) =>
    left.reduce((sum, from, k) => {
      const to = right[k] ?? from;
      const expected = Math.max(1e-300, under(to - centre) - under(from - centre));
      return sum + ((share[k] ?? 0) > 0 && to > from ? (share[k] ?? 0) * Math.log(expected) : 0);
    }, 0);
  const laplace = likelihood((z) => (z < 0 ? 0.5 * Math.exp(z / wide) : 1 - 0.5 * Math.exp(-z / wide)));
  const student = likelihood((z) => student4Below(z / scale));
  if (laplace >= student) return { family: 'laplace', centre, scale: wide, density: (x) => Math.exp(-Math.abs(x - centre) / wide) / (2 * wide) };
  return { family: 'student', centre, scale, density: (x) => (0.375 / scale) * (1 + ((x - centre) / scale) ** 2 / 4) ** -2.5 };
}

/** Share below, of Student's t with 4 degrees of freedom; closed form. @param {number} x */
function student4Below(x) {
  const u = x / Math.sqrt(4 + x * x);
  return 0.5 + 0.25 * u * (3 - u * u);
}

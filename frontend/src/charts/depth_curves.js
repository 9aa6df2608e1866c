/** Numbers of every layer in depth order, as the depth profile draws them. Pure. */

import { nearestIndex } from './scale.js';

/** @import { RmsAnswer } from '../routes.js' */
/** @import { TagEntry } from '../schema.js' */

/** What is drawn as a line each; only tensors of one kind can be compared over the depth. */
export const FAMILIES = /** @type {const} */ (['weight', 'gradient', 'activation', 'update']);

/** @typedef {typeof FAMILIES[number]} Family */
/** @typedef {{ layer: number, tag: TagEntry, value: number | null }} Point `layer`: number of the column; null: does not exist */
/** @typedef {{ family: Family, points: Point[] }} Curve */
/** @typedef {{ layers: string[], tags: Map<Family, { layer: number, tag: TagEntry }[]> }} Depth */

/** Decades that the axis shows at least, so that a factor of two does not look like a cliff. */
const DECADES = 2;

/**
 * Kernels, their gradients and updates, and activations, each with the column of its layer; tags in depth order.
 * @param {TagEntry[]} tags @returns {Depth}
 */
export function alongDepth(tags) {
  /** @type {(family: Family) => TagEntry[]} */
  const of = (family) => {
    const all = tags.filter((tag) => tag.role === family);
    const kernels = all.filter((tag) => tag.kernel);
    // Where no name says whose gradient it is, all are shown.
    return family === 'activation' || kernels.length === 0 ? all : kernels;
  };
  const found = FAMILIES.map((family) => /** @type {const} */ ([family, of(family)])).filter(([, list]) => list.length > 0);
  const shown = new Set(found.flatMap(([, list]) => list));
  const layers = [...new Set(tags.filter((tag) => shown.has(tag)).map((tag) => tag.layer))];
  const column = new Map(layers.map((layer, i) => [layer, i]));
  return { layers, tags: new Map(found.map(([family, list]) => [family, list.map((tag) => ({ layer: column.get(tag.layer) ?? 0, tag }))])) };
}

/**
 * Root mean squares at a step, or at the nearest one that a tag has.
 * @param {Depth} depth @param {RmsAnswer} rms
 * @returns {(step: number) => Curve[]}
 */
export function rmsCurves(depth, rms) {
  const series = new Map(rms.tags.map((entry) => [entry.tag, entry]));
  return (step) => {
    const at = rms.steps.map((steps) => nearestIndex(steps, step));
    return [...depth.tags].map(([family, list]) => ({
      family,
      points: list.flatMap(({ layer, tag }) => {
        const entry = series.get(tag.tag);
        return entry ? [{ layer, tag, value: entry.rms[at[entry.steps] ?? 0] ?? null }] : [];
      }),
    }));
  };
}

/** How far each tag moved, as a share of its mean size at the beginning. @param {Depth} depth @returns {Curve[]} */
export const movementCurves = (depth) =>
  [...depth.tags].map(([family, list]) => ({
    family,
    points: list.flatMap(({ layer, tag }) => (tag.change.movement === null ? [] : [{ layer, tag, value: tag.change.movement }])),
  }));

/**
 * The decades to be drawn, from all numbers above 0; null where there is none.
 * @param {Iterable<number | null>} values @returns {{ low: number, high: number } | null} exponents of ten
 */
export function decades(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || !(value > 0)) continue;
    const exponent = Math.log10(value);
    if (exponent < low) low = exponent;
    if (exponent > high) high = exponent;
  }
  if (!(low <= high)) return null;
  const room = Math.max(0.05 * (high - low), (DECADES - high + low) / 2, 0.1);
  return { low: low - room, high: high + room };
}

/**
 * The line of a family: the geometric mean of what a layer has; broken where a layer has nothing above 0.
 * @param {Point[]} points @param {number} layers @returns {(number | null | undefined)[]} exponents; undefined: no tag at all
 */
export function middles(points, layers) {
  /** @type {number[][]} */
  const logs = Array.from({ length: layers }, () => []);
  const some = new Array(layers).fill(false);
  for (const { layer, value } of points) {
    some[layer] = true;
    if (value !== null && value > 0) logs[layer]?.push(Math.log10(value));
  }
  return logs.map((list, i) => (list.length > 0 ? list.reduce((sum, log) => sum + log, 0) / list.length : some[i] ? null : undefined));
}

/** Whether any of the points is no number: NaN or infinite, or a tensor without values. @param {Curve[]} curves */
export const someMissing = (curves) => curves.some(({ points }) => points.some(({ value }) => value === null));

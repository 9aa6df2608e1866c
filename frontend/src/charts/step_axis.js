/** The axis that a chart has its steps on: steps, their logarithm, or the time at which they were written. Pure geometry. */

import { clockTicks, durationTicks } from './time_ticks.js';
import { linearTicks } from './scale.js';
import { shortStep } from '../format.js';

/** @import { Series } from '../routes.js' */

/** @typedef {'step' | 'log' | 'relative' | 'wall'} StepAxis */
/** @type {readonly StepAxis[]} */
export const STEP_AXES = ['step', 'log', 'relative', 'wall'];
/** On a log axis the first column, which reaches to nowhere, takes at most this share. */
const OUTER = 0.03;
/** @typedef {{ place: number, text: string }} Tick `place`: 0 at the left, 1 at the right */

/**
 * @typedef {object} StepScale
 * @property {StepAxis} kind
 * @property {number[]} at [n] where each step lies, in the axis's own unit (steps, decades, seconds)
 * @property {number[]} edges [n + 1] the column of step i reaches from edge i to edge i + 1: half-way to its neighbours
 * @property {number} low in the axis's own unit
 * @property {number} high
 * @property {(unit: number) => number} spot 0 at `low`, 1 at `high`
 * @property {(step: number) => number} place the same for a step, whether it is one of the series' or between them
 * @property {(place: number) => number} index the step whose column is there
 * @property {(most: number) => Tick[]} ticks at most about so many
 */

/** Whether the times at which steps were written can be an axis: a clock that went back, or stood still, is none. @param {Pick<Series, 'wall_times'>} series */
export function hasTimes({ wall_times }) {
  const first = wall_times[0] ?? 0;
  const last = wall_times[wall_times.length - 1] ?? first;
  return last > first && wall_times.every((time, i) => Number.isFinite(time) && time >= (wall_times[i - 1] ?? -Infinity));
}

/**
 * Where the steps of a series lie, in the unit of an axis.
 * @param {Pick<Series, 'steps' | 'wall_times'>} series @param {StepAxis} kind @param {number} [origin] first step of all, for the log axis
 */
export function unitsOf({ steps, wall_times }, kind, origin = Math.min(0, steps[0] ?? 0)) {
  if (kind === 'step') return steps;
  if (kind === 'log') return steps.map((step) => Math.log10(1 + Math.max(0, step - origin)));
  const start = kind === 'relative' ? (wall_times[0] ?? 0) : 0;
  return wall_times.map((time) => time - start);
}

/**
 * @param {Pick<Series, 'steps' | 'wall_times'>} series @param {StepAxis} kind time needs `hasTimes`
 * @param {StepScale | null} [frame] the axis that is to be followed: its ends and its unit
 * @returns {StepScale}
 */
export function stepScale(series, kind, frame = null) {
  const { steps } = series;
  const origin = Math.min(0, steps[0] ?? 0);
  const at = unitsOf(series, kind, origin);
  const edges = between(at, kind === 'log' ? OUTER * ((at[at.length - 1] ?? 0) - (at[0] ?? 0)) : Infinity);
  const low = frame?.low ?? edges[0] ?? 0;
  const high = frame?.high ?? edges[edges.length - 1] ?? 1;
  /** @param {number} unit */
  const spot = (unit) => (unit - low) / (high - low || 1);
  return {
    kind,
    at,
    edges,
    low,
    high,
    spot,
    place: (step) => spot(kind === 'step' ? step : interpolated(steps, at, step)),
    index(place) {
      const unit = low + place * (high - low);
      const beyond = edges.findIndex((edge) => edge > unit);
      return beyond < 0 ? at.length - 1 : Math.max(0, beyond - 1);
    },
    ticks(most) {
      // The outermost columns reach beyond the steps, to where there is no step.
      const [first, last] = frame ? [low, high] : [at[0] ?? low, at[at.length - 1] ?? high];
      return ticksOf(kind, low, high, origin, most)
        .filter(({ at: unit }) => unit >= first && unit <= last)
        .map(({ at: unit, text }) => ({ place: spot(unit), text }));
    },
  };
}

/** @param {StepAxis} kind @param {number} low @param {number} high @param {number} origin @param {number} most @returns {{ at: number, text: string }[]} */
function ticksOf(kind, low, high, origin, most) {
  if (kind === 'relative') return durationTicks(low, high, most);
  if (kind === 'wall') return clockTicks(low, high, most);
  if (kind === 'log') return logStepTicks(low, high, origin, most).map(({ at, step }) => ({ at, text: shortStep(step) }));
  return linearTicks(low, high, most)
    .filter(Number.isInteger)
    .map((at) => ({ at, text: shortStep(at) }));
}

/** Half-way between neighbours, and as far beyond the outermost. @param {number[]} at ascending @param {number} most beyond the outermost */
function between(at, most) {
  const n = at.length;
  const of = (/** @type {number} */ i) => /** @type {number} */ (at[i]);
  if (n < 2) return [of(0) - 0.5, of(0) + 0.5];
  const edges = [of(0) - Math.min(most, 0.5 * (of(1) - of(0)))];
  for (let i = 1; i < n; i += 1) edges.push((of(i - 1) + of(i)) / 2);
  edges.push(of(n - 1) + Math.min(most, 0.5 * (of(n - 1) - of(n - 2))));
  return edges;
}

/** Between two steps as between their places; beyond all, at the end. @param {number[]} steps @param {number[]} at @param {number} step */
function interpolated(steps, at, step) {
  const after = steps.findIndex((other) => other >= step);
  const of = (/** @type {number[]} */ list, /** @type {number} */ i) => /** @type {number} */ (list[i]);
  if (after < 0) return of(at, at.length - 1);
  if (after === 0 || steps[after] === step) return of(at, after);
  const share = (step - of(steps, after - 1)) / (of(steps, after) - of(steps, after - 1));
  return of(at, after - 1) + share * (of(at, after) - of(at, after - 1));
}

/**
 * 0, powers of ten, and where there is room 2 and 5 of each; round steps where the axis spans less than a decade.
 * @param {number} low decades @param {number} high @param {number} origin @param {number} most
 */
function logStepTicks(low, high, origin, most) {
  /** @param {number} step */
  const unit = (step) => Math.log10(1 + step - origin);
  const inside = (/** @type {number} */ step) => unit(step) >= low && unit(step) <= high;
  const decades = [0, ...Array.from({ length: 18 }, (_, k) => 10 ** k)];
  const fine = [0, ...decades.slice(1).flatMap((power) => [power, 2 * power, 5 * power])];
  const stride = Math.max(1, Math.ceil((high - low) / most));
  const found = [fine, decades].map((list) => list.filter(inside)).find((list) => list.length <= most) ?? decades.filter((_, k) => k % stride === 0).filter(inside);
  if (found.length >= 2) return found.map((step) => ({ at: unit(step), step }));
  const [from, to] = [10 ** low, 10 ** high].map((value) => value - 1 + origin);
  return linearTicks(from ?? 0, to ?? 1, most).filter((step) => Number.isInteger(step) && inside(step)).map((step) => ({ at: unit(step), step }));
}

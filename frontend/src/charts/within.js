/** A part of a series' steps, as a series; and what is said over the steps, cut to the same part. Pure. */

/** @import { Series } from '../routes.js' */
/** @import { FindingEntry, TimelineEntry } from '../schema.js' */

/**
 * The steps from `from` to `to`, both included; the whole series where fewer than two would be left.
 * @param {Series} series @param {number} from NaN: no limit @param {number} to NaN: no limit
 * @returns {Series}
 */
export function within(series, from, to) {
  const { steps, offsets } = series;
  const first = Number.isNaN(from) ? 0 : steps.findIndex((step) => step >= from);
  const after = Number.isNaN(to) ? -1 : steps.findIndex((step) => step > to);
  const end = after < 0 ? steps.length : after;
  if (first < 0 || end - first < 2 || (first === 0 && end === steps.length)) return series;
  const low = offsets[first] ?? 0;
  const high = offsets[end] ?? low;
  /** @template T @param {T[]} list */
  const part = (list) => list.slice(first, end);
  return {
    ...series,
    steps: part(steps),
    wall_times: part(series.wall_times),
    offsets: offsets.slice(first, end + 1).map((offset) => offset - low),
    left: series.left.slice(low, high),
    right: series.right.slice(low, high),
    count: series.count.slice(low, high),
    non_finite: part(series.non_finite),
    shapes: part(series.shapes),
    percentiles: part(series.percentiles),
    stats: { mean: part(series.stats.mean), std: part(series.stats.std), rms: part(series.stats.rms) },
  };
}

/** The spans that reach into some steps, cut to them. @param {TimelineEntry[]} timeline @param {number[]} steps @returns {TimelineEntry[]} */
export function spansWithin(timeline, steps) {
  const first = steps[0] ?? 0;
  const last = steps[steps.length - 1] ?? 0;
  return timeline
    .filter((span) => span.last_step >= first && span.first_step <= last)
    .map((span) => ({ ...span, first_step: Math.max(first, span.first_step), last_step: Math.min(last, span.last_step) }));
}

/** The findings that hold at any of some steps. @param {FindingEntry[]} findings @param {number[]} steps */
export const findingsWithin = (findings, steps) =>
  findings.filter(({ first_step, last_step }) => (first_step ?? -Infinity) <= (steps[steps.length - 1] ?? 0) && (last_step ?? Infinity) >= (steps[0] ?? 0));

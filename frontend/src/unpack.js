/** A tag's buckets as an exported file carries them: see `tb_histinsight/page/series.py`, which packs them. */

/** @import { PackedSeries, RmsAnswer, Series } from './routes.js' */

/** Lines of the Distributions dashboard. */
const LINES = 9;

/** @param {PackedSeries} packed @returns {Series} */
export function unpack(packed) {
  const { run, tag, layout, steps, wall_times, total_steps, shapes, lengths } = packed;
  const offsets = [0];
  for (const length of lengths) offsets.push((offsets.at(-1) ?? 0) + length);
  const { left, right } = edges(packed, offsets);
  const lines = numbers(packed.percentiles);
  return {
    run,
    tag,
    layout,
    steps,
    wall_times,
    total_steps,
    offsets,
    left,
    right,
    count: numbers(packed.count),
    non_finite: known(numbers(packed.non_finite)),
    shapes,
    percentiles: steps.map((_, step) => known(lines.slice(step * LINES, (step + 1) * LINES))),
    stats: { mean: known(numbers(packed.mean)), std: known(numbers(packed.std)), rms: known(numbers(packed.rms)) },
  };
}

/**
 * The root mean squares of those tags of a run that the file carries.
 * @param {string} run @param {PackedSeries[]} packed in depth order @returns {RmsAnswer}
 */
export function rmsOf(run, packed) {
  /** @type {Map<string, number>} */
  const lists = new Map();
  const own = packed.filter((series) => series.run === run);
  const tags = own.map((series) => {
    const key = series.steps.join();
    const steps = lists.get(key) ?? lists.size;
    lists.set(key, steps);
    return { tag: series.tag, steps, rms: known(numbers(series.rms)) };
  });
  return { run, steps: [...lists.keys()].map((key) => (key === '' ? [] : key.split(',').map(Number))), tags };
}

/** @param {PackedSeries} packed @param {number[]} offsets @returns {{ left: number[], right: number[] }} */
function edges(packed, offsets) {
  const low = numbers(packed.low);
  const high = numbers(packed.high);
  const rungs = packed.rungs === undefined ? [] : onLadder(packed.rungs);
  if (packed.edges === 'any') return { left: low, right: high };
  /** @type {number[]} */
  const left = [];
  /** @type {number[]} */
  const right = [];
  let filled = 0;
  packed.lengths.forEach((length, step) => {
    if (length === 0) return;
    const first = low[filled] ?? NaN;
    const last = high[filled] ?? NaN;
    filled += 1;
    for (let bucket = 0; bucket < length; bucket += 1) {
      const at = (offsets[step] ?? 0) + bucket;
      if (packed.edges === 'ladder') {
        left.push(bucket === 0 ? first : (rungs[at - filled] ?? NaN));
        right.push(bucket === length - 1 ? last : (rungs[at + 1 - filled] ?? NaN));
      } else if (packed.edges === 'equal') {
        left.push(first + ((last - first) * bucket) / length);
        right.push(bucket === length - 1 ? last : first + ((last - first) * (bucket + 1)) / length);
      } else {
        left.push(bucket === 0 ? first : (high[at - 1] ?? NaN));
        right.push(high[at] ?? NaN);
      }
    }
  });
  return { left, right };
}

/**
 * Limits of the exponential buckets, from the differences of their numbers: 0 for 0, ±(k + 1) for ±1e-12 · 1.1^k.
 * @param {string} text base64 of little-endian 16-bit integers
 * @returns {number[]}
 */
function onLadder(text) {
  const view = bytesOf(text);
  let number = 0;
  return Array.from({ length: view.byteLength / 2 }, (_, index) => {
    number += view.getInt16(2 * index, true);
    return number === 0 ? 0 : Math.sign(number) * 1e-12 * 1.1 ** (Math.abs(number) - 1);
  });
}

/** @param {string} text base64 @returns {DataView} */
const bytesOf = (text) => new DataView(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);

/** Base64 of little-endian floats, after `f` (32 bits) or `d` (64 bits). @param {string} text @returns {number[]} */
function numbers(text) {
  const view = bytesOf(text.slice(1));
  const size = text[0] === 'f' ? 4 : 8;
  return Array.from({ length: view.byteLength / size }, (_, index) =>
    size === 4 ? view.getFloat32(4 * index, true) : view.getFloat64(8 * index, true),
  );
}

/** @param {number[]} values @returns {(number | null)[]} null where a number does not exist */
const known = (values) => values.map((value) => (Number.isNaN(value) ? null : value));

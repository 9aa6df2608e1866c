/** Axes: from values and steps to places. Pure geometry. */

/**
 * @typedef {'linear' | 'log'} AxisKind
 *
 * @typedef {object} ValueScale
 * @property {AxisKind} kind
 * @property {number} low
 * @property {number} high
 * @property {number} threshold values nearer to 0 than this are drawn about linearly (log axis only)
 * @property {(value: number) => number} place 0 at `low`, 1 at `high`
 * @property {(place: number) => number} value the inverse
 * @property {number[]} ticks
 */

/**
 * The log axis is asinh(x / threshold): logarithmic on both sides of 0, linear across it.
 * @param {AxisKind} kind @param {number} low @param {number} high @param {number} threshold
 * @returns {ValueScale}
 */
export function valueScale(kind, low, high, threshold) {
  const bend = kind === 'log' ? (/** @type {number} */ v) => Math.asinh(v / threshold) : (/** @type {number} */ v) => v;
  const straighten = kind === 'log' ? (/** @type {number} */ u) => Math.sinh(u) * threshold : (/** @type {number} */ u) => u;
  const start = bend(low);
  const span = bend(high) - start || 1;
  return {
    kind,
    low,
    high,
    threshold,
    place: (value) => (bend(value) - start) / span,
    value: (place) => straighten(start + place * span),
    ticks: kind === 'log' ? logTicks(low, high, threshold) : linearTicks(low, high, 6),
  };
}

/** Round numbers from low to high, about as many as asked for. @param {number} low @param {number} high @param {number} count */
export function linearTicks(low, high, count) {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= 0.75 * rough) ?? 10) * power;
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) ticks.push(i === 0 ? 0 : Number((i * step).toPrecision(12)));
  return ticks;
}

/** Zero and powers of ten on both sides, thinned to about eight. @param {number} low @param {number} high @param {number} threshold */
export function logTicks(low, high, threshold) {
  const top = Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high), threshold)) + 1e-9);
  const bottom = Math.min(top, Math.ceil(Math.log10(threshold)));
  const stride = Math.max(1, Math.ceil((top - bottom + 1) / 4));
  /** @type {number[]} */
  const powers = [];
  for (let exponent = top; exponent >= bottom; exponent -= stride) powers.push(10 ** exponent);
  return [...powers.map((power) => -power), 0, ...powers].filter((tick) => tick >= low && tick <= high).sort((a, b) => a - b);
}

/** Pixels between the numbers of a value axis at least. */
const TICK_ROOM = 13;

/** The ticks that have room, 0 before all others. @param {ValueScale} scale @param {number} height in pixels @returns {number[]} */
export function roomyTicks(scale, height) {
  /** @type {number[]} */
  const kept = [];
  for (const tick of [...scale.ticks].sort((a, b) => Number(b === 0) - Number(a === 0) || Math.abs(b) - Math.abs(a))) {
    const place = scale.place(tick) * height;
    if (kept.every((other) => Math.abs(scale.place(other) * height - place) >= TICK_ROOM)) kept.push(tick);
  }
  return kept.sort((a, b) => a - b);
}

/**
 * @typedef {object} StepScale
 * @property {number[]} edges [n + 1] the column of step i reaches from edge i to edge i + 1: half-way to its neighbours
 * @property {number} low
 * @property {number} high
 * @property {(step: number) => number} place 0 at `low`, 1 at `high`
 * @property {(place: number) => number} index the step whose column is there
 */

/** @param {number[]} steps ascending @returns {StepScale} */
export function stepScale(steps) {
  const n = steps.length;
  const at = (/** @type {number} */ i) => /** @type {number} */ (steps[i]);
  const edges = n < 2 ? [at(0) - 0.5, at(0) + 0.5] : [1.5 * at(0) - 0.5 * at(1)];
  for (let i = 1; n >= 2 && i < n; i += 1) edges.push((at(i - 1) + at(i)) / 2);
  if (n >= 2) edges.push(1.5 * at(n - 1) - 0.5 * at(n - 2));
  const low = /** @type {number} */ (edges[0]);
  const high = /** @type {number} */ (edges[edges.length - 1]);
  return {
    edges,
    low,
    high,
    place: (step) => (step - low) / (high - low),
    index(place) {
      const step = low + place * (high - low);
      const beyond = edges.findIndex((edge) => edge > step);
      return beyond < 0 ? n - 1 : Math.max(0, beyond - 1);
    },
  };
}

/** Which of some ascending numbers is nearest. @param {number[]} sorted @param {number} wanted */
export function nearestIndex(sorted, wanted) {
  const after = sorted.findIndex((value) => value >= wanted);
  if (after < 0) return sorted.length - 1;
  if (after === 0) return 0;
  return wanted - (sorted[after - 1] ?? -Infinity) <= (sorted[after] ?? Infinity) - wanted ? after - 1 : after;
}

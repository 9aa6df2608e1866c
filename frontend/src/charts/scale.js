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

/** Which of some ascending numbers is nearest. @param {number[]} sorted @param {number} wanted */
export function nearestIndex(sorted, wanted) {
  const after = sorted.findIndex((value) => value >= wanted);
  if (after < 0) return sorted.length - 1;
  if (after === 0) return 0;
  return wanted - (sorted[after - 1] ?? -Infinity) <= (sorted[after] ?? Infinity) - wanted ? after - 1 : after;
}

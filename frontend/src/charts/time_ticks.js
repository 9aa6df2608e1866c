/** Round times for an axis: so long after the beginning, or by the clock of the reader's place. */

import { linearTicks } from './scale.js';
import { MINUS } from '../format.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Seconds from one tick to the next; below, decimal parts of a second; above, decimal multiples of a day. */
const ROUND = [1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY];

/** A length of time in its two largest units: 2 h 5 min. @param {number} seconds */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? MINUS : '';
  if (size < MINUTE) return `${sign}${Number(size.toPrecision(3))} s`;
  const parts = /** @type {const} */ ([[DAY, 'd'], [HOUR, 'h'], [MINUTE, 'min'], [1, 's']]);
  const first = parts.findIndex(([unit]) => size >= unit);
  const [[large, name] = [1, 's'], next] = [parts[first], parts[first + 1]];
  const rest = next ? Math.round((size % large) / next[0]) : 0;
  const carried = next && rest * next[0] === large;
  const whole = Math.floor(size / large) + (carried ? 1 : 0);
  return `${sign}${whole} ${name}${next && rest > 0 && !carried ? ` ${rest} ${next[1]}` : ''}`;
}

/** @param {number} span seconds @param {number} most ticks */
function spacing(span, most) {
  const rough = span / most;
  if (rough > DAY) {
    const [first = 0, second = 1] = linearTicks(0, span / DAY, most);
    return Math.max(1, second - first) * DAY;
  }
  return ROUND.find((round) => round >= rough) ?? DAY;
}

/** @param {number} low seconds @param {number} high @param {number} most */
export function durationTicks(low, high, most) {
  if (high - low < most) return linearTicks(low, high, most).map((at) => ({ at, text: at === 0 ? '0' : duration(at) }));
  const step = spacing(high - low, most);
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high; k += 1) ticks.push({ at: k * step, text: k === 0 ? '0' : duration(k * step) });
  return ticks;
}

/**
 * Hours and minutes by the reader's clock, the date where a day begins.
 * @param {number} low seconds since 1970 @param {number} high @param {number} most
 */
export function clockTicks(low, high, most) {
  const step = high - low < most ? 1 : spacing(high - low, most);
  const language = document.documentElement.lang || 'en';
  const day = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' });
  const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...(step < MINUTE ? { second: '2-digit' } : {}) });
  // Round by the local clock: midnight is where the place says, not where UTC has it.
  const zone = -60 * new Date(1000 * low).getTimezoneOffset();
  let before = '';
  const ticks = [];
  for (let k = Math.ceil((low + zone) / step); k * step - zone <= high; k += 1) {
    const at = k * step - zone;
    const date = new Date(1000 * at);
    const today = day.format(date);
    ticks.push({ at, text: step >= DAY || today !== before ? today + (step >= DAY ? '' : ` ${clock.format(date)}`) : clock.format(date) });
    before = today;
  }
  return ticks;
}

/** A point in time in full, by the reader's clock. @param {number} seconds since 1970 */
export const moment = (seconds) =>
  Number.isFinite(seconds)
    ? new Intl.DateTimeFormat(document.documentElement.lang || 'en', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }).format(new Date(1000 * seconds))
    : '–';

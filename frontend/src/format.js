/** Numbers as text. */

export const MINUS = '\u2212';
const MULTIPLY = '\u00d7';
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/**
 * A measured number with four significant digits; powers of ten for what is very large or very small.
 * @param {number | null | undefined} value null: the number does not exist
 */
export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return integer(value);
  if (size >= 1e5 || size < 1e-3) {
    const [digits, exponent] = value.toExponential(3).split('e');
    return powerOfTen(String(Number(digits)), Number(exponent));
  }
  return integer(Number(value.toPrecision(4)));
}

/** @param {string} digits @param {number} exponent */
function powerOfTen(digits, exponent) {
  const shown = digits.replace('-', MINUS);
  const power = superscript(exponent);
  return shown === '1' || shown === `${MINUS}1` ? `${shown.slice(0, -1)}10${power}` : `${shown}${MULTIPLY}10${power}`;
}

/** A sentence's numbers as the tab writes its own: 2.4e-7 as 2.4×10⁻⁷, and a minus that is one. @param {string} text */
export function typeset(text) {
  return text
    .replace(/(?<![\w.])(\d+(?:\.\d+)?)e(-?\d+)(?![\w.]*\w)/g, (_, digits, exponent) => powerOfTen(digits, Number(exponent)))
    .replace(/(?<![A-Za-z0-9_)\]-])-(?=\d)/g, MINUS);
}

/** @param {number} exponent */
function superscript(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join('');
  return exponent < 0 ? `⁻${digits}` : digits;
}

/** A number with groups of three from five digits on, as in the sentences. @param {number} value */
export function integer(value) {
  const text = Number.isInteger(value) ? String(Math.abs(value)) : String(Math.abs(Number(value.toPrecision(4))));
  const [whole, fraction] = text.split('.');
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  return (value < 0 ? MINUS : '') + grouped + (fraction ? `.${fraction}` : '');
}

/** The size of a file, in decimal units as browsers and file managers show it. @param {number} count of bytes */
export function bytes(count) {
  const [unit, name] = count < 1e6 ? [1e3, 'kB'] : count < 1e9 ? [1e6, 'MB'] : [1e9, 'GB'];
  return `${number(Number((count / Number(unit)).toPrecision(2)))} ${name}`;
}

/** How a percentage is written: "12 %" in English, "12%" in Japanese. */
let perCent = '{number} %';

/** @param {string} pattern */
export function setPerCent(pattern) {
  perCent = pattern;
}

/** Digits with the per cent sign as the language has it. @param {string} digits */
export const withPerCent = (digits) => perCent.replace('{number}', digits);

/** A share as a percentage; never "0 %" or "100 %" for what is not quite. @param {number | null | undefined} share */
export function percent(share) {
  if (share === null || share === undefined || !Number.isFinite(share)) return '–';
  if (share === 0 || share === 1) return withPerCent(String(100 * share));
  if (share > 0 && share < 0.001) return withPerCent('< 0.1');
  if (share < 1 && share > 0.999) return withPerCent('> 99.9');
  if (Math.abs(share) >= 100) return withPerCent(number(100 * share));
  const digits = Math.abs(share) >= 0.1 ? 0 : 1;
  return withPerCent((100 * share).toFixed(digits).replace('-', MINUS));
}

/** Short text for a step on an axis: 1200000 becomes 1.2M. @param {number} step */
export function shortStep(step) {
  const size = Math.abs(step);
  if (size >= 1e9) return `${Number((step / 1e9).toPrecision(3))}G`;
  if (size >= 1e6) return `${Number((step / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${Number((step / 1e3).toPrecision(3))}k`;
  return integer(step);
}

/** What a page would obey rather than show: controls, line separators, changes of direction. */
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text from a log, with \u202e written out where it would turn what stands around it. @param {string} text */
export function printable(text) {
  return text.replace(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

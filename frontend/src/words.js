/** What the tab says, in the reader's language. */

import { integer, number, setPerCent, printable } from './format.js';

/** @import { Words } from './routes.js' */

/** @type {Words} */
let current = {
  language: 'en',
  languages: {},
  shapes: {},
  changes: {},
  roles: {},
  severities: {},
  confidences: {},
  rules: {},
  interface: {},
  units: {},
  writing: { per_cent: '{number} %', separator: ', ', pair: '{first} {second}' },
};

/** @param {Words} next */
export function setWords(next) {
  current = next;
  document.documentElement.lang = next.language;
  setPerCent(next.writing.per_cent);
}

/** The words of the contract's labels. */
export const words = () => current;

/**
 * A sentence of the interface with its {placeholders} filled in; numbers are grouped, text from a log is made harmless.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  return filled(current.interface[key] ?? key, values);
}

/**
 * A number with its unit, as the evidence of a finding has it; a unit without a word of its own goes without.
 * @param {string} unit @param {number} count
 */
export function withUnit(unit, count) {
  const sentence = current.units[unit];
  return sentence === undefined ? number(count) : filled(sentence, { count });
}

/** Names in a row, with the language's comma. @param {readonly string[]} names */
export const listed = (names) => names.join(current.writing.separator);

/** Sentences behind each other, with or without a blank between them. @param {...string} sentences */
export const together = (...sentences) =>
  sentences.filter(Boolean).reduce((first, second) => (first ? filled(current.writing.pair, { first, second }) : second), '');

/**
 * `{count:# step|# steps}`: the first form for 1, the last for everything else.
 * @param {string} sentence @param {Record<string, string | number>} values
 */
function filled(sentence, values) {
  return sentence.replace(/\{(\w+)(?::([^{}]*))?\}/g, (whole, name, forms) => {
    const value = values[name];
    if (value === undefined) return whole;
    const text = typeof value === 'number' ? integer(value) : printable(value);
    if (forms === undefined) return text;
    const all = forms.split('|');
    return all[value === 1 ? 0 : all.length - 1].replace('#', text);
  });
}

/** @param {'shapes' | 'changes' | 'roles' | 'severities' | 'confidences'} kind @param {string} label */
export const nameOf = (kind, label) => current[kind][label]?.name ?? label;

/** @param {'shapes' | 'changes' | 'roles' | 'severities' | 'confidences'} kind @param {string} label */
export const aboutOf = (kind, label) => current[kind][label]?.about ?? '';

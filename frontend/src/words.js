/** What the tab says, in the reader's language. */

import { integer } from './format.js';

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
};

/** @param {Words} next */
export function setWords(next) {
  current = next;
  document.documentElement.lang = next.language;
}

/** The words of the contract's labels. */
export const words = () => current;

/**
 * A sentence of the interface with its {placeholders} filled in; numbers are grouped.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const sentence = current.interface[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? integer(value) : value;
  });
}

/** @param {'shapes' | 'changes' | 'roles' | 'severities' | 'confidences'} kind @param {string} label */
export const nameOf = (kind, label) => current[kind][label]?.name ?? label;

/** @param {'shapes' | 'changes' | 'roles' | 'severities' | 'confidences'} kind @param {string} label */
export const aboutOf = (kind, label) => current[kind][label]?.about ?? '';

/** How runs that are laid over are told apart: a colour and a dash each. */

/** @typedef {{ colour: string, dash: number[] }} Mark `colour`: its name in the style sheet */

/** As many as can be told apart. @type {readonly Mark[]} */
export const MARKS = [
  { colour: 'other', dash: [] },
  { colour: 'other-2', dash: [7, 3] },
  { colour: 'other-3', dash: [2, 3] },
];

/** Of a step that others are held against. @type {Mark} */
export const KEPT = { colour: 'kept', dash: [5, 2] };

/** The mark of the k-th run laid over. @param {number} k @returns {Mark} */
export const markOf = (k) => MARKS[k] ?? /** @type {Mark} */ (MARKS[0]);

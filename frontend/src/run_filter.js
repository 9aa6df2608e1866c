/** Which runs are shown, by a regular expression as in TensorBoard's own list of runs: anywhere in the name, any case. */

/** @import { RunState, Store } from './state.js' */

/** @param {string} text @returns {RegExp | null} null: it is no regular expression (yet) */
export function expression(text) {
  try {
    return new RegExp(text, 'i');
  } catch {
    return null;
  }
}

/** The runs that match what is in the address; all of them while that cannot be understood. @param {Store} store @returns {RunState[]} */
export function shownRuns(store) {
  const wanted = expression(store.state.address['runs'] ?? '');
  return wanted === null ? store.runStates() : store.runStates().filter(({ info }) => wanted.test(info.run));
}

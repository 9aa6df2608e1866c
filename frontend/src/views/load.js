/** Loading inside a view: what is waited for, what came, what went wrong. */

import { explainError } from '../trouble.js';
import { useCallback, useEffect, useState } from '../vendor/htm-preact-standalone.js';

/** @import { Load } from '../routes.js' */

/**
 * Loads when `key` changes; a newer version of the same subject replaces the older one only once it is there.
 * @template T
 * @param {string} subject what is loaded; another subject shows "loading" again
 * @param {string} version asks for the subject again when it changes
 * @param {(signal: AbortSignal) => Promise<T>} load is told when nobody waits any more
 * @returns {[Load<T>, () => void]} and a way to try again
 */
export function useLoad(subject, version, load) {
  const [state, setState] = useState(/** @type {{ subject: string, load: Load<T> }} */ ({ subject, load: { kind: 'loading' } }));
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    load(signal).then(
      (value) => signal.aborted || setState({ subject, load: { kind: 'ready', value } }),
      (error) => signal.aborted || setState({ subject, load: { kind: 'failed', message: explainError(error) } }),
    );
    return () => leaving.abort();
  }, [subject, version, attempt]);
  const retry = useCallback(() => {
    setState({ subject, load: { kind: 'loading' } });
    setAttempt(attempt + 1);
  }, [subject, attempt]);
  return [state.subject === subject ? state.load : { kind: 'loading' }, retry];
}

/** Where a reader is in the charts of a tag: the step, and on it a bucket or one of the nine lines. */

import { bucketAt, bucketFrom, bucketNear, fullest, holds, middleOf, moveOf } from '../charts/reading.js';
import { PERCENTAGES } from '../charts/percentiles.js';
import { useState } from '../vendor/htm-preact-standalone.js';

/** @import { Bucket } from '../charts/reading.js' */
/** @import { Series } from '../routes.js' */

const MEDIAN = 4;

/**
 * @typedef {object} Cursor
 * @property {number} shown the step that is read: under the pointer, else the selected one
 * @property {Bucket | null} bucket
 * @property {number | null} line
 * @property {'bucket' | 'line' | null} live what the keyboard reads, and is said aloud
 * @property {(step: number | null, value?: number | null) => void} point at a step, and a value in it
 * @property {(step: number | null, line?: number | null) => void} pointLine
 * @property {(key: string) => boolean} keyBucket whether the key meant something
 * @property {(key: string) => boolean} keyLine
 */

/**
 * @param {Series} series @param {number} selected @param {(i: number) => void} pick selects a step
 * @param {boolean} turned steps run downwards, values to the right
 * @returns {Cursor}
 */
export function useCursor(series, selected, pick, turned) {
  const [hover, setHover] = useState(/** @type {number | null} */ (null));
  const [value, setValue] = useState(/** @type {number | null} */ (null));
  const [line, setLine] = useState(/** @type {number | null} */ (null));
  const [live, setLive] = useState(/** @type {'bucket' | 'line' | null} */ (null));
  const last = series.steps.length - 1;
  const shown = hover !== null && hover <= last ? hover : selected;
  const near = value === null ? null : bucketNear(series, shown, value);
  const read = near !== null && (live === 'bucket' || holds(series, near, value ?? 0)) ? near : null;
  /** The step that so many steps lead to, which is selected. @param {number} by */
  const walk = (by) => {
    const to = Math.max(0, Math.min(last, shown + by));
    setHover(null);
    if (to !== selected) pick(to);
    return to;
  };
  /** @param {'bucket' | 'line' | null} what */
  const become = (what) => {
    setLive(what);
    if (what !== 'bucket') setValue(null);
    if (what !== 'line') setLine(null);
  };
  return {
    shown,
    bucket: read === null ? null : bucketAt(series, shown, read),
    line,
    live,
    point(step, at = null) {
      become(null);
      setHover(step);
      setValue(at);
    },
    pointLine(step, at = null) {
      become(null);
      setHover(step);
      setLine(at);
    },
    keyBucket(key) {
      if (key === 'Escape' && live) return become(null), true;
      const move = moveOf(key, turned);
      if (!move) return false;
      const i = move.steps === 0 ? shown : walk(move.steps);
      become('bucket');
      if (value === null || live !== 'bucket') {
        const first = read ?? fullest(series, i);
        setValue(first === null ? null : middleOf(series, first));
      } else if (move.buckets !== 0 && near !== null) setValue(middleOf(series, bucketFrom(series, i, near, move.buckets)));
      return true;
    },
    keyLine(key) {
      if (key === 'Escape' && live) return become(null), true;
      const move = moveOf(key);
      if (!move) return false;
      if (move.steps !== 0) walk(move.steps);
      become('line');
      const now = live === 'line' ? line : null;
      const by = Math.abs(move.buckets) > PERCENTAGES.length ? Math.sign(move.buckets) * PERCENTAGES.length : move.buckets;
      setLine(now === null ? MEDIAN : Math.max(0, Math.min(PERCENTAGES.length - 1, now + by)));
      return true;
    },
  };
}

/** A request that somebody waits for: given up when a newer one takes its place, and said to be slow after a while. */

/** Milliseconds without an answer after which the reader is told that it takes long. */
export const SLOW_AFTER = 10_000;

export class Attempt {
  /** @param {() => void} [onSlow] called once, when there is no answer for long */
  constructor(onSlow) {
    this.leaving = new AbortController();
    this.timer = onSlow ? setTimeout(onSlow, SLOW_AFTER) : undefined;
  }

  get signal() {
    return this.leaving.signal;
  }

  /** Nobody waits for it any more. */
  giveUp() {
    this.end();
    this.leaving.abort();
  }

  /** There is an answer, or an error. */
  end() {
    clearTimeout(this.timer);
  }
}

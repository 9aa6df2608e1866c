/** Answers kept for coming back to them; a request that nobody waits for any more is given up. */

/** @typedef {{ answer: Promise<unknown>, waiting: Set<symbol>, done: boolean, leaving: AbortController }} Slot */

export class Kept {
  /** @param {number} most answers kept at most */
  constructor(most) {
    this.most = most;
    /** @type {Map<string, Slot>} */
    this.slots = new Map();
  }

  /**
   * The answer of this key, asked for unless it is here or under way.
   * @template T
   * @param {string} key @param {(signal: AbortSignal) => Promise<T>} ask
   * @param {AbortSignal} [signal] when this reader no longer waits; without one it waits for good
   * @returns {Promise<T>}
   */
  get(key, ask, signal) {
    const slot = this.slots.get(key) ?? this.begun(key, ask);
    // Again at the end: the one that was wanted longest ago goes first.
    this.slots.delete(key);
    this.slots.set(key, slot);
    for (const [old, { done }] of this.slots) {
      if (this.slots.size <= this.most) break;
      if (done) this.slots.delete(old);
    }
    const reader = Symbol('reader');
    slot.waiting.add(reader);
    signal?.addEventListener('abort', () => {
      slot.waiting.delete(reader);
      if (slot.done || slot.waiting.size > 0) return;
      if (this.slots.get(key) === slot) this.slots.delete(key);
      slot.leaving.abort();
    });
    return /** @type {Promise<T>} */ (slot.answer);
  }

  /** @param {string} key @param {(signal: AbortSignal) => Promise<unknown>} ask @returns {Slot} */
  begun(key, ask) {
    const leaving = new AbortController();
    /** @type {Slot} */
    const slot = { answer: ask(leaving.signal), waiting: new Set(), done: false, leaving };
    slot.answer.then(
      () => {
        slot.done = true;
      },
      () => {
        // What failed is asked for again.
        slot.done = true;
        if (this.slots.get(key) === slot) this.slots.delete(key);
      },
    );
    return slot;
  }
}

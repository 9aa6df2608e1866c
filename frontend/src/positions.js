/** How far down a reader was in each view, for coming back to it. */

/** @import { Address } from './routes.js' */

/** Places remembered at most. */
const MOST = 200;

export class Positions {
  constructor() {
    /** @type {Map<string, number>} pixels from the top */
    this.places = new Map();
  }

  /** @param {string} key @param {number} top */
  keep(key, top) {
    this.places.delete(key);
    this.places.set(key, top);
    const [oldest] = this.places.keys();
    if (this.places.size > MOST && oldest !== undefined) this.places.delete(oldest);
  }

  /** @param {string} key */
  of(key) {
    return this.places.get(key) ?? 0;
  }

  /** The page is left for another. @param {Address} address */
  leave(address) {
    this.keep(pageKey(address), window.scrollY);
  }

  /** The page is come back to, and drawn in a moment. @param {Address} address */
  comeBack(address) {
    const top = this.of(pageKey(address));
    requestAnimationFrame(() => requestAnimationFrame(() => window.scrollTo(0, top)));
  }
}

/** @param {Address} address */
const pageKey = (address) => `page ${JSON.stringify(Object.entries(address).sort())}`;

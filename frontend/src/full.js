/** Every step instead of TensorBoard's sample: asks the server to read the event files, follows that, and gives it up. */

import { explainError } from './trouble.js';

/** @import { FullAnswer } from './routes.js' */
/** @import { TagEntry } from './schema.js' */
/** @import { State, Store } from './state.js' */

/** Milliseconds between two looks at a reading that is under way. */
const LOOK_EVERY = 600;
/** What the address says when all steps are to be seen. */
const KEY = 'resolution';
const FULL = 'full';

/** Whether all steps are to be seen, where they have been read. @param {State} state */
export const isInFull = ({ address }) => address[KEY] === FULL;

/**
 * Runs of whose steps some are not seen, or may not be: TensorBoard keeps at most equally many of every tag, so that a
 * tag with as many steps as one that is known to be a sample may be one as well, though nobody knows of how many.
 * @param {State} state
 * @returns {string[]}
 */
export function incomplete(state) {
  const { runs, full } = state;
  if (runs.kind !== 'ready') return [];
  const known = isInFull(state) ? (full?.read ?? {}) : {};
  const sampled = runs.value.flatMap(({ info, report }) => (report.kind === 'ready' && known[info.run] === undefined ? [{ run: info.run, tags: report.value.tags }] : []));
  let most = Infinity;
  for (const { tags } of sampled) for (const tag of tags) if (isSample(tag)) most = Math.min(most, tag.step_count);
  return sampled.filter(({ tags }) => tags.some((tag) => isSample(tag) || tag.step_count >= most)).map(({ run }) => run);
}

/** Whether a tag is known to have more steps than are seen. @param {TagEntry} tag */
export const isSample = ({ total_steps: total, step_count: kept }) => total !== null && total > kept;

export class FullReading {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** Read on its own at most once: who gives it up does not want it again. */
    this.begun = false;
  }

  /** Asks how things stand; goes on as long as something is being read. */
  async look() {
    clearTimeout(this.timer);
    if (this.store.host.name === 'page') return;
    try {
      this.take(await this.store.source.full());
    } catch (error) {
      this.store.set({ fullTrouble: explainError(error) });
    }
  }

  /** @param {FullAnswer} answer */
  take(answer) {
    const before = JSON.stringify(this.store.state.full?.read ?? {});
    this.store.set({ full: answer, fullTrouble: null });
    if (isInFull(this.store.state) && JSON.stringify(answer.read) !== before) void this.store.refresh();
    if (answer.job) this.timer = setTimeout(() => void this.look(), LOOK_EVERY);
  }

  /** @param {string[]} runs */
  async read(runs) {
    this.begun = true;
    this.show(true);
    await this.send({ read: runs });
  }

  async cancel() {
    await this.send({ cancel: true });
  }

  /** @param {Record<string, unknown>} what */
  async send(what) {
    clearTimeout(this.timer);
    try {
      this.take(await this.store.source.readFully(what));
    } catch (error) {
      this.store.set({ fullTrouble: explainError(error) });
    }
  }

  /** Shows all steps where they were read, or TensorBoard's sample. @param {boolean} full */
  show(full) {
    this.store.go({ [KEY]: full ? FULL : null });
  }

  /** A link says "all steps": those of the runs that it shows are read, once. @param {string[]} runs */
  begin(runs) {
    const { full } = this.store.state;
    if (this.begun || !isInFull(this.store.state) || full === null) return;
    const todo = runs.filter((run) => full.bytes[run] !== undefined && full.read[run] === undefined);
    this.begun = true;
    if (todo.length > 0 && !full.job) void this.read(todo);
  }
}

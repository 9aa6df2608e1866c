/** The reports of the runs: a few are asked for at a time, again when a run has new data. */

import { withOwn } from './own_notes.js';
import { Attempt } from './patience.js';
import { explainError } from './trouble.js';
import { t } from './words.js';

/** @import { RunInfo } from './routes.js' */
/** @import { Store } from './state.js' */

/** Reports asked for at the same time; browsers open six connections to one server. */
const PARALLEL = 4;

export class Reports {
  /** @param {Store} store knows the runs, and is given their reports */
  constructor(store) {
    this.store = store;
    this.underWay = 0;
    /** @type {Map<string, Attempt>} by run, what is being waited for */
    this.asking = new Map();
  }

  /** Nobody waits for those under way: they are in a language that is not spoken any more. */
  giveUp() {
    for (const attempt of this.asking.values()) attempt.giveUp();
    this.asking.clear();
  }

  /** Keeps up to PARALLEL requests under way until every run has the report of its present version. */
  fetch() {
    const { store } = this;
    while (this.underWay < PARALLEL) {
      const waiting = store.runStates().filter((run) => run.version !== run.info.version);
      // What is looked at comes before the rest.
      const next = waiting.find((run) => run.info.run === store.state.address['run']) ?? waiting[0];
      if (!next) break;
      this.underWay += 1;
      void this.ask(next.info).finally(() => {
        this.underWay -= 1;
        this.fetch();
        if (this.underWay === 0) void store.compare();
      });
    }
  }

  /** @param {RunInfo} info */
  async ask({ run, version }) {
    const { store } = this;
    store.patchRun(run, { version });
    // Of an older version nobody wants to know any more.
    this.asking.get(run)?.giveUp();
    const attempt = new Attempt();
    this.asking.set(run, attempt);
    const { signal } = attempt;
    try {
      const report = await store.source.report([run], store.state.language, signal);
      if (signal.aborted) return;
      const entry = report.runs[0];
      if (entry) store.patchRun(run, { told: entry, report: { kind: 'ready', value: withOwn(entry, store.own.lines()) }, stale: false });
      else this.failed(run, t('error.run_gone'));
    } catch (error) {
      if (!signal.aborted) this.failed(run, explainError(error));
    } finally {
      if (this.asking.get(run) === attempt) this.asking.delete(run);
    }
  }

  /** A report that did not come does not take away the one that is shown. @param {string} run @param {string} message */
  failed(run, message) {
    const { store } = this;
    const shown = store.runStates().find((state) => state.info.run === run)?.report.kind === 'ready';
    store.patchRun(run, shown ? { stale: true } : { report: { kind: 'failed', message } });
    if (shown) store.set({ trouble: message });
  }

  /** Asks for one run's report once more. @param {string} run */
  retry(run) {
    this.asking.get(run)?.giveUp();
    this.store.patchRun(run, { report: { kind: 'loading' }, version: '' });
    this.fetch();
  }
}

/** What the tab knows: runs, their reports as they arrive, and where the reader is. */

import { t, setWords } from './words.js';
import { FullReading, isInFull } from './full.js';
import { Kept } from './kept.js';
import { OwnNotes, canKeep, withOwn } from './own_notes.js';
import { Attempt } from './patience.js';
import { Positions } from './positions.js';
import { Reports } from './reports.js';
import { explainError } from './trouble.js';

/** @import { Address, ComparisonsAnswer, FullAnswer, Host, Load, RunInfo, Source } from './routes.js' */
/** @import { RunEntry, SkippedEntry } from './schema.js' */

/** Comparing needs the analysis of every run; beyond this many it is not asked for unasked. */
const COMPARE_AT_MOST = 20;
/** Milliseconds of quiet before a change within a view goes into the address bar. */
const WRITE_AFTER = 250;
/** Answers kept for coming back to them: buckets of tags, profiles of runs. */
const ANSWERS_KEPT = 24;

/**
 * @typedef {object} RunState
 * @property {RunInfo} info
 * @property {Load<RunEntry>} report
 * @property {RunEntry} [told] the report as it came, without what this browser keeps
 * @property {string} version the version that `report` was asked for
 * @property {boolean} [stale] whether a newer report was asked for and did not come
 *
 * @typedef {object} State
 * @property {Load<null>} words
 * @property {Load<RunState[]>} runs
 * @property {SkippedEntry[]} skipped what was left out before any run was opened
 * @property {string[]} problems what is wrong with the files of settings
 * @property {Load<ComparisonsAnswer> | null} comparisons null: not asked for, since there are many runs
 * @property {string | null} readOnly why nothing can be written beside the log, as far as that has come up
 * @property {FullAnswer | null} full what is known of reading every step; null: nobody has asked
 * @property {string | null} fullTrouble why that could not be asked for
 * @property {Address} address
 * @property {boolean} dark
 * @property {string} language code of the language that is spoken; '' until the words are there
 * @property {string | null} trouble why the last reload failed, while older data are still shown
 */

export class Store {
  /** @param {Source} source @param {Host} host */
  constructor(source, host) {
    this.source = source;
    this.host = host;
    /** @type {State} */
    this.state = {
      words: { kind: 'loading' },
      runs: { kind: 'loading' },
      skipped: [],
      problems: [],
      comparisons: null,
      readOnly: null,
      full: null,
      fullTrouble: null,
      address: host.readAddress(),
      dark: host.isDark(),
      language: '',
      trouble: null,
    };
    /** @type {() => void} */
    this.listener = () => {};
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.pending = undefined;
    /** @type {Attempt | null} the question which runs there are, while it is under way */
    this.refreshing = null;
    /** Whether somebody asked for what is new while that was under way */
    this.again = false;
    this.compared = '';
    this.announced = false;
    this.reports = new Reports(this);
    this.kept = new Kept(ANSWERS_KEPT);
    this.positions = new Positions();
    this.full = new FullReading(this);
    source.inFull = isInFull(this.state);
    this.own = new OwnNotes('');
    // Another tab of this browser on the same log.
    window.addEventListener('storage', () => this.applyOwn());
    host.onDarkChange(() => this.set({ dark: host.isDark() }));
    host.onAddressChange(() => {
      clearTimeout(this.pending);
      this.pending = undefined;
      const before = this.state.address;
      const { lang } = before;
      this.set({ address: host.readAddress() });
      if (JSON.stringify(this.state.address) !== JSON.stringify(before)) {
        this.positions.leave(before);
        this.positions.comeBack(this.state.address);
      }
      if (this.state.address['lang'] !== lang) void this.changeLanguage();
      this.followResolution();
    });
    host.onReload(() => {
      void this.refresh();
      if (isInFull(this.state)) void this.full.look();
    });
  }

  /** Asks for everything again when all steps are to be seen, or a sample again. */
  followResolution() {
    const inFull = isInFull(this.state);
    if (this.source.inFull === inFull) return;
    this.source.inFull = inFull;
    void this.refresh();
  }

  /** Many changes in one turn are one drawing. @param {Partial<State>} patch */
  set(patch) {
    this.state = { ...this.state, ...patch };
    if (this.announced) return;
    this.announced = true;
    queueMicrotask(() => {
      this.announced = false;
      this.listener();
    });
  }

  /** The words come first: a report is asked for in a language that there is. */
  async start() {
    this.set({ words: { kind: 'loading' } });
    if (await this.loadWords()) await this.refresh();
  }

  /** @returns {Promise<boolean>} whether there are words now */
  async loadWords() {
    try {
      const words = await this.source.words(preferredLanguages(this.state.address['lang']));
      setWords(words);
      this.set({ words: { kind: 'ready', value: null }, language: words.language });
      return true;
    } catch (error) {
      this.set({ words: { kind: 'failed', message: String(error instanceof Error ? error.message : error) } });
      return false;
    }
  }

  /** Another language for all that is said. @param {string} language */
  async speak(language) {
    remember(language);
    this.go({ lang: language }, { push: false });
    await this.changeLanguage();
  }

  /** Says everything again, in the language that is now preferred. */
  async changeLanguage() {
    const before = this.state.language;
    if (!(await this.loadWords()) || this.state.language === before) return;
    this.reports.giveUp();
    this.compared = '';
    const runs = this.runStates().map((run) => ({ ...run, version: '' }));
    this.set({ runs: { kind: 'ready', value: runs } });
    this.reports.fetch();
  }

  runStates() {
    return this.state.runs.kind === 'ready' ? this.state.runs.value : [];
  }

  /**
   * Asks which runs there are, then for the reports of those that are new or have new data.
   * @param {boolean} [anew] somebody wants it now: what is under way is given up, what failed is asked for once more
   */
  async refresh(anew = false) {
    if (this.refreshing && !anew) {
      this.again = true;
      return;
    }
    this.refreshing?.giveUp();
    const attempt = new Attempt(() => this.state.runs.kind === 'ready' && this.set({ trouble: t('error.slow') }));
    this.refreshing = attempt;
    try {
      const answer = await this.source.runs(attempt.signal);
      if (attempt.signal.aborted) return;
      if (answer.runs.length === 0 && this.runStates().length > 0) throw new Error(t('error.log_gone'));
      if ((answer.log ?? '') !== this.own.log) this.own = new OwnNotes((answer.log ?? ''));
      const known = new Map(this.runStates().map((run) => [run.info.run, run]));
      const runs = answer.runs.map((info) => {
        const before = known.get(info.run);
        if (!before) return { info, report: /** @type {const} */ ({ kind: 'loading' }), version: '' };
        return anew && before.stale ? { ...before, info, version: '', stale: false } : { ...before, info };
      });
      this.set({ runs: { kind: 'ready', value: runs }, skipped: answer.skipped, problems: answer.problems ?? [], trouble: null });
      this.reports.fetch();
    } catch (error) {
      if (attempt.signal.aborted) return;
      const message = explainError(error);
      if (this.state.runs.kind === 'ready') this.set({ trouble: message });
      else this.set({ runs: { kind: 'failed', message } });
    }
    attempt.end();
    this.refreshing = null;
    if (this.again) {
      this.again = false;
      await this.refresh();
    }
  }

  /**
   * Adds, changes or takes away a note or a mark; the reports that it changes are asked for again.
   * @param {string} run @param {Record<string, unknown>} said as a line of the file of notes
   */
  async write(run, said) {
    const { reason, browser } = await this.placeOfNotes(run, said['edit'] ?? said['remove']);
    if (browser) {
      this.own.add({ ...said, run });
      this.applyOwn();
    } else if (reason !== null) {
      throw new Error(reason);
    } else {
      await this.source.write({ ...said, run });
      await this.refresh();
    }
  }

  /**
   * Where what is said of a run is kept: beside the log, or by this browser, or nowhere.
   * @param {string} run @param {unknown} [target] of what is to be changed: its id
   * @returns {Promise<{ reason: string | null, browser: boolean }>} `reason`: why not beside the log, in a sentence
   */
  async placeOfNotes(run, target) {
    if (this.host.name === 'page') return { reason: t('notes.exported'), browser: false };
    if (target !== undefined && this.own.has(target)) return { reason: t('own.entry'), browser: true };
    const reason = await this.source.readOnly(run);
    if (reason === null) return { reason: null, browser: false };
    if (this.state.readOnly !== reason) this.set({ readOnly: reason });
    const browser = this.own.log !== '' && canKeep();
    return { reason: browser ? t('own.instead', { reason }) : t('notes.read_only', { reason }), browser };
  }

  /** Shows what this browser keeps as it is now. */
  applyOwn() {
    const lines = this.own.lines();
    const runs = this.runStates().map((run) => (run.told ? { ...run, report: /** @type {const} */ ({ kind: 'ready', value: withOwn(run.told, lines) }) } : run));
    if (this.state.runs.kind === 'ready') this.set({ runs: { kind: 'ready', value: runs } });
  }

  /** Asks for one run's report once more. @param {string} run */
  retry(run) {
    this.reports.retry(run);
  }

  /** @param {string} run @param {Partial<RunState>} patch */
  patchRun(run, patch) {
    const runs = this.runStates().map((state) => (state.info.run === run ? { ...state, ...patch } : state));
    this.set({ runs: { kind: 'ready', value: runs } });
  }

  /**
   * Runs against each other: once all single reports are there, since it needs all of them.
   * @param {boolean} [wanted] whatever the number of runs
   */
  async compare(wanted = this.state.comparisons !== null) {
    const runs = this.runStates();
    const version = [this.state.language, ...runs.map((run) => run.info.version)].join(' ');
    if (runs.length < 2 || (!wanted && runs.length > COMPARE_AT_MOST) || version === this.compared) return;
    this.compared = version;
    if (this.state.comparisons?.kind !== 'ready') this.set({ comparisons: { kind: 'loading' } });
    try {
      const value = await this.source.comparisons(this.state.language);
      if (version === this.compared) this.set({ comparisons: { kind: 'ready', value } });
    } catch (error) {
      if (version !== this.compared) return;
      this.compared = '';
      this.set({ comparisons: { kind: 'failed', message: explainError(error) } });
    }
  }

  /**
   * The buckets of a tag; the last few are kept.
   * @param {string} run @param {string} tag @param {AbortSignal} [signal] when this reader of it no longer waits
   */
  series(run, tag, signal) {
    return this.kept.get(JSON.stringify(['series', run, tag, this.versionOf(run)]), (given) => this.source.series(run, tag, given), signal);
  }

  /** Root mean squares of a run's tags over its steps. @param {string} run @param {AbortSignal} [signal] */
  rms(run, signal) {
    return this.kept.get(JSON.stringify(['rms', run, this.versionOf(run)]), (given) => this.source.rms(run, given), signal);
  }

  /** @param {string} run */
  versionOf(run) {
    return this.runStates().find((state) => state.info.run === run)?.info.version ?? '';
  }

  /**
   * Goes to another view, or changes part of the present one.
   * @param {Record<string, string | null>} change null takes a key away
   * @param {{ push?: boolean, fresh?: boolean }} [how] `fresh`: nothing of the present address stays but language and resolution
   */
  go(change, { push = true, fresh = false } = {}) {
    const address = this.address(change, fresh);
    const before = this.state.address;
    if (JSON.stringify(address) === JSON.stringify(before)) return;
    this.set({ address });
    this.followResolution();
    // What is left must be what the way back leads to.
    if (push && this.pending !== undefined) this.host.writeAddress(before, false);
    clearTimeout(this.pending);
    this.pending = undefined;
    if (push) {
      this.positions.leave(before);
      this.host.writeAddress(address, true);
      return;
    }
    // Browsers refuse more than a few changes of the address per second: a slider makes more.
    this.pending = setTimeout(() => {
      this.pending = undefined;
      this.host.writeAddress(this.state.address, false);
    }, WRITE_AFTER);
  }

  /** @param {Record<string, string | null>} change @param {boolean} fresh @returns {Address} */
  address(change, fresh) {
    const { lang = null, resolution = null } = this.state.address;
    const merged = { ...(fresh ? { lang, resolution } : this.state.address), ...change };
    const entries = Object.entries(merged).filter(([, value]) => value !== null && value !== '');
    return Object.fromEntries(/** @type {[string, string][]} */ (entries));
  }
}

const LANGUAGE_KEY = 'histinsight.language';

/**
 * What to speak, best first: as the link says, as chosen before, as the browser is set, English.
 * @param {string | undefined} linked
 */
function preferredLanguages(linked) {
  return [linked ?? '', remembered(), ...navigator.languages, 'en'].filter((language) => language !== '');
}

/** A browser may forbid a page to keep anything; then the choice holds as long as the page does. */
function remembered() {
  try {
    return window.localStorage.getItem(LANGUAGE_KEY) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} language */
function remember(language) {
  try {
    window.localStorage.setItem(LANGUAGE_KEY, language);
  } catch {
    // The link carries it all the same.
  }
}

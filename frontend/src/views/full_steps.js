/** How many of a log's steps are seen, and reading the rest of them from the event files. */

import { chosenRun } from './choose.js';
import { when } from './notes.js';
import { Retry, Sentence } from './parts.js';
import { bytes } from '../format.js';
import { incomplete, isInFull, isSample } from '../full.js';
import { shownRuns } from '../run_filter.js';
import { html, useEffect } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { State, Store } from '../state.js' */
/** @import { RunEntry } from '../schema.js' */

/** TensorBoard keeps a sample of the steps of every tag: how many, of how many. @param {RunEntry[]} runs */
function sampled(runs) {
  let kept = 0;
  let total = 0;
  for (const { tags } of runs) {
    for (const tag of tags) {
      if (tag.total_steps === null || !isSample(tag) || tag.total_steps <= total) continue;
      total = tag.total_steps;
      kept = tag.step_count;
    }
  }
  return { kept, total };
}

/** @param {{ store: Store, state: State, runs: RunEntry[] }} props `runs`: those that are looked at */
export function FullSteps({ store, state, runs }) {
  const { kept, total } = sampled(runs);
  const inFull = isInFull(state);
  useEffect(() => {
    if (total > 0 || inFull) void store.full.look();
  }, [total > 0, inFull]);
  const { full } = state;
  const shown = new Set(runs.map(({ run }) => run));
  const missing = incomplete(state).filter((run) => shown.has(run));
  const read = inFull && full ? runs.filter(({ run }) => full.read[run] !== undefined).map(({ run }) => run) : [];
  const stale = read.filter((run) => full?.read[run]?.stale);
  if (store.host.name === 'page' || (total === 0 && read.length === 0)) return total === 0 ? null : html`<p class="sampled"><${Sentence} text=${t('sampled.said', { kept, total })} /></p>`;
  const at = read.map((run) => full?.read[run]?.time ?? '').sort()[0] ?? '';
  return html`<div class="sampled">
    ${total > 0 ? html`<p><${Sentence} text=${t('sampled.said', { kept, total })} /></p>` : null}
    ${total > 0 && full && !full.job ? html`<${Ways} store=${store} state=${state} runs=${missing} />` : null}
    ${read.length > 0
      ? html`<p>
          ${read.length === runs.length ? t('full.shown', { time: when(at) }) : t('full.shown_some', { runs: read.length, all: runs.length, time: when(at) })}
          ${' '}<button type="button" class="plain inline" onClick=${() => store.full.show(false)}>${t('full.back')}</button>
        </p>`
      : null}
    ${stale.length > 0 && !full?.job
      ? html`<p role="status">${t('full.stale', { runs: stale.length })} <button type="button" onClick=${() => void store.full.read(stale)}>${t('full.again')}</button></p>`
      : null}
    <${Trouble} store=${store} state=${state} />
  </div>`;
}

/** What can be done about steps that are not seen. @param {{ store: Store, state: State, runs: string[] }} props */
function Ways({ store, state, runs }) {
  const { full } = state;
  if (!full) return null;
  if (runs.every((run) => full.read[run] !== undefined)) {
    return html`<button type="button" onClick=${() => store.full.show(true)}>${t('full.show')}</button>`;
  }
  const here = runs.filter((run) => full.bytes[run] !== undefined);
  if (here.length === 0) return html`<p>${t('full.not_here')}</p>`;
  const todo = here.filter((run) => full.read[run] === undefined);
  const size = todo.reduce((sum, run) => sum + (full.bytes[run] ?? 0), 0);
  return html`<button type="button" class="read-full" onClick=${() => void store.full.read(todo)}>${t('full.read', { size: bytes(size) })}</button>
    <span class="caption">${t('full.where')}</span>`;
}

/** Why the last reading ended early. @param {{ store: Store, state: State }} props */
function Trouble({ store, state }) {
  if (state.fullTrouble) return html`<p class="failed-text" role="alert">${state.fullTrouble} <${Retry} onRetry=${() => void store.full.look()} /></p>`;
  const trouble = state.full?.trouble;
  if (!trouble || state.full?.job) return null;
  const { kind, run, detail } = trouble;
  const text = { died: t('full.died'), full: t('full.too_much', { run }), unreadable: t('full.unreadable', { run, reason: detail }) }[kind];
  return html`<p class="failed-text" role="alert"><${Sentence} text=${text ?? kind} /></p>`;
}

/** The runs that are looked at, as far as some of their steps are not seen; null: that is not known yet. @param {Store} store @param {State} state @returns {string[] | null} */
function unread(store, state) {
  const { run, view } = state.address;
  const one = run === undefined && view !== undefined ? chosenRun(store) : store.runStates().find(({ info }) => info.run === run);
  const shown = one ? [one] : shownRuns(store);
  if (shown.length === 0 || shown.some(({ report }) => report.kind === 'loading')) return null;
  const some = new Set(incomplete(state));
  return shown.map(({ info }) => info.run).filter((name) => some.has(name));
}

/** A reading that is under way, and a way to give it up; stands above every view. @param {{ store: Store, state: State }} props */
export function FullProgress({ store, state }) {
  const inFull = isInFull(state);
  const todo = inFull ? unread(store, state) : null;
  useEffect(() => {
    if (inFull) void store.full.look();
  }, [inFull]);
  useEffect(() => {
    if (todo !== null) store.full.begin(todo);
  }, [state.full === null, todo?.join('\n')]);
  const job = state.full?.job;
  if (!job) return null;
  const tags = store.runStates().filter(({ info }) => job.runs.includes(info.run)).reduce((sum, { info }) => sum + info.tags, 0);
  const done = Math.min(job.tags_done, tags);
  return html`<p class="progress full-progress" role="status">
    <progress max=${tags} value=${done} aria-hidden="true"></progress>
    ${t('full.progress', { done, tags })}
    <button type="button" class="plain inline" onClick=${() => void store.full.cancel()}>${t('full.cancel')}</button>
  </p>`;
}

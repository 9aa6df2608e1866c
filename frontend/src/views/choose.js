/** Choosing a run. */

import { Link, Notice, Sentence, runName } from './parts.js';
import { printable } from '../format.js';
import { html } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { RunState, Store } from '../state.js' */

/** The run in the address, or the first one. @param {Store} store */
export function chosenRun(store) {
  const runs = store.runStates();
  const wanted = store.state.address['run'];
  return wanted === undefined ? runs[0] : runs.find((run) => run.info.run === wanted);
}

/** @param {{ store: Store, run: RunState | undefined, onChoose: (run: string) => void }} props */
export function ChooseRun({ store, run, onChoose }) {
  const runs = store.runStates();
  if (runs.length === 1 && run) return html`<span class="field"><span class="label">${t('choose.run')}</span> <span class="name">${runName(run.info.run)}</span></span>`;
  return html`<label class="field">
    <span class="label">${t('choose.run')}</span>
    <select onChange=${(/** @type {{ target: HTMLSelectElement }} */ event) => onChoose(event.target.value)}>
      ${run ? null : html`<option selected disabled>${printable(store.state.address['run'] ?? '')}</option>`}
      ${runs.map((other) => html`<option value=${other.info.run} selected=${other === run}>${runName(other.info.run)}</option>`)}
    </select>
  </label>`;
}

/** A link may name a run that TensorBoard does not have (any more): say so, with a way on. @param {{ store: Store }} props */
export function NoSuchRun({ store }) {
  const sentence = t('error.no_such_run', { run: store.state.address['run'] ?? '' });
  return html`<${Notice} kind="empty" title=${html`<${Sentence} text=${sentence} />`}>
    <p><${Link} store=${store} to=${{ view: null }} fresh=${true}>${t('error.to_overview')}<//></p>
  <//>`;
}

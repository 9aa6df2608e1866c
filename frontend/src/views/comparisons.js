/** Runs beside each other: what differs most between them, with links to both sides. */

import { Sentence, TagLink, runName } from './parts.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { Store } from '../state.js' */
/** @import { ComparisonsAnswer, Load } from '../routes.js' */
/** @import { ComparisonEntry, RunEntry } from '../schema.js' */

/** Differences shown before all are asked for. */
const COMPARISONS_FIRST = 5;
const RULE = 'run-difference';

/**
 * @param {{ store: Store, load: Load<ComparisonsAnswer> | null, shown: Set<string>, runs: number, run: string }} props
 *   `shown`: the runs that are not filtered out
 */
export function Comparisons({ store, load, shown: wanted, runs, run }) {
  const [all, setAll] = useState(false);
  if (runs < 2 || load?.kind === 'loading') return null;
  if (load === null || load.kind === 'failed') {
    const waiting = store.runStates().some((state) => state.report.kind === 'loading');
    return html`<section aria-labelledby="comparisons-title">
      <h2 id="comparisons-title">${t('comparisons.title')}</h2>
      ${load === null ? null : html`<p class="failed-text">${t('error.comparisons', { reason: load.message })}</p>`}
      <button type="button" disabled=${waiting} onClick=${() => void store.compare(true)}>${t('comparisons.ask', { runs })}</button>
    </section>`;
  }
  const relevant = load.value.comparisons.filter(
    (entry) => (!run || entry.run === run || entry.other === run) && wanted.has(entry.run) && wanted.has(entry.other),
  );
  if (relevant.length === 0) return null;
  const shown = all ? relevant : relevant.slice(0, COMPARISONS_FIRST);
  return html`<section aria-labelledby="comparisons-title">
    <h2 id="comparisons-title">${t('comparisons.title')}</h2>
    <ul class="comparisons">${shown.map((entry) => html`<${Comparison} store=${store} entry=${entry} />`)}</ul>
    ${relevant.length > COMPARISONS_FIRST
      ? html`<button type="button" class="plain" aria-expanded=${all} onClick=${() => setAll(!all)}>
          ${all ? t('comparisons.fewer') : t('comparisons.all', { count: relevant.length })}
        </button>`
      : null}
  </section>`;
}

/** @param {{ store: Store, entry: ComparisonEntry }} props */
function Comparison({ store, entry }) {
  const sides = [
    { run: entry.run, step: entry.step },
    { run: entry.other, step: entry.other_step },
  ];
  return html`<li>
    <${Sentence} text=${entry.message} />
    <span class="tags">
      <span class="label">${t('finding.tags')}</span>
      ${sides.map(
        ({ run, step }, i) => html`<${TagLink}
          store=${store} run=${run} tag=${entry.tags[i] ?? ''} text=${runName(run)} step=${step}
        />`,
      )}
    </span>
  </li>`;
}

/**
 * The runs with what became of the comparison: a run's own report knows no other run.
 * @param {RunEntry[]} runs @param {Load<ComparisonsAnswer> | null} load
 */
export function besideOthers(runs, load) {
  const outcomes = load?.kind === 'ready' ? load.value.outcomes : {};
  return runs.map((entry) => {
    const own = entry.outcomes.filter(({ rule }) => rule !== RULE || runs.length < 2);
    const outcome = runs.length < 2 ? undefined : outcomes[entry.run];
    return { ...entry, outcomes: outcome ? [...own, outcome] : own };
  });
}

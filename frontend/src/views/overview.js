/** The first thing to see: a verdict per run, the findings worst first, and what could not be checked. */

import { NoSuchRun, chosenRun } from './choose.js';
import { Comparisons, besideOthers } from './comparisons.js';
import { Findings, leads, rank } from './findings.js';
import { FullSteps } from './full_steps.js';
import { Notes } from './notes.js';
import { OwnNotesBar } from './own_notes.js';
import { Link, Retry, Sentence, SeverityMark, runName } from './parts.js';
import { Waiting } from './waiting.js';
import { Unchecked, LeftOut } from './unchecked.js';
import { expression, shownRuns } from '../run_filter.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { RunState, State, Store } from '../state.js' */
/** @import { FindingEntry } from '../schema.js' */

/** Verdicts shown before "all runs" is asked for. */
const VERDICTS_FIRST = 8;
const NO_FINDING = 1000;

/** @param {{ store: Store, state: State }} props */
export function Overview({ store, state }) {
  const all = store.runStates();
  const runs = shownRuns(store);
  const ready = runs.flatMap((run) => (run.report.kind === 'ready' ? [run.report.value] : []));
  const chosen = state.address['run'] ?? '';
  const noted = ready.map(({ run }) => run).filter((run) => !chosen || run === chosen);
  return html`
    ${chosenRun(store) ? null : html`<${NoSuchRun} store=${store} />`}
    <${Verdicts} store=${store} runs=${runs} all=${all.length} chosen=${chosen} />
    <${FullSteps} store=${store} state=${state} runs=${ready.filter(({ run }) => !chosen || run === chosen)} />
    <${LeftOut} skipped=${[...state.skipped, ...ready.flatMap((run) => run.skipped)]} />
    ${ready.length > 0
      ? html`<${Findings} store=${store} state=${state} runs=${ready} complete=${ready.length === runs.length} />`
      : runs.some((run) => run.report.kind === 'loading')
        ? html`<${Waiting} title=${t('loading.reports')} onRetry=${() => runs.filter((run) => run.report.kind === 'loading').forEach((run) => store.retry(run.info.run))} />`
        : null}
    ${ready.length > 0 ? html`<${Notes} store=${store} runs=${noted} />` : null}
    <${OwnNotesBar} store=${store} state=${state} />
    <${Comparisons} store=${store} load=${state.comparisons} shown=${new Set(runs.map(({ info }) => info.run))} runs=${all.length} run=${chosen} />
    ${ready.length > 0 ? html`<${Unchecked} runs=${besideOthers(ready, state.comparisons)} run=${chosen} />` : null}
  `;
}

/** @param {{ store: Store, all: number, shown: number }} props */
function RunFilter({ store, all, shown }) {
  const text = store.state.address['runs'] ?? '';
  const broken = expression(text) === null;
  return html`<span class="run-filter">
    <input type="search" class=${broken ? 'broken' : text ? 'set' : ''} placeholder=${t('runs.filter')} aria-label=${t('runs.filter')} aria-invalid=${broken} value=${text}
      onInput=${(/** @type {{ target: HTMLInputElement }} */ event) => store.go({ runs: event.target.value || null }, { push: false })} />
    ${broken
      ? html`<span class="failed-text" role="status">${t('runs.no_expression')}</span>`
      : text
        ? html`<span class="label" role="status">${t('runs.shown', { shown, all })}</span>`
        : null}
  </span>`;
}

/** @param {FindingEntry[]} findings */
function countBySeverity(findings) {
  /** @type {Record<string, number>} */
  const count = { critical: 0, warning: 0, info: 0 };
  for (const finding of findings) if (leads(finding)) count[finding.severity] = (count[finding.severity] ?? 0) + 1;
  return count;
}

/**
 * Where a run stands among the others: by its worst finding, as the findings below are ranked.
 * @param {RunState} run
 */
function place(run) {
  if (run.report.kind !== 'ready') return Infinity;
  const leading = run.report.value.findings.filter(leads);
  return Math.min(NO_FINDING, ...leading.map(rank));
}

/** @param {{ store: Store, runs: RunState[], all: number, chosen: string }} props `all`: runs before the filter */
function Verdicts({ store, runs, all: count, chosen }) {
  const [all, setAll] = useState(false);
  const sorted = [...runs].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
  const shown = all ? sorted : sorted.filter((run, i) => i < VERDICTS_FIRST || run.info.run === chosen);
  return html`<section class="verdicts" aria-labelledby="verdicts-title">
    <div class="section-head">
      <h2 id="verdicts-title">${runs.length === 1 ? t('verdicts.one') : t('verdicts.title', { runs: runs.length })}</h2>
      ${count > 1 ? html`<${RunFilter} store=${store} all=${count} shown=${runs.length} />` : null}
    </div>
    <ul class="verdict-list">
      ${shown.map((run) => html`<${Verdict} key=${run.info.run} store=${store} run=${run} chosen=${chosen} alone=${runs.length === 1} />`)}
    </ul>
    ${sorted.length > shown.length || all
      ? html`<button type="button" class="plain" aria-expanded=${all} onClick=${() => setAll(!all)}>
          ${all ? t('verdicts.fewer') : t('verdicts.all', { runs: sorted.length })}
        </button>`
      : null}
  </section>`;
}

/** What else is to be said of a run stands below the verdict of the chosen one. @param {{ store: Store, run: RunState, chosen: string, alone: boolean }} props */
function Verdict({ store, run, chosen, alone }) {
  const { report } = run;
  const name = run.info.run;
  const counts = report.kind === 'ready' ? countBySeverity(report.value.findings) : {};
  const marks = Object.entries(counts).filter(([, count]) => count > 0);
  return html`<li class="verdict ${chosen === name ? 'chosen' : ''}">
    <${Link}
      store=${store} to=${{ view: null, run: chosen === name ? null : name }} class="run-name name"
      title=${chosen === name ? t('verdicts.show_all') : t('verdicts.only_this')} current=${chosen === name ? 'true' : null}
    >${runName(name)}<//>
    <span class="counts">
      ${marks.map(([severity, count]) => html`<span class="count"><${SeverityMark} severity=${severity} label=${false} />${count}</span>`)}
      ${report.kind === 'ready' && marks.length === 0 ? html`<span class="quiet-mark" aria-hidden="true">✓</span>` : null}
    </span>
    <span class="sentence">
      ${report.kind === 'ready' ? html`<${Sentence} text=${report.value.verdict} />` : null}
      ${report.kind === 'ready' && (alone || chosen === name) ? report.value.remarks.map((text) => html`<span class="remark"><${Sentence} text=${text} /></span>`) : null}
      ${report.kind === 'loading' ? html`<span class="waiting">${t('loading.report')}</span>` : null}
      ${report.kind === 'failed'
        ? html`<span class="failed-text">${t('error.report', { reason: report.message })}</span>
            <${Retry} onRetry=${() => store.retry(name)} />`
        : null}
    </span>
    <${Link} store=${store} to=${{ view: 'layers', run: name }} fresh=${true} class="to-layers">
      ${run.info.tags === 1 ? t('verdicts.layers_one') : t('verdicts.layers', { tags: run.info.tags })}
    <//>
  </li>`;
}

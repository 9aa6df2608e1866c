/** Findings, worst first over all runs; what follows from another one is folded under it. */

import { Finding } from './finding.js';
import { runName } from './parts.js';
import { html, useMemo, useState } from '../vendor/htm-preact-standalone.js';
import { nameOf, t } from '../words.js';

/** @import { State, Store } from '../state.js' */
/** @import { FindingEntry, RunEntry } from '../schema.js' */

/** Findings drawn at once; the rest on demand. */
const PAGE = 50;
const SEVERITIES = ['critical', 'warning', 'info'];
const CONFIDENCES = ['certain', 'likely', 'suspect'];
const FILTERS = /** @type {const} */ (['severity', 'rule', 'layer']);

/**
 * @typedef {object} Ranked
 * @property {string} run
 * @property {FindingEntry} finding
 * @property {FindingEntry[]} alike what the same rule says, as badly and as surely, of other layers of the run
 * @property {FindingEntry[]} effects what follows from any of them
 */

/**
 * Every finding without a cause (or whose cause is not in the list) and without a mark, worst first; equal ones in the
 * order of the runs.
 * What one rule says of several layers of a run is one entry.
 * @param {RunEntry[]} runs
 * @returns {Ranked[]}
 */
export function rankFindings(runs) {
  const ranked = runs.flatMap(({ run, findings }) => {
    const ids = new Set(findings.map((finding) => finding.id));
    const following = byCause(findings);
    const leading = findings.filter(
      (finding) => finding.mark === null && (finding.cause === null || !ids.has(finding.cause)),
    );
    /** @type {Map<string, Ranked>} */
    const entries = new Map();
    for (const finding of leading) {
      const key = [finding.rule, finding.severity, finding.confidence].join(' ');
      const entry = entries.get(key);
      if (entry) entry.alike.push(finding);
      else entries.set(key, { run, finding, alike: [], effects: [] });
      entries.get(key)?.effects.push(...effectsOf(finding, following));
    }
    return [...entries.values()];
  });
  return ranked.sort((a, b) => rank(a.finding) - rank(b.finding));
}

/** Whether a finding counts: it follows from no other, and nobody marked it. @param {FindingEntry} finding */
export const leads = (finding) => finding.cause === null && finding.mark === null;

/** How far down the list a finding belongs: by severity, then by how sure it is. @param {FindingEntry} finding */
export function rank(finding) {
  return SEVERITIES.indexOf(finding.severity) * 10 + CONFIDENCES.indexOf(finding.confidence);
}

/** What follows from which finding. @param {FindingEntry[]} findings @returns {Map<string, FindingEntry[]>} by the id of the cause */
function byCause(findings) {
  /** @type {Map<string, FindingEntry[]>} */
  const found = new Map();
  for (const finding of findings) {
    if (finding.cause === null) continue;
    const list = found.get(finding.cause);
    if (list) list.push(finding);
    else found.set(finding.cause, [finding]);
  }
  return found;
}

/** What follows from a finding, directly or by way of another. @param {FindingEntry} cause @param {Map<string, FindingEntry[]>} following */
function effectsOf(cause, following) {
  const seen = new Set([cause.id]);
  /** @type {FindingEntry[]} */
  const effects = [];
  const open = [cause.id];
  for (let id = open.shift(); id !== undefined; id = open.shift()) {
    for (const finding of following.get(id) ?? []) {
      if (seen.has(finding.id)) continue;
      seen.add(finding.id);
      effects.push(finding);
      open.push(finding.id);
    }
  }
  return effects;
}

/** @param {{ store: Store, state: State, runs: RunEntry[], complete: boolean }} props */
export function Findings({ store, state, runs, complete }) {
  const [pages, setPages] = useState(1);
  const { address } = state;
  // Runs and their reports stay the same objects until one of them has something new.
  const all = useMemo(() => rankFindings(runs), [...runs, runs.length]);
  const filters = { severity: address['severity'] ?? '', rule: address['rule'] ?? '', layer: address['layer'] ?? '' };
  const run = address['run'] ?? '';
  const kept = all.filter((entry) => !run || entry.run === run).flatMap((entry) => narrowed(entry, filters));
  const shown = kept.slice(0, pages * PAGE);
  const count = kept.reduce((sum, entry) => sum + 1 + entry.alike.length, 0);
  return html`<section aria-labelledby="findings-title">
    <div class="section-head">
      <h2 id="findings-title">${count === 0 ? t('findings.zero') : count === 1 ? t('findings.one') : t('findings.title', { count })}</h2>
      <${Filters} store=${store} all=${all} runs=${runs} filters=${filters} run=${run} />
    </div>
    ${kept.length === 0
      ? html`<p class="nothing">
          ${all.length > 0 ? t('findings.none_match') : complete ? t('findings.none') : t('findings.none_yet')}
        </p>`
      : null}
    <ol class="findings">
      ${shown.map(
        (entry, i) => html`<${Finding}
          key=${entry.run + ' ' + entry.finding.id} store=${store} run=${entry.run} finding=${entry.finding}
          alike=${entry.alike} effects=${entry.effects} first=${i === 0} showRun=${runs.length > 1 && !run}
        />`,
      )}
    </ol>
    ${kept.length > shown.length
      ? html`<button type="button" class="plain" onClick=${() => setPages(pages + 1)}>
          ${t('findings.more', { count: kept.length - shown.length })}
        </button>`
      : null}
    <${Marked} store=${store} runs=${runs.filter((entry) => !run || entry.run === run)} />
  </section>`;
}

/** What somebody marked as intended or dismissed, apart. @param {{ store: Store, runs: RunEntry[] }} props */
function Marked({ store, runs }) {
  const [open, setOpen] = useState(false);
  const [pages, setPages] = useState(1);
  const marked = runs.flatMap(({ run, findings }) =>
    findings.filter((finding) => finding.mark !== null).map((finding) => ({ run, finding })),
  );
  if (marked.length === 0) return null;
  return html`<section class="marked-findings">
    <button type="button" class="disclose" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      ${marked.length === 1 ? t('marked.one') : t('marked.count', { count: marked.length })}
    </button>
    ${open
      ? html`<ol class="findings">
          ${marked.slice(0, pages * PAGE).map(
            ({ run, finding }) => html`<${Finding}
              key=${run + ' ' + finding.id} store=${store} run=${run} finding=${finding} showRun=${runs.length > 1}
            />`,
          )}
        </ol>
        ${marked.length > pages * PAGE
          ? html`<button type="button" class="plain" onClick=${() => setPages(pages + 1)}>${t('findings.more', { count: marked.length - pages * PAGE })}</button>`
          : null}`
      : null}
  </section>`;
}

/** @param {Ranked} entry */
const everything = ({ finding, alike, effects }) => [finding, ...alike, ...effects];

/** @typedef {{ severity: string, rule: string, layer: string }} Chosen what is filtered by */

/** What is left of an entry; a cause stays for what follows from it. @param {Ranked} entry @param {Chosen} filters @returns {Ranked[]} */
function narrowed(entry, filters) {
  if (FILTERS.every((key) => !filters[key])) return [entry];
  const [finding, ...alike] = [entry.finding, ...entry.alike].filter((one) => matches(one, filters));
  if (finding) return [{ ...entry, finding, alike }];
  const effects = entry.effects.filter((one) => matches(one, filters));
  return effects.length > 0 ? [{ ...entry, alike: [], effects }] : [];
}

/** @param {FindingEntry} finding @param {Chosen} filters */
function matches(finding, { severity, rule, layer }) {
  return (
    (!severity || finding.severity === severity) &&
    (!rule || finding.rule === rule) &&
    (!layer || (finding.layer ?? '').toLowerCase().includes(layer.toLowerCase()))
  );
}

/**
 * @param {{ store: Store, all: Ranked[], runs: RunEntry[], run: string,
 *   filters: { severity: string, rule: string, layer: string } }} props
 */
function Filters({ store, all, runs, filters, run }) {
  const rules = new Map(all.flatMap((entry) => everything(entry).map((finding) => [finding.rule, finding.title])));
  const options = {
    severity: SEVERITIES.map((severity) => [severity, nameOf('severities', severity)]),
    rule: [...rules],
    run: runs.map((entry) => [entry.run, runName(entry.run)]),
  };
  /** @param {string} key @param {string} value @param {string} label @param {string[][]} choices */
  const select = (key, value, label, choices) => html`<select
    aria-label=${label} value=${value} class=${value ? 'set' : ''}
    onChange=${(/** @type {{ target: HTMLSelectElement }} */ event) => store.go({ [key]: event.target.value || null }, { push: false })}
  >
    <option value="">${label}</option>
    ${choices.map(([code, name]) => html`<option value=${code} selected=${code === value}>${name}</option>`)}
  </select>`;
  const active = FILTERS.some((key) => filters[key]) || run;
  return html`<div class="filters" role="search" aria-label=${t('filter.label')}>
    ${select('severity', filters.severity, t('filter.severity'), options.severity)}
    ${select('rule', filters.rule, t('filter.rule'), options.rule)}
    ${options.run.length > 1 ? select('run', run, t('filter.run'), options.run) : null}
    <input
      type="search" placeholder=${t('filter.layer')} aria-label=${t('filter.layer')} value=${filters.layer}
      onInput=${(/** @type {{ target: HTMLInputElement }} */ event) => store.go({ layer: event.target.value || null }, { push: false })}
    />
    ${active
      ? html`<button type="button" class="plain" onClick=${() => store.go({ runs: store.state.address['runs'] ?? null }, { push: false, fresh: true })}>${t('filter.clear')}</button>`
      : null}
  </div>`;
}

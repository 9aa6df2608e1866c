/** Findings, worst first over all runs; what follows from another one is folded under it. */

import { runName } from './overview.js';
import { Link, SeverityMark, TagLink, stepSpan } from './parts.js';
import { number, percent } from '../format.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { aboutOf, nameOf, t } from '../words.js';

/** @import { State, Store } from '../state.js' */
/** @import { EvidenceEntry, FindingEntry, RunEntry } from '../schema.js' */

/** Findings drawn at once; the rest on demand. */
const PAGE = 50;
const TAGS_FIRST = 6;
const ALIKE_FIRST = 4;
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
 * Every finding without a cause (or whose cause is not in the list), worst first; equal ones in the order of the runs.
 * What one rule says of several layers of a run is one entry.
 * @param {RunEntry[]} runs
 * @returns {Ranked[]}
 */
export function rankFindings(runs) {
  const ranked = runs.flatMap(({ run, findings }) => {
    const ids = new Set(findings.map((finding) => finding.id));
    const leading = findings.filter((finding) => finding.cause === null || !ids.has(finding.cause));
    /** @type {Map<string, Ranked>} */
    const entries = new Map();
    for (const finding of leading) {
      const key = [finding.rule, finding.severity, finding.confidence].join(' ');
      const entry = entries.get(key);
      if (entry) entry.alike.push(finding);
      else entries.set(key, { run, finding, alike: [], effects: [] });
      entries.get(key)?.effects.push(...effectsOf(finding, findings));
    }
    return [...entries.values()];
  });
  /** @param {FindingEntry} finding */
  const key = (finding) => SEVERITIES.indexOf(finding.severity) * 10 + CONFIDENCES.indexOf(finding.confidence);
  return ranked.sort((a, b) => key(a.finding) - key(b.finding));
}

/** What follows from a finding, directly or by way of another. @param {FindingEntry} cause @param {FindingEntry[]} all */
function effectsOf(cause, all) {
  const found = new Set([cause.id]);
  /** @type {FindingEntry[]} */
  const effects = [];
  for (let before = -1; before !== effects.length; ) {
    before = effects.length;
    for (const finding of all) {
      if (finding.cause === null || !found.has(finding.cause) || found.has(finding.id)) continue;
      found.add(finding.id);
      effects.push(finding);
    }
  }
  return effects;
}

/** @param {{ store: Store, state: State, runs: RunEntry[], complete: boolean }} props */
export function Findings({ store, state, runs, complete }) {
  const [pages, setPages] = useState(1);
  const { address } = state;
  const all = rankFindings(runs);
  const filters = { severity: address['severity'] ?? '', rule: address['rule'] ?? '', layer: address['layer'] ?? '' };
  const run = address['run'] ?? '';
  const kept = all.filter(
    (entry) => (!run || entry.run === run) && everything(entry).some((finding) => matches(finding, filters)),
  );
  const shown = kept.slice(0, pages * PAGE);
  const count = kept.reduce((sum, entry) => sum + 1 + entry.alike.length, 0);
  return html`<section aria-labelledby="findings-title">
    <div class="section-head">
      <h2 id="findings-title">${count === 1 ? t('findings.one') : t('findings.title', { count })}</h2>
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
  </section>`;
}

/** @param {Ranked} entry */
const everything = ({ finding, alike, effects }) => [finding, ...alike, ...effects];

/** @param {FindingEntry} finding @param {{ severity: string, rule: string, layer: string }} filters */
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
      ? html`<button type="button" class="plain" onClick=${() => store.go({}, { push: false, fresh: true })}>${t('filter.clear')}</button>`
      : null}
  </div>`;
}

/**
 * @param {{ store: Store, run: string, finding: FindingEntry, alike?: FindingEntry[], effects?: FindingEntry[],
 *   first?: boolean, showRun?: boolean }} props
 */
export function Finding({ store, run, finding, alike = [], effects = [], first = false, showRun = false }) {
  const [open, setOpen] = useState(first);
  const [effectsOpen, setEffectsOpen] = useState(false);
  const steps = stepSpan(finding.first_step, finding.last_step);
  return html`<li class="finding ${finding.severity}" id="finding-${finding.id}">
    <div class="finding-head">
      <${SeverityMark} severity=${finding.severity} />
      <h3>${finding.title}</h3>
      ${finding.layer === null ? null : html`<span class="layer name">${finding.layer}</span>`}
      ${showRun ? html`<${Link} store=${store} to=${{ run }} class="run-chip name">${runName(run)}<//>` : null}
      <span class="aside">
        <span title=${aboutOf('confidences', finding.confidence)}>${nameOf('confidences', finding.confidence)}</span>
        ${steps ? html`<span>${steps}</span>` : null}
      </span>
    </div>
    <p class="message">${finding.message}</p>
    <${Tags} store=${store} run=${run} finding=${finding} />
    ${finding.evidence.length > 0 ? html`<${Evidence} evidence=${finding.evidence} tags=${finding.tags.length} />` : null}
    ${alike.length > 0 ? html`<${Alike} store=${store} run=${run} alike=${alike} />` : null}
    <button type="button" class="disclose" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      ${open ? t('finding.less') : t('finding.more')}
    </button>
    ${open ? html`<${Help} finding=${finding} />` : null}
    ${effects.length > 0
      ? html`<div class="effects">
          <button type="button" class="disclose" aria-expanded=${effectsOpen} onClick=${() => setEffectsOpen(!effectsOpen)}>
            ${effects.length === 1 ? t('finding.effect') : t('finding.effects', { count: effects.length })}
          </button>
          ${effectsOpen
            ? html`<ol class="findings nested">
                ${effects.map((effect) => html`<${Finding} key=${effect.id} store=${store} run=${run} finding=${effect} />`)}
              </ol>`
            : null}
        </div>`
      : null}
  </li>`;
}

/** What was compared, the accused first. @param {{ store: Store, run: string, finding: FindingEntry }} props */
function Tags({ store, run, finding }) {
  const [all, setAll] = useState(false);
  const tags = all ? finding.tags : finding.tags.slice(0, TAGS_FIRST);
  if (tags.length === 0) return null;
  return html`<p class="tags">
    <span class="label">${t('finding.tags')}</span>
    ${tags.map((tag) => html`<${TagLink} store=${store} run=${run} tag=${tag} step=${finding.last_step} /> `)}
    ${finding.tags.length > tags.length
      ? html`<button type="button" class="plain" onClick=${() => setAll(true)}>
          ${t('finding.more_tags', { count: finding.tags.length - tags.length })}
        </button>`
      : null}
  </p>`;
}

/** The same rule on other layers, a line each. @param {{ store: Store, run: string, alike: FindingEntry[] }} props */
function Alike({ store, run, alike }) {
  const [all, setAll] = useState(false);
  const shown = all ? alike : alike.slice(0, ALIKE_FIRST);
  return html`<ul class="alike">
    ${shown.map((other) => html`<li id="finding-${other.id}">
      <span class="message">${other.message}</span>
      <span class="aside">${stepSpan(other.first_step, other.last_step)}</span>
      ${other.tags[0] === undefined ? null : html`<${TagLink} store=${store} run=${run} tag=${other.tags[0]} step=${other.last_step} />`}
    </li>`)}
    ${alike.length > shown.length
      ? html`<li><button type="button" class="plain" onClick=${() => setAll(true)}>${t('finding.more_alike', { count: alike.length - shown.length })}</button></li>`
      : null}
  </ul>`;
}

/** @param {{ evidence: EvidenceEntry[], tags: number }} props */
function Evidence({ evidence, tags }) {
  return html`<dl class="evidence">
    ${evidence.map(
      (entry) => html`<div>
        <dt>${entry.name}</dt>
        <dd>
          <span class="value">${quantity(entry.value, entry.unit)}</span>
          ${entry.lower !== null && entry.upper !== null && entry.lower !== entry.upper
            ? html` <span class="bounds">${t('evidence.bounds', {
                lower: quantity(entry.lower, entry.unit),
                upper: quantity(entry.upper, entry.unit),
              })}</span>`
            : null}
          ${entry.threshold === null
            ? null
            : html` <span class="threshold" title=${entry.source}>
                ${t('evidence.threshold', { value: quantity(entry.threshold, entry.unit) })}
                ${entry.source ? html`<span class="source">${entry.source}</span>` : null}
              </span>`}
          ${entry.tag === null || tags < 2 ? null : html` <span class="of-tag name">${entry.tag}</span>`}
        </dd>
      </div>`,
    )}
  </dl>`;
}

/** @param {number | null} value @param {string} unit */
function quantity(value, unit) {
  if (value === null) return t('evidence.unknown');
  if (unit === 'share') return percent(value);
  if (unit === 'steps') return t('unit.steps', { count: number(value) });
  if (unit === 'values') return t('unit.values', { count: number(value) });
  return number(value);
}

/** @param {{ finding: FindingEntry }} props */
function Help({ finding }) {
  return html`<div class="help">
    ${finding.advice.length > 0
      ? html`<div><h4>${t('finding.advice')}</h4><ol>${finding.advice.map((text) => html`<li>${text}</li>`)}</ol></div>`
      : null}
    ${finding.innocent.length > 0
      ? html`<div><h4>${t('finding.innocent')}</h4><ul>${finding.innocent.map((text) => html`<li>${text}</li>`)}</ul></div>`
      : null}
    ${finding.references.length > 0
      ? html`<div class="references"><h4>${t('finding.references')}</h4><ul>${finding.references.map(reference)}</ul></div>`
      : null}
  </div>`;
}

/** "Title (year). link": the link becomes one, if it is a web address. @param {string} text */
function reference(text) {
  const found = /^(.*?)\s*(https?:\/\/\S+)$/.exec(text);
  if (!found) return html`<li>${text}</li>`;
  return html`<li><a href=${found[2]} target="_blank" rel="noopener noreferrer">${found[1] || found[2]}</a></li>`;
}

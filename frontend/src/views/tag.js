/** One tag: what it is in words and numbers, its histogram over time, and its percentiles. */

import { ChooseRun, NoSuchRun, chosenRun } from './choose.js';
import { Charts } from './tag_charts.js';
import { Finding } from './finding.js';
import { movement, told } from './layer_cell.js';
import { useLoad } from './load.js';
import { Notes } from './notes.js';
import { Link, Notice, Retry, Sentence, runName } from './parts.js';
import { Waiting } from './waiting.js';
import { markOf } from '../charts/others.js';
import { ShapeMark } from '../charts/strip.js';
import { printable } from '../format.js';
import { html, useMemo, useState } from '../vendor/htm-preact-standalone.js';
import { aboutOf, nameOf, t, withUnit } from '../words.js';

/** @import { Load } from '../routes.js' */
/** @import { RunState, State, Store } from '../state.js' */
/** @import { Other } from './tag_charts.js' */
/** @import { FindingEntry, RunEntry, TagEntry } from '../schema.js' */

/** Other runs shown before all of them are asked for. */
const TWINS_FIRST = 10;
/** In the address: the runs that are laid over, in the order of their marks. */
const OVER_KEYS = ['with', 'with2', 'with3'];
/** Findings drawn at once. */
const FINDINGS_FIRST = 20;

/** @typedef {{ run: string, version: string, tag: TagEntry }} Twin the same tag of another run */

/** @param {{ store: Store, state: State }} props */
export function TagView({ store, state }) {
  const run = chosenRun(store);
  if (!run) return html`<${NoSuchRun} store=${store} />`;
  if (run.report.kind === 'loading') return html`<${Waiting} title=${t('loading.run', { tags: run.info.tags })} onRetry=${() => store.retry(run.info.run)} />`;
  if (run.report.kind === 'failed') {
    return html`<${Notice} kind="failed" title=${t('error.report', { reason: run.report.message })}>
      <${Retry} onRetry=${() => store.retry(run.info.run)} />
    <//>`;
  }
  const entry = run.report.value;
  const wanted = state.address['tag'];
  const tag = wanted === undefined ? entry.tags[0] : entry.tags.find((other) => other.tag === wanted);
  return html`
    <${Choice} store=${store} run=${run} entry=${entry} tag=${tag} />
    ${tag
      ? html`<${Shown} key=${tag.tag} store=${store} state=${state} run=${run} entry=${entry} tag=${tag} />`
      : html`<${Notice} kind="empty" title=${wanted === undefined ? t('layers.none') : store.host.name === 'page' ? t('error.not_exported') : html`<${Sentence} text=${t('error.no_such_tag', { tag: wanted })} />`} />`}
  `;
}

/** @param {{ store: Store, run: RunState, entry: RunEntry, tag: TagEntry | undefined }} props */
function Choice({ store, run, entry, tag }) {
  const at = tag ? entry.tags.indexOf(tag) : -1;
  const previous = entry.tags[at - 1];
  const next = entry.tags[at + 1];
  /** @param {string} name */
  const to = (name) => ({ view: 'tag', run: entry.run, tag: name, step: null });
  /** @type {Map<string, TagEntry[]>} */
  const layers = new Map();
  for (const other of entry.tags) layers.set(other.layer, [...(layers.get(other.layer) ?? []), other]);
  return html`<div class="bar">
    <${ChooseRun} store=${store} run=${run} onChoose=${(/** @type {string} */ name) => store.go({ run: name, step: null })} />
    <label class="field">
      <span class="label">${t('choose.tag')}</span>
      <select class="tag-select" onChange=${(/** @type {{ target: HTMLSelectElement }} */ event) => store.go(to(event.target.value))}>
        ${tag ? null : html`<option selected disabled>${printable(store.state.address['tag'] ?? '')}</option>`}
        ${[...layers].map(([layer, tags]) => html`<optgroup label=${printable(layer)}>
          ${tags.map((other) => html`<option value=${other.tag} selected=${other === tag}>${printable(other.tag)}</option>`)}
        </optgroup>`)}
      </select>
    </label>
    <span class="steps-through">
      ${previous ? html`<${Link} store=${store} to=${to(previous.tag)} title=${printable(previous.tag)}>${t('tag.previous')}<//>` : null}
      ${next ? html`<${Link} store=${store} to=${to(next.tag)} title=${printable(next.tag)}>${t('tag.next')}<//>` : null}
    </span>
  </div>`;
}

/** @param {{ store: Store, state: State, run: RunState, entry: RunEntry, tag: TagEntry }} props */
function Shown({ store, state, run, entry, tag }) {
  const name = entry.run;
  const [series, retry] = useLoad(JSON.stringify([name, tag.tag]), run.info.version, (signal) => store.series(name, tag.tag, signal));
  const twins = store.runStates().flatMap(({ info, report }) => {
    if (report.kind !== 'ready' || info.run === name) return [];
    const twin = report.value.tags.find((other) => other.tag === tag.tag);
    return twin ? [{ run: info.run, version: info.version, tag: twin }] : [];
  });
  const over = OVER_KEYS.flatMap((key) => twins.find((twin) => twin.run === state.address[key]) ?? []);
  const [others] = useLoad(
    JSON.stringify(['over', over.map((twin) => twin.run), tag.tag]),
    over.map((twin) => twin.version).join(' '),
    (signal) => Promise.all(over.map(async (twin) => ({ run: twin.run, series: await store.series(twin.run, tag.tag, signal) }))),
  );
  const laidOver = useMemo(() => (others.kind === 'ready' ? others.value.filter(({ series: one }) => one.steps.length > 0) : []), [others]);
  const findings = entry.findings.filter((finding) => finding.tags.includes(tag.tag));
  return html`
    <section class="tag-head">
      <h2 class="name">${printable(tag.tag)}</h2>
      <p class="facts">
        <span title=${aboutOf('roles', tag.role)}>${nameOf('roles', tag.role)}</span>
        <span>${t('tag.layer')} <span class="name">${printable(tag.layer)}</span></span>
        ${tag.guessed ? html`<span class="guessed">${t('layers.guessed')}</span>` : null}
        ${tag.told.length > 0 ? html`<span class="told">${told(tag)}</span>` : null}
        ${tag.element_count === 0 && tag.shape.label === 'non_finite' ? null : html`<span>${withUnit('values', tag.element_count)}</span>`}
        <span>${tag.total_steps === null ? t('tag.steps', { count: tag.step_count }) : t('tag.sampled', { count: tag.step_count, total: tag.total_steps })}</span>
        <${StockLinks} store=${store} tag=${tag.tag} />
      </p>
      <p class="facts">
        <span title=${aboutOf('shapes', tag.shape.label)}><${ShapeMark} shape=${tag.shape.label} /></span>
        <span class="label" title=${aboutOf('confidences', tag.shape.confidence)}>${nameOf('confidences', tag.shape.confidence)}</span>
        <span class="divider" aria-hidden="true"></span>
        <span class="change" title=${aboutOf('changes', tag.change.label)}>${nameOf('changes', tag.change.label)}</span>
        ${movement(tag) ? html`<span class="label">${movement(tag)}</span>` : null}
        <span class="label" title=${aboutOf('confidences', tag.change.confidence)}>${nameOf('confidences', tag.change.confidence)}</span>
      </p>
      <p class="message"><${Sentence} text=${tag.text} /></p>
    </section>
    ${series.kind === 'loading' ? html`<${Waiting} title=${t('loading.series')} onRetry=${retry} />` : null}
    ${series.kind === 'failed'
      ? html`<${Notice} kind="failed" title=${t('error.series')}><p>${series.message}</p><${Retry} onRetry=${retry} /><//>`
      : null}
    ${series.kind === 'ready' && series.value.steps.length === 0 ? html`<${Notice} kind="empty" title=${t('tag.empty')} />` : null}
    ${series.kind === 'ready' && series.value.steps.length > 0
      ? html`<${Overlay} store=${store} twins=${twins} load=${others} chosen=${over.map((twin) => twin.run)} />
          <${Charts} store=${store} state=${state} series=${series.value} others=${laidOver} tag=${tag} siblings=${entry.tags.filter((one) => one.layer === tag.layer && one !== tag)} findings=${findings} />`
      : null}
    ${findings.length > 0
      ? html`<${TagFindings} store=${store} run=${name} findings=${findings} />`
      : null}
    <${Notes} store=${store} runs=${[name]} tag=${tag.tag} step=${Number(state.address['step'] ?? tag.last_step ?? 0)} />
    <${Relatives} store=${store} entry=${entry} tag=${tag} twins=${twins} />
  `;
}

/** @param {{ store: Store, run: string, findings: FindingEntry[] }} props */
function TagFindings({ store, run, findings }) {
  const [most, setMost] = useState(FINDINGS_FIRST);
  return html`<section aria-labelledby="tag-findings">
    <h2 id="tag-findings">${t('tag.findings')}</h2>
    <ol class="findings">
      ${findings.slice(0, most).map((finding) => html`<${Finding} key=${finding.id} store=${store} run=${run} finding=${finding} />`)}
    </ol>
    ${findings.length > most
      ? html`<button type="button" class="plain" onClick=${() => setMost(most + FINDINGS_FIRST)}>${t('findings.more', { count: findings.length - most })}</button>`
      : null}
  </section>`;
}

/** The same tag in TensorBoard's own dashboards. @param {{ store: Store, tag: string }} props */
function StockLinks({ store, tag }) {
  const histograms = store.host.stockLink('histograms', tag);
  const distributions = store.host.stockLink('distributions', tag);
  if (histograms === null || distributions === null) return null;
  return html`<span class="stock">
    ${t('tag.stock')} <a href=${histograms} target="_top">Histograms</a> · <a href=${distributions} target="_top">Distributions</a>
  </span>`;
}

/**
 * The same tag of other runs, laid over the charts: a choice for each, and one more as long as there is room.
 * @param {{ store: Store, twins: Twin[], chosen: string[], load: Load<Other[]> }} props
 */
function Overlay({ store, twins, chosen, load }) {
  if (twins.length === 0) return null;
  /** @param {number} k @param {string} run */
  const choose = (k, run) => {
    const runs = [...chosen.slice(0, k), run, ...chosen.slice(k + 1)].filter(Boolean);
    store.go(Object.fromEntries(OVER_KEYS.map((key, i) => [key, runs[i] ?? null])), { push: false });
  };
  return html`<div class="overlay field">
    <span class="label">${t('overlay.label')}</span>
    ${OVER_KEYS.slice(0, Math.min(OVER_KEYS.length, chosen.length + 1)).map((_, k) => {
      const free = twins.filter(({ run }) => run === chosen[k] || !chosen.includes(run));
      if (free.length === 0) return null;
      return html`<span class="overlaid">
        ${chosen[k] === undefined ? null : html`<span class="${markOf(k).colour}-mark" aria-hidden="true"></span>`}
        <select aria-label=${t('overlay.label')} onChange=${(/** @type {{ target: HTMLSelectElement }} */ event) => choose(k, event.target.value)}>
          <option value="" selected=${chosen[k] === undefined}>${k === 0 ? t('overlay.none') : t('overlay.one_more')}</option>
          ${free.map(({ run }) => html`<option value=${run} selected=${run === chosen[k]}>${runName(run)}</option>`)}
        </select>
      </span>`;
    })}
    ${load.kind === 'failed' ? html`<span class="failed-text">${load.message}</span>` : null}
    ${load.kind === 'loading' && chosen.length > 0 ? html`<span class="waiting">${t('loading.series')}</span>` : null}
  </div>`;
}

/**
 * Kernel, bias, gradients and activations of the same layer; the same tag of other runs.
 * @param {{ store: Store, entry: RunEntry, tag: TagEntry, twins: Twin[] }} props
 */
function Relatives({ store, entry, tag, twins }) {
  const [all, setAll] = useState(false);
  const siblings = entry.tags.filter((other) => other.layer === tag.layer && other !== tag);
  /** @param {string} run @param {TagEntry} other @param {string} text */
  const item = (run, other, text) => html`<li>
    <${ShapeMark} shape=${other.shape.label} />
    <${Link} store=${store} to=${{ view: 'tag', run, tag: other.tag }} fresh=${true} class="name">${text}<//>
    <span class="label">${nameOf('roles', other.role)} · ${nameOf('changes', other.change.label)} ${movement(other)}</span>
  </li>`;
  return html`<div class="relatives">
    ${siblings.length > 0
      ? html`<section aria-labelledby="siblings"><h2 id="siblings">${t('tag.siblings')}</h2>
          <ul>${siblings.map((other) => item(entry.run, other, printable(other.tag)))}</ul></section>`
      : null}
    ${twins.length > 0
      ? html`<section aria-labelledby="twins"><h2 id="twins">${t('tag.twins')}</h2>
          <ul>${(all ? twins : twins.slice(0, TWINS_FIRST)).map(({ run, tag: other }) => item(run, other, runName(run)))}</ul>
          ${twins.length > TWINS_FIRST
            ? html`<button type="button" class="plain" aria-expanded=${all} onClick=${() => setAll(!all)}>
                ${all ? t('verdicts.fewer') : t('verdicts.all', { runs: twins.length })}
              </button>`
            : null}
        </section>`
      : null}
  </div>`;
}

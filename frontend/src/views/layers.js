/** The network as a table: layers in depth order, a column per role, in each cell the shape over the steps. */

import { ChooseRun, NoSuchRun, chosenRun } from './choose.js';
import { Cell, saidOf } from './layer_cell.js';
import { ORDERS, ROW_PADDING, inOrder, tabulate } from './layer_rows.js';
import { useLoad } from './load.js';
import { Breakable, Notice, Retry, runName } from './parts.js';
import { Waiting } from './waiting.js';
import { Saving } from './saving.js';
import { layersFigure } from '../charts/layers_figure.js';
import { SHAPES } from '../charts/shapes.js';
import { ShapeMark } from '../charts/strip.js';
import { printable } from '../format.js';
import { html, useEffect, useMemo, useRef, useState } from '../vendor/htm-preact-standalone.js';
import { aboutOf, nameOf, t } from '../words.js';

/** @import { RunState, State, Store } from '../state.js' */
/** @import { Order, Row } from './layer_rows.js' */
/** @import { FindingEntry, RunEntry } from '../schema.js' */
/** @import { Ref } from '../vendor/htm-preact-standalone.js' */

/** Pixels of one tag in a cell, and around them. */
const TAG_HEIGHT = 46;
/** Where the window is narrow, cells are too, and their text takes up to three lines. */
const NARROW = '(max-width: 860px)';
const NARROW_TAG = 78;
/** Rows drawn beyond the edge of what is seen. */
const MARGIN_ROWS = 6;

/** @param {{ store: Store, state: State }} props */
export function LayerTable({ store, state }) {
  const run = chosenRun(store);
  const layer = state.address['layer'] ?? '';
  const accused = state.address['only'] === 'findings';
  const order = ORDERS.find((one) => one === state.address['order']) ?? 'depth';
  const orders = { depth: t('order.depth'), findings: t('order.findings'), moved: t('order.moved'), name: t('order.name') };
  return html`<div class="bar">
      <h2>${order === 'depth' ? t('layers.title') : t('nav.layers')}</h2>
      <${ChooseRun} store=${store} run=${run} onChoose=${(/** @type {string} */ name) => store.go({ run: name })} />
      <input
        type="search" placeholder=${t('filter.layer')} aria-label=${t('filter.layer')} value=${layer}
        onInput=${(/** @type {{ target: HTMLInputElement }} */ event) => store.go({ layer: event.target.value || null }, { push: false })}
      />
      <label class="field">
        <input type="checkbox" checked=${accused} onChange=${() => store.go({ only: accused ? null : 'findings' }, { push: false })} />
        ${t('layers.accused')}
      </label>
      <label class="field"><span class="label">${t('order.label')}</span>
        <select onChange=${(/** @type {{ target: HTMLSelectElement }} */ event) => store.go({ order: event.target.value === 'depth' ? null : event.target.value }, { push: false })}>
          ${ORDERS.map((one) => html`<option value=${one} selected=${one === order}>${orders[one]}</option>`)}
        </select>
      </label>
    </div>
    <${Table} store=${store} run=${run} layer=${layer} onlyAccused=${accused} order=${order} />`;
}

/** @param {{ store: Store, run: RunState | undefined, layer: string, onlyAccused: boolean, order: Order }} props */
function Table({ store, run, layer, onlyAccused, order }) {
  if (!run) return html`<${NoSuchRun} store=${store} />`;
  if (run.report.kind === 'loading') return html`<${Waiting} title=${t('loading.run', { tags: run.info.tags })} onRetry=${() => store.retry(run.info.run)} />`;
  if (run.report.kind === 'failed') {
    return html`<${Notice} kind="failed" title=${t('error.report', { reason: run.report.message })}>
      <${Retry} onRetry=${() => store.retry(run.info.run)} />
    <//>`;
  }
  return html`<${Rows} store=${store} run=${run.report.value} version=${run.info.version} layer=${layer} onlyAccused=${onlyAccused} order=${order} />`;
}

/** @param {{ store: Store, run: RunEntry, version: string, layer: string, onlyAccused: boolean, order: Order }} props */
function Rows({ store, run, version, layer, onlyAccused, order }) {
  // The table does not wait for it: the lines come into their places.
  const [rms] = useLoad(run.run, version, (signal) => store.rms(run.run, signal));
  const lines = useMemo(() => {
    if (rms.kind !== 'ready') return new Map();
    const { steps, tags } = rms.value;
    return new Map(tags.map((entry) => [entry.tag, { steps: steps[entry.steps] ?? [], values: entry.rms }]));
  }, [rms]);
  const wanted = layer.toLowerCase();
  const narrow = useNarrow();
  const accused = useMemo(() => accusedTags(run.findings), [run]);
  const { rows, roles, height } = useMemo(() => {
    const suspects = new Set(run.tags.filter((tag) => accused.has(tag.tag)).map((tag) => tag.layer));
    const named = run.tags.filter((tag) => tag.layer.toLowerCase().includes(wanted));
    const shown = onlyAccused ? named.filter((tag) => suspects.has(tag.layer)) : named;
    return inOrder(tabulate(shown, narrow ? NARROW_TAG : TAG_HEIGHT), order, accused);
  }, [run, wanted, onlyAccused, narrow, order]);
  const rowsDrawn = useMemo(() => new Map(), [rows, lines, narrow, accused, store.state.address, store.state.language]);
  /** @type {Ref<HTMLElement | null>} */
  const box = useRef(null);
  const [seen, setSeen] = useState({ top: 0, height: 1200 });
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const place = `layers ${run.run}`;
    element.scrollTop = store.positions.of(place);
    const measure = () => {
      store.positions.keep(place, element.scrollTop);
      setSeen({ top: element.scrollTop, height: element.clientHeight });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    // On paper there is nothing to scroll.
    const whole = () => setSeen({ top: 0, height: Infinity });
    window.addEventListener('beforeprint', whole);
    window.addEventListener('afterprint', measure);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      window.removeEventListener('beforeprint', whole);
      window.removeEventListener('afterprint', measure);
      element.removeEventListener('scroll', measure);
    };
  }, [rows.length > 0, run.run]);
  if (rows.length === 0) return html`<${Notice} kind="empty" title=${run.tags.length === 0 ? t('layers.none') : t('layers.none_match')} />`;
  const from = Math.max(0, rows.findIndex((row) => row.top + row.height > seen.top) - MARGIN_ROWS);
  const beyond = rows.findIndex((row) => row.top > seen.top + seen.height);
  const to = beyond < 0 ? rows.length : Math.min(rows.length, beyond + MARGIN_ROWS);
  const drawn = rows.slice(from, to);
  /** A row as it was drawn before, if nothing that it shows has changed: then scrolling costs the new rows alone. @param {Row} row @param {number} at */
  const drawRow = (row, at) => {
    const known = rowsDrawn.get(row.layer);
    if (known) return known;
    const fresh = html`<tr key=${row.layer} aria-rowindex=${at + 2} style="height:${row.height}px">
      <th scope="row" class="layer-name name" title=${printable(row.layer)}><div style="max-height:${row.height - ROW_PADDING}px"><${Breakable} name=${row.layer} /></div></th>
      ${roles.map((role) => html`<td>
        ${(row.cells.get(role) ?? []).map(
          (tag, _, all) => html`<${Cell}
            store=${store} run=${run.run} tag=${tag} several=${all.length > 1} findings=${accused.get(tag.tag) ?? []} line=${lines.get(tag.tag)} narrow=${narrow}
          />`,
        )}
      </td>`)}
    </tr>`;
    rowsDrawn.set(row.layer, fresh);
    return fresh;
  };
  const before = rows[from]?.top ?? 0;
  const last = drawn[drawn.length - 1];
  const after = height - (last ? last.top + last.height : 0);
  const shapes = new Set(run.tags.flatMap((tag) => tag.timeline.map((span) => span.shape)));
  return html`<p class="legend" aria-label=${t('layers.legend')}>
      ${SHAPES.filter((shape) => shapes.has(shape)).map(
        (shape) => html`<span title=${aboutOf('shapes', shape)}><${ShapeMark} shape=${shape} textured=${true} /></span>`,
      )}
    </p>
    <div class="table-box" ref=${box} tabindex="0" role="region" aria-label=${t('layers.title')}>
      <table class="layers" aria-rowcount=${rows.length + 1}>
        <thead>
          <tr>
            <th scope="col" class="layer-name">${t('layers.layer')}</th>
            ${roles.map((role) => html`<th scope="col">${nameOf('roles', role)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${before > 0 ? html`<tr aria-hidden="true"><td colspan=${roles.length + 1} style="height:${before}px;padding:0;border:0"></td></tr>` : null}
          ${drawn.map((row, i) => drawRow(row, from + i))}
          ${after > 0 ? html`<tr aria-hidden="true"><td colspan=${roles.length + 1} style="height:${after}px;padding:0;border:0"></td></tr>` : null}
        </tbody>
      </table>
    </div>
    <${Saving} of=${[run.run]} pictures=${[{ kind: 'layers', name: t('layers.title'), from: () => layersFigure(rows, roles, lines, saidOf), lines: [`${t('layers.title')} · ${runName(run.run)}`] }]} />`;
}

/** Whether the window has no room for wide cells. */
function useNarrow() {
  const [narrow, setNarrow] = useState(() => window.matchMedia(NARROW).matches);
  useEffect(() => {
    const query = window.matchMedia(NARROW);
    const changed = () => setNarrow(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return narrow;
}

/** The findings in which a tag is the accused, or one of its layer. @param {FindingEntry[]} findings */
function accusedTags(findings) {
  /** @type {Map<string, FindingEntry[]>} */
  const found = new Map();
  for (const finding of findings) {
    const tag = finding.tags[0];
    if (tag !== undefined && finding.mark === null) found.set(tag, [...(found.get(tag) ?? []), finding]);
  }
  return found;
}

/** The charts of one tag, on one step axis with one cursor, and the numbers under it. */

import { runName } from './overview.js';
import { Segmented } from './parts.js';
import { StepNumbers } from './tag_numbers.js';
import { bucketAround, bucketsAt, chooseScale, densityGrid, oneStep } from '../charts/density.js';
import { HeatMap } from '../charts/heatmap.js';
import { PERCENTAGES, PercentileBands } from '../charts/percentiles.js';
import { COMPARED_TO_NORMAL, Profile } from '../charts/profile.js';
import { Ridgeline } from '../charts/ridgeline.js';
import { nearestIndex, stepScale } from '../charts/scale.js';
import { Tracks } from '../charts/tracks.js';
import { findingsWithin, spansWithin, within } from '../charts/within.js';
import { integer, number, percent } from '../format.js';
import { saveCsv, savePng } from '../save.js';
import { html, useMemo, useRef, useState } from '../vendor/htm-preact-standalone.js';
import { nameOf, t } from '../words.js';

/** @import { Series } from '../routes.js' */
/** @import { FindingEntry, TagEntry } from '../schema.js' */
/** @import { State, Store } from '../state.js' */
/** @import { Ref } from '../vendor/htm-preact-standalone.js' */

/** Parts into which the value axis is divided for drawing. */
const BINS = 200;
const CHART_HEIGHT = 320;
const BANDS_HEIGHT = 240;

/** @typedef {{ run: string, series: Series }} Other the same tag of another run */

/** @param {{ store: Store, state: State, series: Series, other: Other | null, tag: TagEntry, findings: FindingEntry[] }} props */
export function Charts({ store, state, series: all, other, tag, findings }) {
  const second = other?.series ?? null;
  const { address, dark } = state;
  const [hover, setHover] = useState(/** @type {number | null} */ (null));
  const [pointed, setPointed] = useState(/** @type {number | null} */ (null));
  const [from, to] = [limit(address['from']), limit(address['to'])];
  const series = useMemo(() => within(all, from, to), [all, from, to]);
  const axis = address['axis'] === 'linear' || address['axis'] === 'log' ? address['axis'] : null;
  const whole = address['range'] === 'whole';
  const steps = useMemo(() => stepScale(series.steps), [series]);
  const { range, scale } = useMemo(() => chooseScale(series, axis, whole, second), [series, second, axis, whole]);
  const grid = useMemo(() => densityGrid(series, scale, BINS), [series, scale]);
  const last = series.steps.length - 1;
  const lastOfAll = all.steps[all.steps.length - 1] ?? 0;
  const wanted = Number(address['step'] ?? NaN);
  // TensorBoard keeps a sample of the steps: a link may name one that is gone.
  const selected = Number.isFinite(wanted) ? nearestIndex(series.steps, wanted) : last;
  const shown = hover !== null && hover <= last ? hover : selected;
  /** @param {number} i */
  const pick = (i) => store.go({ step: series.steps[i] === lastOfAll ? null : String(series.steps[i]) }, { push: false });
  /** @param {number | null} low @param {number | null} high */
  const zoom = (low, high) => store.go({ from: low === null ? null : String(low), to: high === null ? null : String(high) }, { push: false });
  const isLast = series.steps[shown] === lastOfAll;
  const now = series.steps[selected] ?? 0;
  const atEnd = selected === 0 || selected >= last;
  const level = address['scale'] === 'step' || (address['scale'] !== 'all' && grid.uneven);
  const finite = (series.offsets[shown + 1] ?? 0) > (series.offsets[shown] ?? 0);
  const alone = useMemo(() => oneStep(series, shown), [series, shown]);
  const twin = second ? { run: other?.run ?? '', series: second, i: nearestIndex(second.steps, series.steps[shown] ?? 0) } : null;
  const twinAlone = useMemo(() => (twin ? oneStep(twin.series, twin.i) : null), [second, twin?.i]);
  const ridge = address['chart'] === 'ridge';
  /** @type {Ref<HTMLElement | null>} */
  const plots = useRef(null);
  /** @param {string} selector @param {string} kind */
  const png = (selector, kind) => {
    const box = plots.current?.querySelector(selector);
    if (box) savePng(box, series, kind);
  };
  const common = {
    grid, level, selected: shown, height: CHART_HEIGHT, dark, nonFinite: series.non_finite, onPick: pick,
    onHover(/** @type {number | null} */ step, /** @type {number | null} */ value = null) {
      setHover(step);
      setPointed(value);
    },
  };
  return html`<div class="tag-charts">
    <div class="plots" ref=${plots}>
      <div class="bar chart-bar">
        <h3>${t('chart.histogram')}</h3>
        <${Segmented} label=${t('chart.kind')} value=${ridge ? 'ridge' : 'heat'}
          options=${[['heat', t('chart.heat')], ['ridge', t('chart.ridge')]]}
          onChoose=${(/** @type {string} */ value) => store.go({ chart: value === 'heat' ? null : value }, { push: false })} />
        <${Segmented} label=${t('chart.axis')} value=${scale.kind}
          options=${[['linear', t('chart.linear')], ['log', t('chart.log')]]}
          onChoose=${(/** @type {string} */ value) => store.go({ axis: value === range.axis ? null : value }, { push: false })} />
      </div>
      <${Tracks} timeline=${spansWithin(tag.timeline, series.steps)} findings=${findingsWithin(findings, series.steps)} steps=${steps}
        label=${tag.timeline.map((span) => `${nameOf('shapes', span.shape)} ${integer(span.first_step)}–${integer(span.last_step)}`).join(', ')} />
      ${ridge
        ? html`<${Ridgeline} ...${common} steps=${series.steps} label=${t('chart.ridge_label', { tag: tag.tag })} />`
        : html`<${HeatMap} ...${common} steps=${steps} label=${t('chart.heat_label', { tag: tag.tag })} />`}
      <${Readout} series=${series} i=${shown} value=${ridge ? null : pointed} />
      <${Remarks} store=${store} series=${series} grid=${grid} cut=${range.cut} whole=${whole} level=${level} shown=${shown} log=${scale.kind === 'log'} />
      <${StepSlider} series=${series} selected=${selected} onPick=${pick} />
      <div class="zoom">
        <span class="label">${series === all ? t('zoom.hint') : t('zoom.shown', { first: integer(series.steps[0] ?? 0), last: integer(series.steps[last] ?? 0) })}</span>
        <button type="button" class="plain inline" disabled=${atEnd} onClick=${() => zoom(now, Number.isNaN(to) ? null : to)}>${t('zoom.from', { step: now })}</button>
        <button type="button" class="plain inline" disabled=${atEnd} onClick=${() => zoom(Number.isNaN(from) ? null : from, now)}>${t('zoom.to', { step: now })}</button>
        ${series === all ? null : html`<button type="button" class="plain inline" onClick=${() => zoom(null, null)}>${t('zoom.all')}</button>`}
      </div>
      <h3>${t('chart.percentiles')}</h3>
      <${PercentileBands}
        series=${series} other=${second} steps=${steps} scale=${scale} selected=${shown} height=${BANDS_HEIGHT} dark=${dark}
        label=${t('chart.percentiles_label', { tag: tag.tag })} onHover=${setHover} onPick=${pick} onZoom=${zoom}
      />
      <p class="saving">
        <span class="label">${t('save.label')}</span>
        <button type="button" class="plain inline" onClick=${() => saveCsv(series, PERCENTAGES)}>${t('save.csv')}</button>
        <button type="button" class="plain inline" onClick=${() => png('.canvas-box', ridge ? 'ridgeline' : 'heat-map')}>${ridge ? t('save.ridge') : t('save.heat')}</button>
        <button type="button" class="plain inline" onClick=${() => png('.percentile-bands', 'percentiles')}>${t('save.percentiles')}</button>
      </p>
    </div>
    <aside class="numbers" aria-live="off">
      <h3>
        ${isLast ? t('numbers.last_step', { step: series.steps[shown] ?? 0 }) : t('numbers.step', { step: series.steps[shown] ?? 0 })}
      </h3>
      ${finite
        ? html`<${Profile} series=${alone} other=${twinAlone} axis=${axis} mean=${series.stats.mean[shown] ?? null} std=${series.stats.std[shown] ?? null}
              height=${170} dark=${dark} label=${t('chart.profile_label', { step: series.steps[shown] ?? 0 })} />
            ${twin ? html`<p class="caption"><span class="other-mark" aria-hidden="true"></span> ${t('overlay.caption', { run: runName(twin.run), step: twin.series.steps[twin.i] ?? 0 })}</p>` : null}
            <p class="caption">${COMPARED_TO_NORMAL.includes(alone.shapes[0] ?? '') ? t('chart.profile_caption') : t('chart.profile_alone')}</p>`
        : null}
      <${StepNumbers} series=${series} i=${shown} tag=${tag} isLast=${isLast} other=${twin} />
    </aside>
  </div>`;
}

/** A step in the address; NaN where there is none. @param {string | undefined} text */
const limit = (text) => (text === undefined || text === '' ? NaN : Number(text));

/** The bucket under the pointer, exactly. @param {{ series: Series, i: number, value: number | null }} props */
function Readout({ series, i, value }) {
  const bucket = value === null ? null : bucketAround(series, i, value);
  if (!bucket) return html`<p class="readout">${t('readout.hint')}</p>`;
  const { total } = bucketsAt(series, i);
  return html`<p class="readout">
    ${t('readout.bucket', {
      step: series.steps[i] ?? 0,
      left: number(bucket.left),
      right: number(bucket.right),
      count: number(bucket.count),
      share: percent(bucket.count / total),
      density: number(bucket.count / total / (bucket.right - bucket.left)),
    })}
  </p>`;
}

/** What the picture does not show. @param {{ store: Store, series: Series, grid: import('../charts/density.js').Grid, cut: boolean, whole: boolean, level: boolean, shown: number, log: boolean }} props */
function Remarks({ store, series, grid, cut, whole, level, shown, log }) {
  const outside = (grid.below[shown] ?? 0) + (grid.above[shown] ?? 0);
  const everywhere = [...grid.below, ...grid.above].reduce((sum, count) => sum + count, 0);
  const broken = series.non_finite.filter((count) => count !== 0).length;
  return html`<ul class="remarks">
    ${cut
      ? html`<li>
          <span class="outside-mark" aria-hidden="true"></span>
          ${t('remark.outside', { count: outside, all: everywhere })}
          <button type="button" class="plain inline" onClick=${() => store.go({ range: 'whole' }, { push: false })}>${t('remark.show_whole')}</button>
        </li>`
      : null}
    ${whole ? html`<li><button type="button" class="plain inline" onClick=${() => store.go({ range: null }, { push: false })}>${t('remark.show_bulk')}</button></li>` : null}
    ${broken > 0
      ? html`<li><span class="broken-mark" aria-hidden="true"></span> ${broken === 1 ? t('remark.one_non_finite') : t('remark.non_finite', { steps: broken })}</li>`
      : null}
    ${log ? html`<li>${t('remark.log')}</li>` : null}
    <li class="ramp">
      <span aria-hidden="true"></span> ${level ? t('remark.density_step') : t('remark.density')}
      <button type="button" class="plain inline" onClick=${() => store.go({ scale: level ? 'all' : 'step' }, { push: false })}>
        ${level ? t('remark.one_scale') : t('remark.scale_per_step')}
      </button>
    </li>
  </ul>`;
}

/** Arrow keys walk through the steps. @param {{ series: Series, selected: number, onPick: (i: number) => void }} props */
function StepSlider({ series, selected, onPick }) {
  if (series.steps.length < 2) return null;
  return html`<label class="slider">
    <span class="unseen">${t('chart.step')}</span>
    <input
      type="range" min="0" max=${series.steps.length - 1} step="1" value=${selected}
      aria-valuetext=${t('numbers.step', { step: series.steps[selected] ?? 0 })}
      onInput=${(/** @type {{ target: HTMLInputElement }} */ event) => onPick(Number(event.target.value))}
    />
  </label>`;
}

/** The charts of one tag, on one step axis with one cursor. */

import { useCursor } from './cursor.js';
import { Segmented, runName } from './parts.js';
import { BucketReadout, LineReadout } from './readout.js';
import { Remarks } from './remarks.js';
import { Saving } from './saving.js';
import { StepPanel } from './step_panel.js';
import { Together } from './together.js';
import { oneStep } from '../charts/buckets.js';
import { fittedCurve } from '../charts/curves.js';
import { densityGrid } from '../charts/density.js';
import { HeatMap } from '../charts/heatmap.js';
import { markOf } from '../charts/others.js';
import { PERCENTAGES, PercentileBands } from '../charts/percentiles.js';
import { Ridgeline } from '../charts/ridgeline.js';
import { nearestIndex } from '../charts/scale.js';
import { STEP_AXES, hasTimes, stepScale } from '../charts/step_axis.js';
import { Tracks } from '../charts/tracks.js';
import { chooseScale, outside } from '../charts/value_range.js';
import { findingsWithin, spansWithin, within } from '../charts/within.js';
import { integer } from '../format.js';
import { saveCsv } from '../save.js';
import { html, useMemo, useRef } from '../vendor/htm-preact-standalone.js';
import { listed, nameOf, t } from '../words.js';

/** @import { StepAxis } from '../charts/step_axis.js' */
/** @import { Series } from '../routes.js' */
/** @import { FindingEntry, TagEntry } from '../schema.js' */
/** @import { State, Store } from '../state.js' */
/** @import { Ref } from '../vendor/htm-preact-standalone.js' */

/** Parts into which the value axis is divided for drawing. */
const BINS = 200;
const CHART_HEIGHT = 320;
const BANDS_HEIGHT = 240;

/** @typedef {{ run: string, series: Series }} Other the same tag of another run */

/**
 * @param {{ store: Store, state: State, series: Series, others: Other[], tag: TagEntry, siblings: TagEntry[],
 *   findings: FindingEntry[] }} props `others`: laid over; `siblings`: the other tags of the layer
 */
export function Charts({ store, state, series: all, others, tag, siblings, findings }) {
  const { address, dark } = state;
  const [from, to] = [limit(address['from']), limit(address['to'])];
  const series = useMemo(() => within(all, from, to), [all, from, to]);
  const axis = address['axis'] === 'linear' || address['axis'] === 'log' ? address['axis'] : null;
  const whole = address['range'] === 'whole';
  const timed = hasTimes(series) && others.every((other) => hasTimes(other.series));
  const wantedAxis = STEP_AXES.find((kind) => kind === address['x']) ?? 'step';
  const along = timed || wantedAxis === 'step' || wantedAxis === 'log' ? wantedAxis : 'step';
  const steps = useMemo(() => stepScale(series, along), [series, along]);
  const over = useMemo(() => others.map((other, k) => ({ ...other, ...markOf(k), steps: stepScale(other.series, along, steps) })), [others, along, steps]);
  const { range, scale } = useMemo(() => chooseScale(series, axis, whole, others.map((other) => other.series)), [series, others, axis, whole]);
  const grid = useMemo(() => densityGrid(series, scale, BINS), [series, scale]);
  const last = series.steps.length - 1;
  const lastOfAll = all.steps[all.steps.length - 1] ?? 0;
  const wanted = Number(address['step'] ?? NaN);
  // TensorBoard keeps a sample of the steps: a link may name one that is gone.
  const selected = Number.isFinite(wanted) ? nearestIndex(series.steps, wanted) : last;
  const ridge = address['chart'] === 'ridge';
  /** @param {number} i */
  const pick = (i) => store.go({ step: series.steps[i] === lastOfAll ? null : String(series.steps[i]) }, { push: false });
  const cursor = useCursor(series, selected, pick, ridge);
  const { shown } = cursor;
  /** @param {number | null} low @param {number | null} high */
  const zoom = (low, high) => store.go({ from: low === null ? null : String(low), to: high === null ? null : String(high) }, { push: false });
  /** @param {number} first @param {number} end */
  const zoomTo = (first, end) => zoom(series.steps[first] ?? 0, series.steps[end] ?? 0);
  const now = series.steps[selected] ?? 0;
  const atEnd = selected === 0 || selected >= last;
  const level = address['scale'] === 'step' || (address['scale'] !== 'all' && grid.uneven);
  const against = limit(address['against']);
  const kept = Number.isNaN(against) ? null : nearestIndex(series.steps, against);
  const twins = over.map((other) => ({ ...other, i: nearestIndex(other.steps.at, steps.at[shown] ?? 0) }));
  const beyondAll = useMemo(() => others.map(({ series: one }) => one.steps.reduce((sum, _, i) => sum + beyond(one, i, scale), 0)), [others, scale]);
  const alone = useMemo(() => oneStep(series, shown), [series, shown]);
  const curve = useMemo(() => fittedCurve(alone, series.stats.mean[shown] ?? null, series.stats.std[shown] ?? null), [alone]);
  /** @type {Ref<HTMLElement | null>} */
  const plots = useRef(null);
  const common = {
    grid, level, selected: shown, kept, height: CHART_HEIGHT, dark, nonFinite: series.non_finite, onPick: pick, onHover: cursor.point,
    onKey: cursor.keyBucket, hint: 'bucket-read', bucket: cursor.bucket,
  };
  return html`<div class="tag-charts">
    <div class="plots" ref=${plots}>
      <div class="bar chart-bar">
        <h3>${t('chart.histogram')}</h3>
        <${Segmented} label=${t('chart.kind')} value=${ridge ? 'ridge' : 'heat'}
          options=${[['heat', t('chart.heat')], ['ridge', t('chart.ridge')]]}
          onChoose=${(/** @type {string} */ value) => store.go({ chart: value === 'heat' ? null : value }, { push: false })} />
        <span class="field"><span class="label">${t('chart.values')}</span>
          <${Segmented} label=${t('chart.axis')} value=${scale.kind}
            options=${[['linear', t('chart.linear')], ['log', t('chart.log')]]}
            onChoose=${(/** @type {string} */ value) => store.go({ axis: value === range.axis ? null : value }, { push: false })} />
        </span>
        <${AlongAxis} store=${store} along=${along} timed=${timed} />
      </div>
      ${wantedAxis !== along ? html`<p class="readout" role="status">${t('axis.no_times')}</p>` : null}
      <${Tracks} timeline=${spansWithin(tag.timeline, series.steps)} findings=${findingsWithin(findings, series.steps)} steps=${steps}
        label=${tag.timeline.map((span) => `${nameOf('shapes', span.shape)} ${integer(span.first_step)}–${integer(span.last_step)}`).join(', ')} />
      <div class="histograms">
        ${ridge
          ? html`<${Ridgeline} ...${common} curve=${curve} steps=${series.steps} label=${t('chart.ridge_label', { tag: tag.tag })} />`
          : html`<${HeatMap} ...${common} steps=${steps} onZoom=${zoomTo} label=${t('chart.heat_label', { tag: tag.tag })} />`}
      </div>
      <${BucketReadout} id="bucket-read" bucket=${cursor.bucket} live=${cursor.live === 'bucket'} />
      <${Remarks} store=${store} series=${series} grid=${grid} cut=${range.cut} whole=${whole} level=${level} shown=${shown} log=${scale.kind === 'log'}
        beyond=${twins.map((twin, k) => ({
          run: twin.run, colour: twin.colour, count: beyond(twin.series, twin.i, scale), all: beyondAll[k] ?? 0,
          elsewhere: !twin.steps.at.some((unit) => unit >= steps.low && unit <= steps.high),
        }))} />
      <${StepSlider} series=${series} selected=${selected} onPick=${pick} />
      <div class="zoom">
        <span class="label">${series === all ? t('zoom.hint') : t('zoom.shown', { first: integer(series.steps[0] ?? 0), last: integer(series.steps[last] ?? 0) })}</span>
        <button type="button" class="plain inline" disabled=${atEnd} onClick=${() => zoom(now, Number.isNaN(to) ? null : to)}>${t('zoom.from', { step: now })}</button>
        <button type="button" class="plain inline" disabled=${atEnd} onClick=${() => zoom(Number.isNaN(from) ? null : from, now)}>${t('zoom.to', { step: now })}</button>
        ${series === all ? null : html`<button type="button" class="plain inline" onClick=${() => zoom(null, null)}>${t('zoom.all')}</button>`}
      </div>
      <h3>${t('chart.percentiles')}</h3>
      ${series.left.length === 0
        ? html`<p class="readout">${t('chart.no_percentiles')}</p>`
        : html`<${PercentileBands}
        series=${series} others=${over} steps=${steps} scale=${scale} selected=${shown} line=${cursor.line} kept=${kept} height=${BANDS_HEIGHT} dark=${dark}
        label=${t('chart.percentiles_label', { tag: tag.tag })} hint="line-read" onHover=${cursor.pointLine} onPick=${pick} onZoom=${zoomTo} onKey=${cursor.keyLine}
      />
      <${LineReadout} id="line-read" series=${series} i=${shown} line=${cursor.line} live=${cursor.live === 'line'} />`}
      <${Saving} of=${[series.run, series.tag]} within=${() => plots.current?.parentElement ?? null} pictures=${pictures(series, shown, ridge, others).slice(0, series.left.length === 0 ? 1 : 3)}>
        <button type="button" class="plain inline" onClick=${() => saveCsv(series, PERCENTAGES)}>${t('save.csv')}</button>
      <//>
    </div>
    <${StepPanel} store=${store} series=${series} i=${shown} alone=${alone} curve=${curve} twins=${twins} tag=${tag} axis=${axis} whole=${whole}
      isLast=${series.steps[shown] === lastOfAll} dark=${dark} />
    <${Together} store=${store} run=${series.run} siblings=${siblings}
      frame=${{ steps, known: series.steps, from, to, shown: series.steps[shown] ?? 0, dark, onPick: pick, onHover: (/** @type {number | null} */ i) => cursor.point(i) }} />
  </div>`;
}

/** A step in the address; NaN where there is none. @param {string | undefined} text */
const limit = (text) => (text === undefined || text === '' ? NaN : Number(text));

/** Values of a step that lie beyond the value axis. @param {Series} series @param {number} i @param {import('../charts/scale.js').ValueScale} scale */
function beyond(series, i, scale) {
  const { below, above } = outside(series, i, scale);
  return below + above;
}

/** @param {{ store: Store, along: StepAxis, timed: boolean }} props */
function AlongAxis({ store, along, timed }) {
  const options = [['step', t('axis.step')], ['log', t('chart.log')], ...(timed ? [['relative', t('axis.relative')], ['wall', t('axis.wall')]] : [])];
  return html`<span class="field"><span class="label">${t('axis.label')}</span>
    <${Segmented} label=${t('axis.of')} value=${along} options=${options}
      onChoose=${(/** @type {string} */ value) => store.go({ x: value === 'step' ? null : value }, { push: false })} />
  </span>`;
}

/** What can be saved as a picture. @param {Series} series @param {number} shown @param {boolean} ridge @param {Other[]} others @returns {import('./saving.js').Picture[]} */
function pictures(series, shown, ridge, others) {
  const [first = 0, last = 0] = [series.steps[0], series.steps[series.steps.length - 1]];
  const span = t('steps.span', { first: integer(first), last: integer(last) });
  const head = `${series.tag} · ${runName(series.run)}${others.length > 0 ? ` · ${t('save.beside', { run: listed(others.map(({ run }) => runName(run))) })}` : ''}`;
  const name = ridge ? t('chart.ridge') : t('chart.heat');
  return [
    { kind: ridge ? 'ridgeline' : 'heat-map', name, from: '.histograms', lines: [`${series.tag} · ${runName(series.run)}`, `${name} · ${span} · ${t('chart.profile_alone')}`] },
    { kind: 'percentiles', name: t('chart.percentiles'), from: '.percentile-bands', lines: [head, `${t('chart.percentiles')} · ${span} · ${PERCENTAGES.join(', ')}`] },
    { kind: `step-${series.steps[shown] ?? 0}`, name: t('save.step', { step: series.steps[shown] ?? 0 }), from: '.numbers .canvas-box',
      lines: [head, t('chart.profile_label', { step: series.steps[shown] ?? 0 })] },
  ];
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

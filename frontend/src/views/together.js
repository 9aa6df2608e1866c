/** Kernel, bias, gradients and activations of one layer under each other, on one step axis with one cursor. */

import { useLoad } from './load.js';
import { Retry, TagLink } from './parts.js';
import { densityGrid } from '../charts/density.js';
import { HeatMap } from '../charts/heatmap.js';
import { nearestIndex } from '../charts/scale.js';
import { stepScale } from '../charts/step_axis.js';
import { ShapeMark } from '../charts/strip.js';
import { chooseScale } from '../charts/value_range.js';
import { within } from '../charts/within.js';
import { number } from '../format.js';
import { html, useMemo, useState } from '../vendor/htm-preact-standalone.js';
import { nameOf, t } from '../words.js';

/** @import { StepScale } from '../charts/step_axis.js' */
/** @import { Series } from '../routes.js' */
/** @import { TagEntry } from '../schema.js' */
/** @import { Store } from '../state.js' */

const HEIGHT = 120;
/** Parts into which the low value axis is divided. */
const BINS = 80;
/** Tags drawn before all of them are asked for: each is read from the log. */
const FIRST = 8;

/**
 * @typedef {object} Frame what all charts of the layer share
 * @property {StepScale} steps
 * @property {number[]} known steps of the tag that is looked at
 * @property {number} from first step drawn, NaN: no limit
 * @property {number} to
 * @property {number} shown the step under the cursor
 * @property {boolean} dark
 * @property {(i: number | null) => void} onHover with the place of the step in `known`
 * @property {(i: number) => void} onPick
 */

/** @param {{ store: Store, run: string, siblings: TagEntry[], frame: Frame }} props */
export function Together({ store, run, siblings, frame }) {
  const [all, setAll] = useState(false);
  if (siblings.length === 0) return null;
  const open = store.state.address['together'] === '1';
  const drawn = all ? siblings : siblings.slice(0, FIRST);
  return html`<section class="together" aria-labelledby="together">
    <h3 id="together">${t('together.title')}</h3>
    <button type="button" class="disclose" aria-expanded=${open} onClick=${() => store.go({ together: open ? null : '1' }, { push: false })}>
      ${t('together.open', { count: siblings.length })}
    </button>
    ${open ? drawn.map((tag) => html`<${Sibling} key=${tag.tag} store=${store} run=${run} tag=${tag} frame=${frame} />`) : null}
    ${open && siblings.length > drawn.length
      ? html`<button type="button" class="plain" onClick=${() => setAll(true)}>${t('together.more', { count: siblings.length - drawn.length })}</button>`
      : null}
  </section>`;
}

/** @param {{ store: Store, run: string, tag: TagEntry, frame: Frame }} props */
function Sibling({ store, run, tag, frame }) {
  const [series, retry] = useLoad(JSON.stringify([run, tag.tag]), store.versionOf(run), (signal) => store.series(run, tag.tag, signal));
  const found = series.kind === 'ready' && series.value.steps.length > 0 ? series.value : null;
  const i = found ? nearestIndex(found.steps, frame.shown) : 0;
  return html`<div class="sibling">
    <p class="facts">
      <span>${[...new Set([tag.subject === 'other' ? tag.role : tag.subject, tag.role])].map((role) => nameOf('roles', role)).join(' · ')}</span>
      <${TagLink} store=${store} run=${run} tag=${tag.tag} step=${frame.shown} />
      ${found
        ? html`<${ShapeMark} shape=${found.shapes[i] ?? 'unresolved'} />
            <span class="label">${t('together.numbers', { step: found.steps[i] ?? 0, mean: number(found.stats.mean[i]), std: number(found.stats.std[i]), rms: number(found.stats.rms[i]) })}</span>`
        : null}
    </p>
    ${series.kind === 'loading' ? html`<p class="waiting" style="height:${HEIGHT}px">${t('loading.series')}</p>` : null}
    ${series.kind === 'failed' ? html`<p class="failed-text">${series.message} <${Retry} onRetry=${retry} /></p>` : null}
    ${series.kind === 'ready' && !found ? html`<p class="label">${t('tag.empty')}</p>` : null}
    ${found ? html`<${SmallMap} series=${found} tag=${tag.tag} frame=${frame} />` : null}
  </div>`;
}

/** @param {{ series: Series, tag: string, frame: Frame }} props */
function SmallMap({ series: all, tag, frame }) {
  const series = useMemo(() => within(all, frame.from, frame.to), [all, frame.from, frame.to]);
  const { range, scale } = useMemo(() => chooseScale(series, null, false), [series]);
  const grid = useMemo(() => densityGrid(series, scale, BINS), [series, scale]);
  const steps = useMemo(() => stepScale(series, frame.steps.kind, frame.steps), [series, frame.steps]);
  /** The step of the tag that is looked at. @param {number} i */
  const theirs = (i) => nearestIndex(frame.known, series.steps[i] ?? 0);
  const selected = nearestIndex(series.steps, frame.shown);
  return html`<${HeatMap}
    grid=${grid} level=${grid.uneven} steps=${steps} nonFinite=${series.non_finite} selected=${selected} kept=${null} bucket=${null}
    height=${HEIGHT} dark=${frame.dark} label=${t('chart.heat_label', { tag })}
    onHover=${(/** @type {number | null} */ i) => frame.onHover(i === null ? null : theirs(i))} onPick=${(/** @type {number} */ i) => frame.onPick(theirs(i))}
  />
  ${range.cut
    ? html`<p class="readout"><span class="outside-mark" aria-hidden="true"></span> ${t('remark.outside', {
        count: (grid.below[selected] ?? 0) + (grid.above[selected] ?? 0),
        all: [...grid.below, ...grid.above].reduce((sum, count) => sum + count, 0),
      })}</p>`
    : null}`;
}

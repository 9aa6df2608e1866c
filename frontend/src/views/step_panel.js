/** Beside the charts: the histogram of one step, another step or run over it, and the exact numbers. */

import { runName } from './parts.js';
import { StepNumbers } from './tag_numbers.js';
import { oneStep, shareElsewhere } from '../charts/buckets.js';
import { KEPT } from '../charts/others.js';
import { DIFFERENCE_HEIGHT, Profile } from '../charts/profile.js';
import { nearestIndex } from '../charts/scale.js';
import { hasTimes } from '../charts/step_axis.js';
import { duration, moment } from '../charts/time_ticks.js';
import { number, percent } from '../format.js';
import { html, useMemo } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { Curve } from '../charts/curves.js' */
/** @import { Mark } from '../charts/others.js' */
/** @import { AxisKind } from '../charts/scale.js' */
/** @import { Series } from '../routes.js' */
/** @import { TagEntry } from '../schema.js' */
/** @import { Store } from '../state.js' */

const HEIGHT = 170;

/** @typedef {Mark & { name: string, series: Series, i: number }} Beside a histogram beside this one: of another run or step */

/**
 * @param {{ store: Store, series: Series, i: number, alone: Series, curve: Curve | null, twins: (Mark & { run: string, series: Series, i: number })[], tag: TagEntry,
 *   axis: AxisKind | null, whole: boolean, isLast: boolean, dark: boolean }} props `alone`: the step as a series of its own
 */
export function StepPanel({ store, series, i, alone, curve, twins, tag, axis, whole, isLast, dark }) {
  const step = series.steps[i] ?? 0;
  const against = store.state.address['against'];
  const kept = against === undefined || !Number.isFinite(Number(against)) ? null : nearestIndex(series.steps, Number(against));
  /** @type {Beside[]} */
  const beside = [
    ...twins.map(({ run, series: other, i: j, colour, dash }) => ({ name: t('overlay.caption', { run: runName(run), step: other.steps[j] ?? 0 }), series: other, i: j, colour, dash })),
    ...(kept === null ? [] : [{ name: t('numbers.step', { step: series.steps[kept] ?? 0 }), series, i: kept, ...KEPT }]),
  ];
  const over = useMemo(
    () => beside.map((other) => ({ ...other, series: oneStep(other.series, other.i) })),
    [series, kept, ...twins.flatMap((twin) => [twin.series, twin.i])],
  );
  const compared = over.find(({ colour }) => colour === KEPT.colour) ?? null;
  const finite = (series.offsets[i + 1] ?? 0) > (series.offsets[i] ?? 0);
  const height = HEIGHT + (compared ? DIFFERENCE_HEIGHT : 0);
  return html`<aside class="numbers" aria-live="off">
    <h3>${isLast ? t('numbers.last_step', { step }) : t('numbers.step', { step })}</h3>
    ${hasTimes(series)
      ? html`<p class="caption when">${t('numbers.when', { time: moment(series.wall_times[i] ?? NaN), since: duration((series.wall_times[i] ?? NaN) - (series.wall_times[0] ?? NaN)) })}</p>`
      : null}
    ${finite
      ? html`<${Profile} series=${alone} others=${over} compared=${compared} curve=${curve} axis=${axis} whole=${whole} height=${height} dark=${dark}
            label=${t('chart.profile_label', { step })} />
          <p class="caption">${t('chart.profile_alone')}</p>
          ${curve ? html`<p class="caption curve-said">${curveSaid(curve)}</p>` : null}
          ${beside.map(({ name, colour }) => html`<p class="caption"><span class="${colour}-mark" aria-hidden="true"></span> ${name}</p>`)}
          ${kept === null ? null : html`<p class="caption difference">${t('against.difference', { share: percent(shareElsewhere(series, i, series, kept)) })}</p>`}`
      : null}
    <${Against} store=${store} series=${series} i=${i} kept=${kept} />
    <${StepNumbers} series=${series} i=${i} tag=${tag} isLast=${isLast} beside=${beside} />
  </aside>`;
}

/** Keeps one step to hold others against it. @param {{ store: Store, series: Series, i: number, kept: number | null }} props */
function Against({ store, series, i, kept }) {
  if (series.steps.length < 2 || series.left.length === 0) return null;
  /** @param {number | null} k */
  const keep = (k) => store.go({ against: k === null ? null : String(series.steps[k]) }, { push: false });
  return html`<p class="against">
    ${kept === 0 || i === 0 ? null : html`<button type="button" class="plain inline" onClick=${() => keep(0)}>${t('against.first')}</button>`}
    ${kept === i ? null : html`<button type="button" class="plain inline" onClick=${() => keep(i)}>${t('against.keep', { step: series.steps[i] ?? 0 })}</button>`}
    ${kept === null ? null : html`<button type="button" class="plain inline" onClick=${() => keep(null)}>${t('against.stop')}</button>`}
  </p>`;
}

/** What the curve over the histogram is. @param {Curve} curve */
function curveSaid({ family, centre, scale }) {
  const values = { centre: number(centre), scale: number(scale) };
  if (family === 'uniform') return t('curve.uniform', { low: number(centre - scale), high: number(centre + scale) });
  if (family === 'normal') return t('curve.normal', values);
  if (family === 'cut_normal') return t('curve.cut_normal', values);
  if (family === 'laplace') return t('curve.laplace', values);
  if (family === 'student') return t('curve.student', values);
  return t('curve.compared');
}

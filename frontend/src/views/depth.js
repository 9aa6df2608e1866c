/** Kernels, gradients and activations against the depth of the network, at one step or over the whole run. */

import { ChooseRun, NoSuchRun, chosenRun } from './choose.js';
import { useLoad } from './load.js';
import { Notice, Retry, Segmented, Sentence, TagLink, runName } from './parts.js';
import { Waiting } from './waiting.js';
import { Saving } from './saving.js';
import { DepthChart, FamilyMark } from '../charts/depth.js';
import { FAMILIES, alongDepth, decades, movementCurves, rmsCurves, someMissing } from '../charts/depth_curves.js';
import { nearestIndex } from '../charts/scale.js';
import { number, printable } from '../format.js';
import { html, useMemo, useRef, useState } from '../vendor/htm-preact-standalone.js';
import { nameOf, t, together } from '../words.js';

/** @import { Curve, Depth, Point } from '../charts/depth_curves.js' */
/** @import { RmsAnswer } from '../routes.js' */
/** @import { State, Store } from '../state.js' */
/** @import { RunEntry } from '../schema.js' */
/** @import { Ref } from '../vendor/htm-preact-standalone.js' */

const HEIGHT = 420;

/** @param {{ store: Store, state: State }} props */
export function DepthView({ store, state }) {
  const run = chosenRun(store);
  return html`<div class="bar">
      <h2>${t('depth.title')}</h2>
      <${ChooseRun} store=${store} run=${run} onChoose=${(/** @type {string} */ name) => store.go({ run: name, step: null })} />
    </div>
    ${!run
      ? html`<${NoSuchRun} store=${store} />`
      : run.report.kind === 'loading'
        ? html`<${Waiting} title=${t('loading.run', { tags: run.info.tags })} onRetry=${() => store.retry(run.info.run)} />`
        : run.report.kind === 'failed'
          ? html`<${Notice} kind="failed" title=${t('error.report', { reason: run.report.message })}>
              <${Retry} onRetry=${() => store.retry(run.info.run)} />
            <//>`
          : html`<${Profile} key=${run.info.run} store=${store} state=${state} entry=${run.report.value} version=${run.info.version} />`}`;
}

/** @param {{ store: Store, state: State, entry: RunEntry, version: string }} props */
function Profile({ store, state, entry, version }) {
  const [rms, retry] = useLoad(entry.run, version, (signal) => store.rms(entry.run, signal));
  const depth = useMemo(() => alongDepth(entry.tags), [entry]);
  if (depth.layers.length === 0) return html`<${Notice} kind="empty" title=${t('depth.none')} />`;
  if (rms.kind === 'loading') return html`<${Waiting} title=${t('loading.series')} onRetry=${retry} />`;
  if (rms.kind === 'failed') return html`<${Notice} kind="failed" title=${t('error.series')}><p>${rms.message}</p><${Retry} onRetry=${retry} /><//>`;
  return html`<${Drawn} store=${store} state=${state} entry=${entry} depth=${depth} rms=${rms.value} />`;
}

/** @param {{ store: Store, state: State, entry: RunEntry, depth: Depth, rms: RmsAnswer }} props */
function Drawn({ store, state, entry, depth, rms }) {
  const { address, dark } = state;
  const [hover, setHover] = useState(/** @type {number | null} */ (null));
  const hidden = (address['hide'] ?? '').split(',');
  const steps = useMemo(() => [...new Set(rms.steps.flat())].sort((a, b) => a - b), [rms]);
  const moved = address['of'] === 'movement';
  const at = useMemo(() => rmsCurves(depth, rms), [depth, rms]);
  const last = steps.length - 1;
  const wanted = address['step'] === undefined ? NaN : Number(address['step']);
  const chosen = Number.isFinite(wanted) && last >= 0 ? nearestIndex(steps, wanted) : last;
  const step = steps[chosen] ?? 0;
  const families = FAMILIES.filter((family) => depth.tags.has(family));
  /** @param {Curve[]} all */
  const visible = (all) => all.filter(({ family }) => !hidden.includes(family));
  const hiding = hidden.join();
  const curves = useMemo(() => visible(moved ? movementCurves(depth) : at(step)), [depth, at, step, moved, hiding]);
  const first = useMemo(() => (moved || chosen === 0 ? [] : visible(at(steps[0] ?? 0))), [at, moved, chosen === 0, hiding]);
  // One axis for all steps: what moves while the slider is drawn is the network.
  const range = useMemo(() => {
    if (moved) return decades(curves.flatMap(({ points }) => points.map(({ value }) => value)));
    const seen = new Set([...depth.tags].filter(([family]) => !hidden.includes(family)).flatMap(([, list]) => list.map(({ tag }) => tag.tag)));
    return decades(rms.tags.filter((entry) => seen.has(entry.tag)).flatMap((entry) => entry.rms));
  }, [depth, rms, moved, hiding]);
  const found = depth.layers.indexOf(address['at'] ?? '');
  const selected = hover ?? Math.max(0, found);
  /** @param {number} layer */
  const pick = (layer) => store.go({ at: depth.layers[layer] ?? null }, { push: false });
  /** @param {string} family */
  const toggle = (family) => {
    const next = families.filter((other) => hidden.includes(other) !== (other === family));
    store.go({ hide: next.join() || null }, { push: false });
  };
  /** @type {Ref<HTMLElement | null>} */
  const box = useRef(null);
  return html`<div class="depth" ref=${box}>
    <div class="bar chart-bar">
      <${Segmented} label=${t('depth.quantity')} value=${moved ? 'movement' : 'rms'}
        options=${[['rms', t('stat.rms')], ['movement', t('depth.movement')]]}
        onChoose=${(/** @type {string} */ value) => store.go({ of: value === 'rms' ? null : value }, { push: false })} />
      <span class="families" role="group" aria-label=${t('depth.families')}>
        ${families.map(
          (family) => html`<button type="button" class="family" aria-pressed=${!hidden.includes(family)} onClick=${() => toggle(family)}>
            <${FamilyMark} family=${family} /> ${nameOf('roles', family)}
          </button>`,
        )}
      </span>
    </div>
    ${range === null
      ? html`<${Notice} kind="empty" title=${t('depth.nothing_above_zero')} />`
      : html`<ul class="depth-said">${curves.map(({ family, points }) => html`<${Span} family=${family} points=${points} depth=${depth} />`)}</ul>
          <${DepthChart} depth=${depth} curves=${curves} first=${first} range=${range} selected=${selected} height=${HEIGHT} dark=${dark}
            label=${moved ? t('depth.label_movement', { run: entry.run }) : t('depth.label', { run: entry.run, step })}
            onHover=${setHover} onPick=${pick} />`}
    <p class="caption">${someMissing(curves) ? html`<span class="missing-mark" aria-hidden="true">×</span> ${t('depth.missing')} ` : null}${moved ? t('depth.caption_movement') : first.length > 0 ? t('depth.caption_first', { step: steps[0] ?? 0 }) : t('depth.caption')}</p>
    ${range === null
      ? null
      : html`<${Saving} of=${[entry.run]} within=${() => box.current} pictures=${[{ kind: moved ? 'depth-movement' : `depth-step-${step}`, name: t('depth.title'), from: '.canvas-box', lines: [t('depth.title'), moved ? t('depth.label_movement', { run: runName(entry.run) }) : t('depth.label', { run: runName(entry.run), step })] }]} />`}
    ${moved || steps.length < 2
      ? null
      : html`<label class="slider-row"><span class="label">${chosen === last ? t('numbers.last_step', { step }) : t('numbers.step', { step })}</span>
          <input type="range" class="steps-slider" min="0" max=${last} step="1" value=${chosen} aria-label=${t('chart.step')} aria-valuetext=${t('numbers.step', { step })}
            onInput=${(/** @type {{ target: HTMLInputElement }} */ { target }) =>
              store.go({ step: Number(target.value) === last ? null : String(steps[Number(target.value)]) }, { push: false })} />
        </label>`}
    ${depth.layers.length < 2
      ? null
      : html`<label class="slider-row"><span class="label">${t('layers.layer')}</span>
          <input type="range" class="layers-slider" min="0" max=${depth.layers.length - 1} step="1" value=${Math.max(0, found)} aria-label=${t('layers.layer')}
            aria-valuetext=${printable(depth.layers[Math.max(0, found)] ?? '')}
            onInput=${(/** @type {{ target: HTMLInputElement }} */ { target }) => pick(Number(target.value))} />
        </label>`}
    <${LayerNumbers} store=${store} run=${entry.run} depth=${depth} curves=${curves} layer=${selected} step=${moved || chosen === last ? null : step} />
  </div>`;
}

/** Smallest and largest over the depth, in words. @param {{ family: import('../charts/depth_curves.js').Family, points: Point[], depth: Depth }} props */
function Span({ family, points, depth }) {
  const positive = points.flatMap((point) => (point.value !== null && point.value > 0 ? [{ ...point, value: point.value }] : []));
  const zeros = points.filter((point) => point.value === 0).length;
  const missing = points.filter((point) => point.value === null);
  let [least] = positive;
  let [most] = positive;
  for (const point of positive) {
    if (least && point.value < least.value) least = point;
    if (most && point.value > most.value) most = point;
  }
  const places = (/** @type {Point} */ point) => depth.layers[point.layer] ?? '';
  const said =
    !least || !most
      ? ''
      : positive.length === 1
        ? t('depth.one', { value: number(least.value), layer: places(least) })
        : t('depth.span', {
            low: number(least.value), low_layer: places(least), high: number(most.value), high_layer: places(most),
            factor: number(Number((most.value / least.value).toPrecision(2))),
          });
  if (!said && zeros === 0 && missing.length === 0) return null;
  return html`<li>
    <${FamilyMark} family=${family} /> <strong>${nameOf('roles', family)}</strong>${' '}
    <${Sentence} text=${together(
      said, zeros > 0 ? t('depth.zeros', { count: zeros }) : '',
      missing.length > 0 ? t('depth.not_finite', { count: missing.length, layer: places(/** @type {Point} */ (missing[0])) }) : '',
    )} />
  </li>`;
}

/** Every number of one layer, exactly. @param {{ store: Store, run: string, depth: Depth, curves: Curve[], layer: number, step: number | null }} props */
function LayerNumbers({ store, run, depth, curves, layer, step }) {
  const rows = curves.flatMap(({ family, points }) => points.filter((point) => point.layer === layer).map((point) => ({ family, ...point })));
  return html`<section class="layer-numbers" aria-label=${t('depth.of_layer')}>
    <h3 class="name">${printable(depth.layers[layer] ?? '')} <span class="label">${t('depth.place', { place: layer + 1, layers: depth.layers.length })}</span></h3>
    <ul>
      ${rows.map(
        ({ family, tag, value }) => html`<li>
          <${FamilyMark} family=${family} /> <span class="value">${value === null ? t('depth.no_number') : number(value)}</span>
          <${TagLink} store=${store} run=${run} tag=${tag.tag} step=${step} />
        </li>`,
      )}
    </ul>
  </section>`;
}

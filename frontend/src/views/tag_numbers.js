/** The exact numbers of one step of one tag: its nine named lines, its moments, what was not finite. */

import { lineNames } from './readout.js';
import { PERCENTAGES } from '../charts/percentiles.js';
import { ShapeMark } from '../charts/strip.js';
import { number, percent, withPerCent } from '../format.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { Series } from '../routes.js' */
/** @import { Beside } from './step_panel.js' */
/** @import { TagEntry } from '../schema.js' */

/** The L2 penalty for a lambda that the reader gives. @param {{ rms: number | null | undefined, count: number }} props */
function Penalty({ rms, count }) {
  const [lambda, setLambda] = useState('0.01');
  if (rms === null || rms === undefined) return null;
  const full = Number(lambda) * rms * rms * count;
  return html`<p class="penalty">
    <label>${t('numbers.lambda')}
      <input type="number" min="0" step="any" value=${lambda} onInput=${(/** @type {{ target: HTMLInputElement }} */ event) => setLambda(event.target.value)} />
    </label>
    <span>${t('numbers.penalty', { half: number(full / 2), full: number(full) })}</span>
  </p>`;
}

/**
 * @param {{ series: Series, i: number, tag: TagEntry, isLast: boolean,
 *   beside: Beside[] }} props
 */
export function StepNumbers({ series, i, tag, isLast, beside }) {
  const lines = series.percentiles[i]?.some((value) => value !== null) ? series.percentiles[i] : null;
  // The report's own numbers are those of the last step that has finite values.
  const known = isLast && lines !== null;
  const names = lineNames();
  const nonFinite = series.non_finite[i];
  const { bounds } = tag.stats;
  /** @param {'mean' | 'std' | 'rms' | 'l2_norm'} name @param {number | null | undefined} value @param {string} label */
  const row = (name, value, label) => {
    const [low, high] = (known ? bounds[name] : null) ?? [null, null];
    return html`<tr>
      <th scope="row">${label}</th>
      <td>${number(value)}</td>
      ${beside.length > 0
        ? beside.map(({ series: other, i: j, colour }) => html`<td class=${colour}>${name === 'l2_norm' ? '' : number(other.stats[name][j])}</td>`)
        : html`<td class="bounds">${low !== null && high !== null && number(low) !== number(high) ? `${number(low)} … ${number(high)}` : ''}</td>`}
    </tr>`;
  };
  const heads =
    beside.length > 0
      ? html`<thead><tr><td></td><th scope="col">${t('numbers.this')}</th>
          ${beside.map(({ name, colour }) => html`<th scope="col" class="${colour} name" title=${name}>${name}</th>`)}</tr></thead>`
      : null;
  return html`
    <p class="step-shape"><${ShapeMark} shape=${series.shapes[i] ?? 'unresolved'} /></p>
    ${nonFinite === 0
      ? null
      : html`<p class="failed-text">
          ${nonFinite === null || nonFinite === undefined ? (lines ? t('numbers.some_non_finite') : t('numbers.unknown_non_finite')) : t('numbers.non_finite', { count: nonFinite })}
        </p>`}
    <table class="stats">
      <caption class="unseen">${t('numbers.moments')}</caption>
      ${heads}
      <tbody>
        ${row('mean', series.stats.mean[i], t('stat.mean'))}
        ${row('std', series.stats.std[i], t('stat.std'))}
        ${row('rms', series.stats.rms[i], t('stat.rms'))}
        ${known ? row('l2_norm', tag.stats.l2_norm, t('stat.l2_norm')) : null}
        ${known && tag.stats.zero_share !== null
          ? html`<tr><th scope="row">${t('stat.zeros')}</th><td>${percent(tag.stats.zero_share)}</td><td></td></tr>`
          : null}
      </tbody>
    </table>
    ${tag.kernel && tag.role === 'weight' ? html`<${Penalty} rms=${series.stats.rms[i]} count=${tag.element_count} />` : null}
    ${!lines
      ? html`<p class="caption">${t('numbers.no_percentiles')}</p>`
      : html`<table class="stats lines">
          <caption>${t('numbers.lines')}</caption>
          ${heads}
          <tbody>
            ${PERCENTAGES.map((_, k) => PERCENTAGES.length - 1 - k).map(
              (k) => html`<tr class="line-${k}">
                <th scope="row" title=${names[k]}>${withPerCent(String(PERCENTAGES[k]))}</th>
                <td>${number(lines[k])}</td>
                ${beside.length > 0
                  ? beside.map(({ series: other, i: j, colour }) => html`<td class=${colour}>${number(other.percentiles[j]?.[k])}</td>`)
                  : html`<td class="bounds">${names[k]}</td>`}
              </tr>`,
            )}
          </tbody>
        </table>`}
  `;
}

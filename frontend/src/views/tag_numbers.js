/** The exact numbers of one step of one tag: its nine named lines, its moments, what was not finite. */

import { runName } from './overview.js';
import { PERCENTAGES } from '../charts/percentiles.js';
import { ShapeMark } from '../charts/strip.js';
import { number, percent, withPerCent } from '../format.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { Series } from '../routes.js' */
/** @import { TagEntry } from '../schema.js' */

/** What each line of Distributions is; they are percentiles, not standard deviations. */
const LINE_NAMES = () => [
  t('line.min'), t('line.6'), t('line.15'), t('line.30'), t('line.50'), t('line.69'), t('line.84'), t('line.93'), t('line.max'),
];

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
 *   other: { run: string, series: Series, i: number } | null }} props
 */
export function StepNumbers({ series, i, tag, isLast, other }) {
  const lines = series.percentiles[i]?.some((value) => value !== null) ? series.percentiles[i] : null;
  // The report's own numbers are those of the last step that has finite values.
  const known = isLast && lines !== null;
  const names = LINE_NAMES();
  const nonFinite = series.non_finite[i];
  const { bounds } = tag.stats;
  /** @param {string} name @param {number | null | undefined} value @param {string} label */
  const row = (name, value, label) => {
    const [low, high] = (known ? bounds[name] : null) ?? [null, null];
    return html`<tr>
      <th scope="row">${label}</th>
      <td>${number(value)}</td>
      <td class="bounds">${low !== null && high !== null && number(low) !== number(high) ? `${number(low)} … ${number(high)}` : ''}</td>
    </tr>`;
  };
  return html`
    <p class="step-shape"><${ShapeMark} shape=${series.shapes[i] ?? 'unresolved'} /></p>
    ${nonFinite === 0
      ? null
      : html`<p class="failed-text">
          ${nonFinite === null || nonFinite === undefined ? t('numbers.some_non_finite') : t('numbers.non_finite', { count: nonFinite })}
        </p>`}
    <table class="stats">
      <caption class="unseen">${t('numbers.moments')}</caption>
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
          ${other
            ? html`<thead><tr><td></td><th scope="col">${t('numbers.this_run')}</th><th scope="col" class="other name" title=${runName(other.run)}>${runName(other.run)}</th></tr></thead>`
            : null}
          <tbody>
            ${PERCENTAGES.map((_, k) => PERCENTAGES.length - 1 - k).map(
              (k) => html`<tr class="line-${k}">
                <th scope="row" title=${names[k]}>${withPerCent(String(PERCENTAGES[k]))}</th>
                <td>${number(lines[k])}</td>
                ${other
                  ? html`<td class="other">${number(other.series.percentiles[other.i]?.[k])}</td>`
                  : html`<td class="bounds">${names[k]}</td>`}
              </tr>`,
            )}
          </tbody>
        </table>`}
  `;
}

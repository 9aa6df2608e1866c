/** Lines under the charts that say exactly what is under the pointer or the keyboard's cursor. */

import { PERCENTAGES } from '../charts/percentiles.js';
import { number, percent, withPerCent } from '../format.js';
import { html } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { Bucket } from '../charts/reading.js' */
/** @import { Series } from '../routes.js' */

/** What each line of Distributions is; they are percentiles, not standard deviations. */
export const lineNames = () => [
  t('line.min'), t('line.6'), t('line.15'), t('line.30'), t('line.50'), t('line.69'), t('line.84'), t('line.93'), t('line.max'),
];

/** One bucket. @param {{ id: string, bucket: Bucket | null, live: boolean }} props `live`: read by keyboard, so said aloud */
export function BucketReadout({ id, bucket, live }) {
  return html`<p class="readout" id=${id} aria-live=${live ? 'polite' : 'off'}>${bucket === null ? t('readout.hint') : said(bucket)}</p>`;
}

/** @param {Bucket} bucket */
function said({ step, left, right, count, share }) {
  const values = { step, count: number(count), share: percent(share) };
  if (left === right) return t('readout.value', { ...values, value: number(left) });
  return t('readout.bucket', { ...values, left: number(left), right: number(right), density: number(share / (right - left)) });
}

/** One of the nine lines at one step. @param {{ id: string, series: Series, i: number, line: number | null, live: boolean }} props */
export function LineReadout({ id, series, i, line, live }) {
  const value = line === null ? null : (series.percentiles[i]?.[line] ?? null);
  const step = series.steps[i] ?? 0;
  const text =
    line === null
      ? t('readout.line_hint')
      : value === null
        ? t('readout.no_line', { step })
        : t('readout.line', { step, percentage: withPerCent(String(PERCENTAGES[line])), name: lineNames()[line] ?? '', value: number(value) });
  return html`<p class="readout" id=${id} aria-live=${live ? 'polite' : 'off'}>${text}</p>`;
}

/** What a picture of one tag does not show, or shows in its own way. */

import { runName } from './parts.js';
import { html } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { Grid } from '../charts/density.js' */
/** @import { Series } from '../routes.js' */
/** @import { Store } from '../state.js' */

/**
 * @param {{ store: Store, series: Series, grid: Grid, cut: boolean, whole: boolean, level: boolean, shown: number, log: boolean,
 *   beyond: { run: string, colour: string, count: number, all: number, elsewhere: boolean }[] }} props `beyond`: values of each run laid over
 *   that are not drawn; `elsewhere`: none of its steps is
 */
export function Remarks({ store, series, grid, cut, whole, level, shown, log, beyond }) {
  const outside = (grid.below[shown] ?? 0) + (grid.above[shown] ?? 0);
  const everywhere = [...grid.below, ...grid.above].reduce((sum, count) => sum + count, 0);
  const broken = series.non_finite.filter((count) => count !== 0).length;
  const showWhole = html`<button type="button" class="plain inline" onClick=${() => store.go({ range: 'whole' }, { push: false })}>${t('remark.show_whole')}</button>`;
  return html`<ul class="remarks">
    ${cut
      ? html`<li><span class="outside-mark" aria-hidden="true"></span> ${t('remark.outside', { count: outside, all: everywhere })} ${showWhole}</li>`
      : null}
    ${beyond.map(({ run, colour, count, all, elsewhere }) => [
      all > 0
        ? html`<li class="beyond"><span class="${colour}-mark" aria-hidden="true"></span> ${t('remark.other_outside', { run: runName(run), count, all })}</li>`
        : null,
      elsewhere ? html`<li><span class="${colour}-mark" aria-hidden="true"></span> ${t('remark.other_elsewhere', { run: runName(run) })}</li>` : null,
    ])}
    ${!cut && beyond.some(({ all }) => all > 0) ? html`<li class="beyond">${showWhole}</li>` : null}
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

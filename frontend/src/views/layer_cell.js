/** One tag in the layer table: its shapes over the steps, its size, and what changed, in words. */

import { Link, SeverityMark } from './parts.js';
import { Sparkline } from '../charts/sparkline.js';
import { Strip } from '../charts/strip.js';
import { number, percent, printable } from '../format.js';
import { html } from '../vendor/htm-preact-standalone.js';
import { listed, nameOf, t, together } from '../words.js';

/** @import { Store } from '../state.js' */
/** @import { FindingEntry, TagEntry } from '../schema.js' */

const STRIP_WIDTH = 150;
const SPARK_WIDTH = 46;
const STRIP_HEIGHT = 18;
/** Where the window is narrow, cells are too. */
const NARROW_STRIP = 112;
/** From here on, how many times says more than how many per cent. */
const TIMES = 10;

/**
 * @param {{ store: Store, run: string, tag: TagEntry, several: boolean, findings: FindingEntry[], narrow: boolean,
 *   line?: { steps: number[], values: (number | null)[] } }} props
 */
export function Cell({ store, run, tag, several, findings, line, narrow }) {
  const worst = findings[0];
  return html`<${Link} store=${store} to=${{ view: 'tag', run, tag: tag.tag }} fresh=${true} class="cell" title=${printable(tag.tag)}>
    <span class="cell-pictures">
      <${Strip} timeline=${tag.timeline} width=${narrow ? NARROW_STRIP : STRIP_WIDTH} height=${STRIP_HEIGHT} />
      ${line && !narrow ? html`<${Sparkline} ...${line} width=${SPARK_WIDTH} height=${STRIP_HEIGHT} />` : null}
    </span>
    <span class="cell-text">
      ${worst
        ? html`<span class="marked" title=${findings.map((finding) => finding.title).join('; ')}><${SeverityMark} severity=${worst.severity} label=${false} /></span>`
        : null}
      ${several ? html`<span class="leaf name">${leaf(tag)}</span>` : null}
      <span class="change">${nameOf('changes', tag.change.label)}</span>
      <span class="moved">${movement(tag)}</span>
      ${tag.guessed ? html`<span class="guessed" title=${t('layers.guessed')}>?</span>` : null}
      ${tag.told.length > 0 ? html`<span class="told" title=${told(tag)}>*</span>` : null}
    </span>
  <//>`;
}

/** Two digits tell how many times. @param {number} factor */
const rough = (factor) => number(Number(factor.toPrecision(2)));

/** What changed, in a line. @param {TagEntry} tag */
export const saidOf = (tag) => [tag.subject === tag.role ? '' : nameOf('roles', tag.subject), nameOf('changes', tag.change.label), movement(tag)].filter(Boolean).join(' · ');

/** How far a tag moved, in the words that fit what is known. @param {TagEntry} tag */
export function movement({ change }) {
  if (change.label === 'frozen' || change.label === 'unknown') return '';
  const { movement_in_spread: spread, movement: size } = change;
  if (spread !== null) return spread < TIMES ? t('moved.spread', { share: percent(spread) }) : t('moved.spreads', { times: rough(spread) });
  if (size !== null) return size < TIMES ? t('moved.size', { share: percent(size) }) : t('moved.sizes', { times: rough(size) });
  return '';
}

/** What the user said of a tag, and what would have been guessed. @param {TagEntry} tag */
export function told({ told: said, guess }) {
  /** @type {Record<string, string>} */
  const names = { layer: t('told.layer'), role: t('told.role'), order: t('told.order') };
  const what = listed(said.map((word) => names[word] ?? word));
  const guessed = guess ? t('told.guess', { layer: guess.layer, role: nameOf('roles', guess.role) }) : '';
  return together(t('told.by_names', { what }), guessed);
}

/** Which of several tags of one role this is. @param {TagEntry} tag */
function leaf(tag) {
  if (tag.subject !== tag.role) return nameOf('roles', tag.subject);
  const short = tag.tag.startsWith(tag.layer) ? tag.tag.slice(tag.layer.length).replace(/^[/._:]+/, '') : '';
  return printable(short || tag.tag);
}

/** One finding: what is seen, with its numbers; what to try; when it is harmless; what follows from it. */

import { Mark, MarkButtons, accused } from './marks.js';
import { canWrite } from './note_form.js';
import { AddNote, Note, isOn, notesOf } from './notes.js';
import { Link, Sentence, SeverityMark, TagLink, stepSpan, runName } from './parts.js';
import { percent, printable } from '../format.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { aboutOf, nameOf, t, withUnit } from '../words.js';

/** @import { Store } from '../state.js' */
/** @import { EvidenceEntry, FindingEntry } from '../schema.js' */

const TAGS_FIRST = 6;
const ALIKE_FIRST = 4;
/** Lines that one press adds to a list: ten thousand at once would stop the page. */
const PAGE = 100;

/**
 * @param {{ store: Store, run: string, finding: FindingEntry, alike?: FindingEntry[], effects?: FindingEntry[],
 *   first?: boolean, showRun?: boolean }} props
 */
export function Finding({ store, run, finding, alike = [], effects = [], first = false, showRun = false }) {
  const [open, setOpen] = useState(first);
  const [effectsOpen, setEffectsOpen] = useState(false);
  const notes = notesOf(store, run).filter((note) => isOn(note, finding));
  const steps = stepSpan(finding.first_step, finding.last_step);
  return html`<li class="finding ${finding.severity}" id="finding-${finding.id}">
    <div class="finding-head">
      <${SeverityMark} severity=${finding.severity} />
      <h3>${finding.title}</h3>
      ${finding.layer === null ? null : html`<span class="layer name">${printable(finding.layer)}</span>`}
      ${showRun ? html`<${Link} store=${store} to=${{ run }} class="run-chip name">${runName(run)}<//>` : null}
      <span class="aside">
        <span title=${aboutOf('confidences', finding.confidence)}>${nameOf('confidences', finding.confidence)}</span>
        ${steps ? html`<span>${steps}</span>` : null}
      </span>
    </div>
    ${finding.mark === null ? null : html`<${Mark} store=${store} run=${run} mark=${finding.mark} />`}
    <p class="message"><${Sentence} text=${finding.message} /></p>
    <${Tags} store=${store} run=${run} finding=${finding} />
    ${finding.evidence.length > 0 ? html`<${Evidence} evidence=${finding.evidence} tags=${finding.tags.length} />` : null}
    ${alike.length > 0 ? html`<${Alike} store=${store} run=${run} alike=${alike} />` : null}
    <button type="button" class="disclose" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      ${open ? t('finding.less') : t('finding.more')}
    </button>
    ${open ? html`<${Help} finding=${finding} />` : null}
    ${notes.length > 0 ? html`<ul class="note-list">${notes.map((note) => html`<${Note} key=${note.id} store=${store} run=${run} note=${note} />`)}</ul>` : null}
    ${canWrite(store)
      ? html`<div class="finding-actions">
          ${finding.mark === null ? html`<${MarkButtons} store=${store} run=${run} finding=${finding} others=${alike.length} />` : null}
          <${AddNote} store=${store} run=${run} about=${accused(finding)} />
        </div>`
      : null}
    ${effects.length > 0
      ? html`<div class="effects">
          <button type="button" class="disclose" aria-expanded=${effectsOpen} onClick=${() => setEffectsOpen(!effectsOpen)}>
            ${effects.length === 1 ? t('finding.effect') : t('finding.effects', { count: effects.length })}
          </button>
          ${effectsOpen
            ? html`<${Effects} store=${store} run=${run} effects=${effects} />`
            : null}
        </div>`
      : null}
  </li>`;
}

/** @param {{ store: Store, run: string, effects: FindingEntry[] }} props */
function Effects({ store, run, effects }) {
  const [most, setMost] = useState(PAGE);
  return html`<ol class="findings nested">
    ${effects.slice(0, most).map((effect) => html`<${Finding} key=${effect.id} store=${store} run=${run} finding=${effect} />`)}
    ${effects.length > most
      ? html`<li><button type="button" class="plain" onClick=${() => setMost(most + PAGE)}>${t('findings.more', { count: effects.length - most })}</button></li>`
      : null}
  </ol>`;
}

/** What was compared, the accused first. @param {{ store: Store, run: string, finding: FindingEntry }} props */
function Tags({ store, run, finding }) {
  const [most, setMost] = useState(TAGS_FIRST);
  const tags = finding.tags.slice(0, most);
  if (tags.length === 0) return null;
  return html`<p class="tags">
    <span class="label">${finding.tags.length === 1 ? t('finding.tag') : t('finding.tags')}</span>
    ${tags.map((tag) => html`<${TagLink} store=${store} run=${run} tag=${tag} step=${finding.last_step} /> `)}
    ${finding.tags.length > tags.length
      ? html`<button type="button" class="plain" onClick=${() => setMost(most + PAGE)}>
          ${t('finding.more_tags', { count: finding.tags.length - tags.length })}
        </button>`
      : null}
  </p>`;
}

/** The same rule on other layers, a line each. @param {{ store: Store, run: string, alike: FindingEntry[] }} props */
function Alike({ store, run, alike }) {
  const [most, setMost] = useState(ALIKE_FIRST);
  const shown = alike.slice(0, most);
  return html`<ul class="alike">
    ${shown.map((other) => html`<li id="finding-${other.id}">
      <span class="message"><${Sentence} text=${other.message} /></span>
      <span class="aside">${stepSpan(other.first_step, other.last_step)}</span>
      ${other.tags[0] === undefined ? null : html`<${TagLink} store=${store} run=${run} tag=${other.tags[0]} step=${other.last_step} />`}
      ${canWrite(store) ? html`<${MarkButtons} store=${store} run=${run} finding=${other} />` : null}
    </li>`)}
    ${alike.length > shown.length
      ? html`<li><button type="button" class="plain" onClick=${() => setMost(most + PAGE)}>${t('finding.more_alike', { count: alike.length - shown.length })}</button></li>`
      : null}
  </ul>`;
}

/** @param {{ evidence: EvidenceEntry[], tags: number }} props */
function Evidence({ evidence, tags }) {
  return html`<dl class="evidence">
    ${evidence.map(
      (entry) => html`<div>
        <dt>${entry.name}</dt>
        <dd>
          <span class="value">${quantity(entry.value, entry.unit)}</span>
          ${entry.lower !== null && entry.upper !== null && quantity(entry.lower, entry.unit) !== quantity(entry.upper, entry.unit)
            ? html` <span class="bounds">${t('evidence.bounds', {
                lower: quantity(entry.lower, entry.unit),
                upper: quantity(entry.upper, entry.unit),
              })}</span>`
            : null}
          ${entry.threshold === null
            ? null
            : html` <span class="threshold" title=${entry.source}>
                ${t('evidence.threshold', { value: quantity(entry.threshold, entry.unit === 'share' ? 'share' : '') })}
                ${entry.source ? html`<span class="source">${entry.source}</span>` : null}
              </span>`}
          ${entry.tag === null || tags < 2 ? null : html` <span class="of-tag name">${printable(entry.tag)}</span>`}
        </dd>
      </div>`,
    )}
  </dl>`;
}

/** @param {number | null} value @param {string} unit */
function quantity(value, unit) {
  if (value === null) return t('evidence.unknown');
  if (unit === 'share') return percent(value);
  return withUnit(unit, value);
}

/** @param {{ finding: FindingEntry }} props */
function Help({ finding }) {
  return html`<div class="help">
    ${finding.advice.length > 0
      ? html`<div><h4>${t('finding.advice')}</h4><ol>${finding.advice.map((text) => html`<li><${Sentence} text=${text} /></li>`)}</ol></div>`
      : null}
    ${finding.innocent.length > 0
      ? html`<div><h4>${t('finding.innocent')}</h4><ul>${finding.innocent.map((text) => html`<li>${text}</li>`)}</ul></div>`
      : null}
    ${finding.references.length > 0
      ? html`<div class="references"><h4>${t('finding.references')}</h4><ul>${finding.references.map(reference)}</ul></div>`
      : null}
  </div>`;
}

/** "Title (year). link": the link becomes one, if it is a web address. @param {string} text */
function reference(text) {
  const found = /^(.*?)\s*(https?:\/\/\S+)$/.exec(text);
  if (!found) return html`<li>${text}</li>`;
  return html`<li><a href=${found[2]} target="_blank" rel="noopener noreferrer">${found[1] || found[2]}</a></li>`;
}

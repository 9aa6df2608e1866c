/** Notes that people write on a run, a tag, a step or a finding: read, written, changed and taken away. */

import { Entry, canWrite, useWriting } from './note_form.js';
import { Link, TagLink, runName } from './parts.js';
import { integer, printable } from '../format.js';
import { blocks } from '../markdown.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { Piece } from '../markdown.js' */
/** @import { Store } from '../state.js' */
/** @import { FindingEntry, NoteEntry } from '../schema.js' */

/** What is noted on a run. @param {Store} store @param {string} run @returns {NoteEntry[]} */
export function notesOf(store, run) {
  const report = store.runStates().find((state) => state.info.run === run)?.report;
  // A file that was exported by an older version knows none.
  return report?.kind === 'ready' ? (report.value.notes ?? []) : [];
}

/** Whether a note is on a finding. @param {NoteEntry} note @param {FindingEntry} finding */
export function isOn(note, finding) {
  if (note.rule !== finding.rule || !(note.any_layer || note.layer === finding.layer)) return false;
  const { tags } = note;
  return tags === null || (tags.length === finding.tags.length && tags.every((tag) => finding.tags.includes(tag)));
}

/** When something was said, as the reader's language writes it; '' where it is not known. @param {string | null} time */
export function when(time) {
  const moment = time === null ? NaN : Date.parse(time);
  if (Number.isNaN(moment)) return '';
  return new Intl.DateTimeFormat(document.documentElement.lang || 'en', { dateStyle: 'medium', timeStyle: 'short' }).format(moment);
}

/** Who said something, and when. @param {{ author: string, time: string | null }} props */
export function By({ author, time }) {
  const parts = [printable(author), when(time)].filter(Boolean);
  return parts.length === 0 ? null : html`<span class="aside name">${parts.join(', ')}</span>`;
}

/** A note's text. @param {{ text: string }} props */
export function NoteText({ text }) {
  return html`<div class="note-text name">
    ${blocks(text).map(({ kind, lines }) =>
      kind === 'list'
        ? html`<ul>${lines.map((line) => html`<li>${line.map(piece)}</li>`)}</ul>`
        : html`<p>${lines.map((line, i) => html`${i > 0 ? html`<br />` : null}${line.map(piece)}`)}</p>`,
    )}
  </div>`;
}

/** @param {Piece} found */
function piece(found) {
  const text = printable(found.text);
  if (found.kind === 'link') return html`<a href=${found.href} target="_blank" rel="noopener noreferrer">${text}</a>`;
  if (found.kind === 'code') return html`<code>${text}</code>`;
  if (found.kind === 'bold') return html`<strong>${text}</strong>`;
  return found.kind === 'italic' ? html`<em>${text}</em>` : text;
}

/** @param {{ store: Store, run: string, note: NoteEntry, where?: boolean, showRun?: boolean }} props `where`: what it is on is not clear from the place */
export function Note({ store, run, note, where = false, showRun = false }) {
  const [doing, setDoing] = useState(/** @type {'edit' | 'remove' | null} */ (null));
  const writing = useWriting(store, run, () => setDoing(null));
  return html`<li class="note" id="note-${note.id}">
    ${where ? html`<${Where} store=${store} run=${run} note=${note} showRun=${showRun} />` : null}
    <${NoteText} text=${note.text} />
    <p class="note-foot">
      <${By} author=${note.author} time=${note.time} />
      ${note.edited_time === null ? null : html`<span class="aside name">${t('notes.edited', { by: [printable(note.edited_by ?? ''), when(note.edited_time)].filter(Boolean).join(', ') })}</span>`}
      ${canWrite(store)
        ? html`<button type="button" class="plain inline" onClick=${() => setDoing(doing === 'edit' ? null : 'edit')}>${t('notes.edit')}</button>
            <button type="button" class="plain inline" onClick=${() => setDoing(doing === 'remove' ? null : 'remove')}>${t('notes.remove')}</button>`
        : null}
    </p>
    ${doing === 'edit'
      ? html`<${Entry} writing=${writing} text=${note.text} label=${t('notes.text')} onCancel=${() => setDoing(null)}
          onSave=${(/** @type {string} */ text, /** @type {string} */ author) => writing.write({ edit: note.id, text, author })} />`
      : null}
    ${doing === 'remove'
      ? html`<${Entry} writing=${writing} text=${null} label=${t('notes.remove_sure')} save=${t('notes.remove')} onCancel=${() => setDoing(null)}
          onSave=${(/** @type {string} */ _text, /** @type {string} */ author) => writing.write({ remove: note.id, author })} />`
      : null}
  </li>`;
}

/** What a note is on, as far as it is less than the run. @param {{ store: Store, run: string, note: NoteEntry, showRun: boolean }} props */
function Where({ store, run, note, showRun }) {
  const step = note.step === null ? '' : t('steps.one', { step: integer(note.step) });
  const parts = [
    showRun ? html`<${Link} store=${store} to=${{ run }} class="run-chip name">${runName(run)}<//>` : null,
    note.rule === null ? null : html`<code>${printable(note.rule)}</code>`,
    note.layer === null ? null : html`<span class="name">${printable(note.layer)}</span>`,
    note.tag === null ? null : html`<${TagLink} store=${store} run=${run} tag=${note.tag} step=${note.step} />`,
    step ? html`<span>${step}</span>` : null,
  ].filter(Boolean);
  return parts.length === 0 ? null : html`<p class="note-where">${parts}</p>`;
}

/**
 * A button that opens a form for a new note.
 * @param {{ store: Store, run: string, about: Record<string, unknown>, step?: number | null }} props `step`: the note may be on it
 */
export function AddNote({ store, run, about, step = null }) {
  const [open, setOpen] = useState(false);
  const [onStep, setOnStep] = useState(false);
  const writing = useWriting(store, run, () => setOpen(false));
  return html`<div class="add-note">
    <button type="button" class="plain" aria-expanded=${open} onClick=${() => setOpen(!open)}>${t('notes.add')}</button>
    ${open
      ? html`<${Entry} writing=${writing} text="" label=${t('notes.text')} onCancel=${() => setOpen(false)}
          onSave=${(/** @type {string} */ text, /** @type {string} */ author) =>
            writing.write({ ...about, ...(onStep && step !== null ? { step } : {}), text, author })}
        >
          ${step === null
            ? null
            : html`<label class="field"><input type="checkbox" checked=${onStep} onChange=${() => setOnStep(!onStep)} /> ${t('notes.on_step', { step })}</label>`}
        <//>`
      : null}
  </div>`;
}

/**
 * All notes on some runs, or those on one tag, with a way to add one.
 * @param {{ store: Store, runs: string[], tag?: string, step?: number }} props
 */
export function Notes({ store, runs, tag, step }) {
  const found = runs.flatMap((run) => {
    const state = store.runStates().find((other) => other.info.run === run);
    const findings = state?.report.kind === 'ready' ? state.report.value.findings : [];
    // What is noted on a finding stands under it, as long as there is that finding.
    const apart = notesOf(store, run).filter((note) => note.rule === null || !findings.some((finding) => isOn(note, finding)));
    return apart.map((note) => ({ run, note }));
  });
  const shown = tag === undefined ? found : found.filter(({ note }) => note.tag === tag);
  const [run] = runs;
  const alone = runs.length === 1 && run !== undefined;
  if (shown.length === 0 && !(alone && canWrite(store))) return null;
  return html`<section class="notes" aria-labelledby="notes-title">
    <h2 id="notes-title">${tag !== undefined ? t('notes.on_tag') : alone ? t('notes.on_run') : t('notes.title')}</h2>
    ${shown.length === 0
      ? null
      : html`<ul class="note-list">
          ${shown.map(({ run: of, note }) => html`<${Note} key=${of + ' ' + note.id} store=${store} run=${of} note=${note} where=${true} showRun=${!alone} />`)}
        </ul>`}
    ${alone && canWrite(store) ? html`<${AddNote} store=${store} run=${run} about=${tag === undefined ? {} : { tag }} step=${step ?? null} />` : null}
  </section>`;
}

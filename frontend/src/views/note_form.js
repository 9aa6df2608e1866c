/** The form in which something is said, and what becomes of it: kept, refused, or not possible here. */

import { explainError } from '../trouble.js';
import { html, useEffect, useState } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { Store } from '../state.js' */
/** @import { Children } from '../vendor/htm-preact-standalone.js' */

const AUTHOR_KEY = 'histinsight.author';

/** Whether anything can be said at all: not in an exported file. @param {Store} store */
export const canWrite = (store) => store.host.name !== 'page';

/**
 * @typedef {object} Writing
 * @property {Store} store
 * @property {string} run
 * @property {boolean} busy
 * @property {string} trouble why the last attempt failed; '' where none did
 * @property {(said: Record<string, unknown>) => Promise<void>} write
 */

/** @param {Store} store @param {string} run @param {() => void} onDone @returns {Writing} */
export function useWriting(store, run, onDone) {
  const [state, setState] = useState({ busy: false, trouble: '' });
  return {
    store,
    run,
    ...state,
    async write(said) {
      setState({ busy: true, trouble: '' });
      try {
        await store.write(run, said);
        setState({ busy: false, trouble: '' });
        onDone();
      } catch (error) {
        setState({ busy: false, trouble: t('notes.failed', { reason: explainError(error) }) });
      }
    },
  };
}

/**
 * @param {{ writing: Writing, text: string | null, label: string, save?: string, optional?: boolean, children?: Children,
 *   onSave: (text: string, author: string) => void, onCancel: () => void }} props
 *   `text`: what there is already; null: nothing is to be written, only confirmed. `optional`: a reason, which may be
 *   empty and is plain text
 */
export function Entry({ writing, text: before, label, save = t('notes.save'), optional = false, children, onSave, onCancel }) {
  const [text, setText] = useState(before ?? '');
  const [author, setAuthor] = useState(remembered);
  const [place, setPlace] = useState(/** @type {{ reason: string | null, browser: boolean }} */ ({ reason: null, browser: false }));
  useEffect(() => {
    let here = true;
    writing.store.placeOfNotes(writing.run).then((found) => here && setPlace(found), () => {});
    return () => {
      here = false;
    };
  }, [writing.run]);
  if (place.reason !== null && !place.browser) return html`<p class="read-only" role="status">${place.reason}</p>`;
  const empty = before !== null && !optional && text.trim() === '';
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    if (empty || writing.busy) return;
    remember(author);
    onSave(text.trim(), author.trim());
  };
  return html`<form class="note-form" onSubmit=${submit} onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && onCancel()}>
    ${before === null
      ? html`<p>${label}</p>`
      : html`<label><span class="label">${label}</span>
          <textarea rows="3" maxlength="20000" value=${text} ref=${focused} onInput=${(/** @type {{ target: HTMLTextAreaElement }} */ event) => setText(event.target.value)}></textarea>
        </label>`}
    ${place.reason === null ? null : html`<p class="read-only" role="status">${place.reason}</p>`}
    ${children}
    <div class="note-buttons">
      <label class="field"><span class="label">${t('notes.author')}</span>
        <input type="text" maxlength="200" autocomplete="name" value=${author} onInput=${(/** @type {{ target: HTMLInputElement }} */ event) => setAuthor(event.target.value)} />
      </label>
      <button type="submit" disabled=${empty || writing.busy}>${writing.busy ? t('notes.saving') : save}</button>
      <button type="button" class="plain" onClick=${onCancel}>${t('notes.cancel')}</button>
      ${before === null || optional ? null : html`<span class="caption">${t('notes.writing')}</span>`}
    </div>
    ${writing.trouble ? html`<p class="failed-text" role="alert">${writing.trouble}</p>` : null}
  </form>`;
}

/** The cursor is where one writes, once; a tick later, since an element that is not in the page yet takes none. @param {HTMLTextAreaElement | null} element */
function focused(element) {
  if (element && !element.dataset['met']) {
    element.dataset['met'] = 'yes';
    setTimeout(() => element.focus());
  }
}

/** A browser may forbid a page to keep anything; then the name is asked for again. */
function remembered() {
  try {
    return window.localStorage.getItem(AUTHOR_KEY) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} author */
function remember(author) {
  try {
    window.localStorage.setItem(AUTHOR_KEY, author);
  } catch {
    // Only a convenience.
  }
}

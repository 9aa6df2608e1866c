/** What this browser alone keeps of a log: said plainly, saved as a file, read from one, forgotten. */

import { FILE_NAME } from '../own_notes.js';
import { save } from '../save.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { State, Store } from '../state.js' */

/** @param {{ store: Store, state: State }} props */
export function OwnNotesBar({ store, state }) {
  const [said, setSaid] = useState('');
  const [sure, setSure] = useState(false);
  const count = store.own.lines().length;
  if (count === 0 && state.readOnly === null) return null;
  /** @param {{ target: HTMLInputElement }} event */
  const read = async ({ target }) => {
    const file = target.files?.[0];
    target.value = '';
    if (!file) return;
    try {
      const { added, bad } = store.own.take(await file.text());
      setSaid(bad > 0 ? t('own.taken_some', { added, bad }) : t('own.taken', { added }));
    } catch (error) {
      setSaid(t('notes.failed', { reason: String(error instanceof Error ? error.message : error) }));
    }
    store.applyOwn();
  };
  return html`<div class="own-notes">
    <p>${count === 0 ? t('own.none') : t('own.kept', { count })}</p>
    <p class="note-buttons">
      ${count === 0
        ? null
        : html`<button type="button" onClick=${() => save(new Blob([store.own.text()], { type: 'application/jsonl;charset=utf-8' }), FILE_NAME)}>${t('own.save')}</button>`}
      <label class="file-button"><input type="file" accept=".jsonl,application/jsonl,application/x-ndjson" onChange=${read} /><span>${t('own.read')}</span></label>
      ${count === 0 || sure ? null : html`<button type="button" class="plain" onClick=${() => setSure(true)}>${t('own.forget')}</button>`}
      ${sure
        ? html`<span>${t('own.forget_sure')}</span>
            <button type="button" onClick=${() => { store.own.forget(); setSure(false); store.applyOwn(); }}>${t('own.forget')}</button>
            <button type="button" class="plain" onClick=${() => setSure(false)}>${t('notes.cancel')}</button>`
        : null}
    </p>
    ${said ? html`<p role="status">${said}</p>` : null}
  </div>`;
}

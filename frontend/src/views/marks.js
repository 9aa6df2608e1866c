/** Saying of a finding that it is intended, or to be dismissed, with a reason; changing that, and taking it back. */

import { Entry, canWrite, useWriting } from './note_form.js';
import { By } from './notes.js';
import { printable } from '../format.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { Store } from '../state.js' */
/** @import { FindingEntry, MarkEntry } from '../schema.js' */

/** Which finding is meant, as the file of notes says it. @param {FindingEntry} finding */
export const accused = ({ rule, layer, tags }) => ({ rule, layer, tags });

/** Why a finding does not count. @param {{ store: Store, run: string, mark: MarkEntry }} props */
export function Mark({ store, run, mark }) {
  const [doing, setDoing] = useState(/** @type {'edit' | 'remove' | null} */ (null));
  const writing = useWriting(store, run, () => setDoing(null));
  return html`<div class="mark">
    <p>
      <strong>${mark.mark === 'intended' ? t('mark.intended') : t('mark.dismissed')}</strong>
      ${mark.reason ? html` <span class="name">${printable(mark.reason)}</span>` : null}${' '}
      <${By} author=${mark.author} time=${mark.time} />
      ${canWrite(store)
        ? html`<button type="button" class="plain inline" onClick=${() => setDoing(doing === 'edit' ? null : 'edit')}>${t('notes.edit')}</button>
            <button type="button" class="plain inline" onClick=${() => setDoing(doing === 'remove' ? null : 'remove')}>${t('mark.take_back')}</button>`
        : null}
    </p>
    ${doing === 'edit'
      ? html`<${Entry} writing=${writing} text=${mark.reason} label=${t('mark.reason')} optional=${true} onCancel=${() => setDoing(null)}
          onSave=${(/** @type {string} */ reason, /** @type {string} */ author) => writing.write({ edit: mark.id, reason, author })} />`
      : null}
    ${doing === 'remove'
      ? html`<${Entry} writing=${writing} text=${null} label=${t('mark.take_back_sure')} save=${t('mark.take_back')} onCancel=${() => setDoing(null)}
          onSave=${(/** @type {string} */ _reason, /** @type {string} */ author) => writing.write({ remove: mark.id, author })} />`
      : null}
  </div>`;
}

/**
 * Buttons for a finding that nobody has marked; below them the form of the one that was pressed.
 * @param {{ store: Store, run: string, finding: FindingEntry, others?: number }} props `others`: of the same rule on other layers
 */
export function MarkButtons({ store, run, finding, others = 0 }) {
  const [kind, setKind] = useState(/** @type {'intended' | 'dismissed' | null} */ (null));
  const [everywhere, setEverywhere] = useState(false);
  const writing = useWriting(store, run, () => setKind(null));
  /** @param {string} reason @param {string} author */
  const save = (reason, author) =>
    writing.write({ mark: kind, ...(everywhere ? { rule: finding.rule } : accused(finding)), reason, author });
  /** @param {'intended' | 'dismissed'} which */
  const toggle = (which) => setKind(kind === which ? null : which);
  return html`<div class="mark-buttons">
    <button type="button" class="plain" aria-expanded=${kind === 'intended'} onClick=${() => toggle('intended')}>${t('mark.intend')}</button>
    <button type="button" class="plain" aria-expanded=${kind === 'dismissed'} onClick=${() => toggle('dismissed')}>${t('mark.dismiss')}</button>
    ${kind === null
      ? null
      : html`<${Entry} key=${kind} writing=${writing} text="" label=${kind === 'intended' ? t('mark.why_intended') : t('mark.why_dismissed')}
          optional=${true} onCancel=${() => setKind(null)} onSave=${save}
        >
          ${others > 0
            ? html`<label class="field"><input type="checkbox" checked=${everywhere} onChange=${() => setEverywhere(!everywhere)} /> ${t('mark.everywhere')}</label>`
            : null}
        <//>`}
  </div>`;
}

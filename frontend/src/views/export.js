/** What is seen as a file to keep or to send: which form, of which runs and tags, and how large it is. */

import { Segmented, runName } from './parts.js';
import { bytes } from '../format.js';
import { shownRuns } from '../run_filter.js';
import { explainError } from '../trouble.js';
import { html, useEffect, useRef, useState } from '../vendor/htm-preact-standalone.js';
import { nameOf, t } from '../words.js';

/** @import { State, Store } from '../state.js' */
/** @import { Children } from '../vendor/htm-preact-standalone.js' */

const FORMATS = /** @type {const} */ (['html', 'markdown', 'csv', 'json']);
const SUFFIXES = { html: 'html', markdown: 'md', csv: 'csv', json: 'json' };
/** Milliseconds of quiet before a file is made to learn its size. */
const MEASURE_AFTER = 400;
/** Tags of which a file is made unasked, to learn its size. */
const MEASURE_AT_MOST = 1000;

/** @param {{ store: Store, state: State }} props */
export function Export({ store, state }) {
  const [open, setOpen] = useState(false);
  if (store.host.name === 'page' || store.runStates().length === 0) return null;
  return html`<button type="button" class="export" aria-haspopup="dialog" onClick=${() => setOpen(true)}>${t('export.label')}</button>
    ${open ? html`<${Dialog} store=${store} state=${state} onClose=${() => setOpen(false)} />` : null}`;
}

/** What is chosen; `without`: roles of tags that are left out. @typedef {{ format: typeof FORMATS[number], runs: string[], without: string[], contains: string }} Choice */

/** @param {{ store: Store, state: State, onClose: () => void }} props */
function Dialog({ store, state, onClose }) {
  const all = store.runStates().map(({ info }) => info.run);
  const { run } = state.address;
  const [choice, setChoice] = useState(
    /** @type {() => Choice} */ (() => ({ format: 'html', runs: run !== undefined && all.includes(run) ? [run] : shownRuns(store).map(({ info }) => info.run), without: [], contains: '' })),
  );
  /** @param {Partial<Choice>} change */
  const choose = (change) => setChoice({ ...choice, ...change });
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => element.current?.showModal(), []);
  const about = { html: t('export.about_html'), markdown: t('export.about_markdown'), csv: t('export.about_csv'), json: t('export.about_json') }[choice.format];
  const names = { html: t('export.html'), markdown: 'Markdown', csv: 'CSV', json: 'JSON' };
  const tags = tagsOf(store, choice);
  return html`<dialog class="export-dialog" ref=${element} aria-labelledby="export-title" onClose=${onClose}>
    <h2 id="export-title">${t('export.title')}</h2>
    <p><${Segmented} label=${t('export.format')} value=${choice.format} options=${FORMATS.map((format) => [format, names[format]])} onChoose=${(/** @type {Choice['format']} */ format) => choose({ format })} /></p>
    <p class="caption">${about}</p>
    ${all.length > 1 ? html`<${Runs} all=${all} chosen=${choice.runs} onChoose=${(/** @type {string[]} */ runs) => choose({ runs })} />` : null}
    <${Tags} store=${store} choice=${choice} choose=${choose} tags=${tags} />
    ${store.own.lines().length > 0 ? html`<p class="caption">${t('export.without_own')}</p>` : null}
    <${Saving} store=${store} state=${state} choice=${choice} all=${all} tags=${tags.chosen} roles=${tags.roles} onClose=${() => element.current?.close()} />
  </dialog>`;
}

/** How many tags the chosen runs have, and how many of them are chosen. @param {Store} store @param {Choice} choice */
function tagsOf(store, { runs, without, contains }) {
  const chosen = new Set(runs);
  const states = store.runStates().filter(({ info }) => chosen.has(info.run));
  const known = states.flatMap(({ report }) => (report.kind === 'ready' ? report.value.tags : []));
  const unknown = states.reduce((sum, { info, report }) => sum + (report.kind === 'ready' ? 0 : info.tags), 0);
  const text = contains.toLowerCase();
  const kept = known.filter(({ tag, role }) => !without.includes(role) && tag.toLowerCase().includes(text));
  return { all: known.length + unknown, chosen: kept.length + unknown, roles: [...new Set(known.map(({ role }) => role))] };
}

/** @param {{ all: string[], chosen: string[], onChoose: (runs: string[]) => void }} props */
function Runs({ all, chosen, onChoose }) {
  const set = new Set(chosen);
  return html`<fieldset>
    <legend>${t('export.runs', { chosen: chosen.length, all: all.length })}</legend>
    <p>
      <button type="button" class="plain" onClick=${() => onChoose(all)}>${t('export.every')}</button>
      <button type="button" class="plain" onClick=${() => onChoose([])}>${t('export.none')}</button>
    </p>
    <ul class="choices" tabindex="0" aria-label=${t('choose.run')}>
      ${all.map((run) => html`<li><${Check} checked=${set.has(run)} onChange=${() => onChoose(all.filter((other) => (other === run ? !set.has(run) : set.has(other))))}><span class="name">${runName(run)}</span><//></li>`)}
    </ul>
  </fieldset>`;
}

/** @param {{ store: Store, choice: Choice, choose: (change: Partial<Choice>) => void, tags: ReturnType<typeof tagsOf> }} props */
function Tags({ choice, choose, tags }) {
  const { without, contains } = choice;
  /** @param {string} role */
  const turn = (role) => choose({ without: without.includes(role) ? without.filter((other) => other !== role) : [...without, role] });
  return html`<fieldset>
    <legend>${t('export.tags', { chosen: tags.chosen, all: tags.all })}</legend>
    <p class="choice-row">
      ${tags.roles.length > 1 ? tags.roles.map((role) => html`<${Check} checked=${!without.includes(role)} onChange=${() => turn(role)}>${nameOf('roles', role)}<//>`) : null}
      <input type="search" placeholder=${t('export.contains')} aria-label=${t('export.contains')} value=${contains}
        onInput=${(/** @type {{ target: HTMLInputElement }} */ event) => choose({ contains: event.target.value })} />
    </p>
  </fieldset>`;
}

/** @param {{ checked: boolean, onChange: () => void, children?: Children }} props */
const Check = ({ checked, onChange, children }) => html`<label class="field"><input type="checkbox" checked=${checked} onChange=${onChange} /> ${children}</label>`;

/**
 * How large the file is (it is made to learn that, and kept by the server until it is saved), and the way to save it.
 * @param {{ store: Store, state: State, choice: Choice, all: string[], tags: number, roles: string[], onClose: () => void }} props
 */
function Saving({ store, state, choice, all, tags, roles, onClose }) {
  const { format, runs, without, contains } = choice;
  const query = new URLSearchParams({ format, lang: state.language });
  if (runs.length < all.length) for (const run of runs) query.append('run', run);
  if (without.length > 0) for (const role of roles) if (!without.includes(role)) query.append('role', role);
  if (contains) query.append('contains', contains);
  if (store.source.inFull) query.append('full', '1');
  const target = `export?${query}`;
  const nothing = runs.length === 0 || tags === 0;
  const [asked, setAsked] = useState('');
  const [size, setSize] = useState(/** @type {{ target: string, bytes?: number, trouble?: string }} */ ({ target: '' }));
  const measures = !nothing && (tags <= MEASURE_AT_MOST || asked === target);
  useEffect(() => {
    if (!measures) return undefined;
    const leaving = new AbortController();
    const later = setTimeout(() => {
      store.source.exportSize(target, leaving.signal).then(
        (found) => setSize({ target, bytes: found }),
        (error) => leaving.signal.aborted || setSize({ target, trouble: explainError(error) }),
      );
    }, MEASURE_AFTER);
    return () => {
      clearTimeout(later);
      leaving.abort();
    };
  }, [target, measures]);
  const found = size.target === target ? size : { target };
  const name = (runs.length === 1 ? (runs[0] ?? '') : 'runs').replace(/[^\p{L}\p{N}._=-]+/gu, '-').replace(/^[-.]+/, '') || 'logdir';
  return html`<p class="export-size" role="status">
      ${nothing ? t('export.nothing') : null}
      ${found.bytes !== undefined ? t('export.size', { size: bytes(found.bytes) }) : null}
      ${found.trouble ? html`<span class="failed-text">${found.trouble}</span>` : null}
      ${measures && found.bytes === undefined && !found.trouble ? html`<span class="waiting">${t('export.measuring')}</span>` : null}
      ${!nothing && !measures ? html`<button type="button" class="plain" onClick=${() => setAsked(target)}>${t('export.measure', { tags })}</button>` : null}
    </p>
    <p class="caption">${t('export.private')}</p>
    <p class="note-buttons">
      ${nothing
        ? null
        : html`<a class="save-export" href=${target} download=${`insight-${name}.${SUFFIXES[format]}`}>${t('notes.save')}</a>`}
      <button type="button" onClick=${onClose}>${t('export.close')}</button>
    </p>`;
}

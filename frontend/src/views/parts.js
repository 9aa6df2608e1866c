/** Small pieces that every view uses. */

import { html } from '../vendor/htm-preact-standalone.js';
import { integer, printable, typeset } from '../format.js';
import { aboutOf, nameOf, t } from '../words.js';

/** @import { Store } from '../state.js' */
/** @import { Children } from '../vendor/htm-preact-standalone.js' */

/**
 * A link to another view: an ordinary one for "open in new tab" and "copy address", a change of state for a click.
 * @param {{ store: Store, to: Record<string, string | null>, fresh?: boolean, class?: string, title?: string,
 *   current?: string | null, children?: Children }} props
 */
export function Link({ store, to, fresh = false, class: className = '', title = '', current = null, children }) {
  /** @param {MouseEvent} event */
  const follow = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    store.go(to, { fresh });
    window.scrollTo(0, 0);
    // The element that was pressed may be gone; the keyboard goes on at the top of what came instead.
    if (event.detail === 0) requestAnimationFrame(() => document.getElementById('view')?.focus({ preventScroll: true }));
  };
  return html`<a
    href=${store.host.linkTo(store.address(to, fresh))} target="_top" class=${className} title=${title || null}
    aria-current=${current} onClick=${follow}
  >${children}</a>`;
}

/** The logdir itself is called "." by TensorBoard. @param {string} run */
export const runName = (run) => (run === '.' ? t('run.root') : printable(run));

/** Link to a tag's view. @param {{ store: Store, run: string, tag: string, text?: string, step?: number | null }} props */
export function TagLink({ store, run, tag, text = tag, step = null }) {
  const to = { view: 'tag', run, tag, step: step === null ? null : String(step) };
  return html`<${Link} store=${store} to=${to} fresh=${true} class="tag-link name">${printable(text)}<//>`;
}

/** Names of a log stand in quotation marks in every language's sentences, names of a program in backticks. */
const QUOTED = /“[^”]*”|「[^」]*」|`[^`]+`/g;

/**
 * A sentence made from facts. What it quotes from a log is set apart, so that a name written from right to left leaves
 * the words around it where they are.
 * @param {{ text: string }} props
 */
export function Sentence({ text }) {
  const safe = printable(text);
  /** @type {Children[]} */
  const parts = [];
  let done = 0;
  for (const found of safe.matchAll(QUOTED)) {
    const name = found[0].slice(1, -1);
    const end = found.index + found[0].length;
    if (found[0].startsWith('`')) {
      parts.push(typeset(safe.slice(done, found.index)), html`<code>${name}</code>`);
      done = end;
    } else {
      parts.push(typeset(safe.slice(done, found.index + 1)), html`<bdi>${name}</bdi>`);
      done = end - 1;
    }
  }
  return html`${[...parts, typeset(safe.slice(done))]}`;
}

/** A path of names, which may be broken after a separator. @param {{ name: string }} props */
export const Breakable = ({ name }) => printable(name).split(/(?<=[./:_])(?=[^./:_])/).map((part, i) => (i === 0 ? part : html`<wbr />${part}`));

/** @param {{ onRetry: () => void }} props */
export function Retry({ onRetry }) {
  return html`<button type="button" class="retry" onClick=${onRetry}>${t('retry')}</button>`;
}

/** Why there is nothing to see here. @param {{ kind: string, title: Children, children?: Children }} props */
export function Notice({ kind, title, children }) {
  return html`<section class="notice ${kind}" role=${kind === 'failed' ? 'alert' : 'status'}>
    ${kind === 'loading' ? html`<div class="spinner" aria-hidden="true"></div>` : null}
    <h2>${title}</h2>
    ${children}
  </section>`;
}

const SEVERITY_PATHS = /** @type {Record<string, string>} */ ({
  critical: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z',
  warning: 'M8 1.2 15.4 14.6H.6z',
  info: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z',
});

/** A mark that colour alone does not carry: octagon, triangle, disc. @param {{ severity: string, label?: boolean }} props */
export function SeverityMark({ severity, label = true }) {
  const name = nameOf('severities', severity);
  return html`<span class="severity ${severity}" title=${aboutOf('severities', severity)}>
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path class="ground" d=${SEVERITY_PATHS[severity] ?? SEVERITY_PATHS['info']} />
      ${severity === 'info'
        ? html`<path class="sign" d="M7.1 6.8h1.8v5H7.1zM7.1 4h1.8v1.8H7.1z" />`
        : html`<path class="sign" d="M7.1 ${severity === 'warning' ? 5.6 : 3.8}h1.8l-.2 5H7.3zM7.1 11h1.8v1.8H7.1z" />`}
    </svg>
    <span class=${label ? 'severity-name' : 'unseen'}>${name}</span>
  </span>`;
}

/** Steps from–to in words. @param {number | null} first @param {number | null} last */
export function stepSpan(first, last) {
  if (first === null && last === null) return '';
  if (first === null || last === null || first === last) return t('steps.one', { step: integer(last ?? first ?? 0) });
  return t('steps.span', { first: integer(first), last: integer(last) });
}

/** One of a few, side by side. @param {{ label: string, value: string, options: string[][], onChoose: (value: string) => void }} props */
export function Segmented({ label, value, options, onChoose }) {
  return html`<span class="segmented" role="group" aria-label=${label}>
    ${options.map(
      ([code, name]) => html`<button type="button" aria-pressed=${code === value} onClick=${() => onChoose(code ?? '')}>${name}</button>`,
    )}
  </span>`;
}

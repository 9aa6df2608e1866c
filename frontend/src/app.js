/** The frame around every view: navigation, progress, language; and what is said while nothing can be shown. */

import { DepthView } from './views/depth.js';
import { Export } from './views/export.js';
import { FullProgress } from './views/full_steps.js';
import { Guide } from './views/guide.js';
import { LayerTable } from './views/layers.js';
import { Overview } from './views/overview.js';
import { TagView } from './views/tag.js';
import { Link, Notice, Retry } from './views/parts.js';
import { Waiting, WaitingForWords } from './views/waiting.js';
import { Textures } from './charts/textures.js';
import { html, useErrorBoundary } from './vendor/htm-preact-standalone.js';
import { t, words } from './words.js';

/** @import { State, Store } from './state.js' */

const VIEWS = /** @type {const} */ (['overview', 'layers', 'depth', 'tag', 'guide']);

/** @param {State} state @returns {typeof VIEWS[number]} */
const viewOf = (state) => VIEWS.find((view) => view === state.address['view']) ?? 'overview';

/** @param {{ store: Store, state: State }} props */
export function App({ store, state }) {
  if (state.words.kind === 'loading') return html`<${WaitingForWords} onRetry=${() => void store.start()} />`;
  if (state.words.kind === 'failed') {
    // The only sentence that is not in the catalogue: the catalogue is what is missing.
    return html`<main class="page">
      <${Notice} kind="failed" title="The Insight tab could not load its texts.">
        <p>${state.words.message}</p>
        <button type="button" onClick=${() => void store.start()}>Try again</button>
      <//>
    </main>`;
  }
  return html`<${Textures} />
    <${Header} store=${store} state=${state} />
    <${Problems} sentences=${state.problems} />
    <main id="view" class="page" tabindex="-1"><${Body} key=${viewOf(state)} store=${store} state=${state} /></main>`;
}

/** @param {{ store: Store, state: State }} props */
function Header({ store, state }) {
  const view = viewOf(state);
  const { run } = state.address;
  const names = { overview: t('nav.overview'), layers: t('nav.layers'), depth: t('nav.depth'), tag: t('nav.tag'), guide: t('nav.guide') };
  /** @param {string} target */
  const goal = (target) => ({
    view: target === 'overview' ? null : target,
    run: target === 'layers' || target === 'depth' || target === 'tag' ? (run ?? null) : null,
    tag: target === 'tag' ? (state.address['tag'] ?? null) : null,
  });
  return html`<header class="top">
    <nav aria-label=${t('nav.label')}>
      ${VIEWS.map(
        (target) => html`<${Link}
          store=${store} to=${goal(target)} fresh=${true} class="nav-item" current=${target === view ? 'page' : null}
        >${names[target]}<//>`,
      )}
    </nav>
    <${Progress} store=${store} state=${state} />
    <${FullProgress} store=${store} state=${state} />
    <${Export} store=${store} state=${state} />
    <${Language} store=${store} state=${state} />
  </header>`;
}

/** How many reports are there; quiet once all are. @param {{ store: Store, state: State }} props */
function Progress({ store, state }) {
  if (state.trouble) {
    return html`<p class="progress trouble" role="status">
      ${t('progress.trouble', { reason: state.trouble })} <${Retry} onRetry=${() => void store.refresh(true)} />
    </p>`;
  }
  const runs = store.runStates();
  const done = runs.filter((run) => run.report.kind !== 'loading').length;
  if (runs.length === 0 || done === runs.length) return html`<p class="progress" role="status"></p>`;
  return html`<p class="progress" role="status">
    <progress max=${runs.length} value=${done} aria-hidden="true"></progress>
    ${t('progress.reports', { done, runs: runs.length })}
  </p>`;
}

/** What is wrong with the files of settings; the defaults hold meanwhile. @param {{ sentences: string[] }} props */
function Problems({ sentences }) {
  if (sentences.length === 0) return null;
  return html`<div class="problems" role="alert">
    ${sentences.map((sentence) => html`<p><strong>${t('problems.settings')}</strong> <span class="name">${sentence}</span></p>`)}
  </div>`;
}

/** @param {{ store: Store, state: State }} props */
function Language({ store, state }) {
  const languages = Object.entries(words().languages);
  if (languages.length < 2) return null;
  return html`<select
    class="language" aria-label=${t('language.label')} value=${state.language}
    onChange=${(/** @type {{ target: HTMLSelectElement }} */ event) => void store.speak(event.target.value)}
  >
    ${languages.map(([code, name]) => html`<option value=${code} lang=${code}>${name}</option>`)}
  </select>`;
}

/** @param {{ store: Store, state: State }} props */
function Body({ store, state }) {
  const [broken, reset] = useErrorBoundary((error) => console.error(error));
  if (broken) {
    return html`<${Notice} kind="failed" title=${t('error.broken')}>
      <p>${String(broken)}</p><${Retry} onRetry=${reset} />
    <//>`;
  }
  const view = viewOf(state);
  if (view === 'guide') return html`<${Guide} />`;
  if (state.runs.kind === 'loading') return html`<${Waiting} title=${t('loading.runs')} onRetry=${() => void store.refresh(true)} />`;
  if (state.runs.kind === 'failed') {
    return html`<${Notice} kind="failed" title=${t('error.runs')}>
      <p>${state.runs.message}</p><${Retry} onRetry=${() => void store.refresh()} />
    <//>`;
  }
  if (state.runs.value.length === 0) {
    return html`<${Notice} kind="empty" title=${t('empty.title')}>
      <p>${t('empty.how')}</p>
      <pre><code>${t('empty.code')}</code></pre>
      <p>${t('empty.waits')}</p>
      <${Retry} onRetry=${() => void store.refresh()} />
    <//>`;
  }
  if (view === 'layers') return html`<${LayerTable} store=${store} state=${state} />`;
  if (view === 'depth') return html`<${DepthView} store=${store} state=${state} />`;
  if (view === 'tag') return html`<${TagView} store=${store} state=${state} />`;
  return html`<${Overview} store=${store} state=${state} />`;
}

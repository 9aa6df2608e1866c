/** While something is waited for; when that takes long, that it does, and a way to ask once more. */

import { Notice, Retry } from './parts.js';
import { SLOW_AFTER } from '../patience.js';
import { html, useEffect, useState } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { Children } from '../vendor/htm-preact-standalone.js' */

/** @param {{ title: Children, onRetry: () => void }} props */
export function Waiting({ title, onRetry }) {
  const [attempt, setAttempt] = useState(0);
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_AFTER);
    return () => clearTimeout(timer);
  }, [attempt]);
  const again = () => {
    setSlow(false);
    setAttempt(attempt + 1);
    onRetry();
  };
  return html`<${Notice} kind="loading" title=${title}>
    ${slow ? html`<p>${t('waiting.slow')}</p><${Retry} onRetry=${again} />` : null}
  <//>`;
}

/** Before there are any words: the only sentences that are in no catalogue. @param {{ onRetry: () => void }} props */
export function WaitingForWords({ onRetry }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_AFTER);
    return () => clearTimeout(timer);
  }, []);
  if (!slow) return html`<div class="spinner page" role="status" aria-label="…"></div>`;
  return html`<main class="page">
    <${Notice} kind="loading" title="TensorBoard has not answered for some time.">
      <p>It may be busy with a large log, or have stopped.</p>
      <button type="button" onClick=${onRetry}>Try again</button>
    <//>
  </main>`;
}

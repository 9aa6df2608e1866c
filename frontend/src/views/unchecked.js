/** What could not be looked at: rules that lacked something, and records that were left out. */

import { Sentence, runName } from './parts.js';
import { Snippets } from './snippets.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { integer, printable } from '../format.js';
import { listed, t } from '../words.js';

/** @import { RunEntry, SkippedEntry } from '../schema.js' */

const LEFT_OUT_FIRST = 100;

/** "Nothing found" must not look like "nothing could be checked". @param {{ runs: RunEntry[], run: string }} props */
export function Unchecked({ runs, run }) {
  const [open, setOpen] = useState(false);
  const chosen = runs.filter((entry) => !run || entry.run === run);
  /** @param {string} status */
  const collect = (status) => {
    /** @type {Map<string, { title: string, reason: string, runs: string[] }>} */
    const found = new Map();
    for (const entry of chosen) {
      for (const outcome of entry.outcomes) {
        if (outcome.status !== status) continue;
        const key = JSON.stringify([outcome.rule, outcome.reason]);
        const group = found.get(key) ?? { title: outcome.title, reason: outcome.reason ?? '', runs: [] };
        group.runs.push(entry.run);
        found.set(key, group);
      }
    }
    return [...found.values()];
  };
  const skipped = collect('skipped');
  const failed = collect('failed');
  const fired = new Set(collect('fired').map((group) => group.title));
  const passed = [...new Set(collect('passed').map((group) => group.title))].filter((title) => !fired.has(title));
  /** @param {{ title: string, reason: string, runs: string[] }} group */
  const row = (group) => html`<li>
    <strong>${group.title}</strong> <span><${Sentence} text=${group.reason} /></span>
    ${chosen.length > 1 ? html` <span class="which name">${which(group.runs, chosen.length)}</span>` : null}
  </li>`;
  return html`<section class="unchecked" aria-labelledby="unchecked-title">
    <h2 id="unchecked-title">${t('unchecked.title')}</h2>
    ${failed.length > 0 ? html`<p class="failed-text">${t('unchecked.failed')}</p><ul class="outcomes">${failed.map(row)}</ul>` : null}
    ${passed.length > 0 ? html`<p>${t('unchecked.passed')} ${passed.join(' · ')}</p>` : null}
    ${skipped.length === 0 ? html`<p>${t('unchecked.none')}</p>` : null}
    ${skipped.length > 0
      ? html`<button type="button" class="disclose" aria-expanded=${open} onClick=${() => setOpen(!open)}>
          ${skipped.length === 1 ? t('unchecked.one') : t('unchecked.count', { count: skipped.length })}
        </button>`
      : null}
    ${open ? html`<ul class="outcomes">${skipped.map(row)}</ul><${Snippets} runs=${chosen} />` : null}
  </section>`;
}

/** @param {string[]} runs @param {number} all */
function which(runs, all) {
  if (runs.length === all) return t('unchecked.every_run');
  if (runs.length <= 3) return listed(runs.map(runName));
  return t('unchecked.some_runs', { count: runs.length, first: runName(runs[0] ?? '') });
}

/** Records that were left out while reading. @param {{ skipped: SkippedEntry[] }} props */
export function LeftOut({ skipped }) {
  const [open, setOpen] = useState(false);
  if (skipped.length === 0) return null;
  const count = skipped.reduce((sum, entry) => sum + entry.count, 0);
  return html`<section class="left-out">
    <button type="button" class="disclose" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      ${count === 1 ? t('left_out.one') : t('left_out.count', { count })}
    </button>
    ${open
      ? html`<ul>
          ${skipped.slice(0, LEFT_OUT_FIRST).map((entry) => html`<li>
            ${entry.where ? html`<span class="name">${printable(entry.where)}</span>: ` : null}
            ${entry.tag ? html`<span class="name">${printable(entry.tag)}</span> ` : null}
            ${entry.step === null ? null : html`<span>${t('steps.one', { step: integer(entry.step) })}</span> `}
            <${Sentence} text=${entry.reason} />${entry.count > 1 ? html` <span class="aside">× ${integer(entry.count)}</span>` : null}
          </li>`)}
          ${skipped.length > LEFT_OUT_FIRST ? html`<li>${t('left_out.more', { count: skipped.length - LEFT_OUT_FIRST })}</li>` : null}
        </ul>`
      : null}
  </section>`;
}

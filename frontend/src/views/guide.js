/** How to read the tab: shapes, changes, what the charts show, and what the rules look for. */

import { SeverityMark } from './parts.js';
import { ShapeMark } from '../charts/strip.js';
import { SHAPES } from '../charts/shapes.js';
import { html } from '../vendor/htm-preact-standalone.js';
import { t, words } from '../words.js';

export function Guide() {
  const { shapes, changes, severities, confidences, rules } = words();
  return html`<div class="guide">
    <section>
      <h2>${t('guide.three')}</h2>
      <p>${t('guide.three_text')}</p>
      <p>${t('guide.still_text')}</p>
    </section>
    <section>
      <h2>${t('guide.shapes')}</h2>
      <p>${t('guide.shapes_text')}</p>
      <dl class="words">
        ${SHAPES.filter((shape) => shapes[shape]).map(
          (shape) => html`<div><dt><${ShapeMark} shape=${shape} /></dt><dd>${shapes[shape]?.about}</dd></div>`,
        )}
      </dl>
    </section>
    <section>
      <h2>${t('guide.changes')}</h2>
      <p>${t('guide.changes_text')}</p>
      <${Definitions} entries=${changes} />
    </section>
    <section>
      <h2>${t('guide.charts')}</h2>
      <p>${t('guide.density')}</p>
      <p>${t('guide.log')}</p>
      <p>${t('guide.percentiles')}</p>
      <p>${t('guide.curve')}</p>
      <p>${t('guide.keys')}</p>
      <p>${t('guide.bounds')}</p>
    </section>
    <section>
      <h2>${t('guide.findings')}</h2>
      <p>${t('guide.findings_text')}</p>
      <dl class="words">
        ${Object.entries(severities).map(
          ([severity, { about }]) => html`<div><dt><${SeverityMark} severity=${severity} /></dt><dd>${about}</dd></div>`,
        )}
      </dl>
      <${Definitions} entries=${confidences} />
    </section>
    <section>
      <h2>${t('guide.rules')}</h2>
      <dl class="words rules">
        ${Object.entries(rules).map(
          ([id, rule]) => html`<div id="rule-${id}">
            <dt>${rule.title} <code>${id}</code></dt>
            <dd><p>${rule.what}</p><p class="label">${rule.why}</p></dd>
          </div>`,
        )}
      </dl>
    </section>
  </div>`;
}

/** @param {{ entries: Record<string, import('../routes.js').Named> }} props */
function Definitions({ entries }) {
  return html`<dl class="words">
    ${Object.values(entries).map(({ name, about }) => html`<div><dt>${name}</dt><dd>${about}</dd></div>`)}
  </dl>`;
}

/** Saving what is seen: numbers, and each chart as a picture. */

import { figureWithin } from '../charts/canvas.js';
import { fileName, savePng, saveSvg } from '../save.js';
import { printable } from '../format.js';
import { html } from '../vendor/htm-preact-standalone.js';
import { t } from '../words.js';

/** @import { Figure } from '../charts/canvas.js' */
/** @import { Children } from '../vendor/htm-preact-standalone.js' */

/**
 * @typedef {object} Picture
 * @property {string} kind for the name of the file
 * @property {string} name of the chart, in the reader's language
 * @property {string | (() => Figure)} from selector of the chart, or the chart
 * @property {string[]} lines what the picture is, written above it
 */

/**
 * A line of buttons: for each picture its name, PNG and SVG.
 * @param {{ of: string[], pictures: Picture[], within?: () => Element | null, children?: Children }} props `of`: names of run and tag
 */
export function Saving({ of, pictures, within = () => document.body, children }) {
  /** @param {Picture} picture @param {typeof savePng} save */
  const keep = ({ kind, from, lines }, save) => {
    const box = typeof from === 'string' ? within()?.querySelector(from) : null;
    const figure = typeof from === 'string' ? box && figureWithin(box) : from();
    if (figure) save(figure, lines.map(printable), fileName(...of, kind));
  };
  return html`<p class="saving">
    <span class="label">${t('save.label')}</span>
    ${children}
    ${pictures.map(
      (picture) => html`<span class="saved-picture">
        <span>${picture.name}</span>
        <button type="button" class="plain inline" aria-label=${t('save.as_png', { chart: picture.name })} onClick=${() => keep(picture, savePng)}>PNG</button>
        <button type="button" class="plain inline" aria-label=${t('save.as_svg', { chart: picture.name })} onClick=${() => keep(picture, saveSvg)}>SVG</button>
      </span>`,
    )}
  </p>`;
}

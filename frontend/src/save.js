/** What is seen, as a file: the numbers of a tag as CSV, a chart as PNG or SVG. Nothing leaves the browser. */

import { pageColour, pageFont } from './charts/canvas.js';
import { SvgDrawing } from './charts/svg.js';

/** @import { Figure, Pen } from './charts/canvas.js' */
/** @import { Series } from './routes.js' */

const FONT_SIZE = 11;
/** Pixels of a line above a picture. */
const HEAD_LINE = 16;

/** A name from a log as part of a file's name. @param {string} name */
const safe = (name) => name.replace(/[^\p{L}\p{N}._=-]+/gu, '-').replace(/^[-.]+/, '') || 'tag';

/**
 * A row per step: what was measured, and the nine percentiles; full precision, an empty field where there is no number.
 * @param {Series} series @param {number[]} percentages @returns {string} RFC 4180
 */
export function csvOf(series, percentages) {
  const head = ['step', 'wall_time', 'shape', 'mean', 'std', 'rms', ...percentages.map((percentage) => `p${percentage}`)];
  const rows = series.steps.map((step, i) => [
    step,
    series.wall_times[i] ?? null,
    series.shapes[i] ?? '',
    series.stats.mean[i] ?? null,
    series.stats.std[i] ?? null,
    series.stats.rms[i] ?? null,
    ...percentages.map((_, k) => series.percentiles[i]?.[k] ?? null),
  ]);
  return [head, ...rows].map((row) => row.map((field) => field ?? '').join(',') + '\r\n').join('');
}

/** @param {Series} series @param {number[]} percentages */
export function saveCsv(series, percentages) {
  save(new Blob([csvOf(series, percentages)], { type: 'text/csv;charset=utf-8' }), `${safe(series.run)}-${safe(series.tag)}.csv`);
}

/**
 * A chart as it is on the screen, on paper of the page's colour.
 * @param {Figure} figure @param {string[]} lines above the picture, what it is @param {string} name of the file, without its ending
 */
export function savePng(figure, lines, name) {
  const ratio = Math.max(2, window.devicePixelRatio || 1);
  const sheet = document.createElement('canvas');
  sheet.width = Math.round(figure.width * ratio);
  sheet.height = Math.round((figure.height + headHeight(lines)) * ratio);
  const context = sheet.getContext('2d');
  if (!context) return;
  const colour = pageColour();
  context.scale(ratio, ratio);
  context.fillStyle = colour('paper');
  context.fillRect(0, 0, figure.width, figure.height + headHeight(lines));
  context.font = `${FONT_SIZE}px ${pageFont()}`;
  drawFigure({ context, width: figure.width, height: figure.height, colour }, figure, lines);
  sheet.toBlob((blob) => blob && save(blob, `${name}.png`));
}

/** A chart for paper: vectors, text that stays text, the colours of the light page. @param {Figure} figure @param {string[]} lines @param {string} name */
export function saveSvg(figure, lines, name) {
  save(new Blob([svgOf(figure, lines)], { type: 'image/svg+xml' }), `${name}.svg`);
}

/** @param {Figure} figure @param {string[]} lines @returns {string} the file */
export function svgOf(figure, lines) {
  const page = document.documentElement.classList;
  const dark = page.contains('dark');
  const drawing = new SvgDrawing(pageFont(), FONT_SIZE);
  const { width, height } = figure;
  // Nothing is painted between the two: the page stays dark for the eye.
  page.remove('dark');
  try {
    const colour = pageColour();
    drawFigure({ context: drawing, width, height, colour }, figure, lines);
    return drawing.document(width, height + headHeight(lines), colour('paper'), lines.join(' – '));
  } finally {
    page.toggle('dark', dark);
  }
}

/** @param {string[]} lines */
const headHeight = (lines) => (lines.length > 0 ? HEAD_LINE * lines.length + 8 : 0);

/** @param {Pen} pen @param {Figure} figure @param {string[]} lines */
function drawFigure(pen, figure, lines) {
  const { context, colour } = pen;
  context.save();
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  lines.forEach((line, i) => {
    context.fillStyle = colour(i === 0 ? 'ink' : 'soft');
    context.fillText(line, 12, 8 + HEAD_LINE * (i + 0.6));
  });
  context.translate(0, headHeight(lines));
  figure.draw(pen);
  context.restore();
}

/** A name for the file of a picture. @param {...string} parts */
export const fileName = (...parts) => parts.map(safe).join('-');

/** @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

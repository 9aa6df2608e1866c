/** What is seen, as a file: the numbers of a tag as CSV, a chart as PNG. Nothing leaves the browser. */

/** @import { Series } from './routes.js' */

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
 * The canvases within an element, as they are on the screen, on paper of the page's colour.
 * @param {Element} box @param {Series} series @param {string} kind of chart, for the file's name
 */
export function savePng(box, series, kind) {
  const layers = [...box.querySelectorAll('canvas')];
  const [lowest] = layers;
  if (!lowest) return;
  const sheet = document.createElement('canvas');
  sheet.width = lowest.width;
  sheet.height = lowest.height;
  const context = sheet.getContext('2d');
  if (!context) return;
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--paper');
  context.fillRect(0, 0, sheet.width, sheet.height);
  for (const layer of layers) context.drawImage(layer, 0, 0);
  sheet.toBlob((blob) => blob && save(blob, `${safe(series.run)}-${safe(series.tag)}-${kind}.png`));
}

/** @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

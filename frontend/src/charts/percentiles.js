/** Nine percentiles over steps, as TensorBoard's Distributions draws them, each with its name. */

import { Canvas } from './canvas.js';
import { drawGrid, drawStepAxis, drawValueAxis, plotOf, stepsBetween } from './axes.js';
import { KEPT } from './others.js';
import { html, useCallback } from '../vendor/htm-preact-standalone.js';

/** @import { Plot } from './axes.js' */
/** @import { Pen } from './canvas.js' */
/** @import { Mark } from './others.js' */
/** @import { ValueScale } from './scale.js' */
/** @import { StepScale } from './step_axis.js' */
/** @import { Series } from '../routes.js' */

/** Percentages; for a normal distribution the ends of ±0.5, 1 and 1.5 standard deviations. */
export const PERCENTAGES = [0, 6.68, 15.87, 30.85, 50, 69.15, 84.13, 93.32, 100];
/** Opacity of the bands from the outermost to the innermost. */
const OPACITY = [0.11, 0.2, 0.3, 0.45];
/** Lines drawn of a run that is laid over: the middle, and where a normal has ±1 standard deviation. */
const OTHER_LINES = [2, 4, 6];
const MEDIAN = 4;
/** Pixels around a step that has no neighbour: a line needs two. */
const ALONE = 3;
/** The same where it is the only step of all. */
const ONLY = 60;

/** One list per percentile, as the chart wants them. @param {Series} series @returns {(number | null)[][]} */
export function percentileLines(series) {
  return PERCENTAGES.map((_, k) => series.percentiles.map((step) => step?.[k] ?? null));
}

/** The line nearest to a place of the value axis at a step; null where the step has none. @param {Series} series @param {number} i @param {ValueScale} scale @param {number} place */
export function nearestLine(series, i, scale, place) {
  let best = null;
  let distance = Infinity;
  (series.percentiles[i] ?? []).forEach((value, k) => {
    if (value === null) return;
    const away = Math.abs(scale.place(value) - place);
    if (away >= distance) return;
    best = k;
    distance = away;
  });
  return best;
}

/**
 * @param {{ series: Series, others: (Mark & { series: Series, steps: StepScale })[], steps: StepScale, scale: ValueScale, selected: number,
 *   line: number | null, kept: number | null, height: number, label: string, dark: boolean, hint: string,
 *   onHover: (step: number | null, line: number | null) => void, onPick: (step: number) => void,
 *   onZoom: (from: number, to: number) => void, onKey: (key: string) => boolean }} props `line`: the one that is read
 */
export function PercentileBands({ series, others, steps, scale, selected, line, kept, height, label, dark, hint, onHover, onPick, onZoom, onKey }) {
  const draw = useCallback(
    (/** @type {Pen} */ pen) => {
      const plot = plotOf(pen.width, pen.height);
      drawGrid(pen, plot, scale, steps);
      pen.context.save();
      pen.context.beginPath();
      pen.context.rect(plot.left, plot.top, plot.width, plot.height);
      pen.context.clip();
      drawLines(pen, plot, percentileLines(series), steps, scale);
      for (const other of others) drawOther(pen, plot, percentileLines(other.series), other.steps, scale, other);
      pen.context.restore();
      drawValueAxis(pen, plot, scale);
      drawStepAxis(pen, plot, steps);
    },
    [series, others, scale, steps],
  );
  const over = useCallback(
    (/** @type {Pen} */ pen) => {
      const plot = plotOf(pen.width, pen.height);
      if (kept !== null) drawStep(pen, plot, steps, kept, KEPT.colour, KEPT.dash);
      drawCursor(pen, plot, series, steps, scale, selected, line);
    },
    [series, steps, scale, selected, kept, line],
  );
  /** @param {number} x @param {number} width */
  const stepAt = (x, width) => {
    const plot = plotOf(width, height);
    const place = (x - plot.left) / plot.width;
    return place < 0 || place > 1 ? null : steps.index(place);
  };
  return html`<div class="percentile-bands">
    <${Canvas} height=${height} label=${label} draw=${draw} over=${over} dark=${dark} hint=${hint} onKey=${onKey}
      onMove=${(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width) => {
        const plot = plotOf(width, height);
        const step = stepAt(x, width);
        onHover(step, step === null ? null : nearestLine(series, step, scale, 1 - (y - plot.top) / plot.height));
      }}
      onLeave=${() => onHover(null, null)}
      onPick=${(/** @type {number} */ x, /** @type {number} */ _y, /** @type {number} */ width) => {
        const step = stepAt(x, width);
        if (step !== null) onPick(step);
      }}
      onDrag=${(/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ width) => {
        const [first, last] = stepsBetween(steps, plotOf(width, height), from, to);
        if (last > first) onZoom(first, last);
      }}
    />
  </div>`;
}

/** Steps in a row that have a number, from–to. @param {(number | null)[]} line @returns {[number, number][]} */
function stretches(line) {
  /** @type {[number, number][]} */
  const found = [];
  line.forEach((value, i) => {
    if (value === null) return;
    const last = found[found.length - 1];
    if (last && last[1] === i - 1) last[1] = i;
    else found.push([i, i]);
  });
  return found;
}

/** @param {(number | null)[]} line */
const alone = (line) => (line.length === 1 ? ONLY : ALONE);

/** @param {Plot} plot @param {StepScale} steps @param {ValueScale} scale */
const placer = (plot, steps, scale) => ({
  x: (/** @type {number} */ i) => plot.left + steps.spot(steps.at[i] ?? 0) * plot.width,
  // Far outside is outside: huge numbers are no coordinates.
  y: (/** @type {number} */ value) => plot.top + (1 - Math.max(-2, Math.min(3, scale.place(value)))) * plot.height,
});

/** @param {Pen} pen @param {Plot} plot @param {(number | null)[][]} lines @param {StepScale} steps @param {ValueScale} scale */
function drawLines({ context, colour }, plot, lines, steps, scale) {
  const { x, y } = placer(plot, steps, scale);
  context.fillStyle = colour('chart');
  OPACITY.forEach((opacity, k) => {
    for (const [low, high] of [[k, k + 1], [7 - k, 8 - k]]) {
      const under = lines[low ?? 0] ?? [];
      const above = lines[high ?? 0] ?? [];
      context.globalAlpha = opacity;
      for (const [from, to] of stretches(under)) {
        context.beginPath();
        const spread = from === to ? alone(under) : 0;
        for (let i = from; i <= to; i += 1) context.lineTo(x(i) - spread, y(above[i] ?? 0));
        if (spread) context.lineTo(x(to) + spread, y(above[to] ?? 0));
        for (let i = to; i >= from; i -= 1) context.lineTo(x(i) + spread, y(under[i] ?? 0));
        if (spread) context.lineTo(x(from) - spread, y(under[from] ?? 0));
        context.closePath();
        context.fill();
      }
    }
  });
  context.globalAlpha = 1;
  lines.forEach((line, k) => {
    context.setLineDash(k === 0 || k === lines.length - 1 ? [4, 3] : []);
    stroke({ context, colour }, line, x, y, k === MEDIAN ? 'ink' : 'chart', k === MEDIAN ? 1.75 : 1);
  });
  context.setLineDash([]);
}

/** @param {Pen} pen @param {Plot} plot @param {(number | null)[][]} lines @param {StepScale} steps @param {ValueScale} scale @param {Mark} mark */
function drawOther(pen, plot, lines, steps, scale, { colour, dash }) {
  const { x, y } = placer(plot, steps, scale);
  pen.context.setLineDash(dash);
  for (const k of OTHER_LINES) stroke(pen, lines[k] ?? [], x, y, colour, k === MEDIAN ? 2 : 1);
  pen.context.setLineDash([]);
}

/**
 * @param {Pick<Pen, 'context' | 'colour'>} pen @param {(number | null)[]} line @param {(i: number) => number} x @param {(value: number) => number} y
 * @param {string} name of the colour @param {number} width
 */
function stroke({ context, colour }, line, x, y, name, width) {
  context.strokeStyle = colour(name);
  context.lineWidth = width;
  for (const [from, to] of stretches(line)) {
    context.beginPath();
    const spread = from === to ? alone(line) : 0;
    context.moveTo(x(from) - spread, y(line[from] ?? 0));
    for (let i = from; i <= to; i += 1) context.lineTo(x(i) + spread, y(line[i] ?? 0));
    context.stroke();
  }
  context.lineWidth = 1;
}

/** The selected step, and on it the line that is read. @param {Pen} pen @param {Plot} plot @param {Series} series @param {StepScale} steps @param {ValueScale} scale @param {number} selected @param {number | null} line */
function drawCursor({ context, colour }, plot, series, steps, scale, selected, line) {
  drawStep({ context, colour }, plot, steps, selected, 'marker', []);
  const { x, y } = placer(plot, steps, scale);
  const value = line === null ? null : (series.percentiles[selected]?.[line] ?? null);
  if (value === null) return;
  context.fillStyle = colour('marker');
  context.beginPath();
  context.arc(x(selected), y(value), 4, 0, 2 * Math.PI);
  context.fill();
}

/** @param {Pick<Pen, 'context' | 'colour'>} pen @param {Plot} plot @param {StepScale} steps @param {number} i @param {string} name of the colour @param {number[]} dash */
function drawStep({ context, colour }, plot, steps, i, name, dash) {
  const x = plot.left + steps.spot(steps.at[i] ?? 0) * plot.width;
  context.strokeStyle = colour(name);
  context.lineWidth = 1.5;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(x, plot.top);
  context.lineTo(x, plot.top + plot.height);
  context.stroke();
  context.setLineDash([]);
  context.lineWidth = 1;
}

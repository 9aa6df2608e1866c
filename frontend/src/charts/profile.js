/** The histogram of one step: the density as steps, the curve of its label over it, other steps and runs laid over. */

import { Canvas, crisp } from './canvas.js';
import { bucketsAt, isPoint } from './buckets.js';
import { densityGrid } from './density.js';
import { linearTicks } from './scale.js';
import { chooseScale, outside } from './value_range.js';
import { integer, number, percent } from '../format.js';
import { html, useCallback } from '../vendor/htm-preact-standalone.js';

/** @import { Pen } from './canvas.js' */
/** @import { Curve } from './curves.js' */
/** @import { Grid } from './density.js' */
/** @import { Mark } from './others.js' */
/** @import { AxisKind } from './scale.js' */
/** @import { Series } from '../routes.js' */

const SIDE = 10;
const TOP = 14;
const BOTTOM = 22;
const CURVE_POINTS = 240;
/** Parts into which the axis is divided where the buckets are too narrow to be drawn one by one. */
const BINS = 140;
/** A curve or another histogram may be this much higher than the highest bucket before it is cut. */
const RIVAL_HIGHEST = 1.8;
/** A difference fills its strip from this share of the highest bucket on: what is small looks small. */
const DIFFERENCE_FULL = 0.25;
/** Pixels of the strip that shows the difference of two steps. */
export const DIFFERENCE_HEIGHT = 56;

/** @typedef {Mark & { series: Series }} Over another histogram, of one step */

/**
 * The outline as pairs of place (0 to 1) and density: the buckets themselves where they are wide enough to be seen,
 * else their average over small parts of the axis.
 * @param {Series} series of one step @param {Grid} grid
 * @returns {[number, number, number][]} from, to, density
 */
export function outline(series, grid) {
  const { left, right, share } = bucketsAt(series, 0);
  if (series.layout !== 'equal') {
    const bins = grid.edges.length - 1;
    return (grid.density[0] ?? []).map((density, k) => [k / bins, (k + 1) / bins, density]);
  }
  return left.flatMap((from, k) => {
    const to = right[k] ?? from;
    if (isPoint(from, to)) return [];
    return [[grid.scale.place(from), grid.scale.place(to), (share[k] ?? 0) / (to - from)]];
  });
}

/**
 * @param {{ series: Series, others: Over[], compared: Over | null, curve: Curve | null, axis: AxisKind | null, whole: boolean, height: number,
 *   label: string, dark: boolean }} props all series: of one step; `compared`: the one of `others` whose difference is drawn below
 */
export function Profile({ series, others, compared, curve, axis, whole: all, height, label, dark }) {
  const draw = useCallback(
    (/** @type {Pen} */ { context, width: whole, colour }) => {
      const { scale } = chooseScale(series, axis, all, others.map((other) => other.series));
      const grid = densityGrid(series, scale, BINS);
      const width = Math.max(1, whole - 2 * SIDE);
      const lower = compared ? DIFFERENCE_HEIGHT : 0;
      const inner = height - TOP - BOTTOM - lower;
      const base = TOP + inner;
      const bars = outline(series, grid).filter(([from, to]) => to > 0 && from < 1);
      const highest = Math.min(Math.max(...bars.map(([, , density]) => density), 0), 2 * (grid.caps[0] ?? 0)) || 1;
      const drawn = others.map((other) => ({ other, bars: outline(other.series, densityGrid(other.series, scale, BINS)) }));
      const rivals = [...(curve ? [curve.density(curve.centre)] : []), ...drawn.flatMap(({ bars: theirs }) => theirs.map(([, , density]) => density))];
      const top = Math.max(highest, Math.min(RIVAL_HIGHEST * highest, Math.max(...rivals, 0)));
      /** @param {number} value */
      const y = (value) => base - Math.min(1.04, value / top) * inner;
      context.beginPath();
      bars.forEach(([from, to, density], k) => {
        const start = SIDE + Math.max(0, from) * width;
        const end = SIDE + Math.min(1, to) * width;
        if (k === 0) context.moveTo(start, base);
        context.lineTo(start, y(density));
        context.lineTo(end, y(density));
        if (k === bars.length - 1) context.lineTo(end, base);
      });
      context.fillStyle = colour('chart');
      context.globalAlpha = 0.25;
      context.fill();
      context.globalAlpha = 1;
      context.strokeStyle = colour('chart');
      context.stroke();
      drawPoints({ context, colour }, grid, width, base, inner);
      for (const { other, bars: theirs } of drawn) drawOther({ context, colour }, theirs, width, y, other);
      if (curve) {
        context.beginPath();
        for (let k = 0; k <= CURVE_POINTS; k += 1) {
          const value = grid.scale.value(k / CURVE_POINTS);
          context.lineTo(SIDE + (k / CURVE_POINTS) * width, y(curve.density(value)));
        }
        context.setLineDash(curve.family === 'compared' ? [4, 3] : []);
        context.strokeStyle = colour(curve.family === 'compared' ? 'soft' : 'ink');
        context.stroke();
        context.setLineDash([]);
      }
      drawBeyond({ context, colour }, outside(series, 0, scale), width);
      drawAxis({ context, colour }, grid, width, base);
      if (compared) drawDifference({ context, colour }, grid.density[0] ?? [], densityGrid(compared.series, scale, BINS).density[0] ?? [], width, height, compared.colour);
    },
    [series, others, compared, curve, axis, all, height],
  );
  return html`<${Canvas} height=${height} label=${label} draw=${draw} dark=${dark} />`;
}

/**
 * @param {Pick<Pen, 'context' | 'colour'>} pen @param {[number, number, number][]} bars @param {number} width @param {(density: number) => number} y
 * @param {Over} how
 */
function drawOther({ context, colour }, bars, width, y, how) {
  context.beginPath();
  for (const [from, to, density] of bars) {
    if (to < 0 || from > 1) continue;
    context.lineTo(SIDE + Math.max(0, from) * width, y(density));
    context.lineTo(SIDE + Math.min(1, to) * width, y(density));
  }
  context.strokeStyle = colour(how.colour);
  context.lineWidth = 1.5;
  context.setLineDash(how.dash);
  context.stroke();
  context.setLineDash([]);
  context.lineWidth = 1;
}

/** How many values lie beyond the ends of the axis, at the ends. @param {Pick<Pen, 'context' | 'colour'>} pen @param {{ below: number, above: number }} outside @param {number} width */
function drawBeyond({ context, colour }, { below, above }, width) {
  context.fillStyle = colour('marker');
  context.textBaseline = 'top';
  context.textAlign = 'left';
  if (below > 0) context.fillText(`← ${integer(below)}`, SIDE, 1);
  context.textAlign = 'right';
  if (above > 0) context.fillText(`${integer(above)} →`, SIDE + width, 1);
}

/**
 * Where this step has more than the other (above the line) and where less (below it).
 * @param {Pick<Pen, 'context' | 'colour'>} pen @param {number[]} mine @param {number[]} theirs @param {number} width @param {number} height @param {string} name of the other's colour
 */
function drawDifference({ context, colour }, mine, theirs, width, height, name) {
  const apart = mine.map((density, k) => density - (theirs[k] ?? 0));
  const most = Math.max(...apart.map(Math.abs), DIFFERENCE_FULL * Math.max(...mine)) || 1;
  const half = (DIFFERENCE_HEIGHT - 8) / 2;
  const zero = height - 2 - half;
  for (const [sign, shade] of /** @type {const} */ ([[1, 'chart'], [-1, name]])) {
    context.beginPath();
    context.moveTo(SIDE, zero);
    apart.forEach((value, k) => {
      const y = zero - (Math.max(0, sign * value) * sign * half) / most;
      context.lineTo(SIDE + (k / apart.length) * width, y);
      context.lineTo(SIDE + ((k + 1) / apart.length) * width, y);
    });
    context.lineTo(SIDE + width, zero);
    context.closePath();
    context.fillStyle = colour(shade);
    context.globalAlpha = 0.55;
    context.fill();
    context.globalAlpha = 1;
  }
  context.strokeStyle = colour('strong-line');
  context.beginPath();
  context.moveTo(SIDE, crisp(zero));
  context.lineTo(SIDE + width, crisp(zero));
  context.stroke();
}

/** @param {Pick<Pen, 'context' | 'colour'>} pen @param {Grid} grid @param {number} width @param {number} base @param {number} inner */
function drawPoints({ context, colour }, grid, width, base, inner) {
  for (const point of grid.points[0] ?? []) {
    const place = grid.scale.place(point.value);
    if (place < 0 || place > 1 || point.share < 0.001) continue;
    const x = SIDE + place * width;
    context.fillStyle = colour('chart');
    context.fillRect(x - 1.5, base - inner * Math.max(0.06, point.share), 3, inner * Math.max(0.06, point.share));
    context.textAlign = place > 0.7 ? 'right' : 'left';
    context.textBaseline = 'bottom';
    context.fillStyle = colour('ink');
    context.fillText(`${percent(point.share)} = ${number(point.value)}`, x + (place > 0.7 ? -4 : 4), base - inner * Math.max(0.06, point.share) + 4);
  }
}

/** @param {Pick<Pen, 'context' | 'colour'>} pen @param {Grid} grid @param {number} width @param {number} base */
function drawAxis({ context, colour }, grid, width, base) {
  context.strokeStyle = colour('strong-line');
  context.beginPath();
  context.moveTo(SIDE, crisp(base));
  context.lineTo(SIDE + width, crisp(base));
  context.stroke();
  context.textBaseline = 'top';
  context.fillStyle = colour('soft');
  context.textAlign = 'center';
  let before = -Infinity;
  const ticks = grid.scale.kind === 'log' ? grid.scale.ticks : linearTicks(grid.scale.low, grid.scale.high, Math.max(2, width / 80));
  for (const tick of ticks) {
    const x = SIDE + grid.scale.place(tick) * width;
    const half = context.measureText(number(tick)).width / 2;
    if (x - before < 52 || x - half < 0 || x + half > width + 2 * SIDE) continue;
    before = x;
    context.fillText(number(tick), x, base + 6);
  }
}

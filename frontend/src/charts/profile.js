/** The histogram of one step: the density as steps, with a normal of the same mean and spread for comparison. */

import { Canvas, crisp } from './canvas.js';
import { bucketsAt, chooseScale, densityGrid, isPoint } from './density.js';
import { linearTicks } from './scale.js';
import { number, percent } from '../format.js';
import { html, useCallback } from '../vendor/htm-preact-standalone.js';

/** @import { Pen } from './canvas.js' */
/** @import { Grid } from './density.js' */
/** @import { AxisKind } from './scale.js' */
/** @import { Series } from '../routes.js' */

/** Shapes beside which a normal distribution says something. */
export const COMPARED_TO_NORMAL = ['uniform', 'gaussian', 'heavy_tailed', 'skewed'];
const SIDE = 10;
const TOP = 14;
const BOTTOM = 22;
const CURVE_POINTS = 160;
/** Parts into which the axis is divided where the buckets are too narrow to be drawn one by one. */
const BINS = 140;

/** Density of a normal distribution. @param {number} x @param {number} mean @param {number} std */
export const normalDensity = (x, mean, std) => Math.exp(-0.5 * ((x - mean) / std) ** 2) / (std * Math.sqrt(2 * Math.PI));

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
 * @param {{ series: Series, other: Series | null, axis: AxisKind | null, mean: number | null, std: number | null, height: number,
 *   label: string, dark: boolean }} props both series: of one step
 */
export function Profile({ series, other, axis, mean, std, height, label, dark }) {
  const draw = useCallback(
    (/** @type {Pen} */ { context, width: whole, colour }) => {
      const { scale } = chooseScale(series, axis, false, other);
      const grid = densityGrid(series, scale, BINS);
      const width = Math.max(1, whole - 2 * SIDE);
      const inner = height - TOP - BOTTOM;
      const base = TOP + inner;
      const bars = outline(series, grid).filter(([from, to]) => to > 0 && from < 1);
      const highest = Math.min(Math.max(...bars.map(([, , density]) => density), 0), 2 * (grid.caps[0] ?? 0)) || 1;
      const curve = COMPARED_TO_NORMAL.includes(series.shapes[0] ?? '') && mean !== null && std !== null && std > 0;
      const top = curve ? Math.max(highest, Math.min(1.7 * highest, normalDensity(mean, mean, std))) : highest;
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
      if (other) drawOther({ context, colour }, outline(other, densityGrid(other, scale, BINS)), width, y);
      if (curve) {
        context.beginPath();
        for (let k = 0; k <= CURVE_POINTS; k += 1) {
          const value = grid.scale.value(k / CURVE_POINTS);
          context.lineTo(SIDE + (k / CURVE_POINTS) * width, y(normalDensity(value, mean, std)));
        }
        context.setLineDash([4, 3]);
        context.strokeStyle = colour('soft');
        context.stroke();
        context.setLineDash([]);
      }
      drawAxis({ context, colour }, grid, width, base);
    },
    [series, other, axis, mean, std, height],
  );
  return html`<${Canvas} height=${height} label=${label} draw=${draw} dark=${dark} />`;
}

/** @param {Pick<Pen, 'context' | 'colour'>} pen @param {[number, number, number][]} bars @param {number} width @param {(density: number) => number} y */
function drawOther({ context, colour }, bars, width, y) {
  context.beginPath();
  for (const [from, to, density] of bars) {
    if (to < 0 || from > 1) continue;
    context.lineTo(SIDE + Math.max(0, from) * width, y(density));
    context.lineTo(SIDE + Math.min(1, to) * width, y(density));
  }
  context.strokeStyle = colour('other');
  context.lineWidth = 1.5;
  context.stroke();
  context.lineWidth = 1;
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

/** Histograms over steps as a ridgeline: one density after the other, the newest in front. */

import { Canvas } from './canvas.js';
import { linearTicks } from './scale.js';
import { number, shortStep } from '../format.js';
import { html, useCallback } from '../vendor/htm-preact-standalone.js';

/** @import { Pen } from './canvas.js' */
/** @import { Curve } from './curves.js' */
/** @import { Grid } from './density.js' */
/** @import { Bucket } from './reading.js' */

/** Ridges drawn at most; of more steps, evenly spaced ones and always the last. */
const RIDGES = 36;
const LEFT = 64;
const RIGHT = 24;
const BOTTOM = 22;
/** A ridge may reach over this many others. */
const OVERLAP = 5;
const LABEL_HEIGHT = 13;
const CURVE_POINTS = 240;

/** Which of n steps are drawn, the last always among them. @param {number} n @param {number} most */
export function chosenSteps(n, most) {
  if (n <= most) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: most }, (_, k) => Math.round((k * (n - 1)) / (most - 1)));
}

/** Base line of each ridge and the height of the tallest, in pixels. @param {number} count @param {number} height */
export function ridgeGeometry(count, height) {
  const inner = height - BOTTOM;
  const gap = count > 1 ? inner / (count + OVERLAP - 1) : 0;
  const reach = count > 1 ? gap * OVERLAP : inner * 0.9;
  return { reach, base: Array.from({ length: count }, (_, k) => inner - (count - 1 - k) * gap) };
}

/**
 * @param {{ grid: Grid, level: boolean, steps: number[], nonFinite: (number | null)[], selected: number, curve: Curve | null,
 *   bucket: Bucket | null, height: number, label: string, dark: boolean, hint: string, onKey: (key: string) => boolean,
 *   onHover: (step: number | null, value: number | null) => void, onPick: (step: number) => void }} props `curve`: fitted to the selected step
 */
export function Ridgeline({ grid, level, steps, nonFinite, selected, curve, bucket, height, label, dark, hint, onKey, onHover, onPick }) {
  const chosen = chosenSteps(steps.length, RIDGES);
  const geometry = ridgeGeometry(chosen.length, height);
  const draw = useCallback(
    (/** @type {Pen} */ pen) => {
      const width = Math.max(1, pen.width - LEFT - RIGHT);
      drawAxis(pen, grid, width, height);
      const shown = nearest(chosen, selected);
      chosen.forEach((i, k) => {
        const age = chosen.length > 1 ? k / (chosen.length - 1) : 1;
        const how = { base: geometry.base[k] ?? 0, reach: geometry.reach, cap: (level ? grid.caps[i] : grid.cap) || 1, width };
        drawRidge(pen, grid, i, { ...how, age, selected: i === shown, broken: nonFinite[i] !== 0 });
        if (i === selected && curve) drawCurve(pen, grid, curve, how);
      });
      drawLabels(pen, chosen, steps, geometry.base, chosen.indexOf(shown));
    },
    [grid, level, steps, nonFinite, selected, curve, height],
  );
  const over = useCallback(
    (/** @type {Pen} */ { context, width: whole, colour }) => {
      if (!bucket) return;
      const width = Math.max(1, whole - LEFT - RIGHT);
      const [from, to] = [bucket.left, bucket.right].map((value) => LEFT + Math.max(0, Math.min(1, grid.scale.place(value))) * width);
      const base = geometry.base[chosen.indexOf(nearest(chosen, selected))] ?? 0;
      context.fillStyle = colour('marker');
      context.fillRect((from ?? 0) - 1, base - 2, Math.max(3, (to ?? 0) - (from ?? 0) + 2), 4);
    },
    [grid, bucket, selected, height],
  );
  /** @param {number} y */
  const stepAt = (y) => {
    const k = geometry.base.findIndex((base) => base >= y);
    return chosen[k < 0 ? chosen.length - 1 : k] ?? 0;
  };
  return html`<${Canvas}
    height=${height} label=${label} draw=${draw} over=${over} dark=${dark} hint=${hint} onKey=${onKey} onLeave=${() => onHover(null, null)}
    onMove=${(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ whole) => {
      const place = (x - LEFT) / Math.max(1, whole - LEFT - RIGHT);
      onHover(stepAt(y), place < 0 || place > 1 ? null : grid.scale.value(place));
    }}
    onPick=${(/** @type {number} */ _x, /** @type {number} */ y) => onPick(stepAt(y))}
  />`;
}

/** @param {number[]} chosen @param {number} wanted */
function nearest(chosen, wanted) {
  return chosen.reduce((best, i) => (Math.abs(i - wanted) < Math.abs(best - wanted) ? i : best), chosen[0] ?? 0);
}

/** @param {Pen} pen @param {Grid} grid @param {number} width @param {number} height */
function drawAxis({ context, colour }, grid, width, height) {
  context.textAlign = 'center';
  context.textBaseline = 'top';
  const ticks = grid.scale.kind === 'log' ? grid.scale.ticks : linearTicks(grid.scale.low, grid.scale.high, Math.max(3, width / 90));
  let before = -Infinity;
  for (const tick of ticks) {
    const x = LEFT + grid.scale.place(tick) * width;
    context.strokeStyle = colour('line');
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, height - BOTTOM);
    context.stroke();
    if (x - before < 46) continue;
    before = x;
    context.fillStyle = colour('soft');
    context.fillText(number(tick), x, height - BOTTOM + 6);
  }
}

/**
 * @param {Pen} pen @param {Grid} grid @param {number} i
 * @param {{ base: number, reach: number, cap: number, width: number, age: number, selected: boolean, broken: boolean }} how
 */
function drawRidge({ context, colour }, grid, i, { base, reach, cap, width, age, selected, broken }) {
  const density = grid.density[i] ?? [];
  const bins = density.length;
  context.beginPath();
  context.moveTo(LEFT, base);
  density.forEach((value, k) => {
    const y = base - Math.min(1, value / cap) * reach;
    context.lineTo(LEFT + (k / bins) * width, y);
    context.lineTo(LEFT + ((k + 1) / bins) * width, y);
  });
  context.lineTo(LEFT + width, base);
  context.fillStyle = colour('paper');
  context.globalAlpha = 0.86;
  context.fill();
  context.globalAlpha = selected ? 0.5 : 0.1 + 0.3 * age;
  context.fillStyle = colour(selected ? 'marker' : 'chart');
  context.fill();
  context.globalAlpha = selected ? 1 : 0.35 + 0.65 * age;
  context.strokeStyle = colour(selected ? 'marker' : 'chart');
  context.setLineDash(broken ? [3, 3] : []);
  context.stroke();
  context.setLineDash([]);
  for (const point of grid.points[i] ?? []) {
    const x = LEFT + grid.scale.place(point.value) * width;
    if (x < LEFT || x > LEFT + width) continue;
    context.beginPath();
    context.moveTo(x, base);
    context.lineTo(x, base - reach * point.share);
    context.lineWidth = 2;
    context.stroke();
    context.lineWidth = 1;
  }
  context.globalAlpha = 1;
}

/** The curve of the step's label, as high as the ridge would be. @param {Pen} pen @param {Grid} grid @param {Curve} curve @param {{ base: number, reach: number, cap: number, width: number }} how */
function drawCurve({ context, colour }, grid, curve, { base, reach, cap, width }) {
  context.beginPath();
  for (let k = 0; k <= CURVE_POINTS; k += 1) {
    const height = Math.min(1, curve.density(grid.scale.value(k / CURVE_POINTS)) / cap);
    context.lineTo(LEFT + (k / CURVE_POINTS) * width, base - height * reach);
  }
  context.setLineDash(curve.family === 'compared' ? [4, 3] : []);
  context.strokeStyle = colour('ink');
  context.stroke();
  context.setLineDash([]);
}

/**
 * The selected step, the last one, and of the others as many as fit.
 * @param {Pen} pen @param {number[]} chosen @param {number[]} steps @param {number[]} base @param {number} selected
 */
function drawLabels({ context, colour }, chosen, steps, base, selected) {
  context.textAlign = 'right';
  context.textBaseline = 'alphabetic';
  /** @type {number[]} */
  const taken = [];
  for (const k of [selected, chosen.length - 1, ...chosen.keys()]) {
    const y = base[k] ?? 0;
    if (taken.some((other) => Math.abs(other - y) < LABEL_HEIGHT)) continue;
    taken.push(y);
    context.fillStyle = colour(k === selected ? 'marker' : 'soft');
    context.fillText(shortStep(steps[chosen[k] ?? 0] ?? 0), LEFT - 7, y);
  }
}

/** Histograms over steps as a heat map: a column per step, the density as colour. */

import { Canvas, crisp, ramp } from './canvas.js';
import { drawStepAxis, drawValueAxis, plotOf, stepsBetween } from './axes.js';
import { html, useCallback } from '../vendor/htm-preact-standalone.js';

/** @import { Pen } from './canvas.js' */
/** @import { Plot } from './axes.js' */
/** @import { Grid } from './density.js' */
/** @import { Bucket } from './reading.js' */
/** @import { ValueScale } from './scale.js' */
/** @import { StepScale } from './step_axis.js' */

const COLOURS = 64;
/** Pixels of the frame around the bucket that is read at least. */
const READ_WIDTH = 12;
/** A mass at one value is drawn this high, in pixels. */
const POINT_HEIGHT = 3;
/** Share of the values that a single value must have to be drawn as one. */
const POINT_LEAST = 0.002;

/** Colour by the square root of the density, so that tails stay visible. @param {number} density @param {number} cap */
export const shade = (density, cap) => (cap > 0 ? Math.min(1, Math.sqrt(density / cap)) : 0);

/**
 * @param {{ grid: Grid, level: boolean, steps: StepScale, nonFinite: (number | null)[], selected: number, kept: number | null, bucket: Bucket | null, height: number,
 *   label: string, dark: boolean, hint?: string, onHover: (step: number | null, value: number | null) => void, onPick: (step: number) => void,
 *   onZoom?: (from: number, to: number) => void, onKey?: (key: string) => boolean }} props `kept`: the step that others are held against; `bucket`: the one that is read
 */
export function HeatMap({ grid, level, steps, nonFinite, selected, kept, bucket, height, label, dark, hint, onHover, onPick, onZoom, onKey }) {
  const draw = useCallback(
    (/** @type {Pen} */ pen) => {
      const plot = plotOf(pen.width, pen.height);
      drawColumns(pen, plot, grid, level, steps);
      drawNonFinite(pen, plot, steps, nonFinite);
      drawOutside(pen, plot, grid, steps);
      drawValueAxis(pen, plot, grid.scale);
      drawStepAxis(pen, plot, steps);
    },
    [grid, level, steps, nonFinite],
  );
  const over = useCallback(
    (/** @type {Pen} */ pen) => {
      const plot = plotOf(pen.width, pen.height);
      if (kept !== null) drawKept(pen, plot, steps, kept);
      drawSelection(pen, plot, grid.scale, steps, selected, bucket);
    },
    [grid, steps, selected, kept, bucket],
  );
  /** @param {number} x @param {number} width */
  const stepAt = (x, width) => {
    const plot = plotOf(width, height);
    const place = (x - plot.left) / plot.width;
    return place < 0 || place > 1 ? null : steps.index(place);
  };
  /** @param {number} from @param {number} to @param {number} width */
  const onDrag = (from, to, width) => {
    const [first, last] = stepsBetween(steps, plotOf(width, height), from, to);
    if (last > first) onZoom?.(first, last);
  };
  return html`<${Canvas}
    height=${height} label=${label} draw=${draw} over=${over} dark=${dark} ...${onKey ? { onKey } : {}} ...${hint ? { hint } : {}}
    onMove=${(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width) => {
      const plot = plotOf(width, height);
      const place = 1 - (y - plot.top) / plot.height;
      onHover(stepAt(x, width), place < 0 || place > 1 ? null : grid.scale.value(place));
    }}
    onLeave=${() => onHover(null, null)}
    onPick=${(/** @type {number} */ x, /** @type {number} */ _y, /** @type {number} */ width) => {
      const step = stepAt(x, width);
      if (step !== null) onPick(step);
    }}
    ...${onZoom ? { onDrag } : {}}
  />`;
}

/** @param {Plot} plot @param {StepScale} steps @param {number} i */
function column(plot, steps, i) {
  const place = (/** @type {number} */ edge) => Math.max(0, Math.min(1, steps.spot(steps.edges[edge] ?? 0)));
  const x = Math.round(plot.left + place(i) * plot.width);
  return { x, width: Math.max(1, Math.round(plot.left + place(i + 1) * plot.width) - x) };
}

/** @param {Pen} pen @param {Plot} plot @param {Grid} grid @param {boolean} level @param {StepScale} steps */
function drawColumns({ context, colour }, plot, grid, level, steps) {
  const colours = ramp(colour, COLOURS);
  context.fillStyle = colours[0] ?? '';
  context.fillRect(plot.left, plot.top, plot.width, plot.height);
  const bins = grid.edges.length - 1;
  grid.density.forEach((density, i) => {
    const { x, width } = column(plot, steps, i);
    // Of several steps on one pixel only the last would be seen.
    if (i + 1 < grid.density.length && column(plot, steps, i + 1).x === x) return;
    const cap = (level ? grid.caps[i] : grid.cap) ?? 0;
    /** @param {number} k the edge below bin k, in pixels */
    const edge = (k) => Math.round(plot.top + (1 - k / bins) * plot.height);
    // Bins of one colour are one rectangle: a bucket is drawn as what it is.
    let from = 0;
    let before = 0;
    for (let k = 0; k <= bins; k += 1) {
      const shown = k < bins ? shade(density[k] ?? 0, cap) : 0;
      const now = shown === 0 ? 0 : Math.max(2, Math.round(shown * (COLOURS - 1)));
      if (now === before && k < bins) continue;
      if (before > 0) {
        context.fillStyle = colours[before] ?? '';
        context.fillRect(x, edge(k), width, edge(from) - edge(k));
      }
      from = k;
      before = now;
    }
    for (const point of grid.points[i] ?? []) {
      const y = plot.top + (1 - grid.scale.place(point.value)) * plot.height;
      // A share too small to be seen would look like a gap in what is dense around it.
      if (y < plot.top || y > plot.top + plot.height || point.share < POINT_LEAST) continue;
      context.fillStyle = colours[Math.round((0.35 + 0.65 * point.share) * (COLOURS - 1))] ?? '';
      context.fillRect(x, y - POINT_HEIGHT / 2, width, POINT_HEIGHT);
    }
  });
}

/** Hatched where no value is finite; a tick at the top where some are not. @param {Pen} pen @param {Plot} plot @param {StepScale} steps @param {(number | null)[]} nonFinite */
function drawNonFinite({ context, colour }, plot, steps, nonFinite) {
  nonFinite.forEach((count, i) => {
    if (count === 0) return;
    const { x, width } = column(plot, steps, i);
    context.save();
    context.beginPath();
    context.rect(x, plot.top, width, plot.height);
    context.clip();
    context.strokeStyle = colour('ink');
    context.globalAlpha = 0.35;
    context.beginPath();
    const origin = plot.left - plot.height;
    for (let start = origin + Math.floor((x - plot.height - origin) / 7) * 7; start < x + width; start += 7) {
      context.moveTo(start, plot.top + plot.height);
      context.lineTo(start + plot.height, plot.top);
    }
    context.stroke();
    context.globalAlpha = 1;
    context.fillStyle = colour('ink');
    context.fillRect(x, plot.top, width, 3);
    context.restore();
  });
}

/** Small marks at the edge where values lie beyond it. @param {Pen} pen @param {Plot} plot @param {Grid} grid @param {StepScale} steps */
function drawOutside({ context, colour }, plot, grid, steps) {
  context.fillStyle = colour('marker');
  grid.density.forEach((_, i) => {
    const { x, width } = column(plot, steps, i);
    if ((grid.above[i] ?? 0) > 0) context.fillRect(x, plot.top - 3, width, 2);
    if ((grid.below[i] ?? 0) > 0) context.fillRect(x, plot.top + plot.height + 1, width, 2);
  });
}

/** The column of the selected step, and in it the bucket that is read. @param {Pen} pen @param {Plot} plot @param {ValueScale} scale @param {StepScale} steps @param {number} selected @param {Bucket | null} bucket */
function drawSelection({ context, colour }, plot, scale, steps, selected, bucket) {
  const { x, width } = column(plot, steps, selected);
  context.strokeStyle = colour('marker');
  context.lineWidth = 1.5;
  context.strokeRect(crisp(x) - 0.5, plot.top, Math.max(2, width), plot.height);
  if (bucket) {
    const place = (/** @type {number} */ value) => plot.top + (1 - Math.max(0, Math.min(1, scale.place(value)))) * plot.height;
    const [top, bottom] = [place(bucket.right), place(bucket.left)];
    // However narrow the column: a frame around the bucket that can be found.
    const left = x + width / 2 - Math.max(width, READ_WIDTH) / 2;
    context.lineWidth = 2;
    context.strokeRect(left, top - 1, Math.max(width, READ_WIDTH), Math.max(2, bottom - top + 2));
  }
  context.lineWidth = 1;
}

/** The step that others are held against. @param {Pen} pen @param {Plot} plot @param {StepScale} steps @param {number} kept */
function drawKept({ context, colour }, plot, steps, kept) {
  const { x, width } = column(plot, steps, kept);
  context.strokeStyle = colour('kept');
  context.lineWidth = 1.5;
  context.setLineDash([5, 2]);
  context.strokeRect(crisp(x) - 0.5, plot.top, Math.max(2, width), plot.height);
  context.setLineDash([]);
  context.lineWidth = 1;
}

/** The frame of a chart over steps: value axis at the left, steps below, grid lines behind. */

import { LEFT, RIGHT, crisp } from './canvas.js';
import { roomyTicks } from './scale.js';
import { number } from '../format.js';

/** @import { Pen } from './canvas.js' */
/** @import { ValueScale } from './scale.js' */
/** @import { StepScale } from './step_axis.js' */

export const TOP = 8;
export const BOTTOM = 22;
/** Pixels from one label of the step axis to the next, and free between them at least. */
const LABEL_WIDTH = { step: 72, log: 48, relative: 78, wall: 112 };
const LABEL_GAP = 6;

/**
 * @typedef {object} Plot the rectangle inside the axes
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 */

/** @param {number} width @param {number} height @returns {Plot} */
export const plotOf = (width, height) => ({ left: LEFT, top: TOP, width: Math.max(1, width - LEFT - RIGHT), height: height - TOP - BOTTOM });

/** @param {Pen} pen @param {Plot} plot @param {ValueScale} scale */
export function drawValueAxis({ context, colour }, plot, scale) {
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const tick of roomyTicks(scale, plot.height)) {
    const y = plot.top + (1 - scale.place(tick)) * plot.height;
    context.strokeStyle = colour('line');
    context.beginPath();
    context.moveTo(plot.left - 4, crisp(y));
    context.lineTo(plot.left, crisp(y));
    context.stroke();
    context.fillStyle = colour('soft');
    context.fillText(number(tick), plot.left - 7, y);
  }
}

/** @param {Pen} pen @param {Plot} plot @param {StepScale} steps */
export function drawStepAxis({ context, colour }, plot, steps) {
  context.textAlign = 'center';
  context.textBaseline = 'top';
  const y = plot.top + plot.height;
  context.strokeStyle = colour('strong-line');
  context.beginPath();
  context.moveTo(plot.left, crisp(y));
  context.lineTo(plot.left + plot.width, crisp(y));
  context.stroke();
  let taken = -Infinity;
  for (const { place, text } of steps.ticks(Math.max(2, Math.floor(plot.width / LABEL_WIDTH[steps.kind])))) {
    if (place < 0 || place > 1) continue;
    const x = plot.left + place * plot.width;
    context.beginPath();
    context.moveTo(crisp(x), y);
    context.lineTo(crisp(x), y + 4);
    context.stroke();
    const half = context.measureText(text).width / 2;
    if (x - half < taken + LABEL_GAP || x + half > plot.left + plot.width + RIGHT) continue;
    taken = x + half;
    context.fillStyle = colour('soft');
    context.fillText(text, x, y + 6);
  }
}

/** Level lines at the numbers of the value axis, upright ones at those of the steps. @param {Pen} pen @param {Plot} plot @param {ValueScale} scale @param {StepScale} steps */
export function drawGrid({ context, colour }, plot, scale, steps) {
  context.strokeStyle = colour('line');
  context.beginPath();
  for (const tick of roomyTicks(scale, plot.height)) {
    const y = crisp(plot.top + (1 - scale.place(tick)) * plot.height);
    context.moveTo(plot.left, y);
    context.lineTo(plot.left + plot.width, y);
  }
  for (const { place } of steps.ticks(Math.max(2, Math.floor(plot.width / LABEL_WIDTH[steps.kind])))) {
    if (place < 0 || place > 1) continue;
    const x = crisp(plot.left + place * plot.width);
    context.moveTo(x, plot.top);
    context.lineTo(x, plot.top + plot.height);
  }
  context.stroke();
}

/** The first and last step that lie between two places. @param {StepScale} steps @param {Plot} plot @param {number} from pixels @param {number} to @returns {[number, number]} */
export function stepsBetween(steps, plot, from, to) {
  const inside = steps.at.flatMap((unit, i) => {
    const x = plot.left + steps.spot(unit) * plot.width;
    return x >= from && x <= to ? [i] : [];
  });
  return [inside[0] ?? 0, inside[inside.length - 1] ?? -1];
}

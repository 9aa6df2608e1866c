/** The frame of a chart over steps: value axis at the left, steps below, grid lines behind. */

import { LEFT, RIGHT, crisp } from './canvas.js';
import { linearTicks, roomyTicks } from './scale.js';
import { number, shortStep } from '../format.js';

/** @import { Pen } from './canvas.js' */
/** @import { StepScale, ValueScale } from './scale.js' */

export const TOP = 8;
export const BOTTOM = 22;
/** Pixels that one label of the step axis needs. */
const LABEL_WIDTH = 72;

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
  for (const tick of linearTicks(steps.low, steps.high, Math.max(2, Math.floor(plot.width / LABEL_WIDTH)))) {
    const x = plot.left + steps.place(tick) * plot.width;
    if (!Number.isInteger(tick) || x > plot.left + plot.width - 8) continue;
    context.beginPath();
    context.moveTo(crisp(x), y);
    context.lineTo(crisp(x), y + 4);
    context.stroke();
    context.fillStyle = colour('soft');
    context.fillText(shortStep(tick), x, y + 6);
  }
}

/** A number of every layer against the depth of the network, on a log axis: where a gradient vanishes is seen at once. */

import { Canvas, LEFT, RIGHT, crisp } from './canvas.js';
import { middles } from './depth_curves.js';
import { number, printable } from '../format.js';
import { html, useCallback } from '../vendor/htm-preact-standalone.js';

/** @import { Pen } from './canvas.js' */
/** @import { Drawing } from './drawing.js' */
/** @import { Curve, Depth, Family, Point } from './depth_curves.js' */

const TOP = 14;
/** Pixels below the plot for slanted names, and for level ones. */
const SLANTED = 96;
const LEVEL = 26;
/** Pixels between slanted names at least, and of a letter. */
const NAME_EVERY = 15;
const LETTER = 6.2;
/** Characters of a name's end that fit below. */
const NAME_LENGTH = 18;
/** Pixels between the lowest number that is not 0, and those that are 0. */
const ZERO_ROOM = 18;
/** Pixels of the band on the selected layer at most. */
const SELECTED_MOST = 32;
/** @param {string} family how a family's colour is called in the style sheet */
const colourOf = (family) => `depth-${family}`;

/**
 * @param {{ depth: Depth, curves: Curve[], first: Curve[], range: { low: number, high: number }, selected: number, height: number,
 *   label: string, dark: boolean, onHover: (layer: number | null) => void, onPick: (layer: number) => void }} props
 *   `first`: drawn faintly behind, for comparison
 */
export function DepthChart({ depth, curves, first, range, selected, height, label, dark, onHover, onPick }) {
  const count = depth.layers.length;
  const draw = useCallback(
    (/** @type {Pen} */ pen) => {
      const plot = plotOf(pen.width, height, depth.layers);
      drawAxis(pen, plot, range);
      drawNames(pen, plot, depth.layers);
      for (const { family, points } of first) drawLine(pen, plot, range, family, middles(points, count), true);
      for (const { family, points } of curves) {
        drawLine(pen, plot, range, family, middles(points, count), false);
        drawPoints(pen, plot, range, family, points);
      }
    },
    [depth, curves, first, range, height],
  );
  const over = useCallback(
    (/** @type {Pen} */ { context, width, colour }) => {
      const plot = plotOf(width, height, depth.layers);
      const x = plot.left + (selected + 0.5) * plot.column;
      context.fillStyle = colour('marker');
      context.globalAlpha = 0.12;
      const wide = Math.min(SELECTED_MOST, Math.max(6, plot.column));
      context.fillRect(x - wide / 2, plot.top, wide, plot.height + ZERO_ROOM);
      context.globalAlpha = 1;
    },
    [depth, selected, height],
  );
  /** @param {number} x @param {number} width */
  const layerAt = (x, width) => {
    const plot = plotOf(width, height, depth.layers);
    const layer = Math.floor((x - plot.left) / plot.column);
    return layer < 0 || layer >= count ? null : layer;
  };
  return html`<${Canvas} height=${height} label=${label} draw=${draw} over=${over} dark=${dark}
    onMove=${(/** @type {number} */ x, /** @type {number} */ _y, /** @type {number} */ width) => onHover(layerAt(x, width))}
    onLeave=${() => onHover(null)}
    onPick=${(/** @type {number} */ x, /** @type {number} */ _y, /** @type {number} */ width) => {
      const layer = layerAt(x, width);
      if (layer !== null) onPick(layer);
    }}
  />`;
}

/** @typedef {{ left: number, top: number, width: number, height: number, column: number, level: boolean }} DepthPlot */

/** @param {number} width @param {number} height @param {string[]} layers @returns {DepthPlot} */
function plotOf(width, height, layers) {
  const inner = Math.max(1, width - LEFT - RIGHT);
  const column = inner / Math.max(1, layers.length);
  const longest = Math.max(...layers.map((layer) => [...layer].length), 1);
  const level = longest * LETTER + 10 < column;
  return { left: LEFT, top: TOP, width: inner, height: height - TOP - ZERO_ROOM - (level ? LEVEL : SLANTED), column, level };
}

/** @param {Pen} pen @param {DepthPlot} plot @param {{ low: number, high: number }} range */
function drawAxis({ context, colour }, plot, { low, high }) {
  const stride = Math.max(1, Math.ceil((high - low) / (plot.height / 26)));
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (let exponent = Math.ceil(low / stride) * stride; exponent <= high; exponent += stride) {
    const y = plot.top + ((high - exponent) / (high - low)) * plot.height;
    context.strokeStyle = colour('line');
    line(context, plot.left, crisp(y), plot.left + plot.width, crisp(y));
    context.fillStyle = colour('soft');
    context.fillText(number(10 ** exponent), plot.left - 7, y);
  }
  const base = plot.top + plot.height + ZERO_ROOM;
  context.fillText('0', plot.left - 7, base - 5);
  context.strokeStyle = colour('strong-line');
  line(context, plot.left, crisp(base), plot.left + plot.width, crisp(base));
}

/** The ends of the names, which tell layers apart; as many as there is room for. @param {Pen} pen @param {DepthPlot} plot @param {string[]} layers */
function drawNames({ context, colour }, plot, layers) {
  const base = plot.top + plot.height + ZERO_ROOM;
  const every = plot.level ? 1 : Math.max(1, Math.ceil(NAME_EVERY / plot.column));
  context.fillStyle = colour('soft');
  layers.forEach((layer, i) => {
    if (i % every !== 0 && i !== layers.length - 1) return;
    if (i !== layers.length - 1 && layers.length - 1 - i < every) return;
    const letters = [...printable(layer)];
    const name = plot.level || letters.length <= NAME_LENGTH ? letters.join('') : `…${letters.slice(1 - NAME_LENGTH).join('')}`;
    context.save();
    context.translate(plot.left + (i + 0.5) * plot.column, base + 7);
    context.textBaseline = plot.level ? 'top' : 'middle';
    context.textAlign = plot.level ? 'center' : 'right';
    if (!plot.level) context.rotate(-Math.PI / 4);
    context.fillText(name, 0, 0);
    context.restore();
  });
}

/**
 * @param {Pen} pen @param {DepthPlot} plot @param {{ low: number, high: number }} range @param {Family} family
 * @param {(number | null | undefined)[]} middle @param {boolean} faint
 */
function drawLine({ context, colour }, plot, { low, high }, family, middle, faint) {
  context.beginPath();
  let drawing = false;
  middle.forEach((exponent, i) => {
    // A layer without such a tag (a pooling layer has no kernel) does not break the line.
    if (exponent === undefined) return;
    if (exponent === null) {
      drawing = false;
      return;
    }
    const x = plot.left + (i + 0.5) * plot.column;
    const y = plot.top + ((high - exponent) / (high - low)) * plot.height;
    if (drawing) context.lineTo(x, y);
    else context.moveTo(x, y);
    drawing = true;
  });
  context.strokeStyle = colour(colourOf(family));
  context.globalAlpha = faint ? 0.45 : 1;
  context.lineWidth = faint ? 1 : 1.75;
  context.setLineDash(faint ? [3, 3] : []);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
  context.lineWidth = 1;
}

/** @param {Pen} pen @param {DepthPlot} plot @param {{ low: number, high: number }} range @param {Family} family @param {Point[]} points */
function drawPoints({ context, colour }, plot, { low, high }, family, points) {
  const size = plot.column < 8 ? 2 : 3.5;
  for (const { layer, value } of points) {
    const x = plot.left + (layer + 0.5) * plot.column;
    context.fillStyle = colour(colourOf(family));
    context.strokeStyle = context.fillStyle;
    if (value === null) {
      line(context, x - size, plot.top - 8, x + size, plot.top - 8 + 2 * size);
      line(context, x - size, plot.top - 8 + 2 * size, x + size, plot.top - 8);
    } else if (value > 0) {
      mark(context, family, x, plot.top + ((high - Math.log10(value)) / (high - low)) * plot.height, size);
      context.fill();
    } else {
      mark(context, family, x, plot.top + plot.height + ZERO_ROOM - 5, size);
      context.stroke();
    }
  }
}

/** A form for each family, so that colour alone says nothing. @param {Drawing} context @param {Family} family @param {number} x @param {number} y @param {number} r */
function mark(context, family, x, y, r) {
  context.beginPath();
  if (family === 'weight') context.rect(x - r * 0.85, y - r * 0.85, 1.7 * r, 1.7 * r);
  else if (family === 'activation') context.arc(x, y, r, 0, 2 * Math.PI);
  else {
    const up = family === 'update' ? -1 : 1;
    context.moveTo(x - r * 1.15, y - up * r * 0.85);
    context.lineTo(x + r * 1.15, y - up * r * 0.85);
    context.lineTo(x, y + up * r * 1.15);
    context.closePath();
  }
}

/** @param {Drawing} context @param {number} x @param {number} y @param {number} toX @param {number} toY */
function line(context, x, y, toX, toY) {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  context.stroke();
}

const MARKS = { weight: 'M1.5 1.5h7v7h-7z', activation: 'M5 1a4 4 0 1 1 0 8 4 4 0 0 1 0-8z', gradient: 'M.5 1.5h9L5 9.5z', update: 'M.5 8.5h9L5 .5z' };

/** The mark of a family, for a legend. @param {{ family: Family }} props */
export function FamilyMark({ family }) {
  return html`<svg class="family-mark ${family}" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><path d=${MARKS[family]} /></svg>`;
}

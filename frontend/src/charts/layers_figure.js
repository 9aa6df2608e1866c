/** The layer table as one picture: for each tag the strip of its shapes and the line of its size. */

import { drawGlyph } from './drawing.js';
import { silhouette } from './shapes.js';
import { fitting } from './span.js';
import { sparkSegments } from './sparkline.js';
import { segments } from './strip.js';
import { printable } from '../format.js';
import { nameOf } from '../words.js';

/** @import { Figure, Pen } from './canvas.js' */
/** @import { TagEntry } from '../schema.js' */

/** @typedef {{ layer: string, cells: Map<string, TagEntry[]> }} FigureRow */
/** @typedef {Map<string, { steps: number[], values: (number | null)[] }>} Lines by tag */

const NAME_WIDTH = 190;
const STRIP = 150;
const SPARK = 60;
const COLUMN = STRIP + SPARK + 36;
const HEIGHT = 18;
/** Pixels of one tag: its strip, and its change in words below. */
const TAG = 40;
const HEAD = 26;
const SIDE = 12;
/** Letters of a layer's name that there is room for; the end tells layers apart. */
const LETTERS = 27;

/**
 * @param {FigureRow[]} rows @param {string[]} roles @param {Lines} lines @param {(tag: TagEntry) => string} said the change in words
 * @returns {Figure}
 */
export function layersFigure(rows, roles, lines, said) {
  const heights = rows.map((row) => Math.max(1, ...[...row.cells.values()].map((tags) => tags.length)) * TAG + 6);
  return {
    width: 2 * SIDE + NAME_WIDTH + roles.length * COLUMN,
    height: HEAD + heights.reduce((sum, height) => sum + height, 0) + SIDE,
    draw(pen) {
      const { context, colour } = pen;
      const shapes = shapeColours();
      context.textAlign = 'left';
      context.textBaseline = 'top';
      context.fillStyle = colour('soft');
      roles.forEach((role, k) => context.fillText(nameOf('roles', role), SIDE + NAME_WIDTH + k * COLUMN, 6));
      let y = HEAD;
      rows.forEach((row, i) => {
        context.fillStyle = colour('line');
        context.fillRect(SIDE, y - 3, NAME_WIDTH + roles.length * COLUMN, 1);
        context.fillStyle = colour('ink');
        context.textBaseline = 'top';
        const letters = [...printable(row.layer)];
        context.fillText(letters.length > LETTERS ? `…${letters.slice(1 - LETTERS).join('')}` : letters.join(''), SIDE, y + 5);
        roles.forEach((role, k) => {
          (row.cells.get(role) ?? []).forEach((tag, j) => drawTag(pen, shapes, tag, lines.get(tag.tag), SIDE + NAME_WIDTH + k * COLUMN, y + j * TAG + 2, said(tag)));
        });
        y += heights[i] ?? 0;
      });
    },
  };
}

/**
 * @param {Pen} pen @param {(shape: string) => string} shapes @param {TagEntry} tag
 * @param {{ steps: number[], values: (number | null)[] } | undefined} line @param {number} x @param {number} y @param {string} said
 */
function drawTag({ context, colour }, shapes, tag, line, x, y, said) {
  for (const { shape, x: from, width } of segments(tag.timeline, STRIP)) {
    const name = nameOf('shapes', shape);
    const { scale, named } = fitting(width, name);
    const faint = shape === 'unresolved' || shape === 'empty';
    context.fillStyle = shapes(shape);
    context.globalAlpha = faint ? 0.55 : 1;
    context.fillRect(x + from, y, width, HEIGHT);
    context.globalAlpha = 1;
    if (from > 0) {
      context.fillStyle = colour('paper');
      context.fillRect(x + from - 0.5, y, 1, HEIGHT);
    }
    context.fillStyle = faint ? colour('ink') : '#ffffff';
    if (scale === 1) drawGlyph(context, silhouette(shape), x + from + 5, y + 4);
    context.textBaseline = 'middle';
    if (named) context.fillText(name, x + from + 26, y + HEIGHT / 2);
  }
  context.strokeStyle = colour('soft');
  for (const points of line ? sparkSegments(line.steps, line.values, SPARK, HEIGHT) : []) {
    context.beginPath();
    for (const [across, down] of points) context.lineTo(x + STRIP + 10 + across, y + down);
    context.stroke();
  }
  context.fillStyle = colour('soft');
  context.textBaseline = 'top';
  context.fillText(said, x, y + HEIGHT + 4);
}

/** The colours that the style sheet gives to shapes. @returns {(shape: string) => string} */
function shapeColours() {
  /** @type {Map<string, string>} */
  const known = new Map();
  return (shape) => {
    const found = known.get(shape);
    if (found !== undefined) return found;
    const probe = document.createElement('i');
    probe.className = `shape-${shape}`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).getPropertyValue('--shape').trim() || '#66717d';
    probe.remove();
    known.set(shape, colour);
    return colour;
  };
}

/** The rows of the layer table: which tags stand in which cell, how high each row is, and in which order they come. */

import { rank as grave } from './findings.js';

/** @import { FindingEntry, TagEntry } from '../schema.js' */

const ROLES = ['weight', 'bias', 'norm', 'gradient', 'activation', 'update', 'other'];
/** Pixels above and below what stands in a row, with its line. */
export const ROW_PADDING = 13;

/** @typedef {{ layer: string, cells: Map<string, TagEntry[]>, height: number, top: number }} Row */
/** @typedef {{ rows: Row[], roles: string[], height: number }} Rows */

/** @typedef {'depth' | 'findings' | 'moved' | 'name'} Order */
/** @type {readonly Order[]} */
export const ORDERS = ['depth', 'findings', 'moved', 'name'];

/** @param {TagEntry} tag */
const rank = (tag) => ROLES.indexOf(tag.subject);

/**
 * @param {TagEntry[]} tags in depth order
 * @param {number} tagHeight pixels of one tag in a cell
 * @returns {Rows}
 */
export function tabulate(tags, tagHeight) {
  /** @type {Map<string, Map<string, TagEntry[]>>} */
  const layers = new Map();
  for (const tag of tags) {
    /** @type {Map<string, TagEntry[]>} */
    const cells = layers.get(tag.layer) ?? new Map();
    cells.set(tag.role, [...(cells.get(tag.role) ?? []), tag]);
    layers.set(tag.layer, cells);
  }
  // The gradient of the kernel stands before that of the bias, as the kernel stands before the bias.
  for (const cells of layers.values()) for (const list of cells.values()) list.sort((a, b) => rank(a) - rank(b));
  const rows = [...layers].map(([layer, cells]) => {
    const most = Math.max(...[...cells.values()].map((list) => list.length));
    return { layer, cells, top: 0, height: most * tagHeight + ROW_PADDING };
  });
  const present = new Set(tags.map((tag) => tag.role));
  return { rows: stacked(rows), roles: ROLES.filter((role) => present.has(role)), height: rows.reduce((sum, row) => sum + row.height, 0) };
}

/** The rows under each other. @param {Row[]} rows */
function stacked(rows) {
  let top = 0;
  return rows.map((row) => {
    const placed = { ...row, top };
    top += row.height;
    return placed;
  });
}

/**
 * The same rows as somebody wants to read them; equal ones stay in depth order.
 * @param {Rows} table @param {Order} order @param {Map<string, FindingEntry[]>} findings by the tag that is accused
 * @returns {Rows}
 */
export function inOrder(table, order, findings) {
  if (order === 'depth') return table;
  if (order === 'name') return { ...table, rows: stacked([...table.rows].sort((a, b) => a.layer.localeCompare(b.layer, undefined, { numeric: true }))) };
  const weigh = order === 'findings' ? (/** @type {Row} */ row) => worst(row, findings) : (/** @type {Row} */ row) => -farthest(row);
  const weighed = table.rows.map((row) => ({ row, weight: weigh(row) })).sort((a, b) => a.weight - b.weight);
  return { ...table, rows: stacked(weighed.map(({ row }) => row)) };
}

/** How bad the worst finding on a layer is; less is worse. @param {Row} row @param {Map<string, FindingEntry[]>} findings */
const worst = (row, findings) => Math.min(1000, ...tagsOf(row).flatMap((tag) => findings.get(tag.tag) ?? []).map(grave));

/** How far the farthest kernel of a layer moved, in its own spread; where there is no kernel, any tag. @param {Row} row */
function farthest(row) {
  const tags = tagsOf(row);
  const kernels = tags.filter((tag) => tag.kernel && tag.role === 'weight');
  return Math.max(0, ...(kernels.length > 0 ? kernels : tags).map(({ change }) => change.movement_in_spread ?? change.movement ?? 0));
}

/** @param {Row} row */
const tagsOf = (row) => [...row.cells.values()].flat();

/** The part of a canvas that charts draw with; `svg.js` has the same, so that a picture is drawn by one code. */

/**
 * @typedef {Pick<CanvasRenderingContext2D, 'save' | 'restore' | 'translate' | 'rotate' | 'beginPath' | 'closePath' | 'moveTo' | 'lineTo' |
 *   'rect' | 'arc' | 'clip' | 'stroke' | 'fillRect' | 'strokeRect' | 'setLineDash' | 'fillText' | 'fillStyle' | 'strokeStyle' | 'lineWidth' |
 *   'globalAlpha' | 'font' | 'textAlign' | 'textBaseline'> &
 *   { fill(path?: Path2D): void, measureText(text: string): { width: number }, glyph?: (d: string, x: number, y: number) => void }} Drawing
 */

/** Fills a path given as the `d` of SVG. @param {Drawing} context @param {string} d @param {number} x @param {number} y */
export function drawGlyph(context, d, x, y) {
  if (context.glyph) {
    context.glyph(d, x, y);
    return;
  }
  context.save();
  context.translate(x, y);
  context.fill(new Path2D(d));
  context.restore();
}

/** The part of a canvas that charts draw with; `svg.js` has the same, so that a picture is drawn by one code. */

/**
 * @typedef {Pick<CanvasRenderingContext2D, 'save' | 'restore' | 'translate' | 'rotate' | 'beginPath' | 'closePath' | 'moveTo' | 'lineTo' |
 *   'rect' | 'arc' | 'clip' | 'stroke' | 'fillRect' | 'strokeRect' | 'setLineDash' | 'fillText' | 'fillStyle' | 'strokeStyle' | 'lineWidth' |
 *   'globalAlpha' | 'font' | 'textAlign' | 'textBaseline'> & { fill(path?: Path2D): void, measureText(text: string): { width: number } }} Drawing
 */

export {};

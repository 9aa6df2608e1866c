/** Draws what a canvas would, as SVG: sharp at every size, with text that stays text. */

/** @import { Drawing } from './drawing.js' */

/** Digits after the point of a pixel that are written. */
const DIGITS = 2;
/** How far below its anchor a line of text stands, in its own size. */
const BELOW = { top: 0.8, middle: 0.35, alphabetic: 0, bottom: -0.2, hanging: 0.8, ideographic: -0.2 };
const ANCHOR = { left: 'start', start: 'start', center: 'middle', right: 'end', end: 'end' };

/** @param {number} value */
const n = (value) => String(Number(value.toFixed(DIGITS)));

/** Text as it stands within an element or an attribute; what XML cannot hold is left out. @param {string} text */
export const escaped = (text) =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Where and how is drawn now; saved and restored as a whole. */
const BEGINNING = {
  fillStyle: '#000', strokeStyle: '#000', lineWidth: 1, globalAlpha: 1, dash: /** @type {number[]} */ ([]), transform: '', clip: '',
  textAlign: /** @type {CanvasTextAlign} */ ('start'), textBaseline: /** @type {CanvasTextBaseline} */ ('alphabetic'),
};

/** @implements {Drawing} */
export class SvgDrawing {
  /** @param {string} family the typefaces, as CSS has them @param {number} size of letters in pixels */
  constructor(family, size) {
    this.family = family;
    this.size = size;
    this.font = `${size}px ${family}`;
    /** @type {string[]} */
    this.elements = [];
    this.state = { ...BEGINNING };
    /** @type {(typeof BEGINNING)[]} */
    this.saved = [];
    this.path = '';
    this.clips = 0;
    this.ruler = document.createElement('canvas').getContext('2d');
  }

  get fillStyle() { return this.state.fillStyle; }
  set fillStyle(value) { this.state.fillStyle = String(value); }
  get strokeStyle() { return this.state.strokeStyle; }
  set strokeStyle(value) { this.state.strokeStyle = String(value); }
  get lineWidth() { return this.state.lineWidth; }
  set lineWidth(value) { this.state.lineWidth = value; }
  get globalAlpha() { return this.state.globalAlpha; }
  set globalAlpha(value) { this.state.globalAlpha = value; }
  get textAlign() { return this.state.textAlign; }
  set textAlign(value) { this.state.textAlign = value; }
  get textBaseline() { return this.state.textBaseline; }
  set textBaseline(value) { this.state.textBaseline = value; }

  save() { this.saved.push({ ...this.state }); }
  restore() { this.state = this.saved.pop() ?? { ...BEGINNING }; }
  /** @param {number} x @param {number} y */
  translate(x, y) { this.state.transform += `translate(${n(x)} ${n(y)})`; }
  /** @param {number} angle in radians */
  rotate(angle) { this.state.transform += `rotate(${n((180 * angle) / Math.PI)})`; }
  /** @param {number[]} dash */
  setLineDash(dash) { this.state.dash = dash; }

  beginPath() { this.path = ''; }
  closePath() { this.path += 'Z'; }
  /** @param {number} x @param {number} y */
  moveTo(x, y) { this.path += `M${n(x)} ${n(y)}`; }
  /** A canvas begins a path where it has none. @param {number} x @param {number} y */
  lineTo(x, y) { this.path += `${this.path ? 'L' : 'M'}${n(x)} ${n(y)}`; }
  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  rect(x, y, width, height) { this.path += `M${n(x)} ${n(y)}h${n(width)}v${n(height)}h${n(-width)}Z`; }
  /** Whole circles only. @param {number} x @param {number} y @param {number} radius */
  arc(x, y, radius) { this.path += `M${n(x - radius)} ${n(y)}a${n(radius)} ${n(radius)} 0 1 0 ${n(2 * radius)} 0a${n(radius)} ${n(radius)} 0 1 0 ${n(-2 * radius)} 0Z`; }

  clip() {
    this.clips += 1;
    // Its coordinates are those of what it cuts, which is placed already.
    this.elements.push(`<clipPath id="clip${this.clips}"><path d="${this.path}"/></clipPath>`);
    this.state.clip = ` clip-path="url(#clip${this.clips})"`;
  }

  fill() { if (this.path) this.add(`<path d="${this.path}"${this.filled()}`); }
  stroke() { if (this.path) this.add(`<path d="${this.path}" fill="none"${this.stroked()}`); }
  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) { this.add(`<path d="M${n(x)} ${n(y)}h${n(width)}v${n(height)}h${n(-width)}Z"${this.filled()}`); }
  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  strokeRect(x, y, width, height) { this.add(`<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="none"${this.stroked()}`); }

  /** A drawing of its own within this one, as the `d` of a path. @param {string} d @param {number} x @param {number} y */
  glyph(d, x, y) {
    this.save();
    this.translate(x, y);
    this.add(`<path d="${escaped(d)}"${this.filled()}`);
    this.restore();
  }

  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y) {
    const anchor = ANCHOR[this.state.textAlign];
    const place = `x="${n(x)}" y="${n(y + BELOW[this.state.textBaseline] * this.size)}"`;
    this.add(`<text ${place}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}${this.filled()}`, `>${escaped(text)}</text>`);
  }

  /** @param {string} text */
  measureText(text) {
    if (!this.ruler) return { width: 0.6 * this.size * text.length };
    this.ruler.font = this.font;
    return { width: this.ruler.measureText(text).width };
  }

  filled() { return ` fill="${escaped(this.state.fillStyle)}"${this.state.globalAlpha < 1 ? ` fill-opacity="${n(this.state.globalAlpha)}"` : ''}`; }
  stroked() {
    const { strokeStyle, lineWidth, globalAlpha, dash } = this.state;
    return (
      ` stroke="${escaped(strokeStyle)}"${lineWidth === 1 ? '' : ` stroke-width="${n(lineWidth)}"`}` +
      `${globalAlpha < 1 ? ` stroke-opacity="${n(globalAlpha)}"` : ''}${dash.length > 0 ? ` stroke-dasharray="${dash.map(n).join(' ')}"` : ''}`
    );
  }
  placed() { return this.state.transform ? ` transform="${this.state.transform}"` : ''; }

  /** @param {string} start of an element @param {string} [end] */
  add(start, end = '/>') { this.elements.push(start + this.placed() + this.state.clip + end); }

  /**
   * The whole file.
   * @param {number} width @param {number} height @param {string} paper colour behind everything @param {string} title
   */
  document(width, height, paper, title) {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${n(width)}" height="${n(height)}" viewBox="0 0 ${n(width)} ${n(height)}" ` +
      `font-family="${escaped(this.family)}" font-size="${this.size}" role="img">\n<title>${escaped(title)}</title>\n` +
      `<path d="M0 0h${n(width)}v${n(height)}h${n(-width)}Z" fill="${escaped(paper)}"/>\n${this.elements.join('\n')}\n</svg>\n`
    );
  }
}

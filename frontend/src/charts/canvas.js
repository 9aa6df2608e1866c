/** A canvas as wide as its place, sharp on every screen, drawn again when its size or the colours change. */

import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/htm-preact-standalone.js';

/** @import { Drawing } from './drawing.js' */
/** @import { Ref } from '../vendor/htm-preact-standalone.js' */

/** Pixels left of the plot for the numbers of the value axis, and right of it; the same in every chart over steps. */
export const LEFT = 64;
export const RIGHT = 14;

/**
 * @typedef {object} Pen
 * @property {Drawing} context
 * @property {number} width in CSS pixels
 * @property {number} height
 * @property {(name: string) => string} colour a custom property of the style sheet
 */

/** The width of an element, followed. @param {Ref<HTMLElement | null>} box */
export function useWidth(box) {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Pixels that the pointer is drawn along a chart before it means a part of it. */
const DRAGGED_LEAST = 8;

/** @typedef {{ width: number, height: number, draw: (pen: Pen) => void }} Figure what a canvas shows, for drawing it elsewhere */
/** @type {WeakMap<Element, Figure>} */
const figures = new WeakMap();

/** What the first canvas within an element shows. @param {Element} box @returns {Figure | undefined} */
export function figureWithin(box) {
  const canvas = box.matches('canvas') ? box : box.querySelector('canvas');
  return canvas ? figures.get(canvas) : undefined;
}

/**
 * @typedef {(x: number, y: number, width: number) => void} Located a place in CSS pixels, and how wide the canvas is
 *
 * @param {{ height: number, label: string, draw: (pen: Pen) => void, over?: (pen: Pen) => void, dark: boolean,
 *   onMove?: Located, onLeave?: () => void, onPick?: Located,
 *   onDrag?: (from: number, to: number, width: number) => void, onKey?: (key: string) => boolean, hint?: string }} props
 *   `over`: what changes often, on a layer of its own; `onDrag`: drawn along from one x to the other;
 *   `onKey`: makes it reachable by keyboard, says whether the key meant something; `hint`: id of the words that say how
 */
export function Canvas({ height, label, draw, over, dark, onMove, onLeave, onPick, onDrag, onKey, hint }) {
  /** @type {Ref<HTMLElement | null>} */
  const box = useRef(null);
  /** @type {Ref<HTMLCanvasElement | null>} */
  const canvas = useRef(null);
  const width = useWidth(box);
  /** @type {Ref<HTMLCanvasElement | null>} */
  const layer = useRef(null);
  const [drag, setDrag] = useState(/** @type {{ from: number, to: number } | null} */ (null));
  const dragged = useRef(false);
  useLayoutEffect(() => {
    paint(canvas.current, width, height, draw);
    if (canvas.current) figures.set(canvas.current, { width, height, draw });
  }, [draw, width, height, dark]);
  useLayoutEffect(() => (over ? paint(layer.current, width, height, over) : undefined), [over, width, height, dark]);
  /** @param {(x: number, y: number, width: number) => void} listener */
  const located = (listener) => (/** @type {PointerEvent} */ event) => {
    const place = canvas.current?.getBoundingClientRect();
    if (place) listener(event.clientX - place.left, event.clientY - place.top, place.width);
  };
  const wide = drag !== null && Math.abs(drag.to - drag.from) >= DRAGGED_LEAST;
  const move = located((x, y, whole) => {
    if (drag) setDrag({ from: drag.from, to: x });
    onMove?.(x, y, whole);
  });
  const down = (/** @type {PointerEvent} */ event) => {
    dragged.current = false;
    if (!onDrag || event.button !== 0 || event.pointerType === 'touch') return;
    canvas.current?.setPointerCapture(event.pointerId);
    located((x) => setDrag({ from: x, to: x }))(event);
  };
  const up = located((_x, _y, whole) => {
    if (drag && wide) {
      dragged.current = true;
      onDrag?.(Math.min(drag.from, drag.to), Math.max(drag.from, drag.to), whole);
    }
    setDrag(null);
  });
  const click = located((x, y, whole) => {
    if (!dragged.current) onPick?.(x, y, whole);
  });
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !onKey?.(event.key)) return;
    event.preventDefault();
  };
  return html`<div ref=${box} class="canvas-box">
    <canvas
      ref=${canvas} role=${onKey ? 'application' : 'img'} aria-label=${label} aria-describedby=${hint ?? null} tabindex=${onKey ? 0 : null}
      style="width:100%;height:${height}px" onPointerMove=${move} onPointerLeave=${() => onLeave?.()} onPointerDown=${down} onPointerUp=${up}
      onPointerCancel=${() => setDrag(null)} onClick=${click} onKeyDown=${onKey ? key : null}
    ></canvas>
    ${over ? html`<canvas ref=${layer} class="layer" aria-hidden="true" style="width:100%;height:${height}px"></canvas>` : null}
    ${drag && wide ? html`<div class="brush" style="left:${Math.min(drag.from, drag.to)}px;width:${Math.abs(drag.to - drag.from)}px"></div>` : null}
  </div>`;
}

/** @param {HTMLCanvasElement | null} element @param {number} width @param {number} height @param {(pen: Pen) => void} draw */
function paint(element, width, height, draw) {
  const context = element?.getContext('2d');
  if (!element || !context || width === 0) return;
  const ratio = window.devicePixelRatio || 1;
  element.width = Math.round(width * ratio);
  element.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = `11px ${pageFont()}`;
  draw({ context, width, height, colour: pageColour() });
}

/** The page's typefaces, as a canvas wants them. */
export const pageFont = () => getComputedStyle(document.body).fontFamily;

/** The page's colours by their names. @returns {(name: string) => string} */
export function pageColour() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

/**
 * Colours from "nothing here" to "densest", in the page's own colours.
 * @param {(name: string) => string} colour @param {number} count
 */
export function ramp(colour, count) {
  const stops = [1, 2, 3, 4, 5].map((i) => channels(colour(`ramp-${i}`)));
  return Array.from({ length: count }, (_, k) => {
    const place = (k / (count - 1)) * (stops.length - 1);
    const i = Math.min(stops.length - 2, Math.floor(place));
    const mixed = [0, 1, 2].map((c) => Math.round((stops[i]?.[c] ?? 0) * (1 - place + i) + (stops[i + 1]?.[c] ?? 0) * (place - i)));
    return `rgb(${mixed.join(' ')})`;
  });
}

/** @param {string} hex #rrggbb */
const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** Crisp lines lie on half pixels. @param {number} x */
export const crisp = (x) => Math.round(x) + 0.5;

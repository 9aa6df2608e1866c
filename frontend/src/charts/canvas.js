/** A canvas as wide as its place, sharp on every screen, drawn again when its size or the colours change. */

import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/htm-preact-standalone.js';

/** @import { Ref } from '../vendor/htm-preact-standalone.js' */

/** Pixels left of the plot for the numbers of the value axis, and right of it; the same in every chart over steps. */
export const LEFT = 64;
export const RIGHT = 14;

/**
 * @typedef {object} Pen
 * @property {CanvasRenderingContext2D} context
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

/**
 * @param {{ height: number, label: string, draw: (pen: Pen) => void, over?: (pen: Pen) => void, dark: boolean,
 *   onMove?: (x: number, y: number, width: number) => void, onLeave?: () => void,
 *   onPick?: (x: number, y: number, width: number) => void }} props `over`: what changes often, on a layer of its own
 */
export function Canvas({ height, label, draw, over, dark, onMove, onLeave, onPick }) {
  /** @type {Ref<HTMLElement | null>} */
  const box = useRef(null);
  /** @type {Ref<HTMLCanvasElement | null>} */
  const canvas = useRef(null);
  const width = useWidth(box);
  /** @type {Ref<HTMLCanvasElement | null>} */
  const layer = useRef(null);
  useLayoutEffect(() => paint(canvas.current, width, height, draw), [draw, width, height, dark]);
  useLayoutEffect(() => (over ? paint(layer.current, width, height, over) : undefined), [over, width, height, dark]);
  /** @param {((x: number, y: number, width: number) => void) | undefined} listener */
  const located = (listener) => (/** @type {PointerEvent} */ event) => {
    const place = canvas.current?.getBoundingClientRect();
    if (listener && place) listener(event.clientX - place.left, event.clientY - place.top, place.width);
  };
  return html`<div ref=${box} class="canvas-box">
    <canvas
      ref=${canvas} role="img" aria-label=${label} style="width:100%;height:${height}px"
      onPointerMove=${located(onMove)} onPointerLeave=${() => onLeave?.()} onClick=${located(onPick)}
    ></canvas>
    ${over ? html`<canvas ref=${layer} class="layer" aria-hidden="true" style="width:100%;height:${height}px"></canvas>` : null}
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
  const style = getComputedStyle(document.documentElement);
  context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  draw({ context, width, height, colour: (name) => style.getPropertyValue(`--${name}`).trim() });
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

/** Nine percentiles over steps, as TensorBoard's Distributions draws them, each with its name. */

import uPlot from '../vendor/uPlot.esm.js';
import { LEFT, RIGHT, useWidth } from './canvas.js';
import { nearestIndex, roomyTicks } from './scale.js';
import { number, shortStep } from '../format.js';
import { html, useEffect, useRef } from '../vendor/htm-preact-standalone.js';

/** @import { Series } from '../routes.js' */
/** @import { StepScale, ValueScale } from './scale.js' */
/** @import { Ref } from '../vendor/htm-preact-standalone.js' */

/** Percentages; for a normal distribution the ends of ±0.5, 1 and 1.5 standard deviations. */
export const PERCENTAGES = [0, 6.68, 15.87, 30.85, 50, 69.15, 84.13, 93.32, 100];
/** Opacity of the bands from the outermost to the innermost. */
const OPACITY = ['1c', '33', '4d', '73'];

/** One list per percentile, as the chart wants them. @param {Series} series @returns {(number | null)[][]} */
export function percentileLines(series) {
  return PERCENTAGES.map((_, k) => series.percentiles.map((step) => step?.[k] ?? null));
}

/** Pixels that the pointer is drawn along the steps before it means a part of them. */
const DRAGGED_LEAST = 8;
/** Lines drawn of a run that is laid over: the middle, and where a normal has ±1 standard deviation. */
const OTHER_LINES = [2, 4, 6];

/**
 * @param {{ series: Series, other: Series | null, steps: StepScale, scale: ValueScale, selected: number, height: number, label: string,
 *   dark: boolean, onHover: (step: number | null) => void, onPick: (step: number) => void,
 *   onZoom: (from: number, to: number) => void }} props
 */
export function PercentileBands({ series, other, steps, scale, selected, height, label, dark, onHover, onPick, onZoom }) {
  /** @type {Ref<HTMLElement | null>} */
  const box = useRef(null);
  const width = useWidth(box);
  const now = { onHover, onPick, onZoom, selected: series.steps[selected] ?? 0 };
  const latest = useRef(now);
  latest.current = now;
  /** @type {Ref<uPlot | null>} */
  const chart = useRef(null);
  useEffect(() => {
    if (!box.current || width === 0) return undefined;
    /** The step of this series under the cursor; the other one may have other steps. @param {uPlot} chart */
    const stepAt = ({ cursor, data }) => {
      const step = cursor.idx === null || cursor.idx === undefined ? undefined : data[0][cursor.idx];
      return step === undefined ? null : nearestIndex(series.steps, step);
    };
    const plot = new uPlot(
      options(steps, scale, width, height, other !== null, (plot) => latest.current.onHover(stepAt(plot)), () => latest.current.selected),
      aligned(series, other),
      box.current,
    );
    let dragged = false;
    plot.over.addEventListener('pointerdown', () => {
      dragged = false;
    });
    const { setSelect } = plot.hooks;
    setSelect?.push(() => {
      const { left, width: chosen } = plot.select;
      if (chosen < DRAGGED_LEAST) return;
      dragged = true;
      const inside = series.steps.filter((step) => step >= plot.posToVal(left, 'x') && step <= plot.posToVal(left + chosen, 'x'));
      plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      if (inside.length > 1) latest.current.onZoom(inside[0] ?? 0, inside[inside.length - 1] ?? 0);
    });
    plot.over.addEventListener('click', () => {
      if (dragged) return;
      const step = stepAt(plot);
      if (step !== null) latest.current.onPick(step);
    });
    plot.over.addEventListener('pointerleave', () => latest.current.onHover(null));
    chart.current = plot;
    return () => {
      chart.current = null;
      plot.destroy();
    };
  }, [series, other, scale, width, height, dark]);
  useEffect(() => chart.current?.redraw(false, false), [selected]);
  return html`<div class="percentile-bands" ref=${box} role="img" aria-label=${label} style="height:${height}px"></div>`;
}

/** Both series on the union of their steps. @param {Series} series @param {Series | null} other @returns {uPlot.AlignedData} */
function aligned(series, other) {
  const own = /** @type {uPlot.AlignedData} */ ([series.steps, ...percentileLines(series)]);
  if (!other) return own;
  const lines = percentileLines(other);
  const second = [other.steps, ...OTHER_LINES.map((k) => lines[k] ?? [])];
  return uPlot.join([own, /** @type {uPlot.AlignedData} */ (second)]);
}

/**
 * @param {StepScale} steps @param {ValueScale} scale @param {number} width @param {number} height @param {boolean} other
 * @param {(plot: uPlot) => void} onCursor @param {() => number} selected the step to be marked
 * @returns {uPlot.Options}
 */
function options(steps, scale, width, height, other, onCursor, selected) {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: colour('soft'), font, grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), size: 4 }, gap: 4 };
  const chart = colour('chart');
  return {
    width,
    height,
    padding: [8, RIGHT, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 5 }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { time: false, range: () => [steps.low, steps.high] },
      y: { range: () => [scale.low, scale.high], distr: scale.kind === 'log' ? 4 : 1, asinh: scale.threshold },
    },
    axes: [
      { ...axis, size: 26, values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? shortStep(tick) : '')) },
      { ...axis, size: LEFT, splits: () => roomyTicks(scale, height - 34), filter: (_, ticks) => ticks, values: (_, ticks) => ticks.map(number) },
    ],
    series: [
      {},
      ...PERCENTAGES.map((percentage) => ({
        label: String(percentage),
        stroke: percentage === 50 ? colour('ink') : chart,
        width: percentage === 50 ? 1.75 : 1,
        ...(percentage === 0 || percentage === 100 ? { dash: [4, 3] } : {}),
        points: { show: false },
      })),
      ...(other ? OTHER_LINES : []).map((k) => ({ stroke: colour('other'), width: k === 4 ? 2 : 1, points: { show: false } })),
    ],
    bands: [0, 1, 2, 3].flatMap((k) => [
      { series: /** @type {[number, number]} */ ([9 - k, 8 - k]), fill: chart + OPACITY[k] },
      { series: /** @type {[number, number]} */ ([2 + k, 1 + k]), fill: chart + OPACITY[k] },
    ]),
    hooks: {
      setCursor: [onCursor],
      setSelect: [],
      draw: [
        (plot) => {
          const x = Math.round(plot.valToPos(selected(), 'x', true));
          plot.ctx.strokeStyle = colour('marker');
          plot.ctx.setLineDash([]);
          plot.ctx.lineWidth = 1.5 * devicePixelRatio;
          plot.ctx.beginPath();
          plot.ctx.moveTo(x, plot.bbox.top);
          plot.ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
          plot.ctx.stroke();
        },
      ],
    },
  };
}

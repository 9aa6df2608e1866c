"""The buckets of one tag for the page: all of them, or a sample of steps packed for a file that is mailed."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tb_histinsight.core.histogram import FloatArray, HistogramSeries, IntArray, Layout
from tb_histinsight.core.ladder import ON_A_RUNG, ladder_exponent
from tb_histinsight.core.percentiles import percentiles
from tb_histinsight.core.stats import SeriesStats, series_stats
from tb_histinsight.report import TimelineEntry

FLOAT32_LARGEST = 1e38
FLOAT32_SMALLEST = 1e-37
"""Beyond these float32 has no room, or loses digits; such series are packed as float64."""


def series_entry(series: HistogramSeries, shapes: Sequence[str], stats: SeriesStats) -> dict[str, Any]:
    """A tag's buckets, and what was measured on them, as plain lists; NaN stands for a number that does not exist.

    Args:
      shapes: label at each step.
    """
    return {
        "run": series.run,
        "tag": series.tag,
        "layout": series.layout.value,
        "steps": series.steps.tolist(),
        "wall_times": series.wall_times.tolist(),
        "total_steps": series.total_steps,
        "offsets": series.offsets.tolist(),
        "left": series.buckets[:, 0].tolist(),
        "right": series.buckets[:, 1].tolist(),
        "count": series.buckets[:, 2].tolist(),
        "non_finite": series.non_finite.tolist(),
        "shapes": list(shapes),
        "percentiles": percentiles(series).value.tolist(),
        "stats": {
            "mean": stats.mean.value.tolist(),
            "std": stats.std.value.tolist(),
            "rms": stats.rms.value.tolist(),
        },
    }


def packed_entry(
    series: HistogramSeries, timeline: Sequence[TimelineEntry], most_steps: int, notable: Iterable[int] = ()
) -> dict[str, Any]:
    """A sample of a tag's steps, numbers as base64 of little-endian floats; `unpack.js` is the other side.

    Args:
      timeline: shapes of all steps, as the report tells them.
      most_steps: so many steps at most; the first and the last are always among them.
      notable: steps to keep before others, such as those at which a finding begins.
    """
    total = len(series)
    if total > most_steps:
        series = _taken(series, _sample(series.steps, most_steps, [span.first_step for span in timeline], notable))
    stats = series_stats(series)
    numbers = {
        "percentiles": percentiles(series).value,
        "mean": stats.mean.value,
        "std": stats.std.value,
        "rms": stats.rms.value,
        "non_finite": series.non_finite,
    }
    return {
        "run": series.run,
        "tag": series.tag,
        "layout": series.layout.value,
        "steps": series.steps.tolist(),
        "wall_times": series.wall_times.tolist(),
        "total_steps": max(total, series.total_steps or 0),
        "shapes": _shapes_at(series.steps, timeline),
        "lengths": series.lengths.tolist(),
        **_packed_edges(series),
        "count": _base64(series.buckets[:, 2]),
        **{name: _base64(values) for name, values in numbers.items()},
    }


def _sample(steps: IntArray, most: int, begins: Iterable[int], notable: Iterable[int]) -> IntArray:
    """Indices of the steps to keep, ascending: the ends, then what is notable, the rest spread evenly."""
    last = len(steps) - 1
    wanted = np.searchsorted(steps, np.array([*notable, *begins], np.int64))
    kept = dict.fromkeys([0, last, *np.minimum(wanted, last).tolist()])
    chosen = list(kept)[: max(2, most // 2)]
    even = np.linspace(0, last, max(most - len(chosen), 0)).round().astype(np.int64)
    return np.unique(np.array([*chosen, *even.tolist()], np.int64))


def _taken(series: HistogramSeries, index: IntArray) -> HistogramSeries:
    lengths = series.lengths[index]
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    rows = np.repeat(series.offsets[index] - offsets[:-1], lengths) + np.arange(offsets[-1])
    return HistogramSeries(
        run=series.run,
        tag=series.tag,
        steps=series.steps[index],
        wall_times=series.wall_times[index],
        buckets=series.buckets[rows],
        offsets=offsets,
        non_finite=series.non_finite[index],
        uncounted=series.uncounted[index],
        moments=None if series.moments is None else series.moments.select(index),
        total_steps=series.total_steps,
    )


def _shapes_at(steps: IntArray, timeline: Sequence[TimelineEntry]) -> list[str]:
    """Shape at each step; a step before the first span has that of the first."""
    if not timeline:
        return ["empty"] * len(steps)
    begins = np.array([span.first_step for span in timeline])
    at = np.maximum(np.searchsorted(begins, steps, side="right") - 1, 0)
    return [timeline[index].shape for index in at]


def _packed_edges(series: HistogramSeries) -> dict[str, Any]:
    """Edges: of equal widths the two outer ones of each step; on the ladder also which rungs lie between them; else
    all, once each where buckets touch.
    """
    left, right = series.buckets[:, 0], series.buckets[:, 1]
    some = series.lengths > 0
    if series.layout is Layout.EQUAL:
        return {
            "edges": "equal",
            "low": _base64(left[series.offsets[:-1][some]]),
            "high": _base64(right[series.offsets[1:][some] - 1]),
        }
    inner = np.ones(len(left), bool)
    inner[series.offsets[:-1][some]] = False
    if np.array_equal(left[inner], right[np.flatnonzero(inner) - 1]):
        low = _base64(left[series.offsets[:-1][some]])
        rungs = _rungs(left[inner])
        if rungs is not None:
            high = _base64(right[series.offsets[1:][some] - 1])
            steps = np.diff(rungs, prepend=0).astype("<i2")
            return {"edges": "ladder", "low": low, "high": high, "rungs": base64.b64encode(steps.tobytes()).decode()}
        return {"edges": "touching", "low": low, "high": _base64(right)}
    return {"edges": "any", "low": _base64(left), "high": _base64(right)}


def _rungs(edges: FloatArray) -> IntArray | None:
    """Number of each edge on the ladder: 0 for 0, ±(k + 1) for ±1e-12 * 1.1**k; None where one is on no rung."""
    rung = np.zeros(len(edges))
    rung[edges != 0] = ladder_exponent(edges[edges != 0])
    whole = np.rint(rung)
    if len(edges) == 0 or not (np.abs(rung - whole) < ON_A_RUNG).all() or (whole < 0).any():
        return None
    numbers: IntArray = (np.sign(edges) * (whole + 1)).astype(np.int64)
    return numbers


def _base64(values: FloatArray) -> str:
    """Little-endian float32 where that has room for all of them, after a letter that says which."""
    flat = np.ravel(values)
    size = np.abs(flat[np.isfinite(flat) & (flat != 0)])
    narrow = not len(size) or (size.max() < FLOAT32_LARGEST and size.min() > FLOAT32_SMALLEST)
    data = flat.astype("<f4" if narrow else "<f8").tobytes()
    return ("f" if narrow else "d") + base64.b64encode(data).decode("ascii")

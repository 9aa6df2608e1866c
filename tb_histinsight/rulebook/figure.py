"""Histograms over the steps, drawn with characters: one line per step, all on one axis."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import numpy as np

from tb_histinsight.core.histogram import FloatArray, Histogram, HistogramSeries

WIDTH = 56
"""Characters of a line"""
BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII = " .:-=+*#%"
"""The same where the terminal cannot show blocks"""
MOST_STEPS = 6


def figure_lines(
    label: str, series: HistogramSeries, *, symbols: bool = True, step_name: str = "step {step}"
) -> Iterator[str]:
    """The densities of some steps, each as high as its own highest; then the axis."""
    yield label
    picked = np.unique(np.linspace(0, len(series) - 1, min(MOST_STEPS, len(series))).round().astype(int))
    low, high = float(np.nanmin(series.minimum)), float(np.nanmax(series.maximum))
    if low == high:
        low, high = low - 1, high + 1
    names = [step_name.format(step=step) for step in series.steps[picked]]
    longest = max(map(len, names))
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in names[0])  # the same number in each
    margin = longest + wide
    for i, name in zip(picked, names, strict=True):
        histogram = series.at(int(i))
        yield f"{name.ljust(longest)}  {_line(histogram, low, high, BLOCKS if symbols else ASCII)}".rstrip()
    left, right = f"{low:.3g}", f"{high:.3g}"
    yield f"{'':{margin}}  {left}{right:>{WIDTH - len(left)}}"


def _line(histogram: Histogram, low: float, high: float, characters: str) -> str:
    if not len(histogram.count):
        return "NaN"
    heights = _densities(histogram, np.linspace(low, high, WIDTH + 1))
    top = float(heights.max())
    levels = np.ceil(heights / top * (len(characters) - 1) - 1e-9).astype(int) if top > 0 else np.zeros(WIDTH, int)
    return "".join(characters[level] for level in levels)


def _densities(histogram: Histogram, edges: FloatArray) -> FloatArray:
    """How many values lie in each cell, values spread evenly over their buckets."""
    found = np.zeros(len(edges) - 1)
    for left, right, count in zip(histogram.left, histogram.right, histogram.count, strict=True):
        if right > left:
            overlap = np.minimum(edges[1:], right) - np.maximum(edges[:-1], left)
            found += count * np.maximum(overlap, 0) / (right - left)
        else:
            found[min(int(np.searchsorted(edges, left, side="right")) - 1, len(found) - 1)] += count
    return found

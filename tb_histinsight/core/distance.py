"""Wasserstein-1 distances between histograms: how far values moved, in the tensor's own unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.columns import running_sum
from tb_histinsight.core.histogram import FloatArray, Histogram, HistogramSeries


@dataclass(frozen=True)
class Transport:
    """How far the values of one histogram must travel to become another, per value."""

    distance: float
    """Wasserstein-1 distance, values evenly spread within each bucket of either."""
    least: float
    """What is proved: the smallest distance of any two samples that fill these buckets."""
    most: float
    """The largest distance of any two samples that fill these buckets."""


def transport(first: Histogram, last: Histogram) -> Transport:
    """Wasserstein-1 distance of two histograms with its bounds; NaN where one of them is empty.

    Histograms of different totals are compared as shares. For the tensor's raw values the distance is at most the
    mean |change|, whatever the order of the values: movement is proved, stillness never is.

    Source: Villani (2009), Optimal Transport, remark 2.19: in one dimension the integral over q of |Q1(q) - Q2(q)|.
    """
    if not len(first.count) or not len(last.count):
        return Transport(np.nan, np.nan, np.nan)
    ends = [np.cumsum(h.count) / h.total for h in (first, last)]
    # Between two neighbouring cuts, each of the two stays within one bucket.
    cuts = np.union1d(ends[0], ends[1])
    cuts = np.concatenate([[0.0], cuts[cuts < 1.0], [1.0]])
    share = np.diff(cuts)
    middle = cuts[:-1] + 0.5 * share
    low, high, start, slope = [], [], [], []
    for histogram, end in zip((first, last), ends, strict=True):
        j = np.minimum(np.searchsorted(end, middle), len(end) - 1)
        part = np.where(histogram.count > 0, histogram.count / histogram.total, 1.0)[j]
        width = (histogram.right - histogram.left)[j]
        low.append(histogram.left[j])
        high.append(histogram.right[j])
        start.append(histogram.left[j] + width * np.clip((cuts[:-1] - (end[j] - part)) / part, 0, 1))
        slope.append(width * share / part)
    gap_left = start[1] - start[0]
    gap_right = gap_left + slope[1] - slope[0]
    gap = np.maximum(low[1] - high[0], low[0] - high[1])
    reach = np.maximum(high[1] - low[0], high[0] - low[1])
    return Transport(
        float(_mean_absolute(gap_left, gap_right) @ share),
        float(np.maximum(gap, 0.0) @ share),
        float(reach @ share),
    )


def wasserstein(first: Histogram, last: Histogram) -> float:
    """Wasserstein-1 distance of two histograms, values evenly spread within each bucket; NaN where one is empty."""
    return transport(first, last).distance


def _mean_absolute(a: FloatArray, b: FloatArray) -> FloatArray:
    """Mean |.| of a quantity that runs in a straight line from a to b."""
    crosses = a * b < 0
    size = np.abs(a) + np.abs(b)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(crosses, (a * a + b * b) / (2 * size), 0.5 * size), dtype=np.float64)


def step_differences(series: HistogramSeries) -> tuple[FloatArray, FloatArray]:
    """How each step differs from the next; float64 [n - 1] each, NaN where one of the two is empty.

    Taken at the edges of the earlier step, and exact where both share their edges, as those of the exponential ladder
    do; within a bucket's own uncertainty otherwise. 0 for identical neighbours.

    Returns:
      Wasserstein-1 distance in the tensor's own unit, and the largest gap of the distribution functions (Kolmogorov).
    """
    n = len(series)
    out = np.full((2, max(n - 1, 0)), np.nan)
    widest = max(1, int(series.lengths.max(initial=1)))
    size = max(2, (1 << 16) // widest)
    for start in range(0, n - 1, size - 1):
        part = series.select(start, min(start + size, n))
        dense = part.dense()
        total = dense.count.sum(axis=1)
        use = np.flatnonzero((total[:-1] > 0) & (total[1:] > 0))
        if len(use):
            edges = np.concatenate([dense.left[:, :1], dense.right], axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                below = np.ascontiguousarray(running_sum(dense.count, 0.0)) / total[:, None]
            if len(use) == len(part) - 1:
                out[:, start + use] = _differences(edges[:-1], below[:-1], edges[1:], below[1:])
            else:
                out[:, start + use] = _differences(edges[use], below[use], edges[use + 1], below[use + 1])
    return out[0], out[1]


def _differences(
    edges_a: FloatArray, a: FloatArray, edges_b: FloatArray, b: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Area and largest gap, row by row, between two piecewise linear distribution functions [m, k + 1]."""
    low_a, high_a, low_b, high_b = edges_a[:, 0], edges_a[:, -1], edges_b[:, 0], edges_b[:, -1]
    low = np.minimum(low_a, low_b)
    span = np.maximum(high_a, high_b) - low
    unit = 1.0 / np.where(span > 0, span, 1.0)[:, None]
    # One interpolation for all rows: row i lives between 2i and 2i + 1.
    row = 2.0 * np.arange(len(a))[:, None]
    at = (edges_a - low[:, None]) * unit + row
    knots = (edges_b - low[:, None]) * unit + row
    b_at_a = np.interp(at.ravel(), knots.ravel(), b.ravel()).reshape(at.shape)
    b_at_a[edges_a < low_b[:, None]] = 0.0
    b_at_a[edges_a >= high_b[:, None]] = 1.0
    gap = np.abs(a - b_at_a)
    width = np.diff(edges_a, axis=1)
    area = 0.5 * (np.einsum("ij,ij->i", gap[:, :-1], width) + np.einsum("ij,ij->i", gap[:, 1:], width))
    before = 0.5 * b_at_a[:, 0] * np.maximum(low_a - low_b, 0.0)
    after = 0.5 * (1.0 - b_at_a[:, -1]) * np.maximum(high_b - high_a, 0.0)
    # Where b lies wholly on one side of a, what is between them is crossed by every value.
    apart = np.maximum(low_a - high_b, 0.0) + np.maximum(low_b - high_a, 0.0)
    return np.asarray(area + before + after + apart, dtype=np.float64), gap.max(axis=1)

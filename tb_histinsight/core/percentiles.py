"""Percentiles of histograms, with the bucket in which each must lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tb_histinsight.core.histogram import FloatArray, Histogram, HistogramSeries
from tb_histinsight.core.stats import Bounded

DISTRIBUTION_LINES = (0.0, 6.68, 15.87, 30.85, 50.0, 69.15, 84.13, 93.32, 100.0)
"""Percentiles, in per cent, of the nine lines of TensorBoard's Distributions dashboard: those of a normal at
-1.5, -1, ... 1.5 standard deviations. Source: tensorboard/plugins/distribution/compressor.py, NORMAL_HISTOGRAM_BPS."""


def percentiles(series: HistogramSeries, per_cent: Sequence[float] = DISTRIBUTION_LINES) -> Bounded:
    """Percentiles of every step, values evenly spread within each bucket.

    Returns:
      float64 [n, len(per_cent)], with the edges of the bucket as bounds; NaN where a step has no bucket. 0 and 100
      are the exact minimum and maximum.
    """
    n, p = len(series), len(per_cent)
    out = np.full((3, n, p), np.nan)
    for start, part in series.chunks():
        dense = part.dense()
        filled = np.flatnonzero(part.lengths > 0)
        out[:, start + filled] = quantiles_of_rows(
            dense.left[filled], dense.right[filled], dense.count[filled], np.asarray(per_cent) / 100
        )
    return Bounded(out[0], out[1], out[2])


def quantiles_of_rows(
    left: FloatArray, right: FloatArray, count: FloatArray, level: FloatArray
) -> FloatArray:
    """Quantiles at the levels (0 to 1) of every row of bucket matrices [m, k]; float64 [3, m, p].

    The first plane is the estimate, the others are the left and right edge of the bucket it lies in. Every row must
    have a value.
    """
    cumulative = np.cumsum(count, axis=1)
    total = cumulative[:, -1]
    row = np.arange(len(count))
    out = np.empty((3, len(count), len(level)))
    for column, q in enumerate(level):
        target = q * total
        # The first bucket that reaches the target and has a value.
        reached = cumulative >= target[:, None]
        if q == 0:
            reached = cumulative > 0
        j = np.argmax(reached, axis=1)
        inside = count[row, j]
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.where(inside > 0, 1 - (cumulative[row, j] - target) / inside, 0.0)
        part = np.clip(part, 0.0, 1.0)
        low, high = left[row, j], right[row, j]
        value = low + part * (high - low)
        exact = q in (0.0, 1.0)
        out[:, :, column] = value, value if exact else low, value if exact else high
    return out


def histogram_percentiles(histogram: Histogram, per_cent: Sequence[float] = DISTRIBUTION_LINES) -> FloatArray:
    """Percentiles of one histogram; float64 [len(per_cent)], NaN where it holds no value."""
    if not len(histogram.count):
        return np.full(len(per_cent), np.nan)
    rows = (histogram.left[None], histogram.right[None], histogram.count[None])
    return quantiles_of_rows(*rows, np.asarray(per_cent) / 100)[0, 0]


def share_within(histogram: Histogram, low: float, high: float) -> float:
    """Share of the values between low and high, values evenly spread within each bucket; NaN where there is none."""
    if not len(histogram.count):
        return float("nan")
    width = histogram.right - histogram.left
    covered = np.minimum(histogram.right, high) - np.maximum(histogram.left, low)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(width > 0, covered / width, (histogram.left >= low) & (histogram.left <= high))
    return float(np.clip(part, 0.0, 1.0) @ histogram.count / histogram.count.sum())

"""Percentiles of histograms, with the bucket in which each must lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tb_histinsight.core.histogram import EXACT_ZERO_RIGHT, FloatArray, Histogram, HistogramSeries, IntArray
from tb_histinsight.core.stats import Bounded

DISTRIBUTION_LINES = (0.0, 6.68, 15.87, 30.85, 50.0, 69.15, 84.13, 93.32, 100.0)
"""Percentiles, in per cent, of the nine lines of TensorBoard's Distributions dashboard: those of a normal at
-1.5, -1, ... 1.5 standard deviations. Source: tensorboard/plugins/distribution/compressor.py, NORMAL_HISTOGRAM_BPS."""


def percentiles(series: HistogramSeries, per_cent: Sequence[float] = DISTRIBUTION_LINES) -> Bounded:
    """Percentiles of every step, values evenly spread within each bucket.

    Returns:
      float64 [n, len(per_cent)], with the edges of the bucket as bounds; NaN where a step has no bucket. 0 and 100
      are the exact minimum and maximum; within the bucket of exact zeros the value is 0.
    """
    level = np.asarray(per_cent, dtype=np.float64) / 100
    value, low, high = quantiles(series.buckets, series.offsets, level)
    exact = (level == 0) | (level == 1)
    zeros = ((low == 0) | (high == 0)) & (high - low <= EXACT_ZERO_RIGHT) & ~exact
    value = np.where(zeros, 0.0, value)
    return Bounded(value, np.where(exact, value, low), np.where(exact, value, high))


def quantiles(rows: FloatArray, offsets: IntArray, level: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Quantiles at the levels (0 to 1) of every histogram in a flat block of rows (left, right, count).

    Returns:
      Estimate, and left and right edge of the bucket it lies in; float64 [n, p] each, NaN where there is no value.
    """
    n = len(offsets) - 1
    if not len(rows):
        nothing = np.full((n, len(level)), np.nan)
        return nothing, nothing, nothing
    # One running sum over all steps is sorted: one search serves them all.
    ends = np.cumsum(rows[:, 2])
    before = np.concatenate([[0.0], ends])[offsets]
    total = np.diff(before)
    target = before[:-1, None] + np.multiply.outer(total, level)
    at = np.searchsorted(ends, target.ravel(), side="left").reshape(target.shape)
    at = np.clip(at, offsets[:-1, None], np.maximum(offsets[1:, None] - 1, offsets[:-1, None]))
    at = np.minimum(at, len(rows) - 1)
    inside = rows[at, 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(inside > 0, np.clip(1 - (ends[at] - target) / inside, 0.0, 1.0), 0.0)
    low, high = rows[at, 0], rows[at, 1]
    value = low + part * (high - low)
    empty = total <= 0
    value[empty] = low[empty] = high[empty] = np.nan
    return value, low, high


def histogram_percentiles(histogram: Histogram, per_cent: Sequence[float] = DISTRIBUTION_LINES) -> FloatArray:
    """Percentiles of one histogram; float64 [len(per_cent)], NaN where it holds no value."""
    if not len(histogram.count):
        return np.full(len(per_cent), np.nan)
    rows = np.stack([histogram.left, histogram.right, histogram.count], axis=1)
    value, _, _ = quantiles(rows, np.array([0, len(rows)]), np.asarray(per_cent, dtype=np.float64) / 100)
    return np.asarray(value[0], dtype=np.float64)


def share_within(histogram: Histogram, low: float, high: float) -> float:
    """Share of the values between low and high, values evenly spread within each bucket; NaN where there is none."""
    if not len(histogram.count):
        return float("nan")
    width = histogram.right - histogram.left
    covered = np.minimum(histogram.right, high) - np.maximum(histogram.left, low)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(width > 0, covered / width, (histogram.left >= low) & (histogram.left <= high))
    return float(np.clip(part, 0.0, 1.0) @ histogram.count / histogram.count.sum())

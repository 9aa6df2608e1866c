"""Whether a number has a trend over the steps that is more than fluctuation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray

BLOCKS = 24
"""Blocks of steps whose means are compared, at most: averages out fluctuation, and what neighbouring steps share."""
FEW = 6
"""Below so many steps, only a strictly monotone course is a trend, and never more than suspected."""
MONOTONE = ((6, 0.9999), (8, 0.993), (10, 0.967), (12, 0.917), (16, 0.838), (20, 0.80), (24, 0.75))
"""(blocks, share of the variance of the block means that a monotone course must explain). Means without a trend reach
it less than once in 2000 (simulated: 0.9995 quantile, rounded up from 20 blocks on; docs/shapes.md)."""
ROUNDING = 4e-7
"""Relative differences below this may be float32 rounding of a loader."""


@dataclass(frozen=True)
class Trends:
    """A monotone course, or none, of each of several series."""

    proven: BoolArray
    direction: IntArray
    """+1 up, -1 down, 0 none"""
    strength: FloatArray
    """Share of the variance between blocks that a monotone course explains"""

    def where(self, kept: BoolArray) -> Trends:
        """The same, with the others as no trend."""
        return Trends(self.proven & kept, np.where(kept, self.direction, 0), np.where(kept, self.strength, 0.0))


def trends_of(values: FloatArray, resolution: FloatArray) -> Trends:
    """The trends of a number over steps.

    Args:
      values: float64 [s, n], finite.
      resolution: float64 [s, n], how far each may be off for reasons of its own (buckets).
    """
    s, n = values.shape
    if n < 3:
        return Trends(np.zeros(s, bool), np.zeros(s, np.int64), np.zeros(s))
    cuts, sizes = _blocks(n)
    means = np.add.reduceat(values, cuts, axis=1) / sizes
    rise = means[:, -1] - means[:, 0]
    moved = np.abs(rise) > np.maximum(ROUNDING * np.abs(values).max(axis=1), resolution[:, 0] + resolution[:, -1])
    direction = np.where(moved, np.where(rise > 0, 1, -1), 0)
    centred = means - means.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", centred, centred)
    residual = centred - direction[:, None] * monotone_fits(direction[:, None] * centred)
    left = np.einsum("ij,ij->i", residual, residual)
    strength = np.where(moved & (variance > 0), 1 - left / np.where(variance > 0, variance, 1.0), 0.0)
    if n < FEW:
        proven = moved & (direction[:, None] * np.diff(values, axis=1) >= 0).all(axis=1)
    else:
        needed = np.interp(means.shape[1], [b for b, _ in MONOTONE], [share for _, share in MONOTONE])
        proven = moved & (strength >= needed)
    return Trends(proven, direction, strength)


@lru_cache(maxsize=64)
def _blocks(n: int) -> tuple[IntArray, IntArray]:
    """First index and size of each of the blocks of n steps."""
    cuts = np.linspace(0, n, min(n, BLOCKS) + 1).astype(np.int64)
    return cuts[:-1], np.diff(cuts)


def medians(values: FloatArray) -> FloatArray:
    """The median of what is finite in each row; NaN of nothing. float64 [s]."""
    finite = np.isfinite(values)
    count = finite.sum(axis=1)
    ordered = np.sort(np.where(finite, values, np.inf), axis=1)
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    rows = np.arange(len(values))
    middle = 0.5 * (
        ordered[rows, np.maximum(count - 1, 0) // 2] + ordered[rows, np.minimum(count // 2, values.shape[1] - 1)]
    )
    return np.where(count > 0, middle, np.nan)


def monotone_fits(values: FloatArray) -> FloatArray:
    """The non-decreasing course nearest to each row; float64 [s, b].

    At each place: the largest, over where a stretch may begin, of the smallest mean of the stretches that reach that
    place or beyond it.

    Source: Barlow, Bartholomew, Bremner & Brunk (1972), Statistical Inference under Order Restrictions, theorem 1.4.
    """
    s, b = values.shape
    sums = np.concatenate([np.zeros((s, 1)), np.cumsum(values, axis=1)], axis=1)
    begin, end = np.arange(b)[:, None], np.arange(1, b + 1)[None, :]
    length = np.where(end > begin, end - begin, 1)
    mean = np.where(end > begin, (sums[:, None, 1:] - sums[:, :-1, None]) / length, np.inf)
    smallest = np.minimum.accumulate(mean[:, :, ::-1], axis=2)[:, :, ::-1]
    # A stretch that begins after a place does not count for it.
    smallest = np.where(end > begin, smallest, -np.inf)
    return np.asarray(smallest.max(axis=1), np.float64)

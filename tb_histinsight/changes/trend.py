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
MONOTONE = ((6, 0.99999), (8, 0.998), (10, 0.978), (12, 0.942), (16, 0.856), (20, 0.77), (24, 0.71))
"""(blocks, share of the variance of the block means that a monotone course must explain). Means without a trend reach
it once in 4000 (simulated: 0.99975 quantile, rounded up; docs/shapes.md)."""
STRAIGHT = ((6, 0.976), (8, 0.913), (10, 0.843), (12, 0.764), (16, 0.645), (20, 0.54), (24, 0.464))
"""The same for a straight line: it finds a steady course under more fluctuation, but not one that jumps or settles."""
ROUNDING = 4e-7
"""Relative differences below this may be float32 rounding of a loader."""


@dataclass(frozen=True)
class Trends:
    """A monotone course, or none, of each of several series."""

    proven: BoolArray
    direction: IntArray
    """+1 up, -1 down, 0 none"""

    def where(self, kept: BoolArray) -> Trends:
        """The same, with the others as no trend."""
        return Trends(self.proven & kept, np.where(kept, self.direction, 0))


def trends_of(values: FloatArray, resolution: FloatArray, *, positive: bool = False) -> Trends:
    """The trends of a number over steps.

    Args:
      values: float64 [s, n], finite.
      resolution: float64 [s], what first and last block must differ by, whatever the fluctuation.
      positive: the numbers are sizes, which may fluctuate by a share of themselves: their logarithms are looked at too.
    """
    s, n = values.shape
    if n < 3:
        return Trends(np.zeros(s, bool), np.zeros(s, np.int64))
    cuts, sizes = _blocks(n)
    means = np.add.reduceat(values, cuts, axis=1) / sizes
    rise = means[:, -1] - means[:, 0]
    moved = np.abs(rise) > np.maximum(ROUNDING * np.abs(values).max(axis=1), resolution)
    direction = np.where(moved, np.where(rise > 0, 1, -1), 0)
    if n < FEW:
        return Trends(moved & (direction[:, None] * np.diff(values, axis=1) >= 0).all(axis=1), direction)
    proven = _one_way(means, direction)
    if positive:
        least = np.where(values > 0, values, np.inf).min(axis=1, keepdims=True)
        logarithms = np.log(np.maximum(values, np.where(np.isfinite(least), least, 1.0)))
        proven |= _one_way(np.add.reduceat(logarithms, cuts, axis=1) / sizes, direction)
    return Trends(moved & proven, direction)


def _one_way(means: FloatArray, direction: IntArray) -> BoolArray:
    """Whether a course in this direction explains more of the variance of each row than chance does."""
    blocks = means.shape[1]
    centred = means - means.mean(axis=1, keepdims=True)
    square = np.einsum("ij,ij->i", centred, centred)
    square = np.where(square > 0, square, 1.0)
    residual = centred - direction[:, None] * monotone_fits(direction[:, None] * centred)
    by_steps = 1 - np.einsum("ij,ij->i", residual, residual) / square
    time = np.arange(blocks) - 0.5 * (blocks - 1)
    rising = np.maximum((centred @ time) * direction, 0.0)
    by_line = rising**2 / (square * (time @ time))
    return np.asarray((by_steps >= _needed(MONOTONE, blocks)) | (by_line >= _needed(STRAIGHT, blocks)), bool)


def _needed(table: tuple[tuple[int, float], ...], blocks: int) -> float:
    return float(np.interp(blocks, [number for number, _ in table], [share for _, share in table]))


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

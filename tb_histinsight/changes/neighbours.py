"""How each step of a series differs from the one before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, HistogramSeries, IntArray
from tb_histinsight.core.neighbours import step_differences

BLOCK_ROWS = 1 << 14
"""Buckets that are compared at once, so that what is made of them stays in the cache of common processors."""


@dataclass(frozen=True)
class Neighbours:
    """How each step of a series differs from the one before; of several series that were joined to one as well."""

    identical: IntArray
    """int64 [n - 1]: 1 where edges and counts are those of the step before, compared as float32; else 0"""
    moves: FloatArray
    """float64 [n - 1]: Wasserstein-1 distance; exactly 0 where nothing differs, NaN where one of the two is empty"""
    gaps: FloatArray
    """float64 [n - 1]: the same for the largest gap of the two distribution functions (Kolmogorov)"""


def neighbours_of(series: HistogramSeries) -> Neighbours:
    """Compares each step with the one before."""
    identical = identical_neighbours(series)
    moves, gaps = step_differences(series)
    same = (identical > 0) & np.isfinite(moves)
    return Neighbours(identical, np.where(same, 0.0, moves), np.where(same, 0.0, gaps))


def identical_neighbours(series: HistogramSeries) -> IntArray:
    """int64 [n - 1]: 1 where a step equals the one before in edges and counts, compared as float32; else 0.

    Loaders keep float32 or float64; steps without finite values equal nothing.
    """
    n = len(series)
    out = np.zeros(max(n - 1, 0), np.int64)
    if n < 2:
        return out
    lengths, offsets = series.lengths, series.offsets
    alike = np.flatnonzero((lengths[1:] == lengths[:-1]) & (lengths[1:] > 0))
    # Steps that differ mostly do so in the first edge already.
    alike = alike[_equal(series.buckets[offsets[alike], 0], series.buckets[offsets[alike + 1], 0])]
    if len(alike):
        ends = np.cumsum(lengths[alike])
        cuts = np.searchsorted(ends, np.arange(BLOCK_ROWS, ends[-1], BLOCK_ROWS))
        for some in np.split(alike, np.unique(cuts[cuts > 0])):
            out[some] = _rows_equal(series, some)
    same = np.nan_to_num(series.non_finite[1:], nan=-1) == np.nan_to_num(series.non_finite[:-1], nan=-1)
    return np.where(same, out, 0)


def _rows_equal(series: HistogramSeries, index: IntArray) -> BoolArray:
    """Whether these steps, none empty, are equal to the next ones, which have as many buckets."""
    size = series.lengths[index]
    begin = np.cumsum(size) - size
    row = np.arange(int(size.sum())) + np.repeat(series.offsets[index] - begin, size)
    same = _equal(series.buckets[row], series.buckets[row + np.repeat(size, size)]).all(axis=1)
    return np.asarray(np.logical_and.reduceat(same, begin))


def _equal(a: FloatArray, b: FloatArray) -> BoolArray:
    """Whether the numbers are equal at the coarser of float32 and float64; what float32 cannot hold, as it is."""
    with np.errstate(over="ignore"):
        single = a.astype(np.float32), b.astype(np.float32)
    return np.asarray(np.where(np.isinf(single[0]), a == b, single[0] == single[1]))

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
    """int64 [n - 1]: 1 where edges and counts are those of the step before; else 0"""
    moves: FloatArray
    """float64 [n - 1]: Wasserstein-1 distance; exactly 0 where nothing differs, NaN where one of the two is empty"""
    gaps: FloatArray
    """float64 [n - 1]: the same for the largest gap of the two distribution functions (Kolmogorov)"""
    gaps_in_place: FloatArray
    """float64 [n - 1]: the same bucket by bucket, wherever their edges are: 0 where values were only moved and scaled
    as a whole; inf where the buckets are not those of equal widths, or not equally many"""


def neighbours_of(
    series: HistogramSeries, differences: tuple[FloatArray, FloatArray, FloatArray] | None = None
) -> Neighbours:
    """Compares each step with the one before.

    Args:
      differences: what `step_differences` gives, where that is known already.
    """
    identical = identical_neighbours(series)
    differences = step_differences(series) if differences is None else differences
    same = (identical > 0) & np.isfinite(differences[0])
    return Neighbours(identical, *(np.where(same, 0.0, each) for each in differences))


def identical_neighbours(series: HistogramSeries) -> IntArray:
    """int64 [n - 1]: 1 where a step equals the one before in edges and counts; else 0.

    Compared at the coarser of float32 and float64 that either was kept in: a loader that rounds does not make a tensor
    move, and two steps that differ at full precision are not identical. Steps without finite values equal nothing.
    """
    n = len(series)
    out = np.zeros(max(n - 1, 0), np.int64)
    if n < 2:
        return out
    lengths, offsets = series.lengths, series.offsets
    alike = np.flatnonzero((lengths[1:] == lengths[:-1]) & (lengths[1:] > 0))
    # Steps that differ mostly do so in their first or last edge already.
    for edge, place, column in ((offsets[:-1], 0, 0), (offsets[1:], -1, 1)):
        at = edge + place
        one, other = (_single(series.buckets[at[step], column]) for step in (alike, alike + 1))
        alike = alike[one == other]
    if len(alike):
        ends = np.cumsum(lengths[alike])
        cuts = np.searchsorted(ends, np.arange(BLOCK_ROWS, ends[-1], BLOCK_ROWS))
        for some in np.split(alike, cuts[np.flatnonzero(np.diff(cuts, prepend=0) > 0)]):
            out[some] = _rows_equal(series, some)
    same = np.nan_to_num(series.non_finite[1:], nan=-1) == np.nan_to_num(series.non_finite[:-1], nan=-1)
    return np.where(same, out, 0)


def _rows_equal(series: HistogramSeries, index: IntArray) -> BoolArray:
    """Whether these steps, none empty, are equal to the next ones, which have as many buckets."""
    size = series.lengths[index]
    begin = np.cumsum(size) - size
    row = np.arange(int(size.sum())) + np.repeat(series.offsets[index] - begin, size)
    one, other = series.buckets.take(row, axis=0), series.buckets.take(row + np.repeat(size, size), axis=0)
    same = _all((one == other).all(axis=1), begin)
    if same.all():
        return same
    # A loader may have rounded one of the two to float32. What differs at full precision on both sides did move.
    single = [_single(rows) for rows in (one, other)]
    alike = _all((single[0] == single[1]).all(axis=1), begin)
    rounded = [_all((half == rows).all(axis=1), begin) for half, rows in zip(single, (one, other), strict=True)]
    return np.asarray(same | (alike & (rounded[0] != rounded[1])), bool)


def _all(rows: BoolArray, begin: IntArray) -> BoolArray:
    return np.asarray(np.logical_and.reduceat(rows, begin), bool)


def _single(values: FloatArray) -> FloatArray:
    """The numbers as float32 has them; what float32 cannot hold, as it is."""
    with np.errstate(over="ignore"):
        single = values.astype(np.float32).astype(np.float64)
    return np.asarray(np.where(np.isinf(single), values, single), np.float64)

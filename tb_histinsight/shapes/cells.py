"""Cells: buckets merged where they are finer than any shape needs, so that every encoding is judged alike.

Exponential buckets are extremely fine near 0 (a hundred of them hold a handful of values) and 10 % wide far out; a
writer may also use 1000 equal ones. Cells are as wide as a twentieth of the spread in the middle and grow with the
distance from it; no bucket is ever cut. Exact zeros are kept apart: they are a spike of no width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.histogram import (
    EXACT_ZERO_RIGHT,
    BoolArray,
    FloatArray,
    HistogramSeries,
    IntArray,
    Layout,
    segment_sum,
)
from tb_histinsight.core.percentiles import quantiles

CELL = 0.15
"""Width of a cell in the middle, in units of the spread."""
BEND = 3.0
"""Distance from the median, in units of the spread, from which on cells grow like the logarithm."""
SAME_DENSITY = 1e-9
"""Relative difference of two densities that rounding explains."""
MANY = 8
"""Values in a cell below which it often has its neighbour's density by chance."""
CUT_SHARE = 0.25
"""Share of such cells, of those with so many values, from which on a histogram's buckets have been cut."""
MOST_PARTS = 4
"""Parts into which a bucket is taken to have been cut; a longer run of one density is a plateau."""
SPIKE_SHARE, SPIKE_RATIO, NEIGHBOURS = 0.05, 3.0, 4
"""A fine bucket at 0 is a spike where it holds this share of the values, so many times what its neighbours hold on
the average, so many on either side. Laplace's middle bucket is nowhere near it."""
NEAR_AT_MOST = 0.3
"""Share of the other values in the two buckets on either side, up to which these are fine: Cauchy's tails have 0.8."""
FEW_JOIN = 0.1
"""Share of the buckets up to which it is quicker to mend those that others join than to sum all anew."""
FINE = 64
"""A step with at most this many buckets is left as it is, unless they are exponential."""


@dataclass(frozen=True)
class Cells:
    """The steps of a series with their buckets merged, without exact zeros.

    `rows` is a flat block (left, right, count) with `offsets`, as in HistogramSeries; a step may have no row.
    """

    rows: FloatArray
    offsets: IntArray
    zeros: FloatArray
    """float64 [n]: values in the exact-zero bucket, or in a fine one at 0 that stands out of a broad rest."""
    total: FloatArray
    """float64 [n]: values in the rows."""


def cells_of(rows: FloatArray, offsets: IntArray, layout: Layout) -> Cells:
    """The cells of every step of a flat block of buckets; those of a step do not depend on the steps beside."""
    exact = np.flatnonzero(rows[:, 0] == 0)
    exact = exact[rows[exact, 1] <= EXACT_ZERO_RIGHT]
    step = np.searchsorted(offsets, exact, side="right") - 1
    zeros = np.bincount(step, weights=rows[exact, 2], minlength=len(offsets) - 1).astype(np.float64)
    if len(exact):
        cuts = exact.tolist()
        rows = np.concatenate([rows[i + 1 : j] for i, j in zip([-1, *cuts], [*cuts, len(rows)], strict=True)])
        offsets = offsets - np.searchsorted(exact, offsets)
    fine = np.diff(offsets) > (0 if layout is Layout.EXPONENTIAL else FINE)
    if fine.any():
        spike = _spike(rows, offsets)
        if len(spike):
            step = np.searchsorted(offsets, spike, side="right") - 1
            zeros[step] += rows[spike, 2]
            rows = np.delete(rows, spike, axis=0)
            offsets = offsets - np.searchsorted(spike, offsets)
        rows, offsets = _merged(rows, offsets, fine)
    if len(rows):
        rows, offsets = _level(rows, offsets)
    return Cells(rows, offsets, zeros, segment_sum(rows[:, 2], offsets))


def _spike(rows: FloatArray, offsets: IntArray) -> IntArray:
    """Buckets at 0, one per step at the most, that hold a spike beside a rest that is far broader; ascending indices.

    Merged with its neighbours it would be lost; alone it would set the width of the cells.
    """
    left, right, count = rows.T
    at = np.flatnonzero((left <= 0) & (right >= 0) & (count > 0))
    total = segment_sum(count, offsets)
    step = np.searchsorted(offsets, at, side="right") - 1
    kept = (count[at] >= SPIKE_SHARE * total[step]) & (offsets[step + 1] - offsets[step] > FINE)
    at, step = at[kept], step[kept]
    if not len(at):
        return np.zeros(0, np.int64)
    below = np.concatenate([[0.0], np.cumsum(count)])
    first, last = offsets[step], offsets[step + 1]
    beside = [
        (below[high] - below[low]) / NEIGHBOURS
        for low, high in (
            (np.maximum(at - NEIGHBOURS, first), at),
            (at + 1, np.minimum(at + 1 + NEIGHBOURS, last)),
        )
    ]
    near = below[np.minimum(at + 3, last)] - below[np.maximum(at - 2, first)] - count[at]
    stands_out = count[at] - 3 * np.sqrt(count[at]) > SPIKE_RATIO * np.maximum(*beside)
    spike = at[stands_out & (near <= NEAR_AT_MOST * (total[step] - count[at]))]
    owner = np.searchsorted(offsets, spike, side="right")
    first_of_step = np.ones(len(spike), bool)
    first_of_step[1:] = owner[1:] != owner[:-1]
    return np.asarray(spike[first_of_step])


QUANTILES = np.array([0.025, 0.16, 0.5, 0.84, 0.975])


def _merged(rows: FloatArray, offsets: IntArray, fine: BoolArray) -> tuple[FloatArray, IntArray]:
    """Buckets merged that are finer than a cell, in the steps that are `fine`."""
    quantile = quantiles(rows, offsets, QUANTILES)[0]
    spread = np.maximum(0.5 * (quantile[:, 3] - quantile[:, 1]), 0.125 * (quantile[:, 4] - quantile[:, 0]))
    spread = np.where(spread > 0, spread, 1.0)
    lengths = np.diff(offsets)
    centre = np.repeat(quantile[:, 2], lengths)
    unit = np.repeat(1.0 / (BEND * spread), lengths)
    middle = 0.5 * (rows[:, 0] + rows[:, 1])
    with np.errstate(invalid="ignore"):
        cell = np.floor(np.arcsinh((middle - centre) * unit) * (BEND / CELL))
    joins = np.zeros(len(rows), bool)
    joins[1:] = cell[1:] == cell[:-1]
    joins[offsets[:-1][lengths > 0]] = False
    if not fine.all():
        joins &= np.repeat(fine, lengths)
    return _joined(rows, offsets, np.flatnonzero(joins))


def _level(rows: FloatArray, offsets: IntArray) -> tuple[FloatArray, IntArray]:
    """Neighbours of exactly one density merged: a bucket that was cut in equal parts tells no more than before."""
    left, right, count = np.ascontiguousarray(rows.T)
    many = count >= MANY
    width = right - left
    with np.errstate(over="ignore", invalid="ignore"):
        mass, reach = count[1:] * width[:-1], count[:-1] * width[1:]
        differs = np.abs(mass - reach) > SAME_DENSITY * mass
    # Some neighbours have one density by chance; of a row whose buckets were cut, half have.
    same = np.flatnonzero(many[1:] & ~differs) + 1
    same = same[left[same] == right[same - 1]]
    if not len(same):
        return rows, offsets
    step = np.searchsorted(offsets, same, side="right") - 1
    alike = np.bincount(step, minlength=len(offsets) - 1)
    cut = (alike > 0) & (alike >= CUT_SHARE * segment_sum(many, offsets))
    same = same[cut[step] & (same > offsets[step])]
    if not len(same):
        return rows, offsets
    # Long runs of one density are a plateau, and no bucket that was cut.
    begins = np.ones(len(same), bool)
    begins[1:] = same[1:] > same[:-1] + 1
    run = np.cumsum(begins) - 1
    return _joined(rows, offsets, same[np.bincount(run)[run] < MOST_PARTS])


def _joined(rows: FloatArray, offsets: IntArray, joins: IntArray) -> tuple[FloatArray, IntArray]:
    """Some of the rows (ascending) each made one with the row before; no first row of a step is among them."""
    if not len(joins):
        return rows, offsets
    kept = np.ones(len(rows), bool)
    kept[joins] = False
    if len(joins) > FEW_JOIN * len(rows):
        starts = np.flatnonzero(kept)
        ends = np.append(starts[1:], len(rows)) - 1
        out = np.stack([rows[starts, 0], rows[ends, 1], np.add.reduceat(rows[:, 2], starts)], axis=1)
    else:
        out = rows[kept]
        starts = joins[kept[joins - 1]] - 1
        ends = joins[np.append(joins[1:] > joins[:-1] + 1, True)]
        at = starts - np.searchsorted(joins, starts)
        out[at, 1] = rows[ends, 1]
        count = np.append(rows[:, 2], 0.0)
        out[at, 2] = np.add.reduceat(count, np.stack([starts, ends + 1], axis=1).ravel())[::2]
    return out, offsets - np.searchsorted(joins, offsets)


def padded(rows: FloatArray, offsets: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Left, right and count of every step as matrices [n, k], padded at the right with empty cells of width 0.

    They lie in memory column by column.
    """
    lengths = np.diff(offsets)
    n, k = len(lengths), max(1, int(lengths.max(initial=1)))
    if not len(rows):
        empty = np.zeros((n, k))
        return empty, empty, empty
    if len(rows) == k * n:
        left, right, count = np.ascontiguousarray(rows.reshape(n, k, 3).transpose(2, 1, 0)).transpose(0, 2, 1)
        return left, right, count
    column = np.arange(k)[:, None]
    present = (column < lengths).T
    at = np.minimum(offsets[:-1] + column, np.maximum(offsets[1:] - 1, 0)).T
    right = rows[:, 1][at]
    left = np.where(present, rows[:, 0][at], right)
    count = np.where(present, rows[:, 2][at], 0.0)
    nothing = lengths == 0
    left[nothing] = right[nothing] = count[nothing] = 0.0
    return left, right, count


def rows_at(series: HistogramSeries, index: IntArray) -> tuple[FloatArray, IntArray]:
    """The buckets of some of the steps as a flat block, and its offsets."""
    buckets, lengths = series.buckets, series.lengths[index]
    if len(index) == len(series):
        return buckets, series.offsets
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    k = int(lengths[0]) if len(lengths) else 0
    if k and (lengths == k).all():
        # Every stretch of k buckets as a row: one copy per step.
        stretches = np.lib.stride_tricks.sliding_window_view(buckets, k, axis=0)
        return np.ascontiguousarray(stretches[series.offsets[index]].transpose(0, 2, 1)).reshape(-1, 3), offsets
    at = np.arange(offsets[-1]) + np.repeat(series.offsets[index] - offsets[:-1], lengths)
    return np.take(buckets, at, axis=0), offsets

"""Histograms of many steps as matrices, for whatever is done bucket by bucket."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from tb_histinsight.core.arrays import FloatArray, IntArray
from tb_histinsight.core.columns import running_sum

WIDE = 128
"""Buckets from which on histograms of different lengths are brought into matrices one by one; below, all at once."""
LONG_RUN = 8
"""Mean number of neighbouring steps of full width from which on such runs are copied as blocks."""
FEW = 4
"""Steps up to which it is quicker to bring in one after the other than all at once."""


@dataclass(frozen=True)
class DenseBuckets:
    """Some steps of a series as matrices [m, k], padded at the right with empty buckets of width 0.

    Padding repeats the last right edge, so that differences of edges are 0 there and sums over counts are unharmed.
    A step without buckets is all zeros. The matrices lie in memory column by column, as `core.columns` has it.
    """

    left: FloatArray
    right: FloatArray
    count: FloatArray

    @cached_property
    def total(self) -> FloatArray:
        """Values per step; float64 [m], 0 for a step without buckets."""
        return np.asarray(self.count.sum(axis=1), np.float64)

    @cached_property
    def below(self) -> FloatArray:
        """Values below each of the edges, the first one included; float64 [m, k + 1]."""
        return running_sum(self.count, 0.0)

    @cached_property
    def edges(self) -> FloatArray:
        """All edges; float64 [m, k + 1]."""
        m, k = self.left.shape
        edges: FloatArray = np.empty((k + 1, m)).T
        edges[:, :1] = self.left[:, :1]
        edges[:, 1:] = self.right
        return edges


def dense_buckets(rows: FloatArray, offsets: IntArray) -> DenseBuckets:
    """The rows (left, right, count) of every step, `rows[offsets[i]:offsets[i + 1]]`, as matrices."""
    lengths = np.diff(offsets)
    n, k = len(lengths), int(lengths.max(initial=0))
    if not len(rows):
        empty = np.zeros((k, n)).T
        return DenseBuckets(empty, empty, empty)
    if len(rows) == n * k:
        return _of(np.ascontiguousarray(rows.reshape(n, k, 3).transpose(2, 1, 0)))
    return _of(np.ascontiguousarray(_padded(rows, offsets, lengths, k).transpose(2, 1, 0)))


def _of(cube: FloatArray) -> DenseBuckets:
    """From [3, k, n]."""
    left, right, count = cube.transpose(0, 2, 1)
    return DenseBuckets(left, right, count)


def _padded(rows: FloatArray, offsets: IntArray, lengths: IntArray, k: int) -> FloatArray:
    """[n, k, 3]"""
    n = len(lengths)
    full = lengths == k
    cuts = np.flatnonzero(full[1:] != full[:-1]) + 1
    if k < WIDE and len(cuts) * LONG_RUN > n:
        return _gathered(rows, offsets, lengths, k)
    out = np.zeros((n, k, 3))
    for begin, end in pairwise([0, *cuts.tolist(), n]):
        if full[begin]:
            out[begin:end] = rows[offsets[begin] : offsets[end]].reshape(-1, k, 3)
        elif k < WIDE and end - begin > FEW:
            out[begin:end] = _gathered(rows, offsets[begin : end + 1], lengths[begin:end], k)
        else:
            bounds = offsets[begin : end + 1].tolist()
            for i, (start, stop) in enumerate(pairwise(bounds), begin):
                if stop > start:
                    out[i, : stop - start] = rows[start:stop]
                    out[i, stop - start :, :2] = rows[stop - 1, 1]
    return out


def _gathered(rows: FloatArray, offsets: IntArray, lengths: IntArray, k: int) -> FloatArray:
    last = np.clip(offsets[1:] - 1, 0, len(rows) - 1)[:, None]
    column = np.arange(k)
    out = rows.take(np.minimum(offsets[:-1, None] + column, last), axis=0)
    absent = column >= lengths[:, None]
    out[:, :, 0] = np.where(absent, out[:, :, 1], out[:, :, 0])
    out[:, :, 2] = np.where(absent, 0.0, out[:, :, 2])
    out[lengths == 0] = 0.0
    return np.asarray(out, np.float64)

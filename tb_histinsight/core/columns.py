"""Matrices with one row per step that lie in memory column by column, and what runs along their rows.

Steps are many and cells are few: whatever is done cell by cell is then one long loop over the steps.
"""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.arrays import FloatArray, IntArray

LONG = 256
"""Rows from which on one call per column is quicker than NumPy's own running sums, which go row by row."""


def running_sum(values: FloatArray, first: float | None = None) -> FloatArray:
    """Sums along the rows; with `first`, beginning with a column of that number. float64 [m, k] or [m, k + 1]."""
    m, k = values.shape
    shift = 0 if first is None else 1
    out: FloatArray = np.empty((k + shift, m)).T
    if first is not None:
        out[:, 0] = first
    if m < LONG:
        np.cumsum(values, axis=1, out=out[:, shift:])
        if first:
            out[:, shift:] += first
        return out
    if not shift and k:
        out[:, 0] = values[:, 0]
    for j in range(1 - shift, k):
        np.add(out[:, j + shift - 1], values[:, j], out=out[:, j + shift])
    return out


def running_max(values: FloatArray, *, backwards: bool = False) -> FloatArray:
    """The largest so far along the rows, from the left or from the right; float64 [m, k]."""
    m, k = values.shape
    if m < LONG:
        way = slice(None, None, -1 if backwards else 1)
        return np.asarray(np.maximum.accumulate(values[:, way], axis=1)[:, way], np.float64)
    out: FloatArray = np.empty((k, m)).T
    columns = range(k - 1, -1, -1) if backwards else range(k)
    before = None
    for j in columns:
        if before is None:
            out[:, j] = values[:, j]
        else:
            np.maximum(before, values[:, j], out=out[:, j])
        before = out[:, j]
    return out


def steps(values: FloatArray) -> FloatArray:
    """Differences of neighbours along the rows; float64 [m, k - 1]."""
    return np.asarray(values[:, 1:] - values[:, :-1], np.float64)


def rows_of(values: FloatArray, index: IntArray) -> FloatArray:
    """Some of the rows, column by column as before."""
    return np.asarray(np.take(values.T, index, axis=1).T, np.float64)

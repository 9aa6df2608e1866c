"""Separate peaks of one histogram: where they are, how much mass they hold, how wide the gaps are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, Histogram, IntArray

GAP_EVIDENCE = 12.0
"""Values that a gap would hold if its neighbours' density went on through it, at the least (counting noise allowed
for); so many missing by chance happens once in 1e5."""
NOISE = 3.0
"""Standard deviations of counting noise (the square root of a count) allowed for."""


@dataclass(frozen=True)
class Peak:
    """One island of values between two gaps."""

    left: float
    right: float
    position: float
    """Mean of its values, evenly spread within each bucket"""
    share: float
    """Share of all values"""
    count: float


def islands(left: FloatArray, right: FloatArray, count: FloatArray) -> tuple[BoolArray, IntArray]:
    """Where a gap that cannot be chance ends, and how many islands lie between such gaps.

    Takes matrices [m, k] of cells (padding: width 0, count 0, at the right). A gap is a run of empty cells. It counts
    where the sparser of its two neighbouring peaks, counting noise subtracted, would have put at least GAP_EVIDENCE
    values into it.

    Returns:
      bool [m, k], True at the first cell after each such gap; int64 [m], islands (0 where a row is empty).
    """
    filled = count > 0
    width = np.maximum(right - left, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        density = np.where(filled & (width > 0), np.maximum(count - NOISE * np.sqrt(count), 0.0) / width, 0.0)
    m, k = count.shape
    column = np.broadcast_to(np.arange(k), (m, k))
    previous = np.maximum.accumulate(np.where(filled, column, -1), axis=1)
    before = np.concatenate([np.full((m, 1), -1), previous[:, :-1]], axis=1)
    starts = filled & (before >= 0) & (before < column - 1)
    row, at = np.nonzero(starts)
    out = np.zeros((m, k), bool)
    if len(row):
        last = before[row, at]
        gap = left[row, at] - right[row, last]
        # The densest cell of either neighbour: the two nearest cells, since the outermost of a peak may be thin.
        near_left = np.maximum(density[row, last], density[row, np.maximum(last - 1, 0)])
        near_right = np.maximum(density[row, at], density[row, np.minimum(at + 1, k - 1)])
        out[row, at] = gap * np.minimum(near_left, near_right) >= GAP_EVIDENCE
    return out, out.sum(axis=1) + filled.any(axis=1)


def find_peaks(histogram: Histogram) -> tuple[Peak, ...]:
    """The islands of one histogram, from left to right; one where no gap is more than chance, none if it is empty."""
    left, right, count = histogram.left, histogram.right, histogram.count
    if not len(count):
        return ()
    begins, _ = islands(left[None], right[None], count[None])
    cuts = np.concatenate([[0], np.flatnonzero(begins[0]), [len(count)]])
    found = []
    total = histogram.total
    for start, stop in pairwise(cuts.tolist()):
        inside = count[start:stop]
        filled = start + np.flatnonzero(inside > 0)
        middle = 0.5 * (left[start:stop] + right[start:stop])
        mass = float(inside.sum())
        found.append(
            Peak(
                left=float(left[filled[0]]),
                right=float(right[filled[-1]]),
                position=float(middle @ inside / mass),
                share=mass / total,
                count=mass,
            )
        )
    return tuple(found)

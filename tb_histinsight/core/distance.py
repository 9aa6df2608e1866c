"""Wasserstein-1 distances between histograms: how far values moved, in the tensor's own unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.arrays import FloatArray
from tb_histinsight.core.dense import DenseBuckets
from tb_histinsight.core.histogram import Histogram


@dataclass(frozen=True)
class Transport:
    """How far the values of one histogram must travel to become another, per value."""

    distance: float
    """Wasserstein-1 distance, values evenly spread within each bucket of either."""
    least: float
    """What is proved: the smallest distance of any two samples that fill these buckets."""
    most: float
    """The largest distance of any two samples that fill these buckets."""


def transport(first: Histogram, last: Histogram) -> Transport:
    """Wasserstein-1 distance of two histograms with its bounds; NaN where one of them is empty."""
    if not len(first.count) or not len(last.count):
        return Transport(np.nan, np.nan, np.nan)
    one, other = (DenseBuckets(h.left[None], h.right[None], h.count[None]) for h in (first, last))
    distance, least, most = transports(one, other)
    return Transport(float(distance[0]), float(least[0]), float(most[0]))


def transports(first: DenseBuckets, last: DenseBuckets) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Wasserstein-1 distances of pairs of histograms, row by row, with their bounds; NaN where one is empty.

    Histograms of different totals are compared as shares. For the tensor's raw values the distance is at most the
    mean |change|, whatever the order of the values: movement is proved, stillness never is.

    Returns:
      Distance, the least and the most of any two samples that fill the buckets; float64 [m] each.

    Source: Villani (2009), Optimal Transport, remark 2.19: in one dimension the integral over q of |Q1(q) - Q2(q)|.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        ends = [np.cumsum(h.count, axis=1) / h.total[:, None] for h in (first, last)]
    # Between two neighbouring cuts, each of the two stays within one bucket.
    cuts = np.concatenate([np.zeros((len(ends[0]), 1)), *ends], axis=1)
    order = np.argsort(cuts, axis=1, kind="stable")
    cuts = np.take_along_axis(cuts, order, axis=1)
    share = np.diff(cuts, axis=1)
    width_of_first = ends[0].shape[1]
    low, high, start, slope = [], [], [], []
    for histogram, end, own in zip(
        (first, last), ends, ((order > 0) & (order <= width_of_first), order > width_of_first), strict=True
    ):
        # The bucket after as many cuts of one's own as there are up to here; empty ones have no share in anything.
        j = np.minimum(np.cumsum(own, axis=1)[:, :-1], end.shape[1] - 1)
        part = np.diff(end, axis=1, prepend=0.0)
        part = np.take_along_axis(np.where(part > 0, part, 1.0), j, axis=1)
        left, right = (np.take_along_axis(edge, j, axis=1) for edge in (histogram.left, histogram.right))
        upper = np.take_along_axis(end, j, axis=1)
        low.append(left)
        high.append(right)
        start.append(left + (right - left) * np.clip((cuts[:, :-1] - (upper - part)) / part, 0, 1))
        slope.append((right - left) * share / part)
    gap_left = start[1] - start[0]
    gap_right = gap_left + slope[1] - slope[0]
    gap = np.maximum(low[1] - high[0], low[0] - high[1])
    reach = np.maximum(high[1] - low[0], high[0] - low[1])
    moved, least, most = (
        np.where(share > 0, each, 0.0) for each in (_mean_absolute(gap_left, gap_right), np.maximum(gap, 0.0), reach)
    )
    distance, least, most = (np.einsum("ij,ij->i", each, share) for each in (moved, least, most))
    return distance, least, most


def wasserstein(first: Histogram, last: Histogram) -> float:
    """Wasserstein-1 distance of two histograms, values evenly spread within each bucket; NaN where one is empty."""
    return transport(first, last).distance


def _mean_absolute(a: FloatArray, b: FloatArray) -> FloatArray:
    """Mean |.| of a quantity that runs in a straight line from a to b."""
    crosses = a * b < 0
    size = np.abs(a) + np.abs(b)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(crosses, (a * a + b * b) / (2 * size), 0.5 * size), dtype=np.float64)

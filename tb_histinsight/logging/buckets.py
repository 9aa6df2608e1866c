"""Counts values into buckets as the common writers do: 30 equal widths, or the ladder of limits +-1e-12 * 1.1**k."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tb_histinsight.core.histogram import LADDER_BASE, LADDER_END, LADDER_RATIO, FloatArray

EQUAL_BUCKETS = 30
"""How many buckets `tf.summary.histogram` makes unless it is told otherwise."""


@dataclass(frozen=True)
class OldStyleHistogram:
    """An old-style summary: exact moments, upper limits of the buckets, and how many values lie below each.

    The lower limit of a bucket is the limit before it; the first bucket reaches down to -infinity and is empty.
    """

    minimum: float
    maximum: float
    num: float
    sum: float
    sum_squares: float
    limits: FloatArray
    """float64 [k], ascending"""
    counts: FloatArray
    """float64 [k]"""


def equal_buckets(values: npt.ArrayLike, buckets: int = EQUAL_BUCKETS) -> FloatArray:
    """Buckets (left, right, count) of equal width from minimum to maximum, as `tf.summary.histogram` counts them.

    Returns:
      float64 [buckets, 3]. All zero for no values; for one repeated value every bucket is that value and the last
      holds the count. One NaN makes every edge NaN and every count 0. With infinities the edges are what the
      arithmetic gives: for +Inf the finite values stand in a first bucket of left edge NaN.
    """
    data = np.asarray(values).astype(np.float64).ravel()
    if not data.size:
        return np.zeros((buckets, 3))
    low, high = float(data.min()), float(data.max())
    table = np.zeros((buckets, 3))
    with np.errstate(invalid="ignore", over="ignore"):
        span = np.float64(high) - low
        if span == 0:
            table[:, :2] = low
            table[-1, 2] = data.size
            return table
        position = np.floor((data - low) / (span / buckets))
        edges = np.linspace(low, high, buckets + 1)
    table[:, 0], table[:, 1] = edges[:-1], edges[1:]
    position = position[position >= 0]  # NaN takes part in no bucket
    table[:, 2] = np.bincount(np.minimum(position, buckets - 1).astype(np.int64), minlength=buckets)
    return table


@lru_cache(maxsize=1)
def ladder() -> FloatArray:
    """The limits of old-style histograms, ascending: -1e20 ... -1e-12, 0, 1e-12, 1.1e-12 ... 1e20."""
    positive = [LADDER_BASE]
    while positive[-1] * LADDER_RATIO < LADDER_END:
        positive.append(positive[-1] * LADDER_RATIO)
    rungs = np.array(positive)
    return np.concatenate([-rungs[::-1], [0.0], rungs])


def old_style_histogram(values: npt.ArrayLike) -> OldStyleHistogram:
    """Exact moments and exponential buckets, as PyTorch and tensorboardX write them.

    NaN and infinite values show in the moments alone; so do finite values at or beyond the last limit.

    Raises:
      ValueError: there is no value to count, where PyTorch and tensorboardX raise as well.
    """
    data = np.asarray(values).astype(np.float64).ravel()
    limits = ladder()
    inside = data[(data >= limits[0]) & (data <= limits[-1])]
    if not inside.size:
        raise ValueError("The tensor has no finite value that a histogram could count.")
    place = np.searchsorted(limits, inside, side="right") - 1
    place = np.minimum(place, len(limits) - 2)
    first, last = int(place.min()), int(place.max())
    counts = np.bincount(place - first, minlength=last - first + 1).astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        total, squares = float(data.sum()), float(data @ data)
    return OldStyleHistogram(
        minimum=float(data.min()),
        maximum=float(data.max()),
        num=float(data.size),
        sum=total,
        sum_squares=squares,
        limits=limits[first : last + 2],
        counts=np.concatenate([[0.0], counts]),
    )

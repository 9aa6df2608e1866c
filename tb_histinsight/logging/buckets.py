"""Counts values into buckets as the common writers do: 30 equal widths, or the ladder of limits +-1e-12 * 1.1**k."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tb_histinsight.core.histogram import LADDER_BASE, LADDER_END, LADDER_RATIO, FloatArray, IntArray

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


def places_on_ladder(values: FloatArray) -> IntArray:
    """Index of the bucket of each value on `ladder()`: the last limit that is not above it; int64 [n].

    The same as `searchsorted(ladder(), values, side="right") - 1` in a fifth to half of the time: the upper bits of a
    float give its rung to within one, since rungs lie ten per cent apart.

    Args:
      values: float64 [n], finite and within the ladder.
    """
    rungs = _rungs()
    zero = len(rungs) - 2
    size = np.abs(values)
    below = _rung_by_bits()[size.view(np.int64) >> _BITS_LEFT_OUT]
    below = below + (size >= rungs[below + 1])  # rung 0 is 0, so that there always is one below
    positive = zero + below
    negative = zero - below - (size > rungs[below])
    places: IntArray = np.minimum(np.where(values < 0, negative, positive), 2 * zero - 1)
    return places


_BITS_LEFT_OUT = 45
"""Of the 64 bits of a float; what is left, sign apart, are 11 of exponent and 7 of mantissa: steps of 0.8 %."""


@lru_cache(maxsize=1)
def _rungs() -> FloatArray:
    """0 and the positive limits, and infinity behind them."""
    limits = ladder()
    return np.concatenate([limits[len(limits) // 2 :], [np.inf]])


@lru_cache(maxsize=1)
def _rung_by_bits() -> IntArray:
    """For the upper bits of a float: the last rung that is not above any float that has these bits."""
    least = (np.arange(0x7FF << 7, dtype=np.int64) << _BITS_LEFT_OUT).view(np.float64)
    return np.searchsorted(_rungs(), least, side="right") - 1


def old_style_histogram(values: npt.ArrayLike) -> OldStyleHistogram:
    """Exact moments and exponential buckets, as PyTorch and tensorboardX write them.

    NaN and infinite values show in the moments alone; so do finite values at or beyond the last limit.

    Raises:
      ValueError: there is no value to count, where PyTorch and tensorboardX raise as well.
    """
    counted = counted_on_ladder(values)
    if not counted.counts.size:
        raise ValueError("The tensor has no finite value that a histogram could count.")
    return counted


def counted_on_ladder(values: npt.ArrayLike) -> OldStyleHistogram:
    """As `old_style_histogram`; without any bucket where no value can be counted.

    A tensor of NaN alone keeps its number of values and a sum of NaN, so that readers know what there was.
    """
    data = np.asarray(values).astype(np.float64).ravel()
    limits = ladder()
    inside = data[(data >= limits[0]) & (data <= limits[-1])]
    edges, counts = np.empty(0), np.empty(0)
    if inside.size:
        place = places_on_ladder(inside)
        first, last = int(place.min()), int(place.max())
        counts = np.concatenate([[0.0], np.bincount(place - first, minlength=last - first + 1)])
        edges = limits[first : last + 2]
    with np.errstate(over="ignore", invalid="ignore"):
        total, squares = float(data.sum()), float(data @ data)
    return OldStyleHistogram(
        minimum=float(data.min()) if data.size else 0.0,
        maximum=float(data.max()) if data.size else 0.0,
        num=float(data.size),
        sum=total,
        sum_squares=squares,
        limits=edges,
        counts=counts,
    )

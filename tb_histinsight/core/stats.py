"""Statistics of a series per step, each with the bounds that its buckets allow.

The estimates take the values of a bucket as spread evenly over it; the bounds put every value at its bucket's most
and least extreme place. Where the source has exact sums, they narrow the bounds to what rounding leaves open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.dense import DenseBuckets
from tb_histinsight.core.histogram import EXACT_ZERO_RIGHT, BoolArray, FloatArray, HistogramSeries, Moments

SUM_ROUNDING = 1e-12
"""Relative error allowed to a writer's own float64 sums, relative to the sum of magnitudes; dimensionless.
Pairwise summation of 1e7 values stays below 1e-14, plain summation in sequence typically below 1e-12 (Higham 1993,
SIAM J. Sci. Comput. 14)."""


@dataclass(frozen=True)
class Bounded:
    """A statistic per step: an estimate, and the interval in which the true value must lie. float64 [n] each.

    NaN where the statistic does not exist (no finite value).
    """

    value: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True)
class SeriesStats:
    """Statistics of a series of n steps, over its finite values."""

    element_count: FloatArray
    """float64 [n]: values of the tensor, non-finite ones included as far as they are known."""
    non_finite: FloatArray
    """float64 [n]: as in HistogramSeries."""
    uncounted: FloatArray
    """float64 [n]: as in HistogramSeries."""
    minimum: FloatArray
    """float64 [n], exact."""
    maximum: FloatArray
    """float64 [n], exact."""
    mean: Bounded
    std: Bounded
    """Population standard deviation."""
    rms: Bounded
    """Root mean square, the scale of a tensor about zero."""
    mean_abs: Bounded
    """Mean of |x|."""
    zero_share: Bounded
    """Share of values that are zero: between what must be (exact-zero buckets) and what can be (the buckets that
    hold or touch 0). The estimate is the lower end: values spread evenly over a bucket are not zero."""

    def __len__(self) -> int:
        return len(self.element_count)

    @property
    def l2_norm(self) -> Bounded:
        """Root of the sum of squares; computed when it is asked for."""
        return _times(self.rms, np.sqrt(self.element_count - np.nan_to_num(self.non_finite)))


def series_stats(series: HistogramSeries) -> SeriesStats:
    """Statistics of every step of a series, block by block.

    Values beyond the last bucket limit (`uncounted`) are in no bucket; they enter through the exact sums alone.
    """
    found = StatsByBlock(series)
    for start, part in series.chunks():
        found.add(start, part)
    return found.complete()


class StatsByBlock:
    """Statistics of a series while one block of its steps after the other is at hand."""

    def __init__(self, series: HistogramSeries) -> None:
        self._series = series
        self._scale = magnitude_power(series)
        self._table = np.full((15, len(series)), np.nan)

    def add(self, start: int, part: HistogramSeries) -> None:
        """Takes in the steps from this index on."""
        rows = slice(start, start + len(part))
        with np.errstate(invalid="ignore", divide="ignore"):
            self._table[:, rows] = _block(part.dense, self._scale[rows])

    def complete(self) -> SeriesStats:
        """The statistics, when all steps have been there."""
        series, scale, table = self._series, self._scale, self._table
        mean, std, square, absolute, zero = (Bounded(*table[row : row + 3]) for row in range(0, 15, 3))
        rms = Bounded(np.sqrt(square.value), np.sqrt(square.lower), np.sqrt(square.upper))
        if series.moments is not None:
            mean, std, rms = _narrowed(series.moments, series.uncounted == 0, scale, (mean, std, rms, absolute))
        rms = _times(rms, scale)
        return SeriesStats(
            element_count=series.element_count,
            non_finite=series.non_finite,
            uncounted=series.uncounted,
            minimum=series.minimum,
            maximum=series.maximum,
            mean=_times(mean, scale),
            std=_times(std, scale),
            rms=rms,
            mean_abs=_times(absolute, scale),
            zero_share=zero,
        )


def magnitude_power(series: HistogramSeries) -> FloatArray:
    """The power of two next to the largest magnitude per step; float64 [n], 1 where there is none.

    Sums of squares are taken in this unit: they cannot overflow or vanish, and no bit of the result changes.
    """
    largest = np.maximum(np.abs(series.minimum), np.abs(series.maximum))
    usable = np.isfinite(largest) & (largest > 0)
    _, exponent = np.frexp(np.where(usable, largest, 1.0))
    return np.asarray(np.where(usable, np.ldexp(1.0, np.maximum(exponent - 1, -1000)), 1.0), dtype=np.float64)


def _times(statistic: Bounded, factor: FloatArray) -> Bounded:
    with np.errstate(over="ignore"):  # values next to the largest float64 may have a sum beyond it
        return Bounded(statistic.value * factor, statistic.lower * factor, statistic.upper * factor)


def _block(dense: DenseBuckets, scale: FloatArray) -> FloatArray:
    """Mean, std, mean square, mean |x| (in units of `scale`) and zero share; value, lower, upper each.

    float64 [15, m]; NaN where a step has no bucket.
    """
    if not dense.count.size:
        return np.full((15, len(scale)), np.nan)
    count = dense.count.T
    total = np.where(dense.total > 0, dense.total, np.nan)
    unit = 0.5 / scale
    left, right = dense.left.T * unit, dense.right.T * unit
    middle = left + right
    half = right - left

    def average(values: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("kn,kn->n", count, values) / total, dtype=np.float64)

    mean = average(middle)
    half_mean = average(half)
    size = np.abs(middle)
    absolute = average(size)
    across = np.multiply(size, half)
    mixed = average(across)
    nearest = np.subtract(size, half, out=across)
    np.maximum(nearest, 0.0, out=nearest)
    absolute_low = average(nearest)
    nearest *= nearest
    square_low = average(nearest)
    half *= half
    half_square = average(half)
    middle -= mean
    middle *= middle
    variance = average(middle)
    square = variance + mean * mean + half_square
    # For a value x in a bucket, |std(x) - std(middles)| <= rms distance to the middles <= rms(half widths).
    spread, slack = np.sqrt(variance), np.sqrt(half_square)
    proved, possible, folded = _about_zero(dense, scale, total)
    return np.stack(
        [
            mean,
            mean - half_mean,
            mean + half_mean,
            np.sqrt(variance + half_square / 3),
            np.maximum(spread - slack, 0.0),
            spread + slack,
            variance + mean * mean + half_square / 3,
            square_low,
            square + 2 * mixed,
            absolute + folded,
            absolute_low,
            absolute + half_mean,
            proved,
            proved,
            possible,
        ]
    )


def _about_zero(dense: DenseBuckets, scale: FloatArray, total: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of the one or two buckets of a step that hold or touch 0: float64 [m] each.

    The share of values that are zero for certain, the share that can be, and what the mean of |x| is above the mean
    of the middles' sizes, as values on both sides of 0 do not cancel.
    """
    k = dense.count.shape[1]
    proved, possible, folded = np.zeros((3, len(total)))
    at = (dense.right.T < 0).sum(axis=0)
    rows = np.arange(len(total))
    ends = dense.right[:, -1] == 0
    for bucket in (at, at + 1):
        there = bucket < k
        place = rows, np.minimum(bucket, k - 1)
        left, right = dense.left[place], dense.right[place]
        share = np.where(there & (left <= 0) & (right >= 0), dense.count[place] / total, 0.0)
        possible += share
        # Where 0 is the maximum, the bucket of exact zeros ends there, and is one with that before it.
        zeros = ((left == 0) & (right <= EXACT_ZERO_RIGHT)) | (ends & (right == 0) & (left >= -EXACT_ZERO_RIGHT))
        proved += np.where(zeros, share, 0.0)
        inside = (left < 0) & (right > 0)
        left, right = left / scale, right / scale
        mean_size = (left * left + right * right) / (2 * (right - left))
        folded += np.where(inside, share * (mean_size - np.abs(0.5 * (left + right))), 0.0)
    nothing = np.isnan(total)
    proved[nothing] = possible[nothing] = folded[nothing] = np.nan
    return proved, possible, folded


def _narrowed(
    moments: Moments, whole: BoolArray, scale: FloatArray, statistics: tuple[Bounded, Bounded, Bounded, Bounded]
) -> tuple[Bounded, Bounded, Bounded]:
    """Mean, std and rms with the exact sums taken in, where these are finite and agree with the buckets.

    Args:
      whole: steps of which every value was counted. What was not lies outside of the buckets, and of their bounds.
      scale: unit of the statistics.
      statistics: mean, std, rms and mean |x|.
    """
    mean, std, rms, absolute = statistics
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        num = np.where(np.isfinite(moments.sum), moments.num, np.nan)
        exact_mean = moments.sum / num / scale
        exact_square = moments.sum_squares / num / scale / scale
        room = SUM_ROUNDING * absolute.upper
        mean = _intersect(mean, exact_mean, room, whole)
        room = SUM_ROUNDING * exact_square
        square = _intersect(Bounded(rms.value**2, rms.lower**2, rms.upper**2), exact_square, room, whole)
        variance = exact_square - exact_mean**2
        room = 4 * SUM_ROUNDING * exact_square
        squared = _intersect(Bounded(std.value**2, std.lower**2, std.upper**2), np.maximum(variance, 0.0), room, whole)
    roots = [Bounded(np.sqrt(s.value), np.sqrt(s.lower), np.sqrt(s.upper)) for s in (squared, square)]
    return mean, roots[0], roots[1]


def _intersect(statistic: Bounded, exact: FloatArray, room: FloatArray, whole: BoolArray) -> Bounded:
    """The bounds from buckets cut with exact +- room; the buckets' own where the two contradict each other.

    Where values were not counted (`whole` False) the buckets say nothing about the sums, which then stand alone.
    """
    lower = np.where(whole, np.maximum(statistic.lower, exact - room), exact - room)
    upper = np.where(whole, np.minimum(statistic.upper, exact + room), exact + room)
    # Buckets are rounded too (float32 edges): sums just outside of their bounds are still the better witness.
    near = (exact >= statistic.lower - 1e-6 * np.abs(exact)) & (exact <= statistic.upper + 1e-6 * np.abs(exact))
    usable = np.isfinite(exact) & (near | ~whole)
    inside = np.clip(exact, np.minimum(lower, upper), np.maximum(lower, upper))
    return Bounded(
        np.where(usable, inside, statistic.value),
        np.where(usable, np.minimum(lower, upper), statistic.lower),
        np.where(usable, np.maximum(lower, upper), statistic.upper),
    )

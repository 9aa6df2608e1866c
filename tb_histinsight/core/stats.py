"""Statistics of a series per step, each with the bounds that its buckets allow.

The estimates take the values of a bucket as spread evenly over it; the bounds put every value at its bucket's most
and least extreme place. Where the source has exact sums, they narrow the bounds to what rounding leaves open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.histogram import EXACT_ZERO_RIGHT, BoolArray, FloatArray, HistogramSeries, IntArray

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
    l2_norm: Bounded
    zero_share: Bounded
    """Share of values that are zero: between what must be (exact-zero buckets) and what can be (the buckets that
    hold or touch 0). The estimate is the lower end: values spread evenly over a bucket are not zero."""

    def __len__(self) -> int:
        return len(self.element_count)


def series_stats(series: HistogramSeries) -> SeriesStats:
    """Statistics of every step of a series, block by block.

    Values beyond the last bucket limit (`uncounted`) are in no bucket; they enter through the exact sums alone.
    """
    table = np.full((15, len(series)), np.nan)
    for start, part in series.chunks():
        table[:, start : start + len(part)] = _block(part)
    mean, std, square, absolute, zero = (Bounded(*table[row : row + 3]) for row in range(0, 15, 3))
    rms = Bounded(np.sqrt(square.value), np.sqrt(square.lower), np.sqrt(square.upper))
    if series.moments is not None:
        mean, std, rms = _narrowed(series, mean, std, rms, absolute)
    scale = magnitude_power(series)
    counted = series.element_count - np.nan_to_num(series.non_finite)
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
        l2_norm=_times(rms, np.sqrt(counted)),
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


def _block(part: HistogramSeries) -> FloatArray:
    """Mean, std, mean square, mean |x| (in units of `magnitude_power`) and zero share; value, lower, upper each.

    float64 [15, m]; NaN where a step has no bucket.
    """
    dense = part.dense()
    inverse = 1.0 / magnitude_power(part)[:, None]
    left = dense.left * inverse
    right = dense.right * inverse
    total = dense.count.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = dense.count / total[:, None]
    middle = 0.5 * (left + right)
    half = right - middle

    def average(values: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("ij,ij->i", share, values), dtype=np.float64)

    mean = average(middle)
    half_mean = average(half)
    half_square = average(half * half)
    centred = middle - mean[:, None]
    variance = average(centred * centred)
    # For a value x in a bucket, |std(x) - std(middles)| <= rms distance to the middles <= rms(half widths).
    spread, slack = np.sqrt(variance), np.sqrt(half_square)
    square_left, square_right = left * left, right * right
    # Few buckets hold or touch 0: what is special about them is done for them alone.
    row, at = np.nonzero((dense.left <= 0) & (dense.right >= 0))
    inside = (left[row, at] < 0) & (right[row, at] > 0)
    across = row[inside], at[inside]
    farthest = np.maximum(square_left, square_right)
    nearest = np.minimum(square_left, square_right)
    nearest[across] = 0.0
    square_high, square_low = average(farthest), average(nearest)
    size_left, size_right = np.abs(left), np.abs(right)
    absolute_high = average(np.maximum(size_left, size_right))
    smallest = np.minimum(size_left, size_right)
    smallest[across] = 0.0
    absolute_low = average(smallest)
    absolute = np.abs(middle)
    with np.errstate(invalid="ignore", divide="ignore"):
        absolute[across] = (square_left[across] + square_right[across]) / (4 * half[across])
    exact = (dense.left[row, at] == 0) & (dense.right[row, at] <= EXACT_ZERO_RIGHT)

    def share_of(row: IntArray, at: IntArray) -> FloatArray:
        there = np.bincount(row, weights=share[row, at], minlength=len(total))
        return np.where(np.isnan(share[:, :1]).any(axis=1), np.nan, there)

    proved, possible = share_of(row[exact], at[exact]), share_of(row, at)
    return np.stack(
        [
            mean,
            mean - half_mean,
            mean + half_mean,
            np.sqrt(variance + half_square / 3),
            np.maximum(spread - slack, 0.0),
            spread + slack,
            average(middle * middle) + half_square / 3,
            square_low,
            square_high,
            average(absolute),
            absolute_low,
            absolute_high,
            proved,
            proved,
            possible,
        ]
    )


def _narrowed(
    series: HistogramSeries, mean: Bounded, std: Bounded, rms: Bounded, absolute: Bounded
) -> tuple[Bounded, Bounded, Bounded]:
    """Mean, std and rms with the exact sums taken in, where these are finite and agree with the buckets."""
    assert series.moments is not None
    scale = magnitude_power(series)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        num = np.where(np.isfinite(series.moments.sum), series.moments.num, np.nan)
        exact_mean = series.moments.sum / num / scale
        exact_square = series.moments.sum_squares / num / scale / scale
        # What was not counted lies outside of the buckets, and so outside of their bounds.
        whole = series.uncounted == 0
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

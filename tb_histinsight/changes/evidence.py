"""What the tests of change look at, for several series of equally many steps at once."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tb_histinsight.changes.errors import bucket_errors
from tb_histinsight.changes.neighbours import Neighbours, identical_neighbours
from tb_histinsight.changes.trend import BLOCKS, FEW, Trends, medians, trends_of
from tb_histinsight.core.dense import DenseBuckets
from tb_histinsight.core.distance import transports
from tb_histinsight.core.histogram import BoolArray, FloatArray, HistogramSeries, IntArray, segment_sum
from tb_histinsight.core.neighbours import differences_along
from tb_histinsight.core.stats import SUM_ROUNDING, Bounded, SeriesStats

STRAIGHT = 0.9
"""Distance from first to last step, in units of the sum of the steps' own, from which on they all went one way."""
AGREE = 1 / 3
"""Ends prove a trend only if the estimated std (or mean) changes the same way, by at least this part of their own."""
CROSSING = 3.0
"""Standard deviations of what values that came into another bucket do to a mean or spread from buckets."""
OUTWARD = 0.5
"""Share of the growth of the range by which an end may go against it."""
RESAMPLED = 0.35
"""Kolmogorov distance of neighbouring steps, in units of its noise, from which on each may be a new sample: for new
samples of one distribution the median is 0.8, through coarse buckets 0.5 and more."""
END_RESAMPLED = 0.1
"""Movement of an end between neighbouring steps, in units of the distance to the next value, from which on each may
be a new sample: for new samples the median is 0.7 (difference of two exponentials)."""
SAMPLING = 2.0
"""Standard deviations of counting noise that first and last block must differ by."""
ENDS_APART = 12.0
"""Distances to the next value that an end must have moved by to be no new sample's: once in 1e5 (exponential)."""
ASIDE = 8.0
"""A scale that changes by less than one part in so many of how far the location moved ..."""
SLIGHTLY = 0.1
"""... and by less than this share of itself is not what happened: the values drifted."""
EXACT = 1e-9
"""Bounds as near as this, relative to the value, come from exact sums: no error of binning is left."""
DEPARTURES = 24
"""Steps, evenly chosen, whose distance from the first is looked at, at most."""


@dataclass(frozen=True)
class Facts:
    """Several series joined to one, and what is known of each of its steps."""

    series: HistogramSeries
    stats: SeriesStats
    neighbours: Neighbours

    @cached_property
    def counted(self) -> FloatArray:
        """float64 [n]: values in the buckets."""
        return segment_sum(self.series.buckets[:, 2], self.series.offsets)

    @cached_property
    def spacing(self) -> FloatArray:
        """float64 [2, n]: mean distance of neighbouring values in the first and in the last bucket."""
        rows, offsets = self.series.buckets, self.series.offsets
        at = np.clip(np.stack([offsets[:-1], offsets[1:] - 1]), 0, max(len(rows) - 1, 0))
        if not len(rows):
            return np.zeros(at.shape)
        return np.asarray((rows[at, 1] - rows[at, 0]) / rows[at, 2], np.float64)

    def histograms(self, index: IntArray) -> DenseBuckets:
        """The histograms of these steps as matrices, in the order asked for."""
        return self.series.take(index).dense


@dataclass(frozen=True)
class Evidence:
    """Several series, and what follows from their statistics for their change.

    Everything has one row per series, and one column per step that has finite values: these alone are compared.
    """

    facts: Facts
    index: IntArray
    """int64 [s, n]: places of the steps that have finite values, among all steps joined"""
    begin: IntArray
    """int64 [s]: place of the first step of each series"""
    end: IntArray
    """int64 [s]: place after its last step"""

    def __len__(self) -> int:
        return len(self.index)

    @property
    def steps(self) -> int:
        """How many steps with finite values there are in each series."""
        return int(self.index.shape[1])

    @property
    def few(self) -> bool:
        """Whether there are too few steps for more than a suspicion."""
        return self.steps < FEW

    def part(self, rows: IntArray) -> Evidence:
        """Some of the series, with what is known of them already."""
        if len(rows) == len(self):
            return self
        kept = replace(self, index=self.index[rows], begin=self.begin[rows], end=self.end[rows])
        for name, value in self.__dict__.items():
            if name not in kept.__dict__:
                kept.__dict__[name] = _rows(value, rows)
        return kept

    @cached_property
    def same(self) -> BoolArray:
        """bool [s, n - 1]: whether a step's histogram is that of the step before."""
        found = self._between(self.facts.neighbours.identical.astype(np.float64))
        apart = np.argwhere(np.isnan(found))
        if len(apart):
            row, at = apart.T
            pairs = np.stack([self.index[row, at], self.index[row, at + 1]], axis=1).ravel()
            found[row, at] = identical_neighbours(self.facts.series.take(pairs))[::2]
        return np.asarray(found > 0, bool)

    @cached_property
    def sums_agree(self) -> BoolArray:
        """bool [s, n - 1]: whether no exact sum says that values moved while their histogram did not."""
        moments = self.facts.series.moments
        if moments is None:
            return np.ones((len(self), self.steps - 1), bool)
        total, squares = moments.sum[self.index], moments.sum_squares[self.index]
        scale = np.sqrt(np.maximum(moments.num[self.index] * squares, 0.0))
        moved = np.abs(np.diff(total, axis=1)) > SUM_ROUNDING * scale[:, 1:]
        return np.asarray(~(moved | (np.abs(np.diff(squares, axis=1)) > SUM_ROUNDING * squares[:, 1:])), bool)

    @property
    def gapless(self) -> BoolArray:
        """bool [s]: whether every step has finite values."""
        return np.asarray(self.end - self.begin == self.steps, bool)

    @cached_property
    def moves(self) -> FloatArray:
        """float64 [s, n - 1]: Wasserstein-1 distance of neighbouring steps; NaN across steps without finite values."""
        return self._between(self.facts.neighbours.moves)

    def _between(self, values: FloatArray) -> FloatArray:
        next_to = np.diff(self.index, axis=1) == 1
        at = np.minimum(self.index[:, :-1], max(len(values) - 1, 0))
        return np.where(next_to, values[at] if len(values) else np.nan, np.nan)

    @cached_property
    def moved(self) -> FloatArray:
        """float64 [s]: Wasserstein-1 distance of first and last step."""
        return self._transport[0]

    @cached_property
    def _transport(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        return transports(self._first, self._last)

    @cached_property
    def _first(self) -> DenseBuckets:
        return self.facts.histograms(self.index[:, 0])

    @cached_property
    def _last(self) -> DenseBuckets:
        return self.facts.histograms(self.index[:, -1])

    @cached_property
    def fresh(self) -> BoolArray:
        """Whether neighbouring steps differ at least as new samples of one distribution do.

        By the median of the largest gap between neighbours' distribution functions, in units of its noise: about 0.8
        where every step is a new sample (Kolmogorov-Smirnov), far less where the same values moved a little. Many
        values that move a little differ as much; but then the ends do not jump as those of new samples, or bucket
        for bucket the counts remain what they were.
        """
        total = self.facts.counted[self.index]
        noise = np.sqrt(1 / total[:, 1:] + 1 / total[:, :-1])
        neighbours = self.facts.neighbours
        gap = medians(self._between(np.fmin(neighbours.gaps, neighbours.gaps_in_place)) / noise)
        jumps = [
            medians(np.abs(np.diff(end, axis=1)) / spacing[:, 1:])
            for end, spacing in zip((self._low, self._high), self._spacing, strict=True)
        ]
        return np.asarray((gap >= RESAMPLED) & (np.fmax(*jumps) >= END_RESAMPLED), bool)

    @property
    def _low(self) -> FloatArray:
        return self.facts.stats.minimum[self.index]

    @property
    def _high(self) -> FloatArray:
        return self.facts.stats.maximum[self.index]

    @property
    def _spacing(self) -> FloatArray:
        return self.facts.spacing[:, self.index]

    @cached_property
    def resolution(self) -> FloatArray:
        """float64 [s]: Wasserstein-1 distance that binning alone can fake between first and last step."""
        return self._first_errors[0] + self._last_errors[0]

    @cached_property
    def proved(self) -> FloatArray:
        """float64 [s]: how far the values of the first and the last step are apart, whatever is hidden in the buckets.

        By the triangle inequality: the histograms' distance less what each may be from its values.
        """
        mean, first, last = self.facts.stats.mean, self.index[:, 0], self.index[:, -1]
        means = np.maximum(mean.lower[first] - mean.upper[last], mean.lower[last] - mean.upper[first])
        placed = np.maximum(self.moved - self.resolution, self._transport[1])
        return np.fmax(np.maximum(placed, np.maximum(means, 0.0)), self._by_squares(np.maximum(means, 0.0)))

    def _by_squares(self, shift: FloatArray) -> FloatArray:
        """How far they are apart at the least for their mean squares about the first mean to differ as they do.

        Nowhere in a range does (x - m)^2 / 2R rise faster than x, with R how far the range reaches from m.

        Source: Villani (2009), Optimal Transport, 5.16 (Kantorovich and Rubinstein's duality).
        """
        series, mean, std = self.facts.series, self.facts.stats.mean, self.facts.stats.std
        first, last = self.index[:, 0], self.index[:, -1]
        middle = mean.value[first]
        reach = [np.abs(end[at] - middle) for end in (series.minimum, series.maximum) for at in (first, last)]
        around = mean.upper[first] - mean.lower[first]  # the middle is no more than that far from the mean
        apart = np.maximum(np.abs(mean.upper[last] - middle), np.abs(mean.lower[last] - middle)) + around
        more = std.lower[last] ** 2 + shift**2 - (std.upper[first] ** 2 + around**2)
        less = std.lower[first] ** 2 - (std.upper[last] ** 2 + apart**2)
        found = np.maximum(np.maximum(more, less), 0.0) / (2 * np.max(reach, axis=0))
        return np.where((series.uncounted[first] == 0) & (series.uncounted[last] == 0), found, np.nan)

    @cached_property
    def _first_errors(self) -> tuple[FloatArray, FloatArray]:
        return bucket_errors(self._first)

    @cached_property
    def _last_errors(self) -> tuple[FloatArray, FloatArray]:
        return bucket_errors(self._last)

    def _trends(self, values: FloatArray, error: FloatArray, *, positive: bool = False) -> Trends:
        trends = trends_of(values, error, positive=positive)
        # Three to five steps in a row go up by chance; then they must also lead straight from first to last.
        return trends.where(self.straight) if self.few else trends

    @cached_property
    def std_error(self) -> FloatArray:
        """float64 [s]: what the buckets leave open of a difference of first and last standard deviation."""
        return self._left_open(self.facts.stats.std, self._first_errors[1] + self._last_errors[1])

    @cached_property
    def _crossing(self) -> FloatArray:
        """float64 [s]: what chance makes of a difference of first and last mean or spread, both from buckets.

        The same values have the same error in both, but for those that came into another bucket: about as many as the
        distance moved holds bucket widths, each of which takes the mean one width along or back.
        """
        first = self._first
        width = np.einsum("ij,ij->i", first.count, first.right - first.left) / first.total
        return np.asarray(CROSSING * np.sqrt(width * np.maximum(self.moved, 0.0) / first.total), np.float64)

    @property
    def size_error(self) -> FloatArray:
        """float64 [s]: what the buckets leave open of the mean |x| of the first step."""
        return self._first_errors[0]

    @property
    def most_spread(self) -> FloatArray:
        """float64 [s]: the largest standard deviation that the first step may have; NaN where it has none."""
        std, first = self.facts.stats.std, self._first
        # The variance is no more than the mean square about any point, every value at the farther end of its bucket.
        middle = 0.5 * (first.left + first.right)
        about = np.einsum("ij,ij->i", first.count, middle) / first.total
        far = np.maximum(np.abs(first.left - about[:, None]), np.abs(first.right - about[:, None]))
        unit = np.where(far.max(axis=1) > 0, far.max(axis=1), 1.0)
        square = np.einsum("ij,ij,ij->i", first.count, far / unit[:, None], far / unit[:, None]) / first.total
        start = self.index[:, 0]
        most = np.minimum(unit * np.sqrt(square), std.upper[start])
        return np.where(std.value[start] > 0, most, np.nan)

    def _left_open(self, statistic: Bounded, of_buckets: FloatArray) -> FloatArray:
        top = statistic.upper[self.index]
        exact = (top - statistic.lower[self.index] <= EXACT * np.abs(top)).all(axis=1)
        return np.where(exact, 0.0, of_buckets)

    def _noise(self, values_per_square: int) -> FloatArray:
        """What a mean or std must change by to be no other sample's, where the steps may be new samples."""
        total = np.maximum(self.facts.counted[self.index], 1.0)
        blocks = min(self.steps, BLOCKS)
        per_block = total * max(1, self.steps // blocks) * values_per_square
        square = self.facts.stats.std.value[self.index] ** 2 / per_block
        return np.where(self.fresh, SAMPLING * np.sqrt(square[:, 0] + square[:, -1]), 0.0)

    @cached_property
    def straight(self) -> BoolArray:
        """Whether the way from the first to the last step is as long as the steps on it: all go one way."""
        s, n = self.index.shape
        one, other = (self.facts.histograms(steps.ravel()) for steps in (self.index[:, :-1], self.index[:, 1:]))
        way = transports(one, other)[0].reshape(s, n - 1).sum(axis=1)
        return np.asarray((self.moved >= STRAIGHT * way) & (way > 0), bool)

    @cached_property
    def scale(self) -> Trends:
        """Trend of the spread: of the std, or of the range where it proves what the std suggests."""
        low, high, std = self._low, self._high, self.facts.stats.std.value[self.index]
        by_std = self._trends(std, self.std_error + self._noise(2), positive=True)
        by_ends = self._trends(high - low, self._end_noise.sum(axis=0), positive=True)
        growth = by_ends.direction * (high[:, -1] - low[:, -1] - high[:, 0] + low[:, 0])
        outward = by_ends.direction * np.stack([low[:, 0] - low[:, -1], high[:, -1] - high[:, 0]])
        span = _log_ratios(high[:, -1] - low[:, -1], high[:, 0] - low[:, 0])
        spread = _log_ratios(std[:, -1], std[:, 0])
        # A range that shrinks while the spread stays is a change of shape.
        blur = np.minimum(self.std_error, self._crossing)
        agree = (np.abs(span - spread) <= blur / std[:, 0]) | (span * spread >= AGREE * span * span)
        by_ends = by_ends.where(agree & (outward >= -OUTWARD * growth).all(axis=0))
        either = by_std.proven | by_ends.proven
        # What moved as a whole, and hardly changed its spread, drifted.
        aside = self.place.proven & (self._shift > ASIDE * np.abs(std[:, -1] - std[:, 0])) & (np.abs(spread) < SLIGHTLY)
        return Trends(either & ~aside, np.where(by_std.proven, by_std.direction, by_ends.direction))

    @property
    def _shift(self) -> FloatArray:
        mean = self.facts.stats.mean.value
        return np.abs(mean[self.index[:, -1]] - mean[self.index[:, 0]])

    @cached_property
    def place(self) -> Trends:
        """Trend of the location: of the mean, or of the two ends where they move the same way."""
        low, high, mean = self._low, self._high, self.facts.stats.mean.value[self.index]
        by_mean = self._trends(mean, self._left_open(self.facts.stats.mean, 0.5 * self.resolution) + self._noise(1))
        by_low, by_high = (self._trends(end, noise) for end, noise in zip((low, high), self._end_noise, strict=True))
        moved = 0.5 * (high[:, -1] + low[:, -1] - high[:, 0] - low[:, 0])
        shift, blur = mean[:, -1] - mean[:, 0], np.minimum(0.5 * self.resolution, self._crossing)
        agree = (np.abs(moved - shift) <= blur) | (shift * moved >= AGREE * moved * moved)
        by_ends = by_low.where(by_high.proven & (by_low.direction == by_high.direction) & agree)
        return Trends(by_mean.proven | by_ends.proven, np.where(by_mean.proven, by_mean.direction, by_ends.direction))

    @property
    def _end_noise(self) -> FloatArray:
        """float64 [2, s]: what minimum and maximum must move by to be no other sample's."""
        spacing = self._spacing
        return np.where(self.fresh, ENDS_APART * np.maximum(spacing[:, :, 0], spacing[:, :, -1]), 0.0)

    @cached_property
    def departures(self) -> FloatArray:
        """float64 [s, m]: distance from the first step, of later steps evenly chosen."""
        s, n = self.index.shape
        chosen = self.index
        if n > DEPARTURES:
            chosen = chosen[:, np.linspace(0, n - 1, DEPARTURES).astype(np.int64)]
        later = chosen[:, 1:]
        pairs = self.facts.series.take(np.stack([np.broadcast_to(chosen[:, :1], later.shape), later], axis=2).ravel())
        found = differences_along(pairs.dense, pairs.lengths, self.facts.series.layout)[0, ::2]
        return np.asarray(found.reshape(s, -1), np.float64)

    @cached_property
    def departs(self) -> BoolArray:
        """bool [s]: whether the distance from the first step grows."""
        trend = trends_of(self.departures, 0.25 * self.resolution)
        return trend.proven & (trend.direction > 0)


def _rows(value: Any, rows: IntArray) -> Any:
    """Some rows of an array, of every array of a dataclass, of each of several of these."""
    if isinstance(value, tuple):
        return tuple(_rows(each, rows) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: getattr(value, field.name)[rows] for field in fields(value)})
    return value[rows]


def _log_ratios(last: FloatArray, first: FloatArray) -> FloatArray:
    return np.where((last > 0) & (first > 0), np.log(last / first), np.sign(last - first))

"""What the tests of change look at: which steps are identical, and how far and in what way the others moved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from tb_histinsight.changes.trend import BLOCKS, NONE, Trend, median, trend_of
from tb_histinsight.core.distance import Transport, step_differences, transport
from tb_histinsight.core.histogram import BoolArray, FloatArray, Histogram, HistogramSeries, IntArray, segment_sum
from tb_histinsight.core.stats import SeriesStats

BINNING = 1 / 6
"""Wasserstein distance that binning can fake, in units of (difference of neighbouring shares) x (bucket width): twice
the 1/12 that lies between a bucket filled evenly and one filled along its neighbours' slope."""

BLOCK_ROWS = 1 << 14
"""Buckets that are compared at once, so that what is made of them stays in the cache of common processors."""
STRAIGHT = 0.9
"""Distance from first to last step, in units of the sum of the steps' own, from which on they all went one way."""
AGREE = 1 / 3
"""Ends prove a trend only if the estimated std (or mean) changes the same way, by at least this part of their own."""
RESAMPLED = 0.35
"""Kolmogorov distance of neighbouring steps, in units of its noise, from which on each may be a new sample: for new
samples of one distribution the median is 0.8, through coarse buckets 0.5 and more."""
SAMPLING = 2.5
"""Standard deviations of counting noise that first and last block must differ by, each."""
EXACT = 1e-9
"""Bounds as near as this, relative to the value, come from exact sums: no error of binning is left."""


@dataclass(frozen=True)
class Neighbours:
    """How each step of a series differs from the one before; of several series that were joined to one as well."""

    identical: IntArray
    """int64 [n - 1]: 1 where edges and counts are those of the step before, compared as float32; else 0"""
    moves: FloatArray
    """float64 [n - 1]: Wasserstein-1 distance; exactly 0 where nothing differs, NaN where one of the two is empty"""
    gaps: FloatArray
    """float64 [n - 1]: the same for the largest gap of the two distribution functions (Kolmogorov)"""

    def at(self, span: slice) -> Neighbours:
        """Of the steps in this span alone."""
        within = slice(span.start, max(span.start, span.stop - 1))
        return Neighbours(self.identical[within], self.moves[within], self.gaps[within])


def neighbours_of(series: HistogramSeries) -> Neighbours:
    """Compares each step with the one before."""
    identical = identical_neighbours(series)
    with np.errstate(all="ignore"):
        moves, gaps = step_differences(series)
    same = (identical > 0) & np.isfinite(moves)
    return Neighbours(identical, np.where(same, 0.0, moves), np.where(same, 0.0, gaps))


@dataclass(frozen=True)
class Evidence:
    """One series, its statistics, and what follows from them for its change."""

    series: HistogramSeries
    stats: SeriesStats
    known: Neighbours | None = None
    """What is known already; None: to be found when it is first asked for"""

    @cached_property
    def filled(self) -> IntArray:
        """Indices of the steps that have finite values."""
        return np.flatnonzero(self.series.lengths > 0)

    @cached_property
    def neighbours(self) -> Neighbours:
        """How each step differs from the one before."""
        return self.known if self.known is not None else neighbours_of(self.series)

    @property
    def identical(self) -> IntArray:
        """int64 [n - 1]: 1 where a step's edges and counts are those of the step before, compared as float32."""
        return self.neighbours.identical

    @cached_property
    def first(self) -> Histogram:
        """Histogram of the first step with finite values."""
        return self.series.at(int(self.filled[0]))

    @cached_property
    def last(self) -> Histogram:
        """Histogram of the last step with finite values."""
        return self.series.at(int(self.filled[-1]))

    @cached_property
    def moved(self) -> Transport:
        """From the first to the last step with finite values."""
        return transport(self.first, self.last)

    @property
    def step_moves(self) -> FloatArray:
        """float64 [n - 1]: Wasserstein-1 distance to the next step; exactly 0 where nothing differs."""
        return self.neighbours.moves

    @cached_property
    def counted(self) -> FloatArray:
        """float64 [n]: values in the buckets."""
        return segment_sum(self.series.buckets[:, 2], self.series.offsets)

    @cached_property
    def resampling(self) -> float:
        """Median of the largest gap between neighbours' distribution functions, in units of its noise.

        About 0.8 where every step is a new sample of one distribution (Kolmogorov-Smirnov), far less where the same
        values moved a little. NaN where no two neighbouring steps have values.
        """
        total = self.counted
        with np.errstate(invalid="ignore", divide="ignore"):
            noise = np.sqrt(1 / total[1:] + 1 / total[:-1])
        gaps = self.neighbours.gaps / noise
        gaps = gaps[np.isfinite(gaps)]
        return median(gaps)

    @cached_property
    def fresh(self) -> bool:
        """Whether neighbouring steps differ at least as new samples of one distribution do."""
        return self.resampling >= RESAMPLED

    @cached_property
    def binning(self) -> float:
        """Wasserstein-1 distance that binning alone can fake between first and last, in the tensor's own unit."""
        return 0.5 * (_binning(self.first) + _binning(self.last))

    def _trend(self, values: FloatArray, error: FloatArray | float = 0.0) -> Trend:
        trend = trend_of(values[self.filled], np.broadcast_to(error, values.shape)[self.filled])
        # Three to five steps in a row go up by chance; then they must also lead straight from first to last.
        return trend if not trend.few or self.straight else NONE

    def _sampling(self, of_std: bool) -> FloatArray:
        """Counting noise of mean or std of each step, where the steps may be new samples; float64 [n]."""
        if not self.fresh:
            return np.zeros(len(self.series))
        total = np.maximum(self.counted, 1.0)
        blocks = min(len(self.filled), BLOCKS)
        per_block = total * max(1, len(self.filled) // blocks) * (2 if of_std else 1)
        return np.asarray(SAMPLING * self.stats.std.value / np.sqrt(per_block), np.float64)

    @cached_property
    def straight(self) -> bool:
        """Whether the way from the first to the last step is as long as the steps on it: all go one way."""
        steps = [self.series.at(int(i)) for i in self.filled]
        way = sum(transport(one, next_one).distance for one, next_one in pairwise(steps))
        return self.moved.distance >= STRAIGHT * way > 0

    @cached_property
    def scale_trends(self) -> tuple[Trend, ...]:
        """Trends of the spread: of the estimated std, and of the two ends where they prove what the std suggests."""
        stats = self.stats
        std = stats.std
        if not len(self.filled):
            return ()
        low, high = stats.minimum, stats.maximum
        found = [self._trend(std.value, self._std_error + self._sampling(of_std=True))]
        centre = median(0.5 * (low + high)[self.filled])
        ends = self._both(self._trend(high - centre), self._trend(centre - low))
        first, last = int(self.filled[0]), int(self.filled[-1])
        if ends.proven and not (self.fresh and not found[0].proven):
            span = _log_ratio(high[last] - low[last], high[first] - low[first])
            spread = _log_ratio(std.value[last], std.value[first])
            error = median((self._std_error / std.value)[self.filled])
            # A range that shrinks while the spread stays is a change of shape.
            if abs(span) <= error or span * spread >= AGREE * span * span:
                found.append(ends)
        return tuple(found)

    @cached_property
    def place_trends(self) -> tuple[Trend, ...]:
        """Trends of the location: of the mean, and of the two ends where they move the same way."""
        if not len(self.filled):
            return ()
        low, high, mean = self.stats.minimum, self.stats.maximum, self.stats.mean
        exact = mean.upper - mean.lower <= EXACT * np.abs(mean.upper)
        error = np.where(exact, 0.0, 0.5 * self.binning) + self._sampling(of_std=False)
        found = [self._trend(mean.value, error)]
        ends = self._both(self._trend(high), self._trend(low))
        moved = 0.5 * (high + low)
        first, last = int(self.filled[0]), int(self.filled[-1])
        by_mean, by_ends = mean.value[last] - mean.value[first], moved[last] - moved[first]
        if (
            ends.proven
            and not self.fresh
            and (abs(by_ends) <= self.binning or by_mean * by_ends >= AGREE * by_ends * by_ends)
        ):
            found.append(ends)
        return tuple(found)

    @staticmethod
    def _both(one: Trend, other: Trend) -> Trend:
        """The weaker of two trends where both are proven and point the same way."""
        if one.proven and other.proven and one.direction == other.direction:
            return min(one, other, key=lambda trend: trend.strength)
        return NONE

    @cached_property
    def _std_error(self) -> FloatArray:
        """How far the estimated std may be off for a smooth density: 4 times Sheppard's correction; 0 where exact."""
        std = self.stats.std
        exact = std.upper - std.lower <= EXACT * std.upper
        rows, offsets = self.series.buckets, self.series.offsets
        square = segment_sum(rows[:, 2] * (rows[:, 1] - rows[:, 0]) ** 2, offsets)
        total = self.counted
        width = square / np.maximum(total, 1)
        return np.where(exact, 0.0, width / (6 * np.maximum(std.value, 1e-300)))

    @cached_property
    def departure(self) -> Trend:
        """Trend of the distance from the first step, over at most 24 steps evenly chosen."""
        chosen = self.filled
        if len(chosen) > 24:
            chosen = chosen[np.linspace(0, len(chosen) - 1, 24).astype(np.int64)]
        distances = np.array([transport(self.first, self.series.at(int(i))).distance for i in chosen[1:]])
        return trend_of(distances, np.full(len(distances), 0.25 * self.binning))


def identical_neighbours(series: HistogramSeries) -> IntArray:
    """int64 [n - 1]: 1 where a step equals the one before in edges and counts, compared as float32; else 0.

    Loaders keep float32 or float64; steps without finite values equal nothing.
    """
    n = len(series)
    out = np.zeros(max(n - 1, 0), np.int64)
    if n < 2:
        return out
    lengths, offsets = series.lengths, series.offsets
    alike = np.flatnonzero((lengths[1:] == lengths[:-1]) & (lengths[1:] > 0))
    # Steps that differ mostly do so in the first edge already.
    alike = alike[_equal(series.buckets[offsets[alike], 0], series.buckets[offsets[alike + 1], 0])]
    if len(alike):
        ends = np.cumsum(lengths[alike])
        cuts = np.searchsorted(ends, np.arange(BLOCK_ROWS, ends[-1], BLOCK_ROWS))
        for some in np.split(alike, np.unique(cuts[cuts > 0])):
            out[some] = _rows_equal(series, some)
    same = np.nan_to_num(series.non_finite[1:], nan=-1) == np.nan_to_num(series.non_finite[:-1], nan=-1)
    return np.where(same, out, 0)


def _rows_equal(series: HistogramSeries, index: IntArray) -> BoolArray:
    """Whether these steps, none empty, are equal to the next ones, which have as many buckets."""
    size = series.lengths[index]
    begin = np.cumsum(size) - size
    row = np.arange(int(size.sum())) + np.repeat(series.offsets[index] - begin, size)
    same = _equal(series.buckets[row], series.buckets[row + np.repeat(size, size)]).all(axis=1)
    return np.asarray(np.logical_and.reduceat(same, begin))


def _equal(a: FloatArray, b: FloatArray) -> BoolArray:
    """Whether the numbers are equal at the coarser of float32 and float64; what float32 cannot hold, as it is."""
    with np.errstate(over="ignore"):
        single = a.astype(np.float32), b.astype(np.float32)
    return np.asarray(np.where(np.isinf(single[0]), a == b, single[0] == single[1]))


def _binning(histogram: Histogram) -> float:
    share = histogram.count / histogram.total
    width = histogram.right - histogram.left
    if len(share) == 1:
        return float(0.5 * width[0])
    with np.errstate(invalid="ignore", divide="ignore"):
        density = np.where(width > 0, share / width, 0.0)
    padded = np.concatenate([[density[0]], density, [density[-1]]])
    slope = 0.5 * np.maximum(np.abs(padded[2:] - density), np.abs(density - padded[:-2]))
    return float(np.minimum(BINNING * slope * width, 0.5 * share) @ width)


def _log_ratio(last: float, first: float) -> float:
    return float(np.log(last / first)) if last > 0 and first > 0 else float(np.sign(last - first))

"""What the tests of change look at: which steps are identical, and how far and in what way the others moved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tb_histinsight.changes.trend import Trend, trend_of
from tb_histinsight.core.distance import Transport, step_distances, transport
from tb_histinsight.core.histogram import FloatArray, Histogram, HistogramSeries, IntArray
from tb_histinsight.core.stats import SeriesStats

BINNING = 1 / 6
"""Wasserstein distance that binning can fake, in units of (difference of neighbouring shares) x (bucket width): twice
the 1/12 that lies between a bucket filled evenly and one filled along its neighbours' slope."""


@dataclass(frozen=True)
class Neighbours:
    """How each step of a series differs from the one before; of several series that were joined to one as well."""

    identical: IntArray
    """int64 [n - 1]: 1 where edges and counts are those of the step before, compared as float32; else 0"""
    moves: FloatArray
    """float64 [n - 1]: Wasserstein-1 distance; exactly 0 where nothing differs, NaN where one of the two is empty"""

    def at(self, span: slice) -> Neighbours:
        """Of the steps in this span alone."""
        within = slice(span.start, max(span.start, span.stop - 1))
        return Neighbours(self.identical[within], self.moves[within])


def neighbours_of(series: HistogramSeries) -> Neighbours:
    """Compares each step with the one before."""
    identical = identical_neighbours(series)
    with np.errstate(all="ignore"):
        moves = step_distances(series)
    return Neighbours(identical, np.where((identical > 0) & np.isfinite(moves), 0.0, moves))


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
    def binning(self) -> float:
        """Wasserstein-1 distance that binning alone can fake between first and last, in the tensor's own unit."""
        return 0.5 * (_binning(self.first) + _binning(self.last))

    def _trend(self, values: FloatArray, noise: FloatArray | float = 0.0) -> Trend:
        return trend_of(values[self.filled], np.broadcast_to(noise, values.shape)[self.filled])

    @cached_property
    def scale_trends(self) -> tuple[Trend, ...]:
        """Trends of the spread: of the estimated std, and of the half range where both ends take part in it."""
        low, high = self.stats.minimum, self.stats.maximum
        std = self.stats.std
        slack = np.where(std.upper - std.lower <= 1e-9 * std.upper, 0.0, self._std_error)
        trends = [self._trend(std.value, slack)]
        centre = np.nanmedian(0.5 * (low + high)) if len(self.filled) else 0.0
        ends = [self._trend(high - centre), self._trend(centre - low)]
        if ends[0].proven and ends[1].proven and ends[0].direction == ends[1].direction:
            trends.append(ends[0] if ends[0].strength < ends[1].strength else ends[1])
        return tuple(trends)

    @cached_property
    def place_trends(self) -> tuple[Trend, ...]:
        """Trends of the location: of the mean, and of the two ends where they move the same way."""
        low, high = self.stats.minimum, self.stats.maximum
        mean = self.stats.mean
        slack = np.where(mean.upper - mean.lower <= 1e-9 * np.abs(mean.value), 0.0, self._mean_error)
        trends = [self._trend(mean.value, slack)]
        ends = [self._trend(high), self._trend(low)]
        if ends[0].proven and ends[1].proven and ends[0].direction == ends[1].direction:
            trends.append(ends[0] if ends[0].strength < ends[1].strength else ends[1])
        return tuple(trends)

    @cached_property
    def _mean_error(self) -> FloatArray:
        """How far binning can move the estimated mean of a smooth density."""
        return np.full(len(self.series), self.binning if len(self.filled) else 0.0)

    @cached_property
    def _std_error(self) -> FloatArray:
        return self._mean_error

    @cached_property
    def resampling(self) -> FloatArray:
        """float64: largest gap of the distribution functions of neighbouring steps, times sqrt(N / 2).

        About 0.8 where every step is a new sample of one distribution (Kolmogorov-Smirnov), far less where the same
        values moved a little. At most 64 pairs, evenly chosen; identical neighbours count as 0.
        """
        pairs = self.filled[:-1][np.diff(self.filled) == 1]
        if len(pairs) > 64:
            pairs = pairs[np.linspace(0, len(pairs) - 1, 64).astype(np.int64)]
        return np.array([ks_in_noise(self.series.at(int(i)), self.series.at(int(i) + 1)) for i in pairs])

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
    lengths = series.lengths
    alike = np.flatnonzero((lengths[1:] == lengths[:-1]) & (lengths[1:] > 0))
    here, there = series.offsets[alike], series.offsets[alike + 1]
    with np.errstate(over="ignore"):
        # Steps that differ mostly do so in the first edge already.
        same_edge = series.buckets[here, 0].astype(np.float32) == series.buckets[there, 0].astype(np.float32)
        for i in alike[same_edge].tolist():
            a, b, c = series.offsets[i : i + 3]
            same = series.buckets[a:b].astype(np.float32) == series.buckets[b:c].astype(np.float32)
            out[i] = bool(same.all())
    same_bad = np.nan_to_num(series.non_finite[1:], nan=-1) == np.nan_to_num(series.non_finite[:-1], nan=-1)
    return np.where(same_bad, out, 0)


def ks_in_noise(a: Histogram, b: Histogram) -> float:
    """Largest gap between two distribution functions at the edges of the first, times sqrt(N / 2)."""
    below_a = np.concatenate([[0.0], np.cumsum(a.count)]) / a.total
    below_b = np.concatenate([[0.0], np.cumsum(b.count)]) / b.total
    edges_a, edges_b = np.append(a.left, a.right[-1]), np.append(b.left, b.right[-1])
    gap = np.abs(np.interp(edges_a, edges_b, below_b) - below_a).max()
    return float(gap * np.sqrt(a.total * b.total / (a.total + b.total)))


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

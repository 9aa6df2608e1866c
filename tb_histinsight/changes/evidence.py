"""What the tests of change look at, for several series of equally many steps at once."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tb_histinsight.changes.neighbours import Neighbours
from tb_histinsight.changes.trend import BLOCKS, FEW, Trends, medians, trends_of
from tb_histinsight.core.dense import DenseBuckets
from tb_histinsight.core.distance import transports
from tb_histinsight.core.histogram import BoolArray, FloatArray, HistogramSeries, IntArray, segment_sum
from tb_histinsight.core.stats import SeriesStats

BINNING = 1 / 6
"""Wasserstein distance that binning can fake, in units of (difference of neighbouring shares) x (bucket width): twice
the 1/12 that lies between a bucket filled evenly and one filled along its neighbours' slope."""
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
    def width_square(self) -> FloatArray:
        """float64 [n]: mean square of the widths of the values' buckets."""
        found = [np.empty(0)]
        for _, part in self.series.blocks:
            width = part.dense.right.T - part.dense.left.T
            width *= width
            found.append(np.einsum("kn,kn->n", part.dense.count.T, width) / np.maximum(part.dense.total, 1.0))
        return np.concatenate(found)

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
    def moving(self) -> IntArray:
        """int64 [s]: how many steps differ from the one before."""
        before = np.concatenate([[0], np.cumsum(self.facts.neighbours.identical == 0)])
        return np.asarray(before[self.end - 1] - before[self.begin], np.int64)

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
        return transports(self._first, self._last)[0]

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
        where every step is a new sample (Kolmogorov-Smirnov), far less where the same values moved a little.
        """
        total = self.facts.counted[self.index]
        noise = np.sqrt(1 / total[:, 1:] + 1 / total[:, :-1])
        gap = medians(self._between(self.facts.neighbours.gaps) / noise)
        return np.asarray(gap >= RESAMPLED, bool)

    @cached_property
    def binning(self) -> FloatArray:
        """float64 [s]: Wasserstein-1 distance that binning alone can fake between first and last step."""
        return 0.5 * (_binning(self._first) + _binning(self._last))

    def _trends(self, values: FloatArray, error: FloatArray | None = None) -> Trends:
        trends = trends_of(values, np.zeros_like(values) if error is None else error)
        # Three to five steps in a row go up by chance; then they must also lead straight from first to last.
        return trends.where(self.straight) if self.few else trends

    def _sampling(self, of_std: bool) -> FloatArray:
        """Counting noise of mean or std of each step, where the steps may be new samples; float64 [s, n]."""
        total = np.maximum(self.facts.counted[self.index], 1.0)
        blocks = min(self.steps, BLOCKS)
        per_block = total * max(1, self.steps // blocks) * (2 if of_std else 1)
        noise = SAMPLING * self.facts.stats.std.value[self.index] / np.sqrt(per_block)
        return np.where(self.fresh[:, None], noise, 0.0)

    @cached_property
    def straight(self) -> BoolArray:
        """Whether the way from the first to the last step is as long as the steps on it: all go one way."""
        s, n = self.index.shape
        one, other = (self.facts.histograms(steps.ravel()) for steps in (self.index[:, :-1], self.index[:, 1:]))
        way = transports(one, other)[0].reshape(s, n - 1).sum(axis=1)
        return np.asarray((self.moved >= STRAIGHT * way) & (way > 0), bool)

    @cached_property
    def scale_trends(self) -> tuple[Trends, Trends]:
        """Trends of the spread: of the estimated std, and of the two ends where they prove what the std suggests."""
        stats, index = self.facts.stats, self.index
        low, high, std = stats.minimum[index], stats.maximum[index], stats.std.value[index]
        by_std = self._trends(std, self._std_error + self._sampling(of_std=True))
        centre = medians(0.5 * (low + high))[:, None]
        ends = _both(self._trends(high - centre), self._trends(centre - low))
        span = _log_ratios(high[:, -1] - low[:, -1], high[:, 0] - low[:, 0])
        spread = _log_ratios(std[:, -1], std[:, 0])
        error = medians(self._std_error / std)
        # A range that shrinks while the spread stays is a change of shape.
        agree = (np.abs(span) <= error) | (span * spread >= AGREE * span * span)
        return by_std, ends.where(agree & ~(self.fresh & ~by_std.proven))

    @cached_property
    def place_trends(self) -> tuple[Trends, Trends]:
        """Trends of the location: of the mean, and of the two ends where they move the same way."""
        stats, index = self.facts.stats, self.index
        low, high, mean = stats.minimum[index], stats.maximum[index], stats.mean.value[index]
        top = stats.mean.upper[index]
        exact = top - stats.mean.lower[index] <= EXACT * np.abs(top)
        error = np.where(exact, 0.0, 0.5 * self.binning[:, None]) + self._sampling(of_std=False)
        by_mean = self._trends(mean, error)
        ends = _both(self._trends(high), self._trends(low))
        moved = 0.5 * (high[:, -1] + low[:, -1] - high[:, 0] - low[:, 0])
        agree = (np.abs(moved) <= self.binning) | ((mean[:, -1] - mean[:, 0]) * moved >= AGREE * moved * moved)
        return by_mean, ends.where(agree & ~self.fresh)

    @cached_property
    def _std_error(self) -> FloatArray:
        """How far the estimated std may be off for a smooth density: 4 times Sheppard's correction; 0 where exact."""
        std, index = self.facts.stats.std, self.index
        top = std.upper[index]
        exact = top - std.lower[index] <= EXACT * top
        return np.where(exact, 0.0, self.facts.width_square[index] / (6 * np.maximum(std.value[index], 1e-300)))

    @cached_property
    def departure(self) -> Trends:
        """Trend of the distance from the first step, over steps evenly chosen."""
        s, n = self.index.shape
        chosen = self.index
        if n > DEPARTURES:
            chosen = chosen[:, np.linspace(0, n - 1, DEPARTURES).astype(np.int64)]
        later = self.facts.histograms(chosen[:, 1:].ravel())
        first = self.facts.histograms(np.repeat(chosen[:, 0], chosen.shape[1] - 1))
        distances = transports(first, later)[0].reshape(s, -1)
        return trends_of(distances, np.broadcast_to(0.25 * self.binning[:, None], distances.shape))


def _both(one: Trends, other: Trends) -> Trends:
    """The weaker of two trends where both are proven and point the same way."""
    return Trends(one.proven, one.direction, np.minimum(one.strength, other.strength)).where(
        one.proven & other.proven & (one.direction == other.direction)
    )


def _rows(value: Any, rows: IntArray) -> Any:
    """Some rows of an array, of every array of a dataclass, of each of several of these."""
    if isinstance(value, tuple):
        return tuple(_rows(each, rows) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: getattr(value, field.name)[rows] for field in fields(value)})
    return value[rows]


def _binning(histograms: DenseBuckets) -> FloatArray:
    """Wasserstein-1 distance that evenly filled buckets may be off; float64 [m]."""
    share = histograms.count / histograms.total[:, None]
    width = histograms.right - histograms.left
    density = np.where(width > 0, share / width, 0.0)
    last = (histograms.count > 0).cumsum(axis=1).argmax(axis=1)
    density = np.where(np.arange(share.shape[1]) > last[:, None], density[np.arange(len(last)), last][:, None], density)
    padded = np.concatenate([density[:, :1], density, density[:, -1:]], axis=1)
    slope = 0.5 * np.maximum(np.abs(padded[:, 2:] - density), np.abs(density - padded[:, :-2]))
    found = np.einsum("ij,ij->i", np.minimum(BINNING * slope * width, 0.5 * share), width)
    return np.where(last == 0, 0.5 * width[:, 0], found)


def _log_ratios(last: FloatArray, first: FloatArray) -> FloatArray:
    return np.where((last > 0) & (first > 0), np.log(last / first), np.sign(last - first))

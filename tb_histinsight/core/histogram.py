"""Histograms in one normal form: what every reader hands to everything else.

Normal form (per step): buckets ascending and not overlapping; left < right, except that a tensor of one value is
one bucket with left = right = value; no empty bucket at either end; first left = minimum, last right = maximum;
counts finite and >= 0. A step without any finite value has no bucket at all. Values that are not finite are
counted beside the buckets, never carried in an edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tb_histinsight.core.arrays import BoolArray, FloatArray, IntArray
from tb_histinsight.core.dense import DenseBuckets, dense_buckets
from tb_histinsight.core.ladder import (
    EXACT_ZERO_RIGHT,
    LADDER_BASE,
    LADDER_END,
    LADDER_RATIO,
    ladder_exponent,
    next_rung_below,
)
from tb_histinsight.core.layout import Layout, detect_layout
from tb_histinsight.core.normal_form import to_normal_form

__all__ = [
    "EXACT_ZERO_RIGHT",
    "LADDER_BASE",
    "LADDER_END",
    "LADDER_RATIO",
    "BoolArray",
    "DenseBuckets",
    "FloatArray",
    "Histogram",
    "HistogramSeries",
    "IntArray",
    "Layout",
    "Moments",
    "RawHistograms",
    "detect_layout",
    "ladder_exponent",
    "next_rung_below",
    "normalise",
    "segment_sum",
]


@dataclass(frozen=True)
class Moments:
    """Exact sums that old-style summaries carry; float64 [n] each, over the finite and non-finite values alike.

    An entry is NaN or infinite where the writer's own sum was.
    """

    num: FloatArray
    sum: FloatArray
    sum_squares: FloatArray

    def select(self, index: IntArray | slice) -> Moments:
        """The same sums at some of the steps."""
        return Moments(self.num[index], self.sum[index], self.sum_squares[index])


@dataclass(frozen=True)
class Histogram:
    """The histogram of one step, in normal form: three float64 [k], k = 0 where there is no finite value."""

    left: FloatArray
    right: FloatArray
    count: FloatArray

    @property
    def total(self) -> float:
        """How many values the buckets hold."""
        return float(self.count.sum())


@dataclass(frozen=True)
class HistogramSeries:
    """All histograms of one tag of one run, in the order in which they hold (steps strictly ascend).

    `buckets` is one flat float64 block [m, 3] of (left, right, count); the rows of step i are
    `buckets[offsets[i]:offsets[i + 1]]`. The number of rows differs from step to step.
    """

    run: str
    tag: str
    steps: IntArray
    """int64 [n]"""
    wall_times: FloatArray
    """float64 [n], seconds since 1970"""
    buckets: FloatArray
    offsets: IntArray
    """int64 [n + 1]"""
    non_finite: FloatArray
    """float64 [n]: values that were NaN or infinite; NaN where there were some but the writer did not say how many"""
    uncounted: FloatArray
    """float64 [n]: finite values beyond the last bucket limit (|x| >= 1e20) that the writer did not count; else 0"""
    moments: Moments | None = None
    """Exact sums, where the source has them"""
    total_steps: int | None = None
    """How many steps were logged, where the source kept only a sample of them; None where nothing was left out"""
    collisions: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """Steps at which one file holds several *different* histograms of this tag (the last one is kept)"""
    restarts: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """Steps at which the log went back (a restarted job); what the restart wrote again replaced the earlier records"""

    def __len__(self) -> int:
        return len(self.steps)

    @cached_property
    def lengths(self) -> IntArray:
        """Number of buckets per step; int64 [n]."""
        return np.diff(self.offsets)

    @cached_property
    def element_count(self) -> FloatArray:
        """Number of values per step, non-finite ones included as far as they are known; float64 [n]."""
        counted = segment_sum(self.buckets[:, 2], self.offsets)
        return counted + np.nan_to_num(self.non_finite) + self.uncounted

    @cached_property
    def minimum(self) -> FloatArray:
        """Smallest finite value per step; float64 [n], NaN where there is none."""
        return _edge(self.buckets[:, 0], self.offsets[:-1], self.lengths)

    @cached_property
    def maximum(self) -> FloatArray:
        """Largest finite value per step; float64 [n], NaN where there is none."""
        return _edge(self.buckets[:, 1], self.offsets[1:] - 1, self.lengths)

    @cached_property
    def layout(self) -> Layout:
        """How the edges were chosen, judged over all steps together."""
        return detect_layout(self.buckets, self.offsets)

    def at(self, index: int) -> Histogram:
        """The histogram of the step with this index (not step number); negative indices count from the end."""
        index = range(len(self))[index]
        rows = self.buckets[self.offsets[index] : self.offsets[index + 1]]
        return Histogram(rows[:, 0], rows[:, 1], rows[:, 2])

    def select(self, start: int, stop: int) -> HistogramSeries:
        """The steps with index start <= i < stop, as a series of their own."""
        offsets = self.offsets[start : stop + 1]
        return HistogramSeries(
            run=self.run,
            tag=self.tag,
            steps=self.steps[start:stop],
            wall_times=self.wall_times[start:stop],
            buckets=self.buckets[offsets[0] : offsets[-1]],
            offsets=offsets - offsets[0],
            non_finite=self.non_finite[start:stop],
            uncounted=self.uncounted[start:stop],
            moments=None if self.moments is None else self.moments.select(slice(start, stop)),
            total_steps=self.total_steps,
            collisions=self.collisions,
            restarts=self.restarts,
        )

    def take(self, index: IntArray) -> HistogramSeries:
        """The steps with these indices, in this order, as a series of their own."""
        lengths = self.lengths[index]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        rows = np.arange(int(offsets[-1])) + np.repeat(self.offsets[index] - offsets[:-1], lengths)
        return HistogramSeries(
            run=self.run,
            tag=self.tag,
            steps=self.steps[index],
            wall_times=self.wall_times[index],
            buckets=self.buckets.take(rows, axis=0),
            offsets=offsets,
            non_finite=self.non_finite[index],
            uncounted=self.uncounted[index],
            moments=None if self.moments is None else self.moments.select(index),
        )

    @cached_property
    def dense(self) -> DenseBuckets:
        """All steps as padded matrices [n, k]; of `chunks`, where a series is large."""
        return dense_buckets(self.buckets, self.offsets)

    def chunks(self, max_cells: int = 1 << 16) -> Iterator[tuple[int, HistogramSeries]]:
        """Runs of steps whose dense matrices have at most about `max_cells` cells, with the index of their first.

        64 Ki cells of three float64 fit the second-level cache of common processors.
        """
        widest = max(1, int(self.lengths.max(initial=1)))
        size = max(1, max_cells // widest)
        if len(self) <= size:
            if len(self):
                yield 0, self
            return
        for start in range(0, len(self), size):
            yield start, self.select(start, min(start + size, len(self)))


@dataclass(frozen=True)
class RawHistograms:
    """The histograms of one tag as a writer left them, before `normalise`.

    `rows` is a flat float64 block [m, 3] of (left, right, count) with `offsets` int64 [n + 1]. Old-style summaries
    give the left edge of their first bucket as -inf and, where known, `minimum`, `maximum` and `moments`.
    """

    run: str
    tag: str
    steps: IntArray
    wall_times: FloatArray
    rows: FloatArray
    offsets: IntArray
    minimum: FloatArray | None = None
    maximum: FloatArray | None = None
    moments: Moments | None = None
    total_steps: int | None = None
    collisions: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    restarts: IntArray = field(default_factory=lambda: np.empty(0, np.int64))


def segment_sum(values: FloatArray | BoolArray, offsets: IntArray) -> FloatArray:
    """Sum of each segment values[offsets[i]:offsets[i + 1]]; 0 for an empty segment. float64 [n]."""
    sums = np.zeros(len(offsets) - 1)
    some = offsets[1:] > offsets[:-1]
    if some.any():
        sums[some] = np.add.reduceat(values, offsets[:-1][some], dtype=np.float64)
    return sums


def _edge(column: FloatArray, index: IntArray, lengths: IntArray) -> FloatArray:
    out = np.full(len(lengths), np.nan)
    present = lengths > 0
    out[present] = column[index[present]]
    return out


def normalise(raw: RawHistograms) -> HistogramSeries:
    """Brings what a writer left into normal form; nothing that can be saved is dropped.

    What was meant where a writer is odd (measured on the writers themselves):
      * outer rows backwards and empty (data server): their outer edges are the minimum and the maximum;
      * every row of width 0 (TF 2, one value): one bucket of that value;
      * one row of width exactly 1 without exact minimum and maximum (TF 2.1, one value): the value in its middle;
      * NaN edges with all counts 0 (TF 2, one or more NaN): no bucket, an unknown number of non-finite values;
      * right edge inf, left NaN (TF 2, +Inf among the values): the same;
      * a NaN at the outer edge of old-style buckets (PyTorch, partly NaN): the rung of the ladder in its place;
      * `num` above the sum of counts: non-finite values where min, max or sum is not finite, else values beyond
        1e20 that were not counted, if minimum or maximum lies there.
    """
    normal = to_normal_form(raw.rows, raw.offsets, raw.minimum, raw.maximum)
    non_finite, uncounted = normal.non_finite, np.zeros(len(raw.steps))
    if raw.moments is not None:
        non_finite, uncounted = _left_out(raw, segment_sum(normal.rows[:, 2], normal.offsets), normal.non_finite)
    return HistogramSeries(
        run=raw.run,
        tag=raw.tag,
        steps=raw.steps,
        wall_times=raw.wall_times,
        buckets=normal.rows,
        offsets=normal.offsets,
        non_finite=non_finite,
        uncounted=uncounted,
        moments=raw.moments,
        total_steps=raw.total_steps,
        collisions=raw.collisions,
        restarts=raw.restarts,
    )


def _left_out(raw: RawHistograms, counted: FloatArray, non_finite: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How many values were not finite, and how many finite ones were not counted; float64 [n] each."""
    assert raw.moments is not None
    missing = raw.moments.num - counted
    # Half a value, and what summing may round.
    missing = np.where((missing > 0.5 + 1e-12 * counted) & (missing < np.inf), missing, 0.0)
    told = np.isnan(non_finite) & (raw.moments.num != 0)
    # A sum of finite values can overflow; then nothing is missing and nothing was non-finite.
    broken = told | ~np.isfinite(raw.moments.sum)
    known = np.where(told & (missing == 0), np.nan, missing)
    if raw.minimum is None or raw.maximum is None:
        return np.where(broken, known, 0.0), np.zeros(len(missing))
    beyond = np.maximum(np.abs(raw.minimum), np.abs(raw.maximum)) >= LADDER_END / LADDER_RATIO
    return np.where(broken, known, 0.0), np.where(~broken & beyond, missing, 0.0)

"""Histograms in one normal form: what every reader hands to everything else.

Normal form (per step): buckets ascending and not overlapping; left < right, except that a tensor of one value is
one bucket with left = right = value; no empty bucket at either end; first left = minimum, last right = maximum;
counts finite and >= 0. A step without any finite value has no bucket at all. Values that are not finite are
counted beside the buckets, never carried in an edge.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

LADDER_BASE = 1e-12
"""Smallest positive bucket limit of old-style histograms (TF 1, PyTorch, tensorboardX)."""
LADDER_RATIO = 1.1
"""Factor between neighbouring bucket limits of old-style histograms."""
LADDER_END = 1e20
"""Old-style writers do not count values at or beyond this limit; they show in `max` and `num` only."""
EXACT_ZERO_RIGHT = LADDER_BASE * (1 + 1e-6)
"""A bucket [0, r] with r up to this holds exact zeros for all practical purposes (float32 rounding included)."""


class Layout(enum.Enum):
    """How the bucket edges of a series were chosen."""

    EQUAL = "equal"
    """Equal widths from minimum to maximum (`tf.summary.histogram`)."""
    EXPONENTIAL = "exponential"
    """Limits +-1e-12 * 1.1**k (TF 1, PyTorch, tensorboardX)."""
    OTHER = "other"
    """Any widths: `bins="doane"`, or too few buckets to tell."""


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
class DenseBuckets:
    """Some steps of a series as matrices [m, k], padded at the right with empty buckets of width 0.

    Padding repeats the last right edge, so that differences of edges are 0 there and sums over counts are unharmed.
    A step without buckets is all zeros.
    """

    left: FloatArray
    right: FloatArray
    count: FloatArray


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

    def dense(self) -> DenseBuckets:
        """All steps as padded matrices [n, k]; use `chunks` first where a series is large."""
        n = len(self)
        k = int(self.lengths.max(initial=0))
        if n and len(self.buckets) == n * k:
            cube = self.buckets.reshape(n, k, 3)
            return DenseBuckets(cube[:, :, 0], cube[:, :, 1], cube[:, :, 2])
        column = np.arange(k)
        present = column < self.lengths[:, None]
        last = np.maximum(self.offsets[1:] - 1, 0)[:, None]
        row = np.minimum(self.offsets[:-1, None] + column, last)
        if not len(self.buckets):
            empty = np.zeros((n, k))
            return DenseBuckets(empty, empty, empty)
        right = self.buckets[row, 1]
        left = np.where(present, self.buckets[row, 0], right)
        count = np.where(present, self.buckets[row, 2], 0.0)
        nothing = self.lengths == 0
        left[nothing] = right[nothing] = count[nothing] = 0.0
        return DenseBuckets(left, right, count)

    def chunks(self, max_cells: int = 1 << 16) -> Iterator[tuple[int, HistogramSeries]]:
        """Runs of steps whose dense matrices have at most about `max_cells` cells, with the index of their first.

        64 Ki cells of three float64 fit the second-level cache of common processors.
        """
        widest = max(1, int(self.lengths.max(initial=1)))
        size = max(1, max_cells // widest)
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


def segment_sum(values: FloatArray, offsets: IntArray) -> FloatArray:
    """Sum of each segment values[offsets[i]:offsets[i + 1]]; 0 for an empty segment. float64 [n]."""
    if not len(values):
        return np.zeros(len(offsets) - 1)
    padded = np.append(values, 0.0)
    sums = np.add.reduceat(padded, offsets[:-1])
    return np.where(np.diff(offsets) > 0, sums, 0.0)


def _edge(column: FloatArray, index: IntArray, lengths: IntArray) -> FloatArray:
    out = np.full(len(lengths), np.nan)
    present = lengths > 0
    out[present] = column[index[present]]
    return out


def ladder_exponent(edges: FloatArray) -> FloatArray:
    """k for edges +-1e-12 * 1.1**k; a real number for any other edge, -inf for 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.abs(edges) / LADDER_BASE) / np.log(LADDER_RATIO), dtype=np.float64)


def detect_layout(buckets: FloatArray, offsets: IntArray) -> Layout:
    """How the edges of a normalised series were chosen.

    Only edges between two buckets tell (the outer ones are the minimum and the maximum). Exponential: at least 99 %
    of them are 0 or +-1e-12 * 1.1**k, within 1 % of a rung, which is far more than float32 rounding moves them and
    far less than chance would give. Equal: every step's widths agree within 1e-3 of each other plus what float32
    rounding of the edges can do.
    """
    if not len(buckets):
        return Layout.OTHER
    lengths = np.diff(offsets)
    inner = np.ones(len(buckets), bool)
    inner[offsets[:-1][lengths > 0]] = False
    edges = buckets[inner, 0]
    if len(edges):
        rung = ladder_exponent(edges[edges != 0])
        near = np.abs(rung - np.rint(rung)) < 0.01
        # Writers that merge empty buckets still use rungs only; an edge at exactly 0 fits both layouts.
        if len(rung) and near.mean() >= 0.99:
            return Layout.EXPONENTIAL
    several = lengths > 1
    if not several.any():
        return Layout.OTHER
    width = buckets[:, 1] - buckets[:, 0]
    starts = np.minimum(offsets[:-1], len(buckets) - 1)
    widest = np.maximum.reduceat(width, starts)[several]
    narrowest = np.minimum.reduceat(width, starts)[several]
    magnitude = np.maximum(np.abs(buckets[starts, 0]), np.abs(buckets[np.maximum(offsets[1:] - 1, 0), 1]))[several]
    rounding = 4 * np.finfo(np.float32).eps * magnitude
    equal = widest - narrowest <= 1e-3 * widest + rounding
    return Layout.EQUAL if equal.mean() >= 0.99 else Layout.OTHER


def normalise(raw: RawHistograms) -> HistogramSeries:
    """Brings what a writer left into normal form; nothing that can be saved is dropped.

    What was meant where a writer is odd (measured on the writers themselves):
      * first row backwards and empty (data server): its left edge is the minimum;
      * every row of width 0 (TF 2, one value): one bucket of that value;
      * one row of width exactly 1 without exact minimum and maximum (TF 2.1, one value): the value in its middle;
      * NaN edges with all counts 0 (TF 2, one or more NaN): no bucket, an unknown number of non-finite values;
      * right edge inf, left NaN (TF 2, +Inf among the values): the same;
      * a NaN at the outer edge of old-style buckets (PyTorch, partly NaN): the rung of the ladder in its place;
      * `num` above the sum of counts: non-finite values where min, max or sum is not finite, else values beyond
        1e20 that were not counted.
    """
    n = len(raw.steps)
    rows, offsets = raw.rows, raw.offsets
    lengths = np.diff(offsets)
    left, right, count = rows[:, 0], rows[:, 1], rows[:, 2]
    with np.errstate(invalid="ignore"):
        row_is_plain = (left < right) & (count >= 0) & np.isfinite(left) & np.isfinite(right) & np.isfinite(count)
        gap_free = np.ones(len(rows), bool)
        gap_free[1:] = left[1:] >= right[:-1]
    starts = offsets[:-1][lengths > 0]
    gap_free[starts] = True
    fine_row = (row_is_plain & gap_free).astype(np.float64)
    plain = segment_sum(fine_row, offsets) == lengths
    plain &= segment_sum((count > 0).astype(np.float64), offsets) > 0
    if raw.minimum is None:
        plain &= lengths > 1  # a single row may be TF 2.1's constant
    else:
        assert raw.maximum is not None
        plain &= np.isfinite(raw.minimum) & np.isfinite(raw.maximum) & (raw.minimum < raw.maximum)
    if raw.moments is not None:
        plain &= np.isfinite(raw.moments.sum)

    parts: list[FloatArray] = []
    new_lengths = np.zeros(n, np.int64)
    non_finite = np.zeros(n)
    uncounted = np.zeros(n)
    if plain.all() and n:
        trimmed, new_lengths, ok = _trim_plain(raw, lengths)
        plain &= ok
        if plain.all():
            parts = [trimmed]
    if not parts:
        for i in range(n):
            part, bad = _normalise_step(raw, i)
            parts.append(part)
            new_lengths[i] = len(part)
            non_finite[i] = bad
    out_offsets = np.concatenate([[0], np.cumsum(new_lengths)]).astype(np.int64)
    buckets = np.concatenate(parts) if parts else np.empty((0, 3))
    if raw.moments is not None:
        missing = raw.moments.num - segment_sum(buckets[:, 2], out_offsets)
        missing = np.where(missing > 0.5, missing, 0.0)
        broken = ~np.isfinite(raw.moments.sum)
        if raw.minimum is not None and raw.maximum is not None:
            broken |= ~np.isfinite(raw.minimum) | ~np.isfinite(raw.maximum)
        # A sum of finite values can overflow; then nothing is missing and nothing was non-finite.
        non_finite = np.where(broken, missing, non_finite)
        uncounted = np.where(broken, 0.0, missing)
    return HistogramSeries(
        run=raw.run,
        tag=raw.tag,
        steps=raw.steps,
        wall_times=raw.wall_times,
        buckets=buckets,
        offsets=out_offsets,
        non_finite=non_finite,
        uncounted=uncounted,
        moments=raw.moments,
        total_steps=raw.total_steps,
        collisions=raw.collisions,
        restarts=raw.restarts,
    )


def _trim_plain(raw: RawHistograms, lengths: IntArray) -> tuple[FloatArray, IntArray, BoolArray]:
    """Empty end buckets off, minimum and maximum in; only for steps in which nothing is odd."""
    offsets = raw.offsets
    n = len(lengths)
    index = np.flatnonzero(raw.rows[:, 2] > 0)
    position = np.searchsorted(index, offsets)
    first, last = index[position[:-1]], index[position[1:] - 1]
    ok = np.ones(n, bool)
    if raw.minimum is None and (first == offsets[:-1]).all() and (last == offsets[1:] - 1).all():
        return raw.rows, lengths, ok
    keep_from, keep_to = first, last + 1
    new_lengths = keep_to - keep_from
    shift = np.repeat(keep_from - np.concatenate([[0], np.cumsum(new_lengths)[:-1]]), new_lengths)
    rows = raw.rows[np.arange(int(new_lengths.sum())) + shift]
    if raw.minimum is not None and raw.maximum is not None:
        ends = np.cumsum(new_lengths)
        starts = ends - new_lengths
        ok = (raw.minimum < rows[starts, 1]) & (raw.maximum > rows[ends - 1, 0])
        rows[starts, 0] = raw.minimum
        rows[ends - 1, 1] = raw.maximum
        ok &= rows[starts, 0] < rows[starts, 1]
    return rows, new_lengths, ok


def _normalise_step(raw: RawHistograms, i: int) -> tuple[FloatArray, float]:
    """Normal rows [k, 3] of one step, and its number of non-finite values (NaN: some, number unknown).

    The slow, forgiving way, for steps in which something is odd.
    """
    rows = raw.rows[raw.offsets[i] : raw.offsets[i + 1]].copy()
    written = len(rows)
    minimum = raw.minimum[i] if raw.minimum is not None else np.nan
    maximum = raw.maximum[i] if raw.maximum is not None else np.nan
    old_style = raw.minimum is not None
    bad = 0.0
    strange = ~np.isfinite(rows[:, 2]) | (rows[:, 2] < 0)
    rows[strange, 2] = 0.0
    if strange.any():
        bad = np.nan
    if not old_style and written:
        # What TF 2 leaves of NaN or infinite values, and what the loaders make of an old-style NaN minimum or maximum.
        if np.isnan(rows[:, :2]).any() or np.isinf(rows[:, :2]).any():
            bad = np.nan
        minimum = rows[0, 0] if rows[0, 2] == 0 and rows[0, 0] >= rows[0, 1] else np.nan
    if old_style and not (np.isfinite(minimum) and np.isfinite(maximum)):
        bad = np.nan
    rows = rows[rows[:, 2] > 0] if not written else _without_empty_ends(rows)
    if not len(rows):
        return np.empty((0, 3)), bad
    rows = _mend_outer_edges(rows)
    rows = rows[np.isfinite(rows[:, 0]) & np.isfinite(rows[:, 1])]
    rows = _without_empty_ends(rows)
    if not len(rows):
        return np.empty((0, 3)), np.nan
    swapped = rows[:, 0] > rows[:, 1]
    rows[swapped, :2] = rows[swapped, 1::-1]
    order = np.argsort(rows[:, 0] + rows[:, 1], kind="stable")
    rows = rows[order]
    rows[1:, 0] = np.maximum(rows[1:, 0], rows[:-1, 1])
    rows[:, 1] = np.maximum(rows[:, 0], rows[:, 1])
    if np.isfinite(minimum):
        rows[0, 0] = min(minimum, rows[0, 1])
    if np.isfinite(maximum):
        rows[-1, 1] = max(maximum, rows[-1, 0])
    if not old_style and written == 1 and rows[0, 1] - rows[0, 0] == 1.0:
        middle = 0.5 * (rows[0, 0] + rows[0, 1])
        return np.array([[middle, middle, rows[0, 2]]]), bad
    low, high = rows[0, 0], rows[-1, 1]
    if low == high:
        return np.array([[low, low, rows[:, 2].sum()]]), bad
    return _absorb_zero_width(rows), bad


def _without_empty_ends(rows: FloatArray) -> FloatArray:
    filled = np.flatnonzero(rows[:, 2] > 0)
    return rows[filled[0] : filled[-1] + 1] if len(filled) else rows[:0]


def _mend_outer_edges(rows: FloatArray) -> FloatArray:
    """Puts the next rung of the ladder where an outer edge of old-style buckets is missing."""
    if not np.isfinite(rows[0, 0]) and np.isfinite(rows[0, 1]):
        rows[0, 0] = next_rung_below(float(rows[0, 1]))
    if not np.isfinite(rows[-1, 1]) and np.isfinite(rows[-1, 0]):
        rows[-1, 1] = -next_rung_below(-float(rows[-1, 0]))
    return rows


def next_rung_below(edge: float) -> float:
    """The next limit below `edge` on the ladder ..., -1e-12, 0, 1e-12, 1.1e-12, ..."""
    if edge == 0:
        return -LADDER_BASE
    if edge < 0:
        return edge * LADDER_RATIO
    return 0.0 if edge <= EXACT_ZERO_RIGHT else edge / LADDER_RATIO


def _absorb_zero_width(rows: FloatArray) -> FloatArray:
    """Adds the counts of rows of width 0 (float32 rounding) to a neighbour that has a width."""
    wide = np.flatnonzero(rows[:, 1] > rows[:, 0])
    narrow = np.flatnonzero((rows[:, 1] <= rows[:, 0]) & (rows[:, 2] > 0))
    if len(narrow):
        target = wide[np.clip(np.searchsorted(wide, narrow), 0, len(wide) - 1)]
        np.add.at(rows[:, 2], target, rows[narrow, 2])
    return _without_empty_ends(rows[wide])

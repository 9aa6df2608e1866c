"""What is cheap to know of every step: enough to see whether two steps can have different shapes.

A full judgement fits half a dozen models to a step. Here a step is described by some twenty numbers that do not depend
on its scale and place: its distribution function at fixed distances from the mean, in standard deviations, and what
the tests of single shapes look at (zeros, gaps, the fullest bucket, roughness, how many buckets lie under the middle).
The counting noise of each is known, so two steps of one distribution can be told from two that differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from tb_histinsight.core.histogram import BoolArray, FloatArray, HistogramSeries, IntArray, Layout, segment_sum
from tb_histinsight.core.stats import SeriesStats
from tb_histinsight.shapes.peaks import THIN

Features: TypeAlias = npt.NDArray[np.float32]

POINTS = np.array([-2.4, -1.5, -0.9, -0.5, -0.15, 0.15, 0.5, 0.9, 1.5, 2.4])
"""Where the distribution function is looked at, in standard deviations from the mean."""
NOISE = 3.5
"""Standard deviations of counting noise that a step may differ by; about one step in 50 does so by chance."""
FORM, FORM_OF_BUCKET = 0.003, 0.05
"""What else the distribution function may differ by, and for each value in the fullest bucket: a bucket's values are
taken as spread evenly over it, and the edges lie elsewhere at every step."""
PART = 0.15
"""Relative difference allowed to shares of single buckets, which grow and shrink with the range."""
ENOUGH_BUCKETS = 12.0
"""Buckets under the middle of the values from which on more of them make no difference; shapes ask for 5 and 8."""
FLAT = 0.4
"""std / half range up to which no step is a plateau (a uniform has 0.577, a normal cut at two sigmas 0.440)."""
FILLED, FILLED_FORM = 0.85, 0.1
"""Share of the range in filled buckets from which on more makes no difference, and what two steps may differ by."""
RATIO_NOISE, RATIO_FORM = 0.3, 0.01
"""Noise of std / half range near a plateau, in units of 1/sqrt(n), and what else two steps may differ by."""
ZERO_FORM = 0.01
"""What shares of exact zeros may differ by, beside noise."""
COUNT_FORM = 0.1
"""What the numbers of values may differ by, relatively."""
BLOCK = 1 << 15
"""Buckets that are looked at together, and numbers that are compared together, so that they stay in the cache."""
STEPS = 256
"""Steps that are looked at together at the least, however wide they are: calls take their time too."""
_EQUAL = 1e-3
"""How far an edge of equal buckets may be from its place, in bucket widths, beside what float32 rounding does."""


@dataclass(frozen=True)
class Survey:
    """Every feature of every step of a series, less and plus what two steps alike may differ by; float32 [f, n] each.

    NaN where a step has no such feature.
    """

    low: Features
    high: Features
    fullest: FloatArray
    """Most values in one bucket, float64 [n]"""
    solid: FloatArray
    """Share of the range in equal buckets with more values than stragglers are, float64 [n]; else NaN"""

    def alike(self, rows: IntArray, before: IntArray, after: IntArray, pair: IntArray) -> BoolArray:
        """Whether steps lie within counting noise of two others, or between them, in every feature; bool [m].

        Args:
          before, after: pairs of steps, int64 [p] each.
          pair: with which of the pairs each step is compared, int64 [m].
        """
        middle = 0.5 * (self.low + self.high)
        low, high = np.minimum(middle[:, before], middle[:, after]), np.maximum(middle[:, before], middle[:, after])
        out = np.empty(len(rows), bool)
        size = max(1, BLOCK // len(low))
        for start in range(0, len(rows), size):
            at, own = pair[start : start + size], rows[start : start + size]
            # NaN is like nothing, so that what cannot be compared is looked at.
            inside = np.take(self.high, own, axis=1) >= np.take(low, at, axis=1)
            inside &= np.take(self.low, own, axis=1) <= np.take(high, at, axis=1)
            inside.all(axis=0, out=out[start : start + size])
        return out


def survey(series: HistogramSeries, stats: SeriesStats, values: FloatArray) -> Survey:
    """The survey of every step; `values` are the counts of all buckets of each, float64 [n]."""
    n, p, layout = len(series), len(POINTS), series.layout
    low, high = np.empty((p + 8, n), np.float32), np.empty((p + 8, n), np.float32)
    fullest, solid = np.zeros(n), np.full(n, np.nan)
    with np.errstate(all="ignore"):
        for start, part in series.chunks(max(BLOCK, STEPS * int(series.lengths.max(initial=0)))):
            at = slice(start, start + len(part))
            scale, total = stats.std.value[at], values[at]
            features, slack = np.empty((p + 8, len(part))), np.empty((p + 8, len(part)))
            equal = _equally_wide(part, layout)
            features[:p], reach = _distribution(part, equal, stats.mean.value[at], scale, total)
            filled, fullest[at], solid[at], rough = _buckets(part, equal, layout)
            one = 1 / total
            noise = NOISE * np.sqrt(one)
            most, rough = fullest[at] * one, rough * one
            zero_low, zero_high = stats.zero_share.lower[at], stats.zero_share.upper[at]
            below, room = features[:p], slack[:p]
            np.subtract(below, below * below, out=room)
            room += one
            np.sqrt(room, out=room)
            room *= noise
            room += FORM + FORM_OF_BUCKET * most
            features[p:] = (
                np.minimum(reach, ENOUGH_BUCKETS),
                np.maximum(2 * scale / (part.maximum - part.minimum), FLAT),
                zero_low,
                zero_high,
                np.minimum(filled, FILLED),
                most,
                rough,
                np.log(total),
            )
            slack[p:] = (
                PART * reach,
                RATIO_NOISE * noise + RATIO_FORM,
                noise * np.sqrt(zero_low + one) + ZERO_FORM,
                noise * np.sqrt(zero_high + one) + PART * zero_high,
                RATIO_NOISE * np.minimum(noise, 1.0) + FILLED_FORM,
                noise * np.sqrt(most + one) + PART * most,
                noise + PART * rough,
                np.full(len(part), COUNT_FORM),
            )
            np.subtract(features, slack, out=low[:, at], casting="same_kind")
            np.add(features, slack, out=high[:, at], casting="same_kind")
    return Survey(low, high, fullest, solid)


def _distribution(
    part: HistogramSeries, equal: BoolArray, centre: FloatArray, scale: FloatArray, total: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Distribution function at POINTS, float64 [p, m], and buckets between the outermost, float64 [m]."""
    count = np.ascontiguousarray(part.buckets[:, 2])
    if not len(count):
        return np.full((len(POINTS), len(part)), np.nan), np.full(len(part), np.nan)
    below = np.empty(len(count) + 1)
    below[0] = 0.0
    np.cumsum(count, out=below[1:])
    first, lengths = part.offsets[:-1], part.lengths
    before = below[first]
    unit = lengths / (part.maximum - part.minimum)
    unit[~equal] = 0.0
    place = POINTS[:, None] * (scale * unit) + (centre - part.minimum) * unit
    np.maximum(place, 0.0, out=place)
    np.minimum(place, lengths * (1 - 1e-12), out=place)
    rest = np.flatnonzero(~equal & (part.maximum > part.minimum))
    if len(rest):
        place[:, rest] = _search(part, centre[rest] + POINTS[:, None] * scale[rest], rest)
    place[:, ~(part.maximum > part.minimum)] = 0.0
    at = place.astype(np.int64)
    inside = place - at
    at += np.minimum(first, len(count) - 1)
    inside *= np.take(count, at)
    inside += np.take(below, at)
    inside -= before
    inside /= total
    return inside, place[-1] - place[0]


def _equally_wide(part: HistogramSeries, layout: Layout) -> BoolArray:
    """Whether the buckets of each step are equally wide, as two of its edges tell; bool [m]."""
    rows = part.buckets
    if not len(rows) or layout is not Layout.EQUAL:
        return np.zeros(len(part), bool)
    low, high, lengths = part.minimum, part.maximum, part.lengths
    width = (high - low) / lengths
    room = _EQUAL * width + 1e-6 * np.maximum(np.abs(low), np.abs(high))
    equal = width > 0
    for quarter in (1, 3):
        at = quarter * lengths // 4
        edge = rows[np.minimum(part.offsets[:-1] + at, len(rows) - 1), 0]
        equal &= np.abs(edge - (low + at * width)) <= room
    return equal


def _search(part: HistogramSeries, points: FloatArray, steps: IntArray) -> FloatArray:
    """In which bucket of its step each point lies, and how far into it, as one number; float64 [p, m]."""
    left, right = np.ascontiguousarray(part.buckets[:, 0]), np.ascontiguousarray(part.buckets[:, 1])
    first = part.offsets[:-1][steps]
    low = np.broadcast_to(first, points.shape).copy()
    high = np.broadcast_to(part.offsets[1:][steps] - 1, points.shape).copy()
    for _ in range(int(part.lengths.max()).bit_length()):
        middle = (low + high) >> 1
        beyond = points > right[middle]
        low = np.where(beyond, np.minimum(middle + 1, high), low)
        high = np.where(beyond, high, middle)
    width = right[low] - left[low]
    inside = np.where(width > 0, np.clip((points - left[low]) / width, 0.0, 1 - 1e-9), 0.0)
    return np.asarray(low - first + inside, np.float64)


def _buckets(
    part: HistogramSeries, equal: BoolArray, layout: Layout
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Filled share of the range, most values in a bucket, share of the range with more values than stragglers are, and
    sum of |differences| of neighbours; float64 [m] each.
    """
    lengths, rows = part.lengths, part.buckets
    m, k = len(part), int(lengths.max(initial=0))
    if layout is Layout.EQUAL and k and len(rows) == m * k:
        count = np.ascontiguousarray(rows[:, 2].reshape(m, k).T)
        rough = np.abs(count[1:] - count[:-1]).sum(axis=0)
        filled = np.where(equal, np.count_nonzero(count, axis=0) / k, np.nan)
        solid = np.where(equal, np.count_nonzero(count > THIN, axis=0) / k, np.nan)
        return filled, count.max(axis=0), solid, rough
    count = np.ascontiguousarray(rows[:, 2])
    first, some = part.offsets[:-1], lengths > 0
    steps = np.abs(np.diff(count, prepend=0.0))
    steps[first[some]] = 0.0
    fullest = np.zeros(m)
    if some.any():
        fullest[some] = np.maximum.reduceat(count, first[some])
    if layout is Layout.EQUAL:
        filled = np.where(equal, segment_sum(count > 0, part.offsets) / lengths, np.nan)
    else:
        width = np.where(count > 0, rows[:, 1] - rows[:, 0], 0.0)
        filled = segment_sum(width, part.offsets) / (part.maximum - part.minimum)
    return filled, fullest, np.full(m, np.nan), segment_sum(steps, part.offsets)

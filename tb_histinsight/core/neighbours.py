"""How each step of a series differs from the next, for all steps at once."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.arrays import BoolArray, FloatArray, IntArray
from tb_histinsight.core.dense import DenseBuckets
from tb_histinsight.core.histogram import HistogramSeries, Layout
from tb_histinsight.core.ladder import ladder_exponent

EVEN = 1e-7
"""Edges are evenly spaced where none is farther than this from its place, in bucket widths."""
WHOLE = 1e-2
"""How far an exponent may be from a whole number to be a rung's (float32 rounding moves it by 1e-6)."""


def step_differences(series: HistogramSeries) -> tuple[FloatArray, FloatArray, FloatArray]:
    """How each step differs from the next; float64 [n - 1] each, NaN where one of the two is empty.

    Taken at the edges of the earlier step, and exact where both share their edges, as those of the exponential ladder
    do; within a bucket's own uncertainty otherwise. 0 for identical neighbours.

    Returns:
      Wasserstein-1 distance in the tensor's own unit; the largest gap of the distribution functions (Kolmogorov); and
      that gap when bucket is held against bucket, wherever their edges are (inf but for equal widths, equally many).
    """
    found = DifferencesByBlock(series)
    for start, part in series.chunks():
        found.add(start, part)
    return found.complete()


class DifferencesByBlock:
    """What `step_differences` gives, while one block of steps after the other is at hand."""

    def __init__(self, series: HistogramSeries) -> None:
        self._series = series
        self._out = np.full((3, max(len(series) - 1, 0)), np.nan)
        self._seams: list[int] = []

    def add(self, start: int, part: HistogramSeries) -> None:
        """Takes in the steps from this index on."""
        if start:
            self._seams.append(start - 1)
        if len(part) > 1:
            found = differences_along(part.dense, part.lengths, self._series.layout)
            self._out[:, start : start + len(part) - 1] = found

    def complete(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The differences, when all steps have been there: those from block to block as well."""
        series, out = self._series, self._out
        if self._seams:
            seams = np.array(self._seams)
            pairs = series.take(np.stack([seams, seams + 1], axis=1).ravel())
            out[:, seams] = differences_along(pairs.dense, pairs.lengths, series.layout)[:, ::2]
        return out[0], out[1], out[2]


def differences_along(dense: DenseBuckets, lengths: IntArray, layout: Layout) -> FloatArray:
    """Distance, largest gap and gap in place of each row to the next; float64 [3, m - 1]."""
    total = dense.total
    if not dense.count.size:
        return np.full((3, len(total) - 1), np.nan)
    with np.errstate(all="ignore"):
        edges, below = dense.edges.T, dense.below.T / total
        filled = (total[:-1] > 0) & (total[1:] > 0)
        even = layout is Layout.EQUAL
        found, comparable = (_at_even_edges if even else _at_rungs)(edges, below, lengths)
        out = np.empty((3, len(filled)))
        out[:2] = _differences(edges[:, :-1], below[:, :-1], edges[:, 1:], found)
        out[2] = np.inf
        if even:
            in_place = below[:, 1:] - below[:, :-1]
            np.abs(in_place, out=in_place)
            out[2] = np.where(lengths[1:] == lengths[:-1], in_place.max(axis=0), np.inf)
        others = np.flatnonzero(filled & ~comparable)
        if len(others):
            one, other = (edges.take(others, axis=1), below.take(others, axis=1)), edges.take(others + 1, axis=1)
            found = _at_any_edges(one[0], other, below.take(others + 1, axis=1))
            out[:2, others] = _differences(*one, other, found)
    out[:, ~filled] = np.nan
    return out


def _differences(
    edges: FloatArray, below: FloatArray, others_edges: FloatArray, others_below: FloatArray
) -> FloatArray:
    """Area and largest gap between two piecewise linear distribution functions per column; float64 [2, m].

    Args:
      edges: of the one, float64 [k + 1, m].
      below: of the one at its edges.
      others_edges: of the other.
      others_below: of the other, at the edges of the one.
    """
    gap = np.abs(below - others_below)
    width = edges[1:] - edges[:-1]
    area = 0.5 * (np.einsum("kn,kn->n", gap[:-1], width) + np.einsum("kn,kn->n", gap[1:], width))
    low_a, high_a, low_b, high_b = edges[0], edges[-1], others_edges[0], others_edges[-1]
    before = 0.5 * others_below[0] * np.maximum(low_a - low_b, 0.0)
    after = 0.5 * (1.0 - others_below[-1]) * np.maximum(high_b - high_a, 0.0)
    # Where the other lies wholly on one side, what is between them is crossed by every value.
    apart = np.maximum(low_a - high_b, 0.0) + np.maximum(low_b - high_a, 0.0)
    return np.stack([area + before + after + apart, gap.max(axis=0)])


def _at_even_edges(edges: FloatArray, below: FloatArray, lengths: IntArray) -> tuple[FloatArray, BoolArray]:
    """The next column's distribution function at each column's edges, and where the next one's edges are even.

    Where edges are at equal distances, which bucket a value is in follows from the value.
    """
    m = edges.shape[1]
    low = edges[0]
    width = (edges[-1] - low) / lengths
    # Buckets are known to be equally wide, but for what rounding to float32 does: some of the edges show that.
    every = np.arange(m)
    off = [
        np.abs(low + at * width - edges[at, every]) for at in (lengths // 3, lengths // 2, np.maximum(lengths - 1, 0))
    ]
    even = (np.max(off, axis=0) <= EVEN * width) & (width > 0)
    place = edges[:, :-1] - low[1:]
    place *= np.where(even[1:], 1.0 / width[1:], 0.0)
    np.maximum(place, 0.0, out=place)
    np.minimum(place, lengths[1:], out=place)
    bucket = place.astype(np.int64)
    np.minimum(bucket, np.maximum(lengths[1:] - 1, 0), out=bucket)
    place -= bucket
    bucket *= m
    bucket += np.arange(1, m)
    flat = below.reshape(-1)
    left = flat.take(bucket)
    bucket += m
    right = flat.take(bucket)
    right -= left
    right *= place
    right += left
    return right, even[1:]


def _at_rungs(edges: FloatArray, below: FloatArray, lengths: IntArray) -> tuple[FloatArray, BoolArray]:
    """The next column's distribution function at each column's edges, and where both are neighbouring rungs.

    Inner edges of two histograms on the exponential ladder differ by a whole number of rungs.
    """
    k, m = edges.shape
    every = np.arange(m)
    first, last = _rung(edges[min(1, k - 1)]), _rung(edges[np.maximum(lengths - 1, 0), every])
    rung = np.rint(first)
    on = (np.abs(first - rung) < WHOLE) & (np.abs(last - np.rint(last)) < WHOLE)
    on &= (lengths > 2) & (np.rint(last) - rung == lengths - 2)
    comparable = on[1:] & on[:-1]
    # Edge i of a column is edge i + shift of the next one; what lies beyond its ends has 0 or 1 below it.
    shift = np.where(comparable, rung[:-1] - rung[1:], 0.0).astype(np.int64)
    at = np.arange(k)[:, None] + shift
    np.maximum(at, 0, out=at)
    np.minimum(at, lengths[1:], out=at)
    at *= m
    at += every[1:]
    found: FloatArray = below.reshape(-1).take(at)
    # A column's outer edges are its minimum and its maximum, somewhere in a bucket of the next one.
    for edge in (np.zeros(m - 1, np.int64), lengths[:-1]):
        above = np.clip(edge + shift + (edge == 0), 1, np.maximum(lengths[1:], 1))
        left, right = edges[above - 1, every[1:]], edges[above, every[1:]]
        low, high = below[above - 1, every[1:]], below[above, every[1:]]
        part = np.clip((edges[edge, every[:-1]] - left) / (right - left), 0.0, 1.0)
        found[edge, every[:-1]] = low + (high - low) * part
    # Padding repeats the last edge.
    beyond = np.arange(k)[:, None] > lengths[:-1]
    found[beyond] = np.broadcast_to(found[lengths[:-1], every[:-1]], beyond.shape)[beyond]
    return found, comparable


def _rung(edges: FloatArray) -> FloatArray:
    """Where an edge stands on the ladder ..., -1e-12, 0, 1e-12, ...: a whole number for a rung."""
    return np.asarray(np.where(edges == 0, 0.0, np.sign(edges) * (1.0 + ladder_exponent(edges))), np.float64)


def _at_any_edges(edges: FloatArray, others_edges: FloatArray, others_below: FloatArray) -> FloatArray:
    """The other's distribution function at each column's edges."""
    low_b, high_b = others_edges[0], others_edges[-1]
    low = np.minimum(edges[0], low_b)
    span = np.maximum(edges[-1], high_b) - low
    unit = 1.0 / np.where(span > 0, span, 1.0)
    # One interpolation for all: column i lives between 2i and 2i + 1.
    column = 2.0 * np.arange(len(low))
    at, knots = (((each - low) * unit + column).T.ravel() for each in (edges, others_edges))
    found: FloatArray = np.interp(at, knots, others_below.T.ravel()).reshape(edges.shape[::-1]).T
    found[edges < low_b] = 0.0
    found[edges >= high_b] = 1.0
    return found

"""Whether the values of many steps stand in separate narrow peaks."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray, segment_sum
from tb_histinsight.shapes.cells import FINE
from tb_histinsight.shapes.peaks import GAP_EVIDENCE, NOISE, gap_ends, peak_rows

FILLED_AT_MOST = 18.5 / 30
"""Share of the range in the peaks' buckets up to which peaks are narrow. Between two numbers of 30 equal buckets, so
that no rounding decides."""
PEAK_AT_MOST = 0.14
"""Share of the range that the peak of the average value takes at most, less half a bucket on either side. Of two
normals 20 of their sigmas apart, each takes so much."""
FEW = 64
"""Peaks up to which they are few: 6 bits. More are what any tensor of integers looks like in fine buckets."""


def separate_peaks(rows: FloatArray, offsets: IntArray) -> BoolArray:
    """Whether the values of each step of a flat block stand in separate narrow peaks; bool [n].

    Exact zeros are a peak like any other.
    """
    n = len(offsets) - 1
    out = np.zeros(n, bool)
    if not len(rows):
        return out
    in_peaks = peak_rows(rows, offsets)
    span = _span(rows, offsets)
    filled = segment_sum(np.where(in_peaks, rows[:, 1] - rows[:, 0], 0.0), offsets)
    # Most are one island, and need no look at their gaps.
    begins = in_peaks.copy()
    begins[1:] &= ~in_peaks[:-1] | (rows[1:, 0] > rows[:-1, 1])
    starts = offsets[:-1][offsets[1:] > offsets[:-1]]
    begins[starts] = in_peaks[starts]
    islands = segment_sum(begins, offsets)
    narrow = np.flatnonzero((filled <= FILLED_AT_MOST * span) & (span > 0) & (islands > 1))
    if not len(narrow):
        return out
    if len(narrow) < n:
        chosen = np.zeros(n, bool)
        chosen[narrow] = True
        lengths = offsets[1:] - offsets[:-1]
        kept = np.repeat(chosen, lengths)
        rows, in_peaks = rows[kept], in_peaks[kept]
        offsets = np.concatenate([[0], np.cumsum(lengths[narrow])])
    out[narrow] = _islands(rows, offsets, in_peaks, span[narrow])
    return out


def may_be_apart(lengths: IntArray, fullest: FloatArray, solid: FloatArray) -> BoolArray:
    """Where `separate_peaks` need be asked; bool [n]. In wide steps cells count, not buckets.

    Args:
      lengths: buckets per step.
      fullest: most values in a bucket. What a side of a gap has beyond its noise is no more than what this one has.
      solid: share of the range in buckets with more values than stragglers are; no gap is there. NaN: not known.
    """
    proof = lengths * (1 - solid) * (fullest - NOISE * np.sqrt(fullest))
    return np.asarray((lengths > FINE) | ~((proof < GAP_EVIDENCE) | (solid > FILLED_AT_MOST)))


def _islands(rows: FloatArray, offsets: IntArray, in_peaks: BoolArray, span: FloatArray) -> BoolArray:
    """Whether there are several islands, a gap among them that cannot be chance, and all narrow; bool [n]."""
    n = len(span)
    ends, sure = gap_ends(rows, offsets, in_peaks)
    at = np.flatnonzero(in_peaks)
    step = np.searchsorted(offsets, at, side="right") - 1
    begins = np.ones(len(at), bool)
    begins[1:] = step[1:] != step[:-1]
    begins[np.searchsorted(at, ends)] = True
    starts = np.flatnonzero(begins)
    first, last = at[starts], at[np.append(starts[1:], len(at)) - 1]
    width = (rows[last, 1] - rows[first, 0]) * (1 - 1 / (last - first + 1))
    count = np.add.reduceat(rows[at, 2], starts)
    owner = step[starts]
    islands = np.bincount(owner, minlength=n)
    total = np.bincount(owner, weights=count, minlength=n)
    mean_width = np.bincount(owner, weights=count * width, minlength=n) / np.maximum(total, 1e-300)
    proven = np.bincount(np.searchsorted(offsets, ends[sure], side="right") - 1, minlength=n) > 0
    return proven & (islands >= 2) & (islands <= FEW) & (mean_width <= PEAK_AT_MOST * span)


def _span(rows: FloatArray, offsets: IntArray) -> FloatArray:
    """Range of the buckets of each step; 0 where there is none."""
    span = np.zeros(len(offsets) - 1)
    some = offsets[1:] > offsets[:-1]
    span[some] = rows[offsets[1:][some] - 1, 1] - rows[offsets[:-1][some], 0]
    return span

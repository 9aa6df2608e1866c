"""Separate peaks: where they are, how much mass they hold, how wide the gaps are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, Histogram, IntArray, segment_sum

GAP_EVIDENCE = 12.0
"""Values that a gap would hold if its neighbours' density went on through it, at the least (counting noise allowed
for); so many missing by chance happens once in 1e5."""
TOGETHER = 30.0
"""The same of all gaps of a histogram, allowing for one standard deviation of each of its counts."""
COARSE = 64
"""Buckets up to which gaps are taken together: in finer ones, values leave gaps wherever they are few."""
PLAIN_EVIDENCE = 4.0
"""The same without allowing for noise; so many missing by chance happens once in fifty gaps."""
NOISE = 3.0
"""Standard deviations of counting noise (the square root of a count) allowed for."""
STRAGGLERS = 0.02
"""Share of the values that may lie between the peaks: `practically all mass` is the rest. Adam's first update has
them, where a gradient is as small as its epsilon."""
THIN, THIN_SHARE = 1.5, 1 / 300
"""Values, and share of the values, up to which a bucket may hold stragglers: a tenth of an even share of 30 buckets."""
THINNED = 0.2
"""Stragglers in a gap, as a share of what the sparser peak's density would put there, at the most."""


@dataclass(frozen=True)
class Peak:
    """One island of values between two gaps."""

    left: float
    right: float
    position: float
    """Mean of its values, evenly spread within each bucket"""
    share: float
    """Share of all values"""
    count: float


def peak_rows(rows: FloatArray, offsets: IntArray) -> BoolArray:
    """Which buckets of a flat block belong to peaks: filled ones, without those that hold stragglers. bool [rows]."""
    count = rows[:, 2]
    total = segment_sum(count, offsets)
    lengths = offsets[1:] - offsets[:-1]
    thin = count <= np.repeat(np.maximum(THIN, THIN_SHARE * total), lengths)
    filled = count > 0
    few = segment_sum(np.where(thin, count, 0.0), offsets) <= STRAGGLERS * total
    return np.asarray(filled & ~(thin & np.repeat(few, lengths)))


def gap_ends(rows: FloatArray, offsets: IntArray, in_peaks: BoolArray) -> tuple[IntArray, BoolArray]:
    """Where an island begins behind a gap, and whether that gap cannot be chance.

    A gap lies between two neighbouring `in_peaks` rows of one step. It cannot be chance where the sparser of the two,
    counting noise subtracted, would have put at least GAP_EVIDENCE values more into it than there are. Where one such
    gap shows that there are peaks, others count from PLAIN_EVIDENCE values on, without regard to noise.

    Returns:
      indices of rows in ascending order; bool of the same length, True where it cannot be chance.
    """
    at = np.flatnonzero(in_peaks)
    left, right, count = rows[at].T
    width = right - left
    width = np.where(width > 0, width, np.inf)
    step = np.searchsorted(offsets, at, side="right")
    gap = left[1:] - right[:-1]
    pairs = np.flatnonzero(((at[1:] > at[:-1] + 1) | (gap > 0)) & (step[1:] == step[:-1]))
    plain = gap[pairs] * _beside(count / width, at, step, pairs)
    pairs, plain = _where(plain >= PLAIN_EVIDENCE, pairs, plain)
    below = np.cumsum(rows[:, 2])
    inside = below[at[pairs + 1] - 1] - below[at[pairs]]
    begins = (plain - inside >= PLAIN_EVIDENCE) & (inside <= THINNED * plain)
    pairs, inside = _where(begins, pairs, inside)
    solid = gap[pairs] * _beside(np.maximum(count - NOISE * np.sqrt(count), 0.0) / width, at, step, pairs)
    sure = (solid - inside >= GAP_EVIDENCE) & (inside <= THINNED * solid)
    # Many gaps, each of which might be chance, are none together.
    modest = gap[pairs] * _beside(np.maximum(count - np.sqrt(count), 0.0) / width, at, step, pairs)
    together = np.bincount(step[pairs], weights=np.maximum(modest - inside, 0.0), minlength=len(offsets) + 1)
    together[1:-1] *= offsets[1:] - offsets[:-1] <= COARSE
    return at[pairs + 1], sure | (together[step[pairs]] >= TOGETHER)


def _where(kept: BoolArray, pairs: IntArray, values: FloatArray) -> tuple[IntArray, FloatArray]:
    return pairs[kept], values[kept]


def _beside(density: FloatArray, at: IntArray, step: IntArray, pairs: IntArray) -> FloatArray:
    """The lower density of the two sides of each gap.

    The denser of the two nearest buckets on either side, since the outermost of a peak may be thin.
    """
    touching = np.append((at[1:] == at[:-1] + 1) & (step[1:] == step[:-1]), False)
    before = np.where(touching[pairs - 1] & (pairs > 0), density[pairs - 1], 0.0)
    after = np.where(touching[pairs + 1], density[np.minimum(pairs + 2, len(at) - 1)], 0.0)
    return np.minimum(np.maximum(density[pairs], before), np.maximum(density[pairs + 1], after))


def find_peaks(histogram: Histogram) -> tuple[Peak, ...]:
    """The islands of one histogram, from left to right; one where no gap is more than chance, none if it is empty.

    Stragglers between two peaks are counted with the nearer one.
    """
    left, right, count = histogram.left, histogram.right, histogram.count
    if not len(count):
        return ()
    rows, offsets = np.stack([left, right, count], axis=1), np.array([0, len(count)])
    in_peaks = peak_rows(rows, offsets)
    middle = 0.5 * (left + right)
    cuts = [0]
    begins, sure = gap_ends(rows, offsets, in_peaks)
    for begin in begins[sure].tolist():
        last = int(np.flatnonzero(in_peaks[:begin])[-1])
        halfway = 0.5 * (right[last] + left[begin])
        cuts.append(last + 1 + int(np.searchsorted(middle[last + 1 : begin], halfway)))
    found = []
    for start, stop in pairwise([*cuts, len(count)]):
        inside = count[start:stop]
        filled = start + np.flatnonzero(in_peaks[start:stop])
        mass = float(inside.sum())
        found.append(
            Peak(
                left=float(left[filled[0]]),
                right=float(right[filled[-1]]),
                position=float(middle[start:stop] @ inside / mass),
                share=mass / histogram.total,
                count=mass,
            )
        )
    return tuple(found)

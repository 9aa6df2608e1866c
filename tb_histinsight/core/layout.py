"""How the bucket edges of series were chosen."""

from __future__ import annotations

import enum

import numpy as np

from tb_histinsight.core.arrays import FloatArray, IntArray
from tb_histinsight.core.ladder import ladder_exponent

EDGES_LOOKED_AT = 256
"""Edges of a series that are held against the exponential ladder, spread over all of its steps."""
MOSTLY = 0.99
"""Share of a series' edges (or steps) that show its layout."""
NEAR_A_RUNG = 0.01
"""How far from a whole number an exponent may be: far more than float32 rounding moves it, far less than chance."""
EVEN = 1e-3
"""Relative difference of bucket widths that are equal."""
STRIDE = 7919
"""A prime, so that the edges looked at are not the same bucket of every step."""


class Layout(enum.Enum):
    """How the bucket edges of a series were chosen."""

    EQUAL = "equal"
    """Equal widths from minimum to maximum (`tf.summary.histogram`)."""
    EXPONENTIAL = "exponential"
    """Limits +-1e-12 * 1.1**k (TF 1, PyTorch, tensorboardX)."""
    OTHER = "other"
    """Any widths: `bins="doane"`, or too few buckets to tell."""


def detect_layouts(buckets: FloatArray, offsets: IntArray, starts: IntArray) -> list[Layout]:
    """How the edges of several normalised series were chosen, which lie behind each other in one block of rows.

    Only edges between two buckets tell (the outer ones are the minimum and the maximum). Exponential: at least 99 %
    of them are 0 or +-1e-12 * 1.1**k. Equal: every step's widths agree within 1e-3 of each other plus what float32
    rounding of the edges can do.

    Args:
      buckets: float64 [m, 3].
      offsets: int64 [n + 1]: the rows of step i are `buckets[offsets[i]:offsets[i + 1]]`.
      starts: int64 [s + 1]: the steps of series j are starts[j] ... starts[j + 1] - 1.
    """
    exponential = _on_rungs(buckets, offsets, starts)
    equal = np.zeros(len(exponential), bool) if exponential.all() else _evenly(buckets, offsets, starts)
    return [
        Layout.EXPONENTIAL if rungs else Layout.EQUAL if even else Layout.OTHER
        for rungs, even in zip(exponential.tolist(), equal.tolist(), strict=True)
    ]


def detect_layout(buckets: FloatArray, offsets: IntArray) -> Layout:
    """How the edges of one normalised series were chosen."""
    (layout,) = detect_layouts(buckets, offsets, np.array([0, len(offsets) - 1]))
    return layout


def _on_rungs(buckets: FloatArray, offsets: IntArray, starts: IntArray) -> np.ndarray:
    """Whether the inner edges of each series are rungs of the ladder; bool [s]."""
    begin = offsets[starts]
    rows = np.diff(begin)
    asked = np.minimum(rows, EDGES_LOOKED_AT)
    owner = np.repeat(np.arange(len(rows)), asked)
    number = np.arange(int(asked.sum())) - np.repeat(np.cumsum(asked) - asked, asked)
    between = np.maximum(rows[owner] // np.maximum(asked[owner], 1), 1)
    at = begin[owner] + (number * rows[owner]) // np.maximum(asked[owner], 1) + (number * STRIDE) % between
    inner = np.ones(len(buckets), bool)
    inner[offsets[:-1][np.diff(offsets) > 0]] = False
    edges = buckets[at, 0]
    # Writers that merge empty buckets still use rungs only; an edge at exactly 0 fits both layouts.
    telling = inner[at] & (edges != 0)
    rung = ladder_exponent(edges[telling])
    near = np.abs(rung - np.rint(rung)) < NEAR_A_RUNG
    told = np.bincount(owner[telling], minlength=len(rows))
    agree = np.bincount(owner[telling], weights=near, minlength=len(rows))
    return (told > 0) & (agree >= MOSTLY * told)


def _evenly(buckets: FloatArray, offsets: IntArray, starts: IntArray) -> np.ndarray:
    """Whether the buckets of each series are equally wide at nearly every step; bool [s]."""
    lengths = np.diff(offsets)
    several = np.flatnonzero(lengths > 1)
    out = np.zeros(len(starts) - 1, bool)
    if not len(several):
        return out
    width = buckets[:, 1] - buckets[:, 0]
    filled = np.flatnonzero(lengths > 0)
    begin = offsets[filled]
    keep = lengths[filled] > 1
    widest, narrowest = np.maximum.reduceat(width, begin)[keep], np.minimum.reduceat(width, begin)[keep]
    magnitude = np.maximum(np.abs(buckets[offsets[several], 0]), np.abs(buckets[offsets[several + 1] - 1, 1]))
    rounding = 4 * np.finfo(np.float32).eps * magnitude
    equal = widest - narrowest <= EVEN * widest + rounding
    owner = np.searchsorted(starts, several, side="right") - 1
    told = np.bincount(owner, minlength=len(out))
    agree = np.bincount(owner, weights=equal, minlength=len(out))
    return (told > 0) & (agree >= MOSTLY * told)

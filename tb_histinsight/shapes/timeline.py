"""From verdicts on single steps to a timeline in which a shape changes on evidence only."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape, ShapeSpan
from tb_histinsight.shapes.base import SUSPECT

PERSISTENT = 3
"""Consecutive steps with a suspect label that stand as a span of their own."""


def settled(shape: IntArray, code: IntArray) -> IntArray:
    """Shapes (as indices) with flicker taken out; int64 [n].

    A suspect verdict that lasts fewer than PERSISTENT steps is no evidence of a change: where the verdicts on both
    sides of it agree (or it stands at an end), it is replaced by theirs. Likely and certain verdicts always stand.
    """
    out = np.array(shape)
    n = len(out)
    if n < 2:
        return out
    cuts = np.concatenate([[0], np.flatnonzero(shape[1:] != shape[:-1]) + 1, [n]])
    for begin, end in pairwise(cuts.tolist()):
        weak = end - begin < PERSISTENT and bool((code[begin:end] <= SUSPECT).all())
        if not weak or end - begin == n:
            continue
        before = out[begin - 1] if begin else shape[end]
        after = shape[end] if end < n else before
        if after == before:
            out[begin:end] = before
    return out


def spans_of(shape: IntArray, steps: IntArray) -> tuple[ShapeSpan, ...]:
    """Spans that cover every step; neighbours differ."""
    n = len(shape)
    if not n:
        return ()
    kinds = list(Shape)
    cuts = np.concatenate([[0], np.flatnonzero(shape[1:] != shape[:-1]) + 1, [n]])
    return tuple(
        ShapeSpan(kinds[int(shape[begin])], int(steps[begin]), int(steps[end - 1]))
        for begin, end in pairwise(cuts.tolist())
    )

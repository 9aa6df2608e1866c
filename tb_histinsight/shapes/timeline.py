"""From verdicts on single steps to a timeline in which a shape changes on evidence only."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape, ShapeSpan
from tb_histinsight.shapes.base import SUSPECT

_ORDER = list(Shape)
_UNRESOLVED = _ORDER.index(Shape.UNRESOLVED)
PERSISTENT = 3
"""Consecutive steps with a suspect label that stand as a span of their own."""


def settled(shape: IntArray, code: IntArray) -> IntArray:
    """Shapes (as indices) with flicker taken out; int64 [n].

    Between two steps of one shape, what is no evidence of a change takes that shape too: verdicts that are merely
    suspect and last fewer than PERSISTENT steps, and any number of steps that were left undecided. At the last steps
    suspect verdicts of fewer than PERSISTENT steps do so as well. What is likely or follows from the data stands: a
    batch may well have another shape than those before and after it.
    """
    out = np.array(shape)
    n = len(out)
    cuts = np.concatenate([[0], np.flatnonzero(shape[1:] != shape[:-1]) + 1, [n]]) if n else np.zeros(1, np.int64)
    for begin, end in pairwise(cuts.tolist()):
        best = int(code[begin:end].max())
        undecided = bool((shape[begin:end] == _UNRESOLVED).all()) and best <= SUSPECT
        weak = (best <= SUSPECT and end - begin < PERSISTENT) or undecided
        if not weak or begin == 0:
            continue
        before = out[begin - 1]
        at_end = end == n
        if (at_end and weak and end - begin < PERSISTENT) or (not at_end and shape[end] == before):
            out[begin:end] = before
    return out


def spans_of(shape: IntArray, steps: IntArray) -> tuple[ShapeSpan, ...]:
    """Spans that cover every step; neighbours differ."""
    n = len(shape)
    if not n:
        return ()
    if (shape == shape[0]).all():
        return (ShapeSpan(_ORDER[int(shape[0])], int(steps[0]), int(steps[-1])),)
    cuts = np.concatenate([[0], np.flatnonzero(shape[1:] != shape[:-1]) + 1, [n]])
    return tuple(
        ShapeSpan(_ORDER[int(shape[begin])], int(steps[begin]), int(steps[end - 1]))
        for begin, end in pairwise(cuts.tolist())
    )

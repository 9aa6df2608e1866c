"""Single values far out, taken off: a plateau is one from end to end, whatever lies alone beyond it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tb_histinsight.core.histogram import BoolArray, IntArray

if TYPE_CHECKING:
    from tb_histinsight.shapes.view import View

ALONE, ALONE_SHARE = 1.5, 5e-4
"""Values, and share of the values, in an outermost cell up to which they are outliers."""
FAR = 0.15
"""Empty share of the range between an outlier and the rest, from which on it is far out."""


@dataclass(frozen=True)
class Core:
    """Steps that have outliers, and the same without them."""

    rows: IntArray
    """Indices of these steps in the view"""
    view: View


def core_of(view: View) -> Core | None:
    """The steps with far outliers on either side, without these; None if no step has any."""
    if view.count.shape[1] < 3:
        return None
    few = np.maximum(ALONE, ALONE_SHARE * view.total)
    last = np.maximum(view.cells - 1, 1)
    row = np.arange(len(view))
    lonely = (view.count[:, 0] <= few) & (view.count[:, 1] == 0)
    lonely |= (view.count[row, last] <= few) & (view.count[row, last - 1] == 0)
    rows = np.flatnonzero(lonely & view.usable)
    if not len(rows):
        return None
    part, few = view.subset(rows), few[rows]
    column, row = np.arange(part.count.shape[1]), np.arange(len(rows))
    inner = np.ones(part.count.shape, bool)
    for backwards in (False, True):
        order = column[::-1] if backwards else column
        filled = (part.count > 0)[:, order]
        first = order[np.argmax(filled, axis=1)]
        beyond = filled.copy()
        beyond[row, np.argmax(filled, axis=1)] = False
        second = order[np.argmax(beyond, axis=1)]
        low, high = (second, first) if backwards else (first, second)
        gap = part.left[row, high] - part.right[row, low]
        far = (gap >= FAR * part.span) & (part.count[row, first] <= few)
        outside = column[None, :] > second[:, None] if backwards else column[None, :] < second[:, None]
        inner &= ~(outside & far[:, None])
    kept = np.flatnonzero(~inner.all(axis=1) & inner.any(axis=1))
    if not len(kept):
        return None
    return Core(rows[kept], _only(part, kept, inner[kept]))


def _only(view: View, rows: IntArray, inner: BoolArray) -> View:
    """Some steps with their inner cells alone; the others shrink to nothing at either end."""
    part = view.subset(rows)
    k = part.count.shape[1]
    inner = inner[:, :k]
    row = np.arange(len(rows))
    low = part.left[row, np.argmax(inner, axis=1)][:, None]
    high = part.right[row, k - 1 - np.argmax(inner[:, ::-1], axis=1)][:, None]
    count = np.where(inner, part.count, 0.0)
    left, right = np.clip(part.left, low, high), np.clip(part.right, low, high)
    core = replace(part)
    core.__dict__["cut"] = replace(part.cut, left=left, right=right, count=count, total=count.sum(axis=1))
    return core

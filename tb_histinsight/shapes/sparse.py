"""Sparse: a spike at zero beside values that are spread out."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.columns import running_sum
from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, MIN_ELEMENTS, NO, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View

SPIKE_SHARE = 0.05
"""Share of the values in the spike from which on it is part of the shape; measured, see docs/shapes.md."""
SPIKE_RATIO = 2.5
"""A spike's cell is so many times denser than either neighbour. The middle cell of a Laplace distribution reaches 2
where cells are as wide as its scale."""
SLOW_DECAY = (0.45, 0.35)
"""From the first cell beside the spike to the second, and on to the third, densities fall to no less than this share:
else it is a heavy tail in buckets that are too wide."""
BROAD_CELLS = 5
"""Cells under the middle 90 % of the rest from which on it is broad."""


class Sparse(ShapeKind):
    """A spike at zero and a broad rest."""

    shape = Shape.SPARSE
    words = ShapeWords(
        name="sparse",
        about="A spike at zero beside a broad rest.",
        sentence="Sparse: {zero_share:.0%} of the values are at zero, the rest is spread from {min:.3g} to {max:.3g}.",
    )

    def judge(self, view: View) -> IntArray:
        """From exact zeros where the buckets show them, else from how far the bucket at 0 stands out."""
        proven = (view.zero_low >= SPIKE_SHARE) & (view.resolved_cells >= BROAD_CELLS)
        sparse = proven | spike_at_zero(view)
        if sparse.any():
            sparse &= ~view.apart
        return np.where(sparse, LIKELY, NO)

    def judge_blocked(self, view: View) -> IntArray:
        """A spike may take so much that few cells are left under the rest; but values must be enough."""
        verdict = np.full(len(view), NO)
        enough = np.flatnonzero(view.values >= MIN_ELEMENTS)
        if len(enough):
            verdict[enough] = np.where(spike_at_zero(view.subset(enough)), LIKELY, NO)
        return verdict


def spike_at_zero(view: View) -> BoolArray:
    """Whether one cell at 0 stands out of a rest that is broad; bool [m]."""
    m, k = view.count.shape
    row = np.arange(m)
    out = np.zeros(m, bool)
    at_zero = (view.left <= 0) & (view.right >= 0) & (view.count > 0)
    has = at_zero.any(axis=1) & view.usable
    if not has.any() or k < 4:
        return out
    density = view.count / np.maximum(view.width, 1e-300)
    at = np.argmax(np.where(at_zero, view.count, -1.0), axis=1)
    spike = density[row, at]
    tall = np.ones(m, bool)
    slow = np.zeros(m, bool)
    nearest = np.zeros(m)
    for side in (-1, 1):
        (first, first_noise), (second, second_noise), (third, third_noise) = (
            _density_at(view, density, at + side * offset) for offset in (1, 2, 3)
        )
        tall &= spike > SPIKE_RATIO * first * (1 + 3 * first_noise)
        falls_slowly = second * (1 + 2 * second_noise) >= SLOW_DECAY[0] * first
        falls_slowly &= third * (1 + 2 * third_noise) >= SLOW_DECAY[1] * second
        slow |= (first > 0) & falls_slowly
        nearest = np.maximum(nearest, first)
    excess = (spike - nearest) * view.width[row, at] / np.maximum(view.total, 1)
    candidate = has & tall & slow & (excess >= SPIKE_SHARE)
    if candidate.any():
        rest = view.count.copy()
        rest[row, at] = 0
        share = rest / np.maximum(rest.sum(axis=1), 1)[:, None]
        below = running_sum(share)
        broad = ((below > 0.05) & (below - share < 0.95) & (share > 0)).sum(axis=1) >= BROAD_CELLS
        out = candidate & broad
    return out


def _density_at(view: View, density: FloatArray, index: IntArray) -> tuple[FloatArray, FloatArray]:
    """Density of one cell per step and its relative counting noise; 0 where there is no such cell."""
    m, k = density.shape
    row, inside = np.arange(m), np.clip(index, 0, k - 1)
    there = (index == inside) & (view.width[row, inside] > 0)
    count = np.where(there, view.count[row, inside], 0.0)
    return np.where(there, density[row, inside], 0.0), 1 / np.sqrt(np.maximum(count, 1))

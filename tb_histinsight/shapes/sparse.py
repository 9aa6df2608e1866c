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
SPIKE_RATIO, ONE_SIDED_RATIO = 1.5, 1.25
"""A spike's cell is so many times denser than its neighbours lead to expect (log-linearly, so that a Laplace's peak
and a heavy tail in wide cells stay below 1); the second where an extreme is exactly 0, as a sample of no continuous
distribution has it."""
SPIKE_NOISE, ONE_SIDED_NOISE = 2.0, 1.0
"""Standard deviations of counting noise by which it must be so."""
ALIKE = 2.0
"""Densities of the neighbours on the two sides, the larger to the smaller, up to which they are taken together."""
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
        sentence="Sparse: a spike at zero with {zero_share:.0%} of the values, the rest is spread from {min:.3g} to "
        "{max:.3g}.",
    )

    def judge(self, view: View) -> IntArray:
        """From exact zeros where the buckets show them, else from how far the bucket at 0 stands out."""
        proven = (view.zeros >= SPIKE_SHARE) & (view.resolved_cells >= BROAD_CELLS)
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
    spike, spike_count = density[row, at], view.count[row, at]
    slow = np.zeros(m, bool)
    near = []
    for side in (-1, 1):
        (first, count), (second, second_count), (third, third_count) = (
            _density_at(view, density, at + side * offset) for offset in (1, 2, 3)
        )
        falls_slowly = second * (1 + 2 / np.sqrt(np.maximum(second_count, 1))) >= SLOW_DECAY[0] * first
        falls_slowly &= third * (1 + 2 / np.sqrt(np.maximum(third_count, 1))) >= SLOW_DECAY[1] * second
        slow |= (first > 0) & falls_slowly
        near.append((first, second, count, second_count))
    expected, error = _expected(near)
    one_sided = (view.minimum == 0) | (view.maximum == 0)
    ratio = np.where(one_sided, ONE_SIDED_RATIO, SPIKE_RATIO)
    sigmas = np.where(one_sided, ONE_SIDED_NOISE, SPIKE_NOISE)
    tall = spike > ratio * expected * np.exp(sigmas * np.sqrt(error + 1 / np.maximum(spike_count, 1)))
    excess = (spike - expected) * view.width[row, at] / np.maximum(view.total, 1)
    candidate = has & tall & slow & (excess >= SPIKE_SHARE)
    if candidate.any():
        rest = view.count.copy()
        rest[row, at] = 0
        share = rest / np.maximum(rest.sum(axis=1), 1)[:, None]
        below = running_sum(share)
        broad = ((below > 0.05) & (below - share < 0.95) & (share > 0)).sum(axis=1) >= BROAD_CELLS
        out = candidate & broad
    return out


def _expected(near: list[tuple[FloatArray, FloatArray, FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray]:
    """Density that the neighbours on both sides lead to expect, and the variance of its logarithm; float64 [m] each.

    Takes densities of the first and second neighbour of each side, and the values in these cells.
    """
    left, right = np.array(near[0]), np.array(near[1])
    together = np.maximum(left[0], right[0]) <= ALIKE * np.minimum(left[0], right[0])
    higher = np.where(left[0] >= right[0], left, right)
    first, second, count, second_count = np.where(together, left + right, higher)
    first, second = (np.where(together, 0.5 * one, one) for one in (first, second))
    steeper = first > second
    expected = np.where(steeper, first * first / np.maximum(second, 0.1 * first + 1e-300), first)
    error = np.where(steeper, 4 / np.maximum(count, 1) + 1 / np.maximum(second_count, 1), 1 / np.maximum(count, 1))
    return expected, error


def _density_at(view: View, density: FloatArray, index: IntArray) -> tuple[FloatArray, FloatArray]:
    """Density of one cell per step and the values in it; 0 where there is no such cell."""
    m, k = density.shape
    row, inside = np.arange(m), np.clip(index, 0, k - 1)
    there = (index == inside) & (view.width[row, inside] > 0)
    return np.where(there, density[row, inside], 0.0), np.where(there, view.count[row, inside], 0.0)

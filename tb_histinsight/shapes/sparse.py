"""Sparse: a spike at zero beside values that are spread out."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.columns import running_sum
from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray, Layout
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.apart import PEAK_AT_MOST
from tb_histinsight.shapes.base import LIKELY, MIN_ELEMENTS, NO, UNDECIDED, ShapeKind, ShapeWords
from tb_histinsight.shapes.cells import FINE, rows_at
from tb_histinsight.shapes.peaks import peak_rows
from tb_histinsight.shapes.view import View

SPIKE_SHARE = 0.05
"""Share of the values in the spike from which on it is part of the shape; measured, see docs/shapes.md."""
SPIKE_RATIO, COARSE_RATIO, ONE_SIDED_RATIO = 1.5, 1.3, 1.15
"""A spike's cell is so many times denser than its neighbours lead to expect (log-linearly, so that a Laplace's peak
and a heavy tail in wide cells stay below 1); the second where cells are buckets, in which zeros are not alone; the
third where an extreme is exactly 0, as a sample of no continuous distribution has it."""
PERHAPS_NOISE, PERHAPS_SHARE, PERHAPS_RISING = 1.0, 0.025, 0.06
"""Standard deviations by which a cell at 0 that is the fullest stands out of that expectation, from which on a spike
may be what makes it so, and share of the values that the spike would hold (simulated: bells, Laplaces and Student's t
from 2.5 degrees of freedom on stay below 1); and that share where an extreme is exactly 0 and the density rises from
there on, so that the rest may have any part of the cell."""
WIDE_RATIO, WIDEST = 2.5, 3
"""The same of two or three cells taken together; cells from the middle one to those that stand for the rest."""
WIDE_AT_MOST = 0.15
"""Width of two or three cells together, as a share of where the middle 90 % of the rest lie."""
MOSTLY, BESIDE_AT_MOST = 0.4, 0.3
"""Share of the values in a cell at 0, and of the others in those beside it, which leave no room for a tail: of
Student's t with 3 degrees of freedom in cells so wide, 0.86 of the others lie beside it."""
SPIKE_NOISE, ONE_SIDED_NOISE = 2.5, 1.0
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
    undecided = "spike_or_peak"
    words = ShapeWords(
        name="sparse",
        about="A spike at zero beside a broad rest.",
        sentence="Sparse: a spike at zero with {zero_share:.0%} of the values, the rest is spread from {min:.3g} to "
        "{max:.3g}.",
    )

    def judge(self, view: View) -> IntArray:
        """From exact zeros where the buckets show them, else from how far the bucket at 0 stands out."""
        proven = (view.zeros >= SPIKE_SHARE) & (view.resolved_cells >= BROAD_CELLS)
        spike, perhaps = spike_at_zero(view)
        sparse = proven | spike
        if sparse.any() or perhaps.any():
            perhaps &= ~(sparse | view.apart)
            sparse &= ~view.apart | broad_rest(view, sparse & view.apart)
        return np.where(sparse, LIKELY, np.where(perhaps, UNDECIDED, NO))

    def judge_blocked(self, view: View) -> IntArray:
        """A spike may take so much that few cells are left under the rest; but values must be enough."""
        verdict = np.full(len(view), NO)
        enough = np.flatnonzero(view.values >= MIN_ELEMENTS)
        if len(enough):
            verdict[enough] = np.where(spike_at_zero(view.subset(enough))[0], LIKELY, NO)
        return verdict


def broad_rest(view: View, asked: BoolArray) -> BoolArray:
    """Whether what is not at zero takes more of the range than separate narrow peaks do; bool [m], of those `asked`."""
    out = np.zeros(len(view), bool)
    for row in np.flatnonzero(asked).tolist():
        rows, offsets = rows_at(view.series, view.rows[row : row + 1])
        at_zero = (rows[:, 0] <= 0) & (rows[:, 1] >= 0)
        filled = peak_rows(rows, offsets) & ~(at_zero & (rows[:, 2] >= rows[at_zero, 2].max(initial=0.0)))
        at = np.flatnonzero(filled)
        if len(at):
            islands = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
            width = [(rows[one[-1], 1] - rows[one[0], 0]) * (1 - 1 / len(one)) for one in islands]
            mean = np.average(width, weights=[rows[one, 2].sum() for one in islands])
            out[row] = mean > PEAK_AT_MOST * (rows[-1, 1] - rows[0, 0])
    return out


def spike_at_zero(view: View) -> tuple[BoolArray, BoolArray]:
    """Whether one cell at 0, or two or three about it, stand out of a rest that is broad, and whether one may; [m]."""
    m, k = view.count.shape
    row = np.arange(m)
    at_zero = (view.left <= 0) & (view.right >= 0) & (view.count > 0)
    has = at_zero.any(axis=1) & view.usable
    if not has.any() or k < 4:
        return np.zeros(m, bool), np.zeros(m, bool)
    density = view.count / np.maximum(view.width, 1e-300)
    at = np.argmax(np.where(at_zero, view.count, -1.0), axis=1)
    out, perhaps = (one & has for one in _stands_out(view, density, at, at))
    # A spike may lie across an edge at 0, or be wider than a cell.
    beside = np.maximum(density[row, np.maximum(at - WIDEST, 0)], density[row, np.minimum(at + WIDEST, k - 1)])
    wide = np.flatnonzero(has & ~out & (density[row, at] > WIDE_RATIO * beside))
    if len(wide):
        part, at = view.subset(wide), at[wide]
        k = part.count.shape[1]
        density = density[wide, :k]
        row, left, right = np.arange(len(wide)), np.maximum(at - 1, 0), np.minimum(at + 1, k - 1)
        denser = np.where(density[row, left] > density[row, right], left, right)
        found = _stands_out(part, density, np.minimum(at, denser), np.maximum(at, denser))[0]
        out[wide] = found | _stands_out(part, density, left, right)[0]
    return out, perhaps


def _stands_out(view: View, density: FloatArray, low: IntArray, high: IntArray) -> tuple[BoolArray, BoolArray]:
    """Whether the cells from `low` to `high` (inclusive) are a spike beside a broad rest, or may hold one; bool [m]."""
    m, k = view.count.shape
    row, column = np.arange(m), np.arange(k)
    single = low == high
    inside = (column >= low[:, None]) & (column <= high[:, None])
    spike_count = np.where(inside, view.count, 0.0).sum(axis=1)
    width = view.right[row, high] - view.left[row, low]
    spike = spike_count / np.maximum(width, 1e-300)
    slow = np.zeros(m, bool)
    near = []
    for start, side in ((low, -1), (high, 1)):
        (first, count), (second, second_count), (third, third_count) = (
            _density_at(view, density, start + side * offset) for offset in (1, 2, 3)
        )
        falls_slowly = second * (1 + 2 / np.sqrt(np.maximum(second_count, 1))) >= SLOW_DECAY[0] * first
        falls_slowly &= third * (1 + 2 / np.sqrt(np.maximum(third_count, 1))) >= SLOW_DECAY[1] * second
        slow |= (first > 0) & falls_slowly
        near.append((first, second, count, second_count))
    expected, error, expected_rising = _expected(near)
    one_sided = ((view.minimum == 0) | (view.maximum == 0)) & single
    # Where buckets are fine near 0, exact zeros have one of their own.
    coarse = (view.lengths <= FINE) & (view.layout is not Layout.EXPONENTIAL)
    ratio = np.where(single, np.where(coarse, COARSE_RATIO, SPIKE_RATIO), WIDE_RATIO)
    ratio = np.where(one_sided, ONE_SIDED_RATIO, ratio)
    sigmas = np.where(one_sided, ONE_SIDED_NOISE, SPIKE_NOISE)
    tall = spike > ratio * expected * np.exp(sigmas * np.sqrt(error + 1 / np.maximum(spike_count, 1)))
    excess = (spike - expected) * width / np.maximum(view.total, 1)
    noise = np.sqrt(error + 1 / np.maximum(spike_count, 1))
    perhaps = (spike > expected * np.exp(PERHAPS_NOISE * noise)) & (excess >= PERHAPS_SHARE)
    perhaps &= single & (density[row, low] >= density.max(axis=1))
    rising = one_sided & (expected_rising < expected)
    more = (spike - expected_rising) * width / np.maximum(view.total, 1)
    perhaps |= rising & (more >= PERHAPS_RISING) & (spike > expected_rising * np.exp(PERHAPS_NOISE * noise))
    # Where the spike holds most of the values, few are left to show how its neighbours go on: they are as far as wide.
    beside = np.where((column == (low - 1)[:, None]) | (column == (high + 1)[:, None]), view.count, 0.0).sum(axis=1)
    far = (spike_count >= MOSTLY * view.total) & (beside <= BESIDE_AT_MOST * (view.total - spike_count))
    out = ((tall & slow) | (single & far)) & (excess >= SPIKE_SHARE)
    rows = np.flatnonzero(out)
    if len(rows):
        rest = np.where(inside[rows], 0.0, view.count[rows])
        share = rest / np.maximum(rest.sum(axis=1), 1)[:, None]
        below = running_sum(share)
        middle = (below > 0.05) & (below - share < 0.95)
        reach = np.where(middle, view.width[rows], 0.0).sum(axis=1)
        narrow = single[rows] | (width[rows] <= WIDE_AT_MOST * reach)
        out[rows] = ((middle & (share > 0)).sum(axis=1) >= BROAD_CELLS) & narrow
    return np.asarray(out, np.bool_), np.asarray(perhaps & coarse & ~out, np.bool_)


def _expected(
    near: list[tuple[FloatArray, FloatArray, FloatArray, FloatArray]],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Density that the neighbours on both sides lead to expect, and the variance of its logarithm; float64 [m] each.

    Where densities rise away from the cell, no less than the nearest; the third number goes on falling. Takes densities
    of the first and second neighbour of each side, and the values in these cells.
    """
    left, right = np.array(near[0]), np.array(near[1])
    together = np.maximum(left[0], right[0]) <= ALIKE * np.minimum(left[0], right[0])
    higher = np.where(left[0] >= right[0], left, right)
    first, second, count, second_count = np.where(together, left + right, higher)
    first, second = (np.where(together, 0.5 * one, one) for one in (first, second))
    steeper = first > second
    expected = np.where(steeper, first * first / np.maximum(second, 0.1 * first + 1e-300), first)
    error = np.where(steeper, 4 / np.maximum(count, 1) + 1 / np.maximum(second_count, 1), 1 / np.maximum(count, 1))
    return expected, error, np.where(steeper, expected, first * first / np.maximum(second, 1e-300))


def _density_at(view: View, density: FloatArray, index: IntArray) -> tuple[FloatArray, FloatArray]:
    """Density of one cell per step and the values in it; 0 where there is no such cell."""
    m, k = density.shape
    row, inside = np.arange(m), np.clip(index, 0, k - 1)
    there = (index == inside) & (view.width[row, inside] > 0)
    return np.where(there, density[row, inside], 0.0), np.where(there, view.count[row, inside], 0.0)

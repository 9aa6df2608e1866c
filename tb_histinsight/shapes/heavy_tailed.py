"""Heavy-tailed: one peak, and far more values far out than a bell has."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, MIN_ELEMENTS, NO, SUSPECT, UNDECIDED, ShapeKind, ShapeWords
from tb_histinsight.shapes.one_hill import HEAVY, HEAVY_CLEAR
from tb_histinsight.shapes.view import View

DISTANCE = 0.12
"""Kolmogorov distance from the better of Laplace and Student's t up to which the shape is peaked with long tails;
wide, since mixtures of two scales count."""
NOISE = 1.2
"""Allowance for counting noise, in units of 1/sqrt(n)."""
SQUEEZED_CELLS = 5
"""Cells under the middle 95 % of the values up to which only the tails can show the shape."""
TAIL_CELLS = 3
"""Filled cells on either side, beyond the peak's neighbours, in which a tail thins out: no single outlier does that."""
TAIL_COUNT = 3.0
"""Values in each of these cells, at the least."""


class HeavyTailed(ShapeKind):
    """A peak with tails that fall off more slowly than a bell's."""

    shape = Shape.HEAVY_TAILED
    undecided = "kind_of_hill"
    words = ShapeWords(
        name="heavy-tailed",
        about="One peak with far more values far out than a bell has.",
        sentence="Heavy-tailed: a peak around {median:.3g}, half of the values between {quartile_low:.3g} and "
        "{quartile_high:.3g}, but extremes from {min:.3g} to {max:.3g}.",
    )

    def judge(self, view: View) -> IntArray:
        """A heavy-tailed model is more likely than a bell, and near enough."""
        hill = view.hill
        distance = np.minimum(view.fits.laplace.distance, view.fits.student.distance)
        near = distance <= DISTANCE + NOISE * view.noise
        # However far from either model: what is alike on both sides and no bell, with tails, is a mixture of scales.
        fits = (hill.tailed > np.where(near, HEAVY, HEAVY_CLEAR)) & view.usable & hill.even
        clear = hill.clear & (hill.tailed > HEAVY_CLEAR) & (distance <= 0.5 * DISTANCE + NOISE * view.noise)
        open_question = (hill.tailed > HEAVY_CLEAR) & ~(hill.even | hill.leaning) & view.usable
        return np.where(fits, np.where(clear, LIKELY, SUSPECT), np.where(open_question, UNDECIDED, NO))

    def judge_blocked(self, view: View) -> IntArray:
        """Most values share few cells while the rest thins out over many on both sides: no bell, and no outlier."""
        if not (view.values >= MIN_ELEMENTS).any():
            return np.full(len(view), NO)
        m, k = view.count.shape
        if k < 2 * TAIL_CELLS + 3:
            return np.full(m, NO)
        peak = np.argmax(view.share, axis=1)[:, None]
        column = np.arange(k)
        filled = view.count >= TAIL_COUNT
        left = (filled & (column < peak - 1)).sum(axis=1)
        right = (filled & (column > peak + 1)).sum(axis=1)
        tailed = (np.minimum(left, right) >= TAIL_CELLS) & (view.resolved_cells <= SQUEEZED_CELLS) & view.usable
        beyond = np.where(np.abs(column - peak) > 1, view.share, 0.0)
        before = np.where(column < peak, beyond, 0.0).sum(axis=1) / np.maximum(beyond.sum(axis=1), 1e-300)
        enough = view.values >= MIN_ELEMENTS
        return np.where(tailed & enough & (before > 0.2) & (before < 0.8), SUSPECT, NO)

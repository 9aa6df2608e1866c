"""Skewed: one hill that leans to one side."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, MIN_ELEMENTS, NO, SUSPECT, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View

TAIL_CELLS = 5
"""Filled cells on one side of a peak at the other end, in which the long tail thins out."""
TAIL_COUNT = 3.0
"""Values in each of these cells, at the least."""


class Skewed(ShapeKind):
    """One hill with its long tail on one side."""

    shape = Shape.SKEWED
    words = ShapeWords(
        name="skewed",
        about="One hill with its long tail on one side.",
        sentence="Skewed: the long tail is on the side of the {longer_side} values; half of the values lie between "
        "{quartile_low:.3g} and {quartile_high:.3g}, median {median:.3g}, extremes {min:.3g} and {max:.3g}.",
    )

    def judge(self, view: View) -> IntArray:
        """The two sides of the median differ by more than counting noise, or two scales fit far better than one."""
        hill = view.hill
        return np.where(hill.leaning & view.usable, np.where(hill.clear, LIKELY, SUSPECT), NO)

    def judge_blocked(self, view: View) -> IntArray:
        """Most values share the first (or last) cells while the rest thins out towards the other end."""
        if not (view.values >= MIN_ELEMENTS).any():
            return np.full(len(view), NO)
        k = view.count.shape[1]
        row, column = np.arange(len(view)), np.arange(k)
        peak = np.argmax(view.share, axis=1)
        last = (view.width > 0).sum(axis=1) - 1
        filled = view.count >= TAIL_COUNT
        right = (filled & (column > peak[:, None] + 1)).sum(axis=1)
        left = (filled & (column < peak[:, None] - 1)).sum(axis=1)
        density = view.share / np.maximum(view.width, 1e-300)
        step = np.where(peak == 0, 1, -1)
        near, far = (np.clip(peak + i * step, 0, k - 1) for i in (1, 2))
        thins_out = (density[row, far] < density[row, near]) & (density[row, near] < density[row, peak])
        at_end = ((peak == 0) & (right >= TAIL_CELLS)) | ((peak == last) & (left >= TAIL_CELLS))
        return np.where(at_end & thins_out & view.usable & (view.values >= MIN_ELEMENTS), SUSPECT, NO)

"""Heavy-tailed: one peak, and far more values far out than a bell has."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import BoolArray, IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, SUSPECT, ShapeKind, ShapeWords
from tb_histinsight.shapes.gaussian import heavy_advantage, symmetric
from tb_histinsight.shapes.view import View

DISTANCE = 0.08
"""Kolmogorov distance from the better of Laplace and Student's t up to which one of them describes the shape."""
NOISE = 1.2
"""Allowance for counting noise, in units of 1/sqrt(n)."""
DECISIVE = 3.0
"""Log likelihood ratio against a bell, in nats, from which on the tails are heavy: 20 to 1."""
TAIL_CELLS = 6
"""Neighbouring filled cells in which a tail falls off, where all else is in one bucket."""


class HeavyTailed(ShapeKind):
    """A peak with tails that fall off more slowly than a bell's."""

    shape = Shape.HEAVY_TAILED
    overwhelming = False
    words = ShapeWords(
        name="heavy-tailed",
        about="One peak with far more values far out than a bell has.",
        sentence="Heavy-tailed: a peak around {median:.3g}, half of the values between {quartile_low:.3g} and "
        "{quartile_high:.3g}, but extremes from {min:.3g} to {max:.3g}.",
    )

    def judge(self, view: View) -> IntArray:
        """A heavy-tailed model is more likely than a bell, and fits; or the tail alone shows it."""
        squeezed = tail_falls_off(view)
        distance = np.minimum(view.laplace_fit[1], view.student_fit[1])
        noise = NOISE / np.sqrt(np.maximum(view.total, 1))
        advantage = heavy_advantage(view)
        fits = (distance <= DISTANCE + noise) & (advantage > 0) & view.usable & symmetric(view) & (view.cut > 1.5)
        verdict = np.where(fits, np.where(advantage >= DECISIVE, LIKELY, SUSPECT), NO)
        return np.where((verdict == NO) & squeezed, SUSPECT, verdict)


def tail_falls_off(view: View) -> BoolArray:
    """Whether most values share few cells while the others thin out over many: no bell and no outlier does that."""
    m, k = view.count.shape
    few = (view.resolved_cells < 6) & view.usable
    if not few.any() or k < 2 * TAIL_CELLS:
        return np.zeros(m, bool)
    filled = (view.count >= 3).sum(axis=1)
    beyond = 1 - np.sort(view.share, axis=1)[:, -3:].sum(axis=1)
    enough = beyond * view.total >= 30
    return np.asarray(few & (filled >= TAIL_CELLS) & enough)

"""Gaussian: one bell."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, SUSPECT, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View

DISTANCE = 0.035
"""Kolmogorov distance from a (cut) normal up to which the shape is a bell, however many values prove the difference."""
NOISE = 1.2
"""Allowance for counting noise, in units of 1/sqrt(n); the 1 % point with fitted mean and sigma is 1.03.
Source: Lilliefors (1967), J. Am. Stat. Assoc. 62."""
CUT = 1.5
"""A normal cut at fewer of its sigmas than this is too flat for a bell."""
ASYMMETRY = 0.06
"""Butler's asymmetry up to which the two sides count as alike; see docs/shapes.md."""
ASYMMETRY_NOISE = 1.2
"""Allowance for counting noise in the asymmetry, in units of 1/sqrt(n)."""


class Gaussian(ShapeKind):
    """One bell; a normal cut at two sigmas counts."""

    shape = Shape.GAUSSIAN
    words = ShapeWords(
        name="Gaussian",
        about="One bell; a normal that is cut at two standard deviations counts.",
        sentence="Gaussian bell around {mean:.3g} with a standard deviation of {std:.3g}: {within_half_sigma:.1%} of "
        "the values lie within ±0.5 standard deviations (a normal has 38.3 %, a uniform 28.9 %).",
    )

    def judge(self, view: View) -> IntArray:
        """A bell at every edge, alike on both sides, and no heavy-tailed model more likely."""
        _, distance = view.bell_fit
        noise = 1 / np.sqrt(np.maximum(view.total, 1))
        fits = (distance <= DISTANCE + NOISE * noise) & (view.cut >= CUT) & view.usable & symmetric(view)
        if not fits.any():
            return np.where(fits, LIKELY, NO)
        advantage = heavy_advantage(view)
        clear = (advantage < -2.0) & (distance <= 0.7 * DISTANCE + NOISE * noise) & (view.cut >= 1.1 * CUT)
        return np.where(fits & (advantage <= 0), np.where(clear, LIKELY, SUSPECT), NO)


def symmetric(view: View) -> BoolArray:
    """Whether the two sides are alike within counting noise."""
    noise = 1 / np.sqrt(np.maximum(view.total, 1))
    return np.asarray(np.abs(view.asymmetry) <= ASYMMETRY + ASYMMETRY_NOISE * noise)


def heavy_advantage(view: View) -> FloatArray:
    """Log likelihood ratio, in nats over all values, of the best heavy-tailed model against the bell; float64 [m]."""
    heavy = np.maximum(view.laplace_fit[0], view.student_fit[0])
    return np.asarray((heavy - view.bell_fit[0]) * view.total, np.float64)

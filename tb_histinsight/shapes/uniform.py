"""Uniform: a plateau."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import FloatArray, IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, SUSPECT, UNDECIDED, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View

DISTANCE = 0.03
"""Kolmogorov distance from a uniform up to which the shape is one, however many values prove the difference."""
NOISE = 1.5
"""Allowance for counting noise, in units of 1/sqrt(n); Kolmogorov's 2 % point."""
PLATEAU_RATIO = 0.513
"""std / half range halfway between a uniform (0.577) and a normal cut at two sigmas (0.440)."""
RATIO_NOISE = 0.27
"""Standard deviation of that ratio near the border, in units of 1/sqrt(n)."""
UNDECIDED_WITHIN, CLEAR_BEYOND = 2.0, 3.0
"""Standard deviations from the border within which a plateau cannot be told from a bell, and beyond which it can."""


class Uniform(ShapeKind):
    """A plateau from minimum to maximum."""

    shape = Shape.UNIFORM
    undecided = "plateau_or_bell"
    words = ShapeWords(
        name="uniform",
        about="A plateau: every value in the range is about equally frequent.",
        sentence="Uniform plateau from {min:.3g} to {max:.3g}: every value in the range is about equally frequent "
        "({within_half_sigma:.1%} of the values lie within ±0.5 standard deviations; a uniform has 28.9 %, a normal "
        "38.3 %).",
    )

    def judge(self, view: View) -> IntArray:
        """Near enough to a plateau at every edge, and flat enough to be no bell."""
        flat = flatness(view)
        fits = (view.fits.uniform.distance <= DISTANCE + NOISE * view.noise) & view.usable
        verdict = np.where(fits & (flat > UNDECIDED_WITHIN), np.where(flat > CLEAR_BEYOND, LIKELY, SUSPECT), NO)
        return np.where(fits & (np.abs(flat) <= UNDECIDED_WITHIN), UNDECIDED, verdict)


def flatness(view: View) -> FloatArray:
    """How far the ratio of std to half range lies on a plateau's side, in its standard deviations; float64 [m]."""
    return np.asarray((view.std / (0.5 * view.span) - PLATEAU_RATIO) / (RATIO_NOISE * view.noise), np.float64)

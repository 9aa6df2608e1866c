"""Uniform: a plateau."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, SUSPECT, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View

DISTANCE = 0.03
"""Kolmogorov distance from a uniform up to which the shape is one, however many values prove the difference."""
NOISE = 1.36
"""Kolmogorov's 5 % point, in units of 1/sqrt(n)."""
CUT = 1.0
"""A normal cut at less than this many of its sigmas is nearer to a uniform than to a bell."""
DECISIVE = 3.0
"""Log likelihood ratio, in nats, from which on one model has clearly won: 20 to 1."""


class Uniform(ShapeKind):
    """A plateau from minimum to maximum."""

    shape = Shape.UNIFORM
    words = ShapeWords(
        name="uniform",
        about="A plateau: every value in the range is about equally frequent.",
        sentence="Uniform plateau from {min:.3g} to {max:.3g}: every value in the range is about equally frequent "
        "({within_half_sigma:.1%} of the values lie within ±0.5 standard deviations; a uniform has 28.9 %, a normal "
        "38.3 %).",
    )

    def judge(self, view: View) -> IntArray:
        """As likely as a cut normal, and near enough at every edge."""
        _, distance = view.uniform_fit
        fits = (distance <= DISTANCE + NOISE / np.sqrt(np.maximum(view.total, 1))) & (view.cut < CUT) & view.usable
        if not fits.any():
            return np.where(fits, LIKELY, NO)
        clear = (view.cut < 0.8 * CUT) | (view.total >= 1024)
        return np.where(fits, np.where(clear, LIKELY, SUSPECT), NO)

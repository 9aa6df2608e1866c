"""Skewed: one hill that leans to one side."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, SUSPECT, ShapeKind, ShapeWords
from tb_histinsight.shapes.gaussian import ASYMMETRY, ASYMMETRY_NOISE
from tb_histinsight.shapes.view import View


class Skewed(ShapeKind):
    """One hill with its long tail on one side."""

    shape = Shape.SKEWED
    words = ShapeWords(
        name="skewed",
        about="One hill with its long tail on one side.",
        sentence="Skewed towards {longer_side}: half of the values between {quartile_low:.3g} and {quartile_high:.3g}, "
        "median {median:.3g}, extremes {min:.3g} and {max:.3g}.",
    )

    def judge(self, view: View) -> IntArray:
        """The two sides of the median differ by more than counting noise."""
        noise = ASYMMETRY_NOISE / np.sqrt(np.maximum(view.total, 1))
        size = np.abs(view.asymmetry)
        clear = size >= 1.3 * ASYMMETRY + 1.5 * noise
        return np.where((size > ASYMMETRY + noise) & view.usable, np.where(clear, LIKELY, SUSPECT), NO)

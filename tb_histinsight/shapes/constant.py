"""Constant: every value is the same, and not zero."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import CERTAIN, NO, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View


class Constant(ShapeKind):
    """Minimum and maximum are the same number."""

    shape = Shape.CONSTANT
    always = True
    words = ShapeWords(
        name="constant",
        about="Every value is the same, and not zero.",
        sentence="Constant: every one of the {count:,.0f} values is {min:.4g}.",
    )

    def judge(self, view: View) -> IntArray:
        """Follows from the data."""
        with np.errstate(invalid="ignore"):
            return np.where((view.minimum == view.maximum) & (view.minimum != 0), CERTAIN, NO)

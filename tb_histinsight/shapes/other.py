"""Other: readable, and none of the named shapes."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import NO, SUSPECT, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View


class Other(ShapeKind):
    """What remains."""

    shape = Shape.OTHER
    words = ShapeWords(
        name="other",
        about="The buckets are fine enough to be read, but none of the named shapes fits.",
        sentence="None of the named shapes: values from {min:.3g} to {max:.3g}, median {median:.3g}, half of them "
        "between {quartile_low:.3g} and {quartile_high:.3g}.",
    )

    def judge(self, view: View) -> IntArray:
        """Fits whatever has a range."""
        return np.where(view.usable, SUSPECT, NO)

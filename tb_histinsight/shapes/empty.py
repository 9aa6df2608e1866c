"""Empty: no values were logged."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import CERTAIN, NO, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View


class Empty(ShapeKind):
    """A step without any value."""

    shape = Shape.EMPTY
    always = True
    words = ShapeWords(
        name="empty",
        about="The tensor has no values.",
        sentence="Empty: no values were logged at this step.",
    )

    def judge(self, view: View) -> IntArray:
        """Follows from the data."""
        nothing = (view.lengths == 0) & (view.non_finite == 0) & (view.uncounted == 0)
        return np.where(nothing, CERTAIN, NO)

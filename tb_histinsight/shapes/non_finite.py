"""Non-finite: NaN or infinity among the values."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import CERTAIN, NO, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View


class NonFinite(ShapeKind):
    """A step with at least one value that is NaN or infinite.

    Writers differ in what they leave of such a step: `tf.summary.histogram` no bucket at all, PyTorch those of the
    finite values. The label is the same.
    """

    shape = Shape.NON_FINITE
    always = True
    words = ShapeWords(
        name="not finite",
        about="At least one value is NaN or infinite.",
        sentence="Not finite: there are NaN or infinite values at this step.",
    )

    def judge(self, view: View) -> IntArray:
        """Follows from the data; `non_finite` is NaN where the number is not known."""
        return np.where(view.non_finite != 0, CERTAIN, NO)

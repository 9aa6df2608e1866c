"""Spiky: few separate narrow peaks hold practically all values."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View


class Spiky(ShapeKind):
    """Few separate narrow peaks: redundant, clustered or quantised values."""

    shape = Shape.SPIKY
    words = ShapeWords(
        name="separate peaks",
        about="Few separate narrow peaks hold practically all values: quantised, clustered or redundant ones.",
        sentence="{peaks} separate peaks hold {peak_share:.0%} of the values, near {peak_positions:.3g}; between them "
        "the buckets are empty.",
    )

    def judge(self, view: View) -> IntArray:
        """Gaps between filled cells that counting noise does not explain, and little of the range filled."""
        return np.where(view.apart, LIKELY, NO)

    def judge_blocked(self, view: View) -> IntArray:
        """The same: the gaps are judged by how many values they lack."""
        return self.judge(view)

"""Spiky: few separate narrow peaks hold practically all values."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, ShapeKind, ShapeWords
from tb_histinsight.shapes.peaks import islands
from tb_histinsight.shapes.view import View

FILLED_AT_MOST = 0.45
"""Share of the range in filled cells up to which peaks are narrow."""


class Spiky(ShapeKind):
    """Few separate narrow peaks: redundant, clustered or quantised values."""

    shape = Shape.SPIKY
    overwhelming = True
    words = ShapeWords(
        name="separate peaks",
        about="Few separate narrow peaks hold practically all values: quantised, clustered or redundant ones.",
        sentence="{peaks} separate peaks hold {peak_share:.0%} of the values, near {peak_positions}; between them the "
        "buckets are empty.",
    )

    def judge(self, view: View) -> IntArray:
        """Gaps between filled cells that counting noise does not explain, and little of the range filled."""
        _, count = islands(view.left, view.right, view.count)
        filled = (view.width_share * (view.count > 0)).sum(axis=1)
        with_zero = count + (view.zero_low > 0)
        return np.where((with_zero >= 2) & (filled <= FILLED_AT_MOST) & view.usable, LIKELY, NO)

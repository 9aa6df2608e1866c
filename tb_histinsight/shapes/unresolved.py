"""Unresolved: the shape cannot be told from these buckets, and why."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray, Layout
from tb_histinsight.core.labels import Reason, Shape
from tb_histinsight.shapes.base import MIN_ELEMENTS, NO, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View

MIN_CELLS = 6
"""Cells under the middle 95 % of the values below which bells, plateaus and tails look alike: a spread of 5 % about
the mean in exponential buckets has six."""
OUTLIER_SHARE = 0.9
"""Share of the values in one of several equal buckets from which on the others hold outliers only."""


class Unresolved(ShapeKind):
    """Cannot be told; the reason says what would settle it."""

    shape = Shape.UNRESOLVED
    words = ShapeWords(
        name="cannot be told",
        about="The shape cannot be told from these buckets; the reason says why.",
        sentence="The shape cannot be told: {reason}",
        reasons={
            "few_values": "{count} values are too few to show a shape ({needed} are needed).",
            "few_buckets": "only {buckets} buckets lie under the middle 95 % of the values: log with more buckets, or "
            "the values minus their mean.",
            "outlier": "values far out stretch the range so that one of {buckets} equal buckets holds {share:.0%} of "
            "the values: log with more buckets, or log10 |x|.",
            "uncounted": "all values are beyond 1e20, where the writer counts nothing.",
            "between": "the values fit more than one shape about equally well.",
        },
    )

    def judge(self, view: View) -> IntArray:
        """Takes what no other shape takes."""
        return np.full(len(view), NO)

    def blocked(self, view: View) -> IntArray:
        """Why only an overwhelming shape may be claimed: index into `KEYS`, -1 where nothing is in the way."""
        blocked = np.full(len(view), -1)
        few_cells = ~(view.resolved_cells >= MIN_CELLS)
        most = view.share.max(axis=1, initial=0.0)
        outlier = few_cells & (most >= OUTLIER_SHARE) & (view.series.layout is Layout.EQUAL) & (view.lengths >= 8)
        blocked[few_cells] = KEYS.index("few_buckets")
        blocked[outlier] = KEYS.index("outlier")
        blocked[view.total + view.zero_low * 0 + view.cells.zeros < MIN_ELEMENTS] = KEYS.index("few_values")
        blocked[view.lengths == 0] = KEYS.index("uncounted")
        return blocked

    def reason(self, view: View, i: int, key: int) -> Reason:
        """The reason at one step, with its numbers."""
        name = KEYS[key]
        count = int(view.total[i] + view.cells.zeros[i])
        if name == "few_values":
            return Reason(name, {"count": count, "needed": MIN_ELEMENTS})
        if name == "few_buckets":
            return Reason(name, {"buckets": int(view.resolved_cells[i])})
        if name == "outlier":
            return Reason(name, {"buckets": int(view.lengths[i]), "share": float(view.share[i].max())})
        return Reason(name)


KEYS = ("few_values", "few_buckets", "outlier", "uncounted", "between")

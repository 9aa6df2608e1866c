"""Unresolved: the shape cannot be told from these buckets, and why."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray, Layout
from tb_histinsight.core.labels import Reason, Shape
from tb_histinsight.shapes.base import MIN_ELEMENTS, NO, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View

CROWDED, CROWDED_END, MIN_CELLS_BESIDE = 0.4, 0.6, 8
"""Where one cell (one at an end of the range) holds more than this share, the shape must show in so many cells."""
MIN_REST = 16
"""Values beside exact zeros below which nothing can be said of them, however many zeros there are."""
KEYS = ("few_values", "few_buckets", "outlier", "uncounted")
"""Reasons that are known before any shape is tried."""
MIN_CELLS = 5
"""Cells under the middle 95 % of the values below which bells, plateaus and tails look alike: a normal whose
spread is 10 % of its mean has five exponential buckets there."""
OUTLIER_SHARE = 0.9
"""Share of the values in one of several equal buckets from which on the others hold outliers only."""

CROWD_WIDTH = 0.25
"""Share of the range that the crowded one of several equal buckets spans at most: one of eight, with its neighbour."""


class Unresolved(ShapeKind):
    """Cannot be told; the reason says what would settle it."""

    shape = Shape.UNRESOLVED
    words = ShapeWords(
        name="cannot be told",
        about="The shape cannot be told from these buckets; the reason says why.",
        sentence="The shape cannot be told: {reason}",
        reasons={
            "few_values": "{count:# value is|# values are} too few to show a shape ({needed} are needed).",
            "few_buckets": "too few buckets ({buckets}) lie under the middle 95 % of the values: log with more, or "
            "the values minus their mean.",
            "outlier": "values far out stretch the range so that one of {buckets} equal buckets holds {share:.0%} of "
            "the values: log with more buckets, or log10 |x|.",
            "uncounted": "all values are beyond 1e20, where the writer counts nothing.",
            "spike_or_peak": "{share:.0%} of the values share the bucket at 0: zeros beside the rest, or the peak of "
            "one hill. Log with more buckets.",
            "plateau_or_bell": "{count} values fit a plateau and a bell about equally well.",
            "hills": "{count} values may show one hill or several.",
            "kind_of_hill": "{count} values show one hill, but fit a bell and one with heavy tails or a longer side "
            "about equally well.",
        },
    )

    def judge(self, view: View) -> IntArray:
        """Takes what no other shape takes."""
        return np.full(len(view), NO)

    def blocked(self, view: View) -> IntArray:
        """Why only an overwhelming shape may be claimed: index into `KEYS`, -1 where nothing is in the way."""
        few = (view.values < MIN_ELEMENTS) | (view.total < MIN_REST)
        blocked = np.where(few, KEYS.index("few_values"), -1)
        blocked[view.lengths == 0] = KEYS.index("uncounted")
        if (blocked < 0).any():
            blocked = np.where(blocked < 0, _few_buckets(view), blocked)
        return blocked

    def reason(self, view: View, i: int, name: str) -> Reason:
        """The reason with this key at one step of a view, with its numbers."""
        count = int(view.values[i] if view.values[i] < MIN_ELEMENTS else view.total[i])
        if name == "few_values":
            return Reason(name, {"count": count, "needed": MIN_ELEMENTS})
        if name == "few_buckets":
            return Reason(name, {"buckets": int(view.resolved_cells[i])})
        if name == "outlier":
            return Reason(name, {"buckets": int(view.lengths[i]), "share": float(view.share[i].max())})
        if name == "spike_or_peak":
            at_zero = (view.left[i] <= 0) & (view.right[i] >= 0)
            return Reason(name, {"share": float(np.where(at_zero, view.share[i], 0.0).max())})
        return Reason(name, {} if name == "uncounted" else {"count": count})


def _few_buckets(view: View) -> IntArray:
    most = view.share.max(axis=1, initial=0.0)
    peak = np.argmax(view.share, axis=1)
    inside = (peak > 0) & (peak < (view.width > 0).sum(axis=1) - 1)
    crowded = most > np.where(inside, CROWDED, CROWDED_END)
    few = ~(view.resolved_cells >= np.where(crowded, MIN_CELLS_BESIDE, MIN_CELLS))
    # A cell may be many equally filled buckets: what holds most of the values then is wide, and no one bucket.
    crowd = view.width_share[np.arange(len(view)), peak] if view.share.shape[1] else np.zeros(len(view))
    outlier = (
        few
        & (most >= OUTLIER_SHARE)
        & (crowd <= CROWD_WIDTH)
        & (view.layout is not Layout.EXPONENTIAL)
        & (view.lengths >= 8)
    )
    return np.where(outlier, KEYS.index("outlier"), np.where(few, KEYS.index("few_buckets"), -1))

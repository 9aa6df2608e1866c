"""Collapsed: practically all values are zero."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray, Layout
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import CERTAIN, NO, SUSPECT, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View

COLLAPSED_SHARE = 0.99
"""Share of the values at zero; the contract's definition."""
SEVERAL = 4
"""Filled buckets beside the one that holds 0 from which on the rest is spread out rather than an outlier."""


class Collapsed(ShapeKind):
    """At least 99 % of the values at zero."""

    shape = Shape.COLLAPSED
    always = True
    words = ShapeWords(
        name="collapsed to zero",
        about="At least 99 % of the values are zero (or, with equal buckets, share the bucket that holds 0).",
        sentence="Collapsed to zero: {zero_share:.2%} of the {count:,.0f} values are at zero.",
    )

    def judge(self, view: View) -> IntArray:
        """Certain for exact zeros; suspect where the bucket that holds 0 is as wide as all others."""
        with np.errstate(invalid="ignore"):
            exact = (view.zero_low >= COLLAPSED_SHARE) | ((view.minimum == 0) & (view.maximum == 0))
            verdict = np.where(exact, CERTAIN, NO)
            if view.layout is Layout.EXPONENTIAL:
                return verdict
            near = np.flatnonzero((view.zero_high >= COLLAPSED_SHARE) & ~exact)
        if len(near):
            part = view.subset(near)
            spread = (part.count > 0).sum(axis=1) + (part.zeros > 0) > SEVERAL
            verdict[near] = np.where(part.usable & spread, SUSPECT, NO)
        return verdict

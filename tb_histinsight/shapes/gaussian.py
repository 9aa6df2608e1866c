"""Gaussian: one bell."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import BoolArray, IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, SUSPECT, UNDECIDED, ShapeKind, ShapeWords
from tb_histinsight.shapes.one_hill import BELL, BELL_CLEAR, HEAVY
from tb_histinsight.shapes.uniform import CLEARLY_SOFT, SOFTNESS, flatness
from tb_histinsight.shapes.view import View

DISTANCE = 0.035
"""Kolmogorov distance from a (cut) normal up to which the shape is a bell, however many values prove the difference."""
CROWDED = 0.45
"""Share of the values in one cell beyond which a bell would show in fewer cells than are asked for."""
NOISE = 1.2
"""Allowance for counting noise, in units of 1/sqrt(n); the 1 % point with fitted mean and sigma is 1.03.
Source: Lilliefors (1967), J. Am. Stat. Assoc. 62."""


class Gaussian(ShapeKind):
    """One bell; a normal cut at two sigmas counts."""

    shape = Shape.GAUSSIAN
    undecided = "kind_of_hill"
    words = ShapeWords(
        name="Gaussian",
        about="One bell; a normal that is cut at two standard deviations counts.",
        sentence="Gaussian bell around {mean:.3g} with a standard deviation of {std:.3g}: {within_half_sigma:.1%} of "
        "the values lie within ±0.5 standard deviations (a normal has 38.3 %, a uniform 28.9 %), "
        "{within_one_and_a_half:.1%} within ±1.5 (both have 86.6 %).",
    )

    def judge(self, view: View) -> IntArray:
        """Alike on both sides, a bell at every edge, and no heavy-tailed model as likely."""
        hill, distance = view.hill, view.fits.bell.distance
        near = distance <= DISTANCE + NOISE * view.noise
        bulges, flat = _top(view)
        near &= view.share.max(axis=1, initial=0.0) <= CROWDED
        bell = near & hill.even & (hill.tailed < BELL) & bulges & view.usable
        clear = hill.clear & (hill.tailed < BELL_CLEAR) & (distance <= 0.7 * DISTANCE + NOISE * view.noise)
        clear &= view.fits.softness >= CLEARLY_SOFT[1]
        between = (hill.tailed >= BELL) & (hill.tailed <= HEAVY)
        open_question = view.usable & near & ((hill.even & between) | ~(hill.even | hill.leaning) | (bell & flat))
        bell &= ~flat
        return np.where(bell, np.where(clear, LIKELY, SUSPECT), np.where(open_question, UNDECIDED, NO))


def _top(view: View) -> tuple[BoolArray, BoolArray]:
    """Whether the middle is fuller than a plateau's by its spread, and whether it is as flat by its fourth moment.

    Outliers are left aside. bool [m] each.
    """
    bulges, flat = flatness(view) < 0, view.fits.softness <= SOFTNESS
    if view.core:
        bulges[view.core.rows] &= flatness(view.core.view) < 0
        flat[view.core.rows] |= view.core.view.fits.softness <= SOFTNESS
    return bulges, flat

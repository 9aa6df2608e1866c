"""Uniform: a plateau."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import FloatArray, IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, SUSPECT, UNDECIDED, ShapeKind, ShapeWords
from tb_histinsight.shapes.one_hill import LEANING, LEANING_NOISE
from tb_histinsight.shapes.view import View

DISTANCE = 0.03
"""Kolmogorov distance from a uniform up to which the shape is one, however many values prove the difference."""
NOISE = 1.5
"""Allowance for counting noise, in units of 1/sqrt(n); Kolmogorov's 2 % point."""
PLATEAU_RATIO = 0.513
"""std / half range halfway between a uniform (0.577) and a normal cut at two sigmas (0.440)."""
RATIO_NOISE = 0.27
"""Standard deviation of that ratio near the border, in units of 1/sqrt(n)."""
UNDECIDED_WITHIN, CLEAR_BEYOND = 2.0, 3.0
"""Standard deviations from the border within which a plateau cannot be told from a bell, and beyond which it can."""
MAY_LEAN, MAY_LEAN_NOISE = 0.055, 1.5
"""Butler's asymmetry from which on a plateau may lean to a side, and its counting noise in units of 1/sqrt(n)."""
SOFTNESS = 0.22
"""Sigma of the edges / half the width up to which a plateau with soft edges is one. Weights drawn from a uniform that
have since moved by a fifth of their spread have 0.12, by a third 0.2; a normal cut at 1.5 sigmas has 0.25."""
CLEARLY_SOFT = (0.18, 0.26)
"""The same up to which a plateau, and from which on a bell is likely; between them the difference is one of degree."""
SOFT, SOFT_CLEAR = 3.0, 7.0
"""Log likelihood ratio, in nats, of a soft plateau against a cut normal from which on it has won, and is likely."""


class Uniform(ShapeKind):
    """A plateau from minimum to maximum, or one with soft edges."""

    shape = Shape.UNIFORM
    undecided = "plateau_or_bell"
    words = ShapeWords(
        name="uniform",
        about="A plateau: every value in the range is about equally frequent.",
        sentence="Uniform plateau from {plateau_low:.3g} to {plateau_high:.3g}: every value in the range is about "
        "equally frequent ({within_half_sigma:.1%} of the values lie within ±0.5 standard deviations; a uniform has "
        "28.9 %, a normal 38.3 %), {within_one_and_a_half:.1%} within ±1.5 (both have 86.6 %).",
    )

    def judge(self, view: View) -> IntArray:
        """Near enough to a plateau at every edge, and flat enough to be no bell; or a better fit with soft edges."""
        verdict = _plateau(view)
        if view.core:
            verdict[view.core.rows] = _plateau(view.core.view)
        return verdict


def _plateau(view: View) -> IntArray:
    flat = flatness(view)
    fits = (view.fits.uniform.distance <= DISTANCE + NOISE * view.noise) & view.usable
    verdict = np.where(fits & (flat > UNDECIDED_WITHIN), np.where(flat > CLEAR_BEYOND, LIKELY, SUSPECT), NO)
    verdict = np.where(fits & (np.abs(flat) <= UNDECIDED_WITHIN), UNDECIDED, verdict)
    soft = soft_advantage(view)
    clear = (soft > SOFT_CLEAR) & (view.fits.softness <= CLEARLY_SOFT[0])
    verdict = np.where(soft > SOFT, np.maximum(verdict, np.where(clear, LIKELY, SUSPECT)), verdict)
    # What is near a plateau at every edge may still lean to a side.
    lean, fits = np.abs(view.asymmetry), verdict != NO
    verdict[fits & (lean > MAY_LEAN + MAY_LEAN_NOISE * view.noise)] = UNDECIDED
    verdict[fits & (lean > LEANING + LEANING_NOISE * view.noise)] = NO
    return verdict


def flatness(view: View) -> FloatArray:
    """How far the ratio of std to half range lies on a plateau's side, in its standard deviations; float64 [m]."""
    return np.asarray((view.std / (0.5 * view.span) - PLATEAU_RATIO) / (RATIO_NOISE * view.noise), np.float64)


def soft_advantage(view: View) -> FloatArray:
    """Log likelihood ratio in nats of a plateau with soft edges against a bell; -inf where it does not fit."""
    out = np.full(len(view), -np.inf)
    candidates = np.flatnonzero((view.fits.softness <= SOFTNESS) & view.usable)
    if len(candidates):
        part = view.subset(candidates)
        soft, bell = part.fits.soft_plateau, view.fits.bell.likelihood[candidates]
        near = soft.distance <= DISTANCE + NOISE * part.noise
        out[candidates] = np.where(near, (soft.likelihood - bell) * part.total, -np.inf)
    return out

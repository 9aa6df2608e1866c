"""Multimodal: two or more broad hills with a valley between them."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.columns import running_max, running_sum
from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, UNDECIDED, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import View

VALLEY = 0.75
"""A valley is at most this share of the lower of the two hills beside it; counting noise allowed for."""
NOISE = 2.5
"""Standard deviations of counting noise allowed for at the hills and in the valley, each."""
NOISE_PERHAPS, UNSURE_BELOW, UNSURE_NOISE = 1.3, 1024, 0.65
"""The same for a valley that may be there, so that no other shape is claimed of fewer values than this; and how far
from a bell and a plateau they must be for it, in units of 1/sqrt(n)."""
HILL_SHARE = 0.05
"""Share of the values on either side of the valley."""
POOLS = (1, 3, 5)
"""Neighbouring cells taken together, to see hills that few values draw."""

ONE_HILL, ONE_HILL_NOISE = 0.01, 0.4
"""Kolmogorov distance from a bell or a plateau below which there is no room for a valley, and its counting noise in
units of 1/sqrt(n)."""


class Multimodal(ShapeKind):
    """Two or more broad hills."""

    shape = Shape.MULTIMODAL
    undecided = "hills"
    words = ShapeWords(
        name="several hills",
        about="Two or more broad hills with a valley between them.",
        sentence="Several hills between {min:.3g} and {max:.3g}, the highest near {mode:.3g}.",
    )

    def judge(self, view: View) -> IntArray:
        """A valley that counting noise does not explain, in cells or in pools of neighbouring ones."""
        verdict = np.full(len(view), NO)
        fits = view.fits
        distance = np.minimum(fits.bell.distance, fits.uniform.distance)
        candidates = np.flatnonzero((distance > ONE_HILL + ONE_HILL_NOISE * view.noise) & view.usable)
        if len(candidates):
            part = view.subset(candidates)
            found = np.zeros(len(part), bool)
            perhaps = np.zeros(len(part), bool)
            unsure = (part.total < UNSURE_BELOW) & (distance[candidates] > ONE_HILL + UNSURE_NOISE * part.noise)
            for pool in POOLS:
                # What less noise explains, more noise explains too: few steps are left for the second look.
                weak = _valley(part, pool, NOISE_PERHAPS)
                perhaps |= weak & unsure
                again = np.flatnonzero(weak & ~found)
                if len(again):
                    found[again] = _valley(part.subset(again, trim=False), pool, NOISE)
            verdict[candidates] = np.where(found, LIKELY, np.where(perhaps, UNDECIDED, NO))
        return verdict


def _pooled(values: FloatArray, pool: int) -> FloatArray:
    if pool == 1:
        return values
    padded = running_sum(values, 0.0)
    return np.asarray(padded[:, pool:] - padded[:, :-pool], np.float64)


def _valley(view: View, pool: int, sigmas: float) -> BoolArray:
    if view.count.shape[1] < 3 * pool:
        return np.zeros(len(view), bool)
    count, width = _pooled(view.count, pool), np.maximum(_pooled(view.width, pool), 1e-300)
    real = _pooled(view.width, pool) > 0
    noise = sigmas * np.sqrt(count)
    low = np.where(real, np.maximum(count - noise, 0) / width, 0.0)
    high = np.where(real, (count + noise + sigmas * sigmas) / width, np.inf)
    hill = np.minimum(running_max(low), running_max(low, backwards=True))
    below = view.below[:, pool // 2 : pool // 2 + count.shape[1]]
    sided = (below >= HILL_SHARE) & (below <= 1 - HILL_SHARE)
    return np.asarray(((high < VALLEY * hill) & sided).any(axis=1))

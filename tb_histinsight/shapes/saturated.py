"""Saturated: both ends are piled up, as the outputs of a squashing function driven to its limits."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, SUSPECT, ShapeKind, ShapeWords
from tb_histinsight.shapes.view import LEVELS, View

END = 0.05
"""An end is the outermost twentieth of the range; the contract's definition."""
BOTH_ENDS = 0.5
"""Share of the values in both ends together; the contract's definition."""
EACH_END = 0.05
"""Share of the values in either end; the contract's definition."""
SQUASH_TOLERANCE = 0.02
"""How near the extremes must come to 0 and 1, or -1 and 1, as a share of the range."""
FILLED_BETWEEN = 23.5 / 30
"""Share of the range that lies in filled cells, from which on there are values all along; also of the cells that so
many values would fill. Between two numbers of 30 equal buckets, so that no rounding decides."""
FEW_BETWEEN, MIN_BETWEEN = 0.02, 8.0
"""Share of the values between the ends, and their number, from which on they are no stragglers (`peaks.STRAGGLERS`)."""
MARGIN = 0.02
"""Shares this near to a limit are within what the buckets leave open."""


class Saturated(ShapeKind):
    """Most of the values lie at the two ends of the range."""

    shape = Shape.SATURATED
    words = ShapeWords(
        name="saturated",
        about="Both ends of the range are piled up: the outputs of a squashing function at its limits.",
        sentence="Saturated: {low_end:.0%} of the values lie in the lowest twentieth of the range from {min:.3g} to "
        "{max:.3g} and {high_end:.0%} in the highest.",
    )

    def judge(self, view: View) -> IntArray:
        """Shares of the ends; where a bucket reaches across the border, by how dense its neighbour is."""
        verdict = np.full(len(view), NO)
        # More than half in both ends, and enough in each: the quantiles 0.05 and 0.95 lie in the ends' cells.
        _, left, right = view.quantiles
        border = END * view.span
        lowest, highest = left[:, LEVELS.index(0.05)], right[:, LEVELS.index(0.95)]
        at_low, at_high = _zeros_at_ends(view)
        reach_low = (lowest <= view.low + border) | (at_low >= EACH_END)
        reach_high = (highest >= view.high - border) | (at_high >= EACH_END)
        candidates = np.flatnonzero(reach_low & reach_high & view.usable)
        if not len(candidates):
            return verdict
        part = view.subset(candidates)
        low, high = end_shares(part)
        both, lesser = low + high, np.minimum(low, high)
        piled = (both > BOTH_ENDS) & (lesser >= EACH_END) & (_filled_between(part) | _squashed(part))
        near = (both < BOTH_ENDS + MARGIN) | (lesser < EACH_END + MARGIN / 4)
        verdict[candidates] = np.where(piled, np.where(near, SUSPECT, LIKELY), NO)
        return verdict

    def judge_blocked(self, view: View) -> IntArray:
        """Few values at the two limits of a squashing function, and nothing between, are enough."""
        squashed = _squashed(view)
        return np.where(squashed & view.apart, self.judge(view), NO) if squashed.any() else np.full(len(view), NO)


def end_shares(view: View) -> tuple[FloatArray, FloatArray]:
    """Share of the values in the lowest and the highest twentieth of the range, zeros included; float64 [m] each."""
    low = _end(view.left - view.low[:, None], view.right - view.low[:, None], view, 1)
    high = _end(view.high[:, None] - view.right, view.high[:, None] - view.left, view, -1)
    rest = 1 - view.zeros
    at_low, at_high = _zeros_at_ends(view)
    return low * rest + at_low, high * rest + at_high


def _zeros_at_ends(view: View) -> tuple[FloatArray, FloatArray]:
    """Share of the values that are zeros kept apart from the cells, where 0 is in the lowest or highest twentieth."""
    border = END * view.span
    return np.where(view.low + border >= 0, view.zeros, 0.0), np.where(view.high - border <= 0, view.zeros, 0.0)


def _end(near: FloatArray, far: FloatArray, view: View, towards: int) -> FloatArray:
    border = END * view.span[:, None]
    inside = (far <= border).astype(np.float64)
    across = (near < border) & (far > border)
    width = np.maximum(view.width, 1e-300)
    # A pile leans on the end: what lies beyond the border is taken as dense as the next cell, not as this one.
    density = view.share / width
    beside = np.roll(density, -towards, axis=1)
    beyond = np.minimum(beside, density) * (far - border)
    part = np.where(across, view.share - beyond, 0.0)
    return np.asarray((view.share * inside + np.maximum(part, 0.0)).sum(axis=1), np.float64)


def _filled_between(view: View) -> BoolArray:
    """Whether there are values all along between the ends, or as far as so few values can be."""
    filled = view.count > 0
    inner = (view.left >= (view.low + END * view.span)[:, None]) & (
        view.right <= (view.high - END * view.span)[:, None]
    )
    inner &= view.width > 0
    cells, between = inner.sum(axis=1), np.where(inner, view.count, 0.0).sum(axis=1)
    expected = cells * (1 - np.exp(-between / np.maximum(cells, 1)))
    enough = between >= FEW_BETWEEN * view.total
    spread = ((filled & inner).sum(axis=1) >= FILLED_BETWEEN * expected) & (between >= MIN_BETWEEN)
    return np.asarray(enough & ((view.filled_share >= FILLED_BETWEEN) | spread))


def _squashed(view: View) -> BoolArray:
    out = np.zeros(len(view), bool)
    if not view.activation.any():
        return out
    for low, high in ((0.0, 1.0), (-1.0, 1.0)):
        room = SQUASH_TOLERANCE * (high - low)
        out |= (np.abs(view.minimum - low) <= room) & (np.abs(view.maximum - high) <= room)
    return out & view.activation

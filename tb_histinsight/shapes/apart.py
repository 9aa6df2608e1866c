"""Whether the values of many steps stand in separate narrow peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tb_histinsight.core.histogram import BoolArray
from tb_histinsight.shapes.peaks import GAP_EVIDENCE, NOISE, islands

if TYPE_CHECKING:
    from tb_histinsight.shapes.view import View

FILLED_AT_MOST = 0.6
"""Share of the range in filled cells up to which peaks are narrow."""


def separate_peaks(view: View) -> BoolArray:
    """Whether the values stand in separate narrow peaks (exact zeros are one of them); bool [m]."""
    narrow = (view.filled_share <= FILLED_AT_MOST) & view.usable
    out = np.zeros(len(view), bool)
    candidates = np.flatnonzero(narrow)
    if len(candidates):
        part = view.subset(candidates)
        _, count = islands(part.left, part.right, part.count)
        out[candidates] = count + _zeros_apart(part) >= 2
    return out


def _zeros_apart(view: View) -> BoolArray:
    """Whether exact zeros stand apart from all other values, by gaps that are not chance; bool [m]."""
    row = np.arange(len(view))
    solid = np.maximum(view.count - NOISE * np.sqrt(view.count), 0) / np.maximum(view.width, 1e-300)
    filled = view.count > 0
    apart = view.zero_low * view.values >= GAP_EVIDENCE
    for side in (filled & (view.left >= 0), filled & (view.right <= 0)):
        near = np.where(side, np.minimum(np.abs(view.left), np.abs(view.right)), np.inf)
        at = np.argmin(near, axis=1)
        gap = near[row, at]
        apart &= ~side.any(axis=1) | (gap * solid[row, at] >= GAP_EVIDENCE)
    return apart & ~(filled & (view.left < 0) & (view.right > 0)).any(axis=1)

"""The bucket limits of old-style histograms (TF 1, PyTorch, tensorboardX): ..., -1e-12, 0, 1e-12, 1.1e-12, ..."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LADDER_BASE = 1e-12
"""Smallest positive bucket limit of old-style histograms (TF 1, PyTorch, tensorboardX)."""
LADDER_RATIO = 1.1
"""Factor between neighbouring bucket limits of old-style histograms."""
LADDER_END = 1e20
"""Old-style writers do not count values at or beyond this limit; they show in `max` and `num` only."""
EXACT_ZERO_RIGHT = LADDER_BASE * (1 + 1e-6)
"""A bucket [0, r] with r up to this holds exact zeros for all practical purposes (float32 rounding included)."""
ON_A_RUNG = 1e-4
"""How far from a whole number an exponent may be: float32 rounding moves it by 1e-6, chance by 0.25 on average."""


def ladder_exponent(edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """k for edges +-1e-12 * 1.1**k; a real number for any other edge, -inf for 0."""
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(np.log(np.abs(edges) / LADDER_BASE) / np.log(LADDER_RATIO), dtype=np.float64)


def on_ladder(edges: npt.NDArray[np.float64]) -> bool:
    """Whether all of these edges are limits of the ladder, float32 rounding allowed for."""
    if not np.isfinite(edges).all():
        return False
    rung = ladder_exponent(edges[edges != 0])
    with np.errstate(invalid="ignore"):
        return bool((np.abs(rung - np.rint(rung)) < ON_A_RUNG).all())


def next_rung_below(edge: float) -> float:
    """The next limit below `edge` on the ladder."""
    if edge == 0:
        return -LADDER_BASE
    if edge < 0:
        return edge * LADDER_RATIO
    return 0.0 if edge <= EXACT_ZERO_RIGHT else edge / LADDER_RATIO

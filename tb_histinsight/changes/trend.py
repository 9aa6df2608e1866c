"""Whether a number has a trend over the steps that is more than fluctuation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tb_histinsight.core.histogram import FloatArray, IntArray
from tb_histinsight.core.labels import Confidence

BLOCKS = 24
"""Blocks of steps whose means are compared, at most: averages out fluctuation, and what neighbouring steps share."""
FEW = 6
"""Below so many steps, only a strictly monotone course is a trend, and never more than suspected."""
MONOTONE = ((6, 0.9999), (8, 0.993), (10, 0.967), (12, 0.917), (16, 0.838), (20, 0.80), (24, 0.75))
"""(blocks, share of the variance of the block means that a monotone course must explain). Means without a trend reach
it less than once in 2000 (simulated: 0.9995 quantile, rounded up from 20 blocks on; docs/shapes.md)."""
ROUNDING = 4e-7
"""Relative differences below this may be float32 rounding of a loader."""


@dataclass(frozen=True)
class Trend:
    """A monotone course, or none."""

    proven: bool
    direction: int
    """+1 up, -1 down, 0 none"""
    strength: float
    """Share of the variance between blocks that a monotone course explains"""
    rise: float
    """Last block less first block, in the number's own unit"""
    few: bool = False
    """Whether there were too few steps for more than a suspicion"""


NONE = Trend(False, 0, 0.0, 0.0)


def trend_of(values: FloatArray, resolution: FloatArray) -> Trend:
    """The trend of a number over steps.

    Args:
      values: float64 [n], finite.
      resolution: float64 [n], how far each may be off for reasons of its own (buckets).
    """
    n = len(values)
    if n < 3:
        return NONE
    cuts, sizes = _blocks(n)
    means = np.add.reduceat(values, cuts) / sizes
    rise = float(means[-1] - means[0])
    magnitude = float(np.abs(values).max())
    if abs(rise) <= max(ROUNDING * magnitude, float(resolution[0] + resolution[-1])):
        return NONE
    centred = means - means.mean()
    variance = float(centred @ centred)
    if variance == 0:
        return NONE
    direction = 1 if rise > 0 else -1
    fitted = monotone_fit(direction * means) * direction
    residual = means - fitted
    strength = 1 - float(residual @ residual) / variance
    if n < FEW:
        return Trend(bool((direction * np.diff(values) >= 0).all()), direction, strength, rise, few=True)
    needed = np.interp(len(means), [b for b, _ in MONOTONE], [share for _, share in MONOTONE])
    return Trend(bool(strength >= needed), direction, strength, rise)


@lru_cache(maxsize=64)
def _blocks(n: int) -> tuple[IntArray, IntArray]:
    """First index and size of each of the blocks of n steps."""
    cuts = np.linspace(0, n, min(n, BLOCKS) + 1).astype(np.int64)
    return cuts[:-1], np.diff(cuts)


def median(values: FloatArray) -> float:
    """The median; NaN of nothing. For the few hundred steps of a series ten times as quick as NumPy's."""
    n = len(values)
    if not n:
        return float("nan")
    ordered = np.sort(values)
    return float(0.5 * (ordered[(n - 1) // 2] + ordered[n // 2]))


def monotone_fit(values: FloatArray) -> FloatArray:
    """The non-decreasing course nearest to the values (pool adjacent violators); float64 [n].

    Source: Barlow, Bartholomew, Bremner & Brunk (1972), Statistical Inference under Order Restrictions.
    """
    level: list[float] = []
    weight: list[int] = []
    for value in values.tolist():
        level.append(value)
        weight.append(1)
        while len(level) > 1 and level[-2] > level[-1]:
            w = weight[-2] + weight[-1]
            level[-2:] = [(level[-2] * weight[-2] + level[-1] * weight[-1]) / w]
            weight[-2:] = [w]
    return np.repeat(level, weight)


def confidence_of(trends: list[Trend]) -> Confidence:
    """How sure a change is that rests on these trends: suspect where all rest on few steps."""
    return Confidence.SUSPECT if all(trend.few for trend in trends) else Confidence.LIKELY

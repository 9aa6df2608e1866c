"""Kernels whose weights sit near 0: collapsed against their own past, sparse, simply small, or grown since.

Weights near 0 are not dead by that alone. What tells is their scale: against their own history, and against what the
usual initialisers give for as many inputs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tb_histinsight.core.labels import Role, Shape
from tb_histinsight.core.run import RunAnalysis, TagAnalysis

COLLAPSED = 0.1
"""RMS at the last step ÷ the largest before, below which a kernel is called collapsed here (chosen; the rule
`collapsed-weights` warns from 0.01 on)."""
SMALL = 1 / 3
"""RMS ÷ the smallest standard deviation of a usual initialiser, below which weights are called small; chosen."""

Kind = Literal["collapsed", "sparse", "small", "grown"]


@dataclass(frozen=True)
class NearZero:
    """A kernel near 0, and what its scale is to be compared with."""

    kernel: TagAnalysis
    kind: Kind
    rms: float
    factor: float
    """RMS at the last step ÷ RMS at the first"""
    zero_least: float
    """Share of exact zeros at the last step, at least"""
    zero_most: float
    fan_in: int | None = None
    """Where a bias beside it tells"""
    least: float = math.nan
    """Standard deviation that the usual initialisers give for this fan-in, at least and at most"""
    most: float = math.nan


def usual_scales(fan_in: int, fan_out: int) -> tuple[float, float]:
    """Smallest and largest standard deviation of He's, LeCun's, Glorot's initialisers and of PyTorch's default."""
    variances = (2 / fan_in, 1 / fan_in, 2 / (fan_in + fan_out), 1 / (3 * fan_in))
    return math.sqrt(min(variances)), math.sqrt(max(variances))


def near_zero(run: RunAnalysis) -> list[NearZero]:
    """The kernels of a run that sit near 0 at the last step, or did at the first; in depth order."""
    biases = {tag.name.layer: tag.element_count for tag in run.of_role(Role.BIAS)}
    return [found for tag in run.kernels() if (found := _judged(tag, biases.get(tag.name.layer))) is not None]


def _judged(tag: TagAnalysis, fan_out: int | None) -> NearZero | None:
    rms = tag.stats.rms
    known = np.flatnonzero(np.isfinite(rms.lower) & np.isfinite(rms.upper))
    if not len(known):
        return None
    first, last = int(known[0]), int(known[-1])
    fan_in, least, most = None, math.nan, math.nan
    if fan_out and tag.element_count % fan_out == 0:
        fan_in = tag.element_count // fan_out
        least, most = usual_scales(fan_in, fan_out)
    limit = SMALL * least  # NaN compares false: without a fan-in nothing is called small
    kind: Kind
    if rms.upper[last] < COLLAPSED * float(rms.lower[known].max()):
        kind = "collapsed"
    elif tag.shapes.labels and tag.shapes.last.shape in (Shape.SPARSE, Shape.COLLAPSED):
        kind = "sparse"
    elif rms.upper[last] < limit:
        kind = "small"
    elif rms.upper[first] < limit:
        kind = "grown"
    else:
        return None
    start, end = float(rms.value[first]), float(rms.value[last])
    return NearZero(
        kernel=tag,
        kind=kind,
        rms=end,
        factor=end / start if start > 0 else math.inf,
        zero_least=float(tag.stats.zero_share.lower[last]),
        zero_most=float(tag.stats.zero_share.upper[last]),
        fan_in=fan_in,
        least=least,
        most=most,
    )

"""How gradients and movements compare over the depth of a network: ratios with their bounds, trends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.histogram import FloatArray
from tb_histinsight.core.labels import Role
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.movement import has_values, late_rms


@dataclass(frozen=True)
class Ratio:
    """How many times larger one scale is than another, and what the buckets prove of it."""

    value: float
    lower: float
    upper: float


def kernel_gradients(run: RunAnalysis) -> list[TagAnalysis]:
    """One gradient per layer: of its kernel; in depth order."""
    found: dict[str, TagAnalysis] = {}
    for tag in run.of_role(Role.GRADIENT):
        if tag.name.kernel and tag.name.subject is Role.WEIGHT and has_values(tag):
            found.setdefault(tag.name.layer, tag)
    return list(found.values())


def ratio_of(large: TagAnalysis, small: TagAnalysis) -> Ratio:
    """How many times larger one tensor's late RMS is than another's."""
    above, below = late_rms(large), late_rms(small)
    with np.errstate(divide="ignore", invalid="ignore"):
        value, lower, upper = (
            np.float64(above[0]) / below[0],
            np.float64(above[1]) / below[2],
            np.float64(above[2]) / below[1],
        )
    return Ratio(float(value), float(lower), float(upper))


def straight_line(values: FloatArray) -> tuple[float, float]:
    """Slope per layer and R² of the straight line through the values."""
    depth = np.arange(len(values))
    slope, offset = np.polyfit(depth, values, 1)
    spread = float(((values - values.mean()) ** 2).sum())
    rest = float(((values - slope * depth - offset) ** 2).sum())
    return float(slope), 1 - rest / spread if spread > 0 else 0.0


def rank_correlation_with_depth(values: FloatArray) -> float:
    """Rank correlation with the index; no ties are expected among measured movements."""
    ranks = np.argsort(np.argsort(values))
    return float(np.corrcoef(ranks, np.arange(len(values)))[0, 1])


def movement_of(gradient: TagAnalysis, kernels: Sequence[TagAnalysis]) -> float | None:
    """How far the kernel of a gradient's layer moved; None where that is not known."""
    movements = [tag.change.movement for tag in kernels if tag.name.layer == gradient.name.layer]
    return max((movement for movement in movements if movement is not None), default=None)


def tags_of(gradients: Sequence[TagAnalysis], others: Sequence[TagAnalysis]) -> tuple[str, ...]:
    """Names of the gradients and of what else was looked at, each once."""
    return tuple(dict.fromkeys(tag.tag for tag in (*gradients, *others)))

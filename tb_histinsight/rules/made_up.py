"""Tensors that are made up for the examples of rules: exact quantiles, so that they are the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from tb_histinsight.core.histogram import FloatArray

STEPS = 6
"""Steps of an example, unless it needs more."""
STEP = 100
"""From one of them to the next."""


@dataclass(frozen=True)
class Example:
    """A small run on which a rule fires, for its page."""

    tensors: Mapping[str, Sequence[FloatArray]]
    """By tag, one tensor per step"""
    shown: tuple[str, ...] = ()
    """Tags that are drawn; none: the first two that the finding names"""
    collided: tuple[str, ...] = ()
    """Tags under which more than one tensor was logged at each step"""
    other: Mapping[str, Sequence[FloatArray]] = field(default_factory=dict)
    """The tensors of a second run, where runs are compared"""


@lru_cache(maxsize=16)
def _normal_quantiles(count: int) -> FloatArray:
    from statistics import NormalDist  # with half a dozen modules that no report needs

    normal = NormalDist()
    return np.array([normal.inv_cdf((i + 0.5) / count) for i in range(count)])


def bell(count: int, scale: float = 1.0) -> FloatArray:
    """As a normal of this standard deviation; float64 [count]."""
    return _normal_quantiles(count) * scale


def plateau(count: int, limit: float = 1.0) -> FloatArray:
    """As a uniform on [-limit, limit]; float64 [count]."""
    return (2 * (np.arange(count) + 0.5) / count - 1) * limit


def still(tensor: FloatArray, steps: int = STEPS) -> list[FloatArray]:
    """The same tensor at every step."""
    return [tensor] * steps


def moving(tensor: FloatArray, by: float = 0.3, steps: int = STEPS) -> list[FloatArray]:
    """A tensor each of whose values goes its own way, `by` standard deviations in all, as in training."""
    direction = np.sqrt(2) * np.sin(12.9898 * np.arange(tensor.size)) * by * tensor.std()
    return [tensor + direction * i / (steps - 1) for i in range(steps)]


def scaled(tensor: FloatArray, *factors: float) -> list[FloatArray]:
    """The tensor times each of these factors, a step each."""
    return [tensor * factor for factor in factors]

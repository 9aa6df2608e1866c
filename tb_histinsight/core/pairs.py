"""A layer's kernel beside its bias: how far each moved, as it is, in its spread, and in buckets of its own chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.histogram import Histogram
from tb_histinsight.core.labels import Role
from tb_histinsight.core.run import RunAnalysis, TagAnalysis

HIDDEN = 1.0
"""Buckets of its own chart below which a movement cannot be seen there: the counts change, the picture does not."""


@dataclass(frozen=True)
class Moved:
    """How far a tensor's histogram moved from the first step to the last."""

    distance: float
    """Wasserstein-1 distance in the tensor's own unit: at most the mean |change| of its values"""
    in_spread: float
    """÷ standard deviation at the last step"""
    in_buckets: float
    """÷ width of the buckets that most of its values are in at the last step"""


@dataclass(frozen=True)
class Pair:
    """Kernel and bias of one layer."""

    kernel: TagAnalysis
    bias: TagAnalysis
    kernel_moved: Moved
    bias_moved: Moved

    @property
    def only_bias_visible(self) -> bool:
        """Whether the bias moved visibly and the kernel did not, although it did move."""
        same = self.kernel.change.identical
        moves = len(same) > 1 and not same.all()
        return moves and self.kernel_moved.in_buckets < HIDDEN <= self.bias_moved.in_buckets


def pairs_of(run: RunAnalysis) -> list[Pair]:
    """The layers with one kernel and one bias, both logged at several steps, in depth order."""
    kernels, biases = _by_layer(run.kernels()), _by_layer(run.of_role(Role.BIAS))
    found = []
    for layer, kernel in kernels.items():
        bias = biases.get(layer)
        if kernel is None or bias is None:
            continue
        kernel_moved, bias_moved = moved_of(kernel), moved_of(bias)
        if kernel_moved is not None and bias_moved is not None:
            found.append(Pair(kernel, bias, kernel_moved, bias_moved))
    return found


def moved_of(tag: TagAnalysis) -> Moved | None:
    """How far a tag moved; None where it has one step, no spread, or values that are not finite."""
    if len(tag.steps) < 2 or not len(tag.first.count):
        return None
    distance, width = tag.distance, bucket_width(tag.last)
    spread = tag.stats.std.value[np.isfinite(tag.stats.std.value)]
    if not len(spread) or not spread[-1] > 0 or not width > 0 or not np.isfinite(distance):
        return None
    return Moved(distance, float(distance / spread[-1]), float(distance / width))


def bucket_width(histogram: Histogram) -> float:
    """Width of the bucket that the middle value by width is in: of equal buckets, any; 0 for a single value."""
    width = histogram.right - histogram.left
    order = np.argsort(width, kind="stable")
    below = np.cumsum(histogram.count[order])
    return float(width[order][np.searchsorted(below, 0.5 * below[-1])])


def _by_layer(tags: Sequence[TagAnalysis]) -> dict[str, TagAnalysis | None]:
    """Layer -> its tag; None where it has several, whose partners are not known."""
    found: dict[str, TagAnalysis | None] = {}
    for tag in tags:
        found[tag.name.layer] = None if tag.name.layer in found else tag
    return found

"""Distances of a tag from its counterpart in another run, and from where it began, with what the buckets prove."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tb_histinsight.core.dense import DenseBuckets, dense_buckets
from tb_histinsight.core.distance import Transport, transport, transports
from tb_histinsight.core.histogram import FloatArray, Histogram, IntArray
from tb_histinsight.core.run import TagAnalysis
from tb_histinsight.differences.measure import Scales


def step_of(tag: TagAnalysis, index: int) -> int:
    """The first (0) or last (-1) step at which the tag has finite values."""
    return int(tag.steps[filled(tag)[index]])


def filled(tag: TagAnalysis) -> IntArray:
    """Indices of the steps that have finite values."""
    return np.flatnonzero(np.isfinite(tag.stats.minimum))


def moved(tag: TagAnalysis) -> tuple[float, float] | None:
    """Bounds of the movement from the first histogram to the last ÷ mean |x| of the first."""
    travel = transport(tag.first, tag.last)
    at = int(filled(tag)[0])
    low, high = float(tag.stats.mean_abs.lower[at]), float(tag.stats.mean_abs.upper[at])
    return (travel.least / high, travel.most / low) if low > 0 else None


def distance_of(tag: TagAnalysis, other: TagAnalysis, measured: Scales, p: int) -> Transport | None:
    """Wasserstein-1 distance ÷ mean |x| of the other; None where the histograms of the compared step were not kept."""
    if step_of(tag, -1) != measured.step[p] or step_of(other, -1) != measured.other_step[p]:
        return None
    at = int(filled(other)[-1])
    size = other.stats.mean_abs
    if not size.value[at] > 0:
        return None
    travel = transport(tag.last, other.last)
    low = float(size.lower[at])
    return Transport(
        travel.distance / float(size.value[at]),
        travel.least / float(size.upper[at]),
        travel.most / low if low > 0 else math.inf,
    )


def distances(tags: Sequence[TagAnalysis], others: Sequence[TagAnalysis]) -> FloatArray:
    """Wasserstein-1 distances of the last histograms of pairs of tags ÷ mean |x| of the second; NaN where that is 0."""
    distance, _, _ = transports(_dense([tag.last for tag in tags]), _dense([tag.last for tag in others]))
    size = np.array([float(tag.stats.mean_abs.value[filled(tag)[-1]]) for tag in others])
    return np.where(size > 0, distance / np.where(size > 0, size, 1.0), np.nan)


def _dense(histograms: Sequence[Histogram]) -> DenseBuckets:
    rows = np.concatenate([np.stack([h.left, h.right, h.count], axis=1) for h in histograms])
    offsets = np.concatenate([[0], np.cumsum([len(h.count) for h in histograms])]).astype(np.int64)
    return dense_buckets(rows, offsets)

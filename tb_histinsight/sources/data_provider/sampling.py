"""What can be told from the steps that TensorBoard kept: which record holds, and how many there were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tb_histinsight.core.histogram import FloatArray, IntArray

GAP_DISTANCE = 0.25
"""Kolmogorov distance between the gaps of the kept steps and those of a random sample, above which the number of
logged steps is not claimed. 99 gaps of a true sample stay below 1.63 / sqrt(99) = 0.16 with 99 % probability
(Kolmogorov's limit distribution); steps logged at varying intervals are far beyond it."""
FIRST_GAP = 7.0
"""Mean gaps that may be missing before the first kept step, if logging began at step 0: exp(-7) = 0.1 % of samples
miss more."""


@dataclass(frozen=True)
class StepOrder:
    """Which records of a tag hold, by index into what the provider gave; their steps strictly ascend."""

    kept: IntArray
    collisions: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """Steps with several different records written together"""
    restarts: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """Steps at which the log went back"""


def order_steps(
    steps: IntArray, wall_times: FloatArray, same: Callable[[int, int], bool] = lambda i, j: True
) -> StepOrder:
    """Puts records in the order in which they hold.

    The Python loader keeps every record. Where the steps go back, a job was restarted: what it wrote replaces the
    earlier records from that step on. Several records of one step in a row are a collision of tags when they differ
    and were written together, closer than the steps are; otherwise the last one is a restart's.

    Args:
      steps: int64 [n] as given.
      wall_times: float64 [n], seconds.
      same: whether two records, by index, are equal.
    """
    difference = np.diff(steps)
    if (difference > 0).all():
        return StepOrder(np.arange(len(steps)))
    ahead = np.diff(wall_times)[difference > 0]
    usual_gap = float(np.median(ahead)) if len(ahead) else np.inf
    kept: list[int] = []
    collisions: set[int] = set()
    restarts: set[int] = set()
    for i, step in enumerate(steps.tolist()):
        if kept and step == steps[kept[-1]]:
            if not same(kept[-1], i):
                together = abs(wall_times[i] - wall_times[kept[-1]]) < usual_gap
                (collisions if together else restarts).add(step)
            kept[-1] = i
            continue
        if kept and step < steps[kept[-1]]:
            restarts.add(step)
            while kept and steps[kept[-1]] >= step:
                kept.pop()
        kept.append(i)
    return StepOrder(
        np.array(kept, np.int64), np.array(sorted(collisions), np.int64), np.array(sorted(restarts), np.int64)
    )


def estimated_total(steps: IntArray, limit: int | None) -> int | None:
    """How many steps were logged, where TensorBoard kept a random sample of them; None: nothing left out, or unknown.

    A tag with fewer steps than TensorBoard keeps is complete. Otherwise the steps were sampled from a regular grid if
    the gaps between them are multiples of one stride and spread as those of a random sample do (geometrically); then
    the grid says how many there were. Logging is taken to have begun at step 0 where the first kept step lies on the
    grid and near enough to 0 for that, else at the first kept step.

    Args:
      steps: int64 [n], ascending.
      limit: how many the provider keeps at most; None: all, or not known.
    """
    n = len(steps)
    if limit is None or n < limit or n < 3:
        return None
    gaps = np.diff(steps)
    stride = int(np.gcd.reduce(gaps))
    first, last = int(steps[0]), int(steps[-1])
    total = (last - first) // stride + 1
    if total == n:
        return None
    # The last step is always kept and says nothing of the sampling.
    multiples = np.sort(gaps[:-1] // stride)
    share = (n - 1) / (total - 1)
    values, last_index = np.unique(multiples, return_counts=True)
    observed = np.cumsum(last_index) / len(multiples)
    expected = 1.0 - (1.0 - share) ** values
    before = np.concatenate([[0.0], observed[:-1]])
    expected_before = 1.0 - (1.0 - share) ** (values - 1)
    distance = max(np.abs(observed - expected).max(), np.abs(before - expected_before).max())
    if distance > GAP_DISTANCE:
        return None
    if first % stride == 0 and first // stride <= FIRST_GAP / share:
        total += first // stride
    return total

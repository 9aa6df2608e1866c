"""Repeated runs: the same training with another seed, and how much that alone changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.histogram import FloatArray
from tb_histinsight.core.median import median, medians_along
from tb_histinsight.differences.match import Match
from tb_histinsight.differences.measure import scales
from tb_histinsight.differences.summary import RunSummary, quantiles

SEED = re.compile(r"(?<![a-z])(seed|rep|repeat|repetition)s?([ _=:.-]*)\d+(?![\d.]*[a-z])", re.IGNORECASE)
"""What a run's name says of a seed. Bare numbers (`run_1`, `version_2`, `trial_3`) may stand for anything."""
MOST_REPEATS = 12
"""Repeated runs that are compared with each other; more would not change the level."""
MARGIN = 3.0
"""The level of a tensor is at least so many times the typical difference of two repeated runs, over all tensors of its
role: two or three runs alone say little of how far apart others can be."""
BEYOND = 1e4
"""|ln ratio| that stands for an infinite one; float64 has none above 1500."""


@dataclass(frozen=True)
class Family:
    """A run, and those that repeat it."""

    representative: RunSummary
    """The one nearest to the middle of them"""
    runs: tuple[str, ...]
    """Names of all of them, in the log's order"""
    ratio_level: FloatArray
    """float64 [T]: |ln| of the ratio of scales that another seed alone makes; 0 where there is one run only"""
    distance_level: FloatArray
    """float64 [T]: the Wasserstein-1 distance ÷ mean |x| that another seed alone makes"""


def families(runs: Sequence[RunSummary]) -> list[Family]:
    """The runs, those together that differ in their seed alone: by name, and the same tensors."""
    alike: dict[object, list[RunSummary]] = {}
    for run in runs:
        base = SEED.sub(r"\1\2#", run.run)
        key = (base, run.names, run.sizes) if base != run.run else (run.run,)
        alike.setdefault(key, []).append(run)
    return [_family(members) for members in alike.values()]


def _family(members: Sequence[RunSummary]) -> Family:
    names = tuple(run.run for run in members)
    nothing = np.zeros(len(members[0].heads))
    if len(members) == 1:
        return Family(members[0], names, nothing, nothing)
    measured = members[:MOST_REPEATS]
    every = [Match(i, i, True) for i in range(len(members[0].heads))]
    # Each against the first; the ratio of two others follows, where all cover the same steps.
    ratios = []
    for run in measured:
        found = scales(measured[0], run, every)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios.append(np.log(found.other_rms[0]) - np.log(found.rms[0]))
    # Zero in one of them and not in another is farther apart than any ratio.
    logs = np.nan_to_num(np.array(ratios), nan=0.0, posinf=BEYOND, neginf=-BEYOND)
    middle = int(np.argmin(np.abs(logs - medians_along(logs, 0)).sum(axis=1)))
    last = np.array([quantiles(run.tags) for run in measured])
    size = np.abs(last).mean(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        distances = [np.abs(last - one).mean(axis=2) / size for one in last]
        apart = np.nan_to_num(np.array(distances), nan=0.0, posinf=BEYOND)
    between = np.abs(logs[:, None] - logs[None])
    for run in measured:
        run.forget()
    roles = [name.role.value for name in members[0].heads]
    return Family(members[middle], names, _level(between, roles), _level(apart, roles))


def _level(differences: FloatArray, roles: Sequence[str]) -> FloatArray:
    """What another seed makes of each tensor, from the differences of all pairs of repeated runs [k, k, T]."""
    k = len(differences)
    largest = differences.max(axis=(0, 1))
    typical = np.sqrt((differences**2).sum(axis=(0, 1)) / (k * (k - 1)))
    level = largest.copy()
    for role in set(roles):
        of_role = np.array([one == role for one in roles])
        level[of_role] = np.maximum(level[of_role], MARGIN * median(typical[of_role]))
    return np.asarray(level, dtype=np.float64)

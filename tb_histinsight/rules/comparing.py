"""Lets the rule `run-difference` judge several runs: which of the measured differences are worth telling."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from tb_histinsight.core.findings import Comparison, RuleOutcome
from tb_histinsight.core.histogram import BoolArray, FloatArray
from tb_histinsight.core.labels import Reason, Role, Status
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.differences.measure import scales
from tb_histinsight.differences.pairs import MOST_PAIRED, Pair, pairs_of
from tb_histinsight.differences.repeats import families
from tb_histinsight.differences.summary import RunSummary, quantiles, summarise
from tb_histinsight.rules.adjustment import Adjustment
from tb_histinsight.rules.compared import STRONGEST, Candidate, Compared, comparison, with_distances
from tb_histinsight.rules.run_difference import RunDifference

MOST_OF_A_PAIR = 8
"""Differences of two runs that are told: what one reads. The strongest lead to the others."""
MOST_TRIED = 3 * MOST_OF_A_PAIR
"""Differences of two runs that are looked at closely; of some the buckets will not prove what an estimate says."""
MOST_OF_ALL = 100
"""Differences that a report holds."""
ALIKE = math.log(1.25)
"""|ln ratio| of scales that are about the same; histograms that differ then differ in shape or place."""
BIASES_COUNT = 0.5
"""Strengths of biases and normalisations beside those of kernels: they say less of the signal in a layer."""
FROM_START_COUNTS = 0.5
"""Strengths of weights that differed as much before the training: whoever chose the initialisation knows it."""
GRADIENTS_COUNT = 1.25
"""Strengths of a kernel's gradients beside those of its weights: what comes first in training is told first."""

_log = logging.getLogger(__name__)


def compare_runs(
    runs: Sequence[RunAnalysis], adjustment: Adjustment | None = None
) -> tuple[list[RunAnalysis], list[Comparison]]:
    """The same runs, each with the outcome of `run-difference`; and what is to be told, the most telling first.

    Runs on which the rule was not to be run have no outcome of it, and are not compared.

    Args:
      adjustment: what the user set about the rule's limits.
    """
    asked = [run for run in runs if is_compared(run)]
    comparisons, outcomes = compare_summaries([run.run for run in asked], lambda: summarise(asked), adjustment)
    if not outcomes:
        return list(runs), []
    judged = [
        replace(run, outcomes=tuple(outcomes[run.run] if old.rule == RunDifference.id else old for old in run.outcomes))
        for run in runs
    ]
    return judged, comparisons


def is_compared(run: RunAnalysis) -> bool:
    """Whether the rule was to be run on it."""
    return any(outcome.rule == RunDifference.id for outcome in run.outcomes)


def compare_summaries(
    runs: Sequence[str], summaries: Callable[[], Sequence[RunSummary]], adjustment: Adjustment | None = None
) -> tuple[list[Comparison], dict[str, RuleOutcome]]:
    """What is to be told, the most telling first; and the rule's outcome on each run, none if there is only one.

    Args:
      runs: their names.
      summaries: gives the runs as they are compared.
    """
    if len(runs) < 2:
        return [], {}
    rule = RunDifference()
    if adjustment is not None:
        rule = adjustment.rule(rule)
    try:
        return _compare(rule, summaries())
    except Exception as error:
        _log.exception("Rule %s broke", RunDifference.id)
        broken = Reason("broke", {"error": f"{type(error).__name__}: {error}"})
        return [], {run: RuleOutcome(RunDifference.id, Status.FAILED, broken) for run in runs}


def _compare(rule: RunDifference, runs: Sequence[RunSummary]) -> tuple[list[Comparison], dict[str, RuleOutcome]]:
    outcomes = {run.run: RuleOutcome(RunDifference.id, Status.SKIPPED, Reason("no_layer")) for run in runs}
    found = families(runs)
    for family in found:
        if len(family.runs) > 1:  # with one another, for the level
            outcomes.update({run: RuleOutcome(RunDifference.id, Status.PASSED) for run in family.runs})
    everyone = len(found) <= MOST_PAIRED
    candidates: dict[int, _Told] = {}
    for number, pair in enumerate(pairs_of(found)):
        compared = _measured(rule, pair)
        some = sorted(_candidates(rule, compared), key=lambda candidate: -candidate.strength)
        # What is only estimated may turn out not to be proved.
        while some and not some[0].proved and comparison(rule, compared, some[0]) is None:
            del some[0]
        if some:
            candidates[number] = compared, some[:MOST_TRIED]
        if not everyone:
            pair.run.representative.forget()
            if len(candidates) > 2 * MOST_OF_ALL:
                candidates = _most_telling(candidates)
        outcome = RuleOutcome(RunDifference.id, Status.FIRED if some else Status.PASSED)
        if not np.isfinite(compared.scales.rms[0]).any():
            outcome = RuleOutcome(RunDifference.id, Status.SKIPPED, Reason("no_step"))
        for run in (*pair.run.runs, *pair.other.runs):
            outcomes[run] = max(outcomes[run], outcome, key=_weight)
    told: list[tuple[Compared, Candidate, Comparison]] = []
    of_pair: Counter[int] = Counter()
    for number, candidate in _ranked(candidates, everyone=everyone):
        if len(told) == MOST_OF_ALL:
            break
        if of_pair[number] < MOST_OF_A_PAIR:
            pair_told = candidates[number][0]
            one = comparison(rule, pair_told, candidate)
            if one is not None:
                told.append((pair_told, candidate, one))
                of_pair[number] += 1
    return with_distances(told), outcomes


_Told: TypeAlias = "tuple[Compared, list[Candidate]]"
"""A pair of runs, and what may be told of it, the strongest first."""


def _most_telling(candidates: dict[int, _Told]) -> dict[int, _Told]:
    """Of many pairs with one reference those of which anything will be told: of each pair the strongest comes first."""
    best = sorted(
        candidates, key=lambda number: (candidates[number][0].alike, -candidates[number][1][0].strength, number)
    )
    return {number: candidates[number] for number in sorted(best[:MOST_OF_ALL])}


def _ranked(candidates: Mapping[int, _Told], *, everyone: bool) -> list[tuple[int, Candidate]]:
    """What is told first: the strongest of each pair, those first of which one run is worse, nothing over and over.

    What was told of a tensor once, beside one run, comes later beside the next: else one odd run would fill the list.

    Args:
      everyone: whether every run is compared with every other; else all have the same other run.

    Returns:
      Pairs of a number of a pair and what is told of it.
    """
    entries = [
        (place, pair.alike, -candidate.strength, number, candidate)
        for number, (pair, some) in candidates.items()
        for place, candidate in enumerate(some)
    ]
    before: Counter[tuple[str, int]] = Counter()
    ordered = []
    for place, alike, weakness, number, candidate in sorted(entries, key=lambda entry: entry[2:4]):
        pair = candidates[number][0].pair
        match = pair.matches[candidate.at]
        sides = [(pair.run.representative.run, match.first)]
        if everyone:
            sides.append((pair.other.representative.run, match.second))
        again = max(before[side] for side in sides)
        before.update(sides)
        ordered.append((place + again, alike, weakness, number, candidate))
    ordered.sort(key=lambda entry: entry[:4])
    return [(number, candidate) for *_, number, candidate in ordered]


def _weight(outcome: RuleOutcome) -> int:
    """Of several outcomes of a run that was compared with several, the one that says most."""
    if outcome.status is Status.SKIPPED:
        return 0 if outcome.reason == Reason("no_layer") else 1
    return 3 if outcome.status is Status.FIRED else 2


def _measured(rule: RunDifference, pair: Pair) -> Compared:
    run, other = pair.run.representative, pair.other.representative
    one = [match.first for match in pair.matches]
    two = [match.second for match in pair.matches]
    sizes = np.minimum(np.array(run.sizes)[one], np.array(other.sizes)[two])
    return Compared(
        pair=pair,
        scales=scales(run, other, pair.matches),
        chance=rule.chance(sizes),
        ratio_level=np.maximum(pair.run.ratio_level[one], pair.other.ratio_level[two]),
        distance_level=np.maximum(pair.run.distance_level[one], pair.other.distance_level[two]),
    )


def _candidates(rule: RunDifference, compared: Compared) -> list[Candidate]:
    """What may be telling about two runs, at most one thing of each tensor."""
    run, other = compared.pair.run.representative, compared.pair.other.representative
    matches, rms, other_rms = compared.pair.matches, compared.scales.rms, compared.scales.other_rms
    one = [match.first for match in matches]
    two = [match.second for match in matches]
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.log(rms[1]) - np.log(other_rms[2])
        high = np.log(rms[2]) - np.log(other_rms[1])
        proved = np.where(low > 0, low, np.where(high < 0, -high, 0.0))
        same = np.abs(np.log(rms[0]) - np.log(other_rms[0])) < ALIKE
        moves = np.stack([run.movement[one], other.movement[two]])
        moved = np.log(moves.max(axis=0)) - np.log(moves.min(axis=0))
    limit = np.array([rule.scale_limit(run.tags[i].name.role) for i in one]) + compared.chance
    told = (proved >= limit) & (proved > compared.ratio_level)
    found = [Candidate(_strength(proved[p]) / limit[p], "rms", int(p), True) for p in np.flatnonzero(told)]
    least = math.log(rule.movement_ratio)
    enough = ~told & (moved >= least) & (moves.max(axis=0) >= rule.least_movement)
    found.extend(Candidate(_strength(moved[p]) / least, "movement", int(p), False) for p in np.flatnonzero(enough))
    unlike = np.flatnonzero(~told & same & ~enough & ~_only_this_batch(run.tags, one))
    found.extend(_apart(rule, compared, unlike))
    return [replace(one, strength=one.strength * _importance(compared, one)) for one in found]


def _strength(log_ratio: float) -> float:
    """|ln ratio|; beyond STRONGEST more is hardly more telling."""
    return float(min(log_ratio, STRONGEST)) + 1e-3 * float(min(log_ratio, 10 * STRONGEST))


def _importance(compared: Compared, candidate: Candidate) -> float:
    tag = compared.pair.run.representative.tags[compared.pair.matches[candidate.at].first]
    if candidate.quantity == "rms" and compared.from_start[candidate.at]:
        return FROM_START_COUNTS
    if tag.name.subject in (Role.BIAS, Role.NORM):
        return BIASES_COUNT
    return GRADIENTS_COUNT if tag.name.role in (Role.GRADIENT, Role.UPDATE) else 1.0


def _only_this_batch(tags: Sequence[TagAnalysis], places: Sequence[int]) -> BoolArray:
    """Whether the shape of a single step's histogram says more of its batch than of the network."""
    return np.array([tags[i].name.role in (Role.GRADIENT, Role.UPDATE) for i in places], bool)


def _apart(rule: RunDifference, compared: Compared, places: FloatArray | np.ndarray) -> list[Candidate]:
    """Of tensors of about the same scale those whose last histograms seem far apart."""
    if not len(places):
        return []
    matches = [compared.pair.matches[p] for p in places]
    ours = quantiles([compared.pair.run.representative.tags[match.first] for match in matches])
    theirs = quantiles([compared.pair.other.representative.tags[match.second] for match in matches])
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.abs(ours - theirs).mean(axis=1) / np.abs(theirs).mean(axis=1)
    limit = rule.least_distance + compared.chance[places]
    strength = np.log1p(distance) / np.log1p(limit)
    return [Candidate(float(s), "distance", int(p), False) for p, s in zip(places, strength, strict=True) if s >= 1]

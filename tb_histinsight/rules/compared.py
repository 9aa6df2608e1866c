"""What is to be told of one tensor in two runs: the sentence, its numbers, and what the buckets prove of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tb_histinsight.core.distance import Transport
from tb_histinsight.core.findings import Comparison, Value
from tb_histinsight.core.histogram import BoolArray, FloatArray
from tb_histinsight.core.labels import Role
from tb_histinsight.core.run import TagAnalysis
from tb_histinsight.differences.measure import Scales
from tb_histinsight.differences.pairs import Pair
from tb_histinsight.rules.movement import is_identical
from tb_histinsight.rules.run_difference import RunDifference
from tb_histinsight.rules.travel import distance_of, distances, moved, step_of

STRONGEST = math.log(1e6)
"""|ln ratio| above which one difference is not more telling than another: a zero is not infinitely so."""
NARROW = math.log(1.2)
"""|ln| of the proved ratio ÷ the estimated one that needs no word."""
ALIKE_AT_START = math.log(1.1)
"""|ln ratio| at the first step up to which weights are told by how far they grew or shrank from there."""
KEPT = 0.005
"""|ln ratio| up to which weights kept their scale: three digits of the ratio show 1."""


@dataclass(frozen=True)
class Candidate:
    """Something that may be worth telling about a pair of runs."""

    strength: float
    """|ln| of what is proved (or, not yet proved, estimated) ÷ its limit, and by what tensor it is"""
    quantity: str
    at: int
    """Which of the matches"""
    proved: bool


@dataclass(frozen=True)
class Compared:
    """Two runs with what was measured of them, one entry per match."""

    pair: Pair
    scales: Scales
    chance: FloatArray
    """float64 [P]: |ln ratio| (or distance ÷ mean |x|) that the number of values explains"""
    ratio_level: FloatArray
    """float64 [P]: |ln ratio| that another seed alone makes"""
    distance_level: FloatArray
    """float64 [P]: distance ÷ mean |x| that another seed alone makes"""

    @cached_property
    def from_start(self) -> BoolArray:
        """bool [P]: weights that differed as much at the first step: by another initialisation, not by training."""
        run = self.pair.run.representative
        weights = np.array([run.tags[match.first].name.role is Role.WEIGHT for match in self.pair.matches], bool)
        with np.errstate(divide="ignore", invalid="ignore"):
            late = np.log(self.scales.rms[0]) - np.log(self.scales.other_rms[0])
            early = np.log(self.scales.start) - np.log(self.scales.other_start)
            same = np.abs(late - early) < ALIKE_AT_START
        return np.asarray(weights & same & (self.scales.start_step < self.scales.step), dtype=np.bool_)

    @property
    def alike(self) -> bool:
        """Whether neither run is worse than the other."""
        return self.pair.run.representative.troubles == self.pair.other.representative.troubles


@dataclass(frozen=True)
class _Said:
    """What a quantity gives."""

    messages: tuple[str, ...]
    values: dict[str, Value]
    ratio: float | None = None
    bounds: tuple[float | None, float | None] = (None, None)
    level: float = 0.0
    """Ratio or distance that another seed alone makes; 0 where that is not known"""


def comparison(rule: RunDifference, compared: Compared, candidate: Candidate) -> Comparison | None:
    """What is told of a candidate; None where the buckets do not prove it.

    The distance is filled in only where it is what is told; `with_distances` does it for all that are told at once.
    """
    p, measured = candidate.at, compared.scales
    match = compared.pair.matches[p]
    run, other = compared.pair.run.representative, compared.pair.other.representative
    tag, other_tag = run.tags[match.first], other.tags[match.second]
    distance = distance_of(tag, other_tag, measured, p) if candidate.quantity == "distance" else None
    if candidate.quantity == "rms":
        said: _Said | None = _scale(tag, compared, p)
    elif candidate.quantity == "movement":
        said = _movement(rule, tag, other_tag, measured, p)
    else:
        said = _apart(rule, distance, compared, p)
    if said is None:
        return None
    size, other_size = run.sizes[match.first], other.sizes[match.second]
    step, other_step, first_step = (int(s[p]) for s in (measured.step, measured.other_step, measured.first_step))
    notes = {
        "nearest": step != other_step,
        "guessed": not match.by_name,
        "resized": size != other_size and tag.name.role is not Role.ACTIVATION,
        "level": said.level > 0 and candidate.quantity == "rms",
    }
    values: dict[str, Value] = {
        "run": run.run,
        "other": other.run,
        "layer": tag.name.layer,
        "other_layer": other_tag.name.layer,
        "tag": tag.tag,
        "step": step,
        "other_step": other_step,
        "first_step": first_step,
        "size": size,
        "other_size": other_size,
        "level": said.level,
    }
    return Comparison(
        run=run.run,
        other=other.run,
        layer=tag.name.layer,
        other_layer=other_tag.name.layer,
        tags=(tag.tag, other_tag.tag),
        first_step=first_step,
        step=step,
        other_step=other_step,
        quantity=candidate.quantity,
        ratio=said.ratio,
        ratio_bounds=said.bounds,
        distance=None if distance is None else distance.distance,
        by_name=match.by_name,
        level=said.level or None,
        values=values | said.values,
        messages=(*said.messages, *(note for note, wanted in notes.items() if wanted)),
    )


def with_distances(told: Sequence[tuple[Compared, Candidate, Comparison]]) -> list[Comparison]:
    """What is told, with the distance of the two histograms wherever those of the compared step were kept."""
    wanted: list[tuple[int, TagAnalysis, TagAnalysis]] = []
    for place, (compared, candidate, one) in enumerate(told):
        match = compared.pair.matches[candidate.at]
        tag = compared.pair.run.representative.tags[match.first]
        other = compared.pair.other.representative.tags[match.second]
        if one.distance is None and step_of(tag, -1) == one.step and step_of(other, -1) == one.other_step:
            wanted.append((place, tag, other))
    found = [one for _, _, one in told]
    if wanted:
        places, tags, others = zip(*wanted, strict=True)
        for place, distance in zip(places, distances(tags, others).tolist(), strict=True):
            found[place] = replace(found[place], distance=None if math.isnan(distance) else distance)
    return found


def _scale(tag: TagAnalysis, compared: Compared, p: int) -> _Said:
    """How many times larger or smaller; of weights that began alike, how far each grew or shrank."""
    measured = compared.scales
    value, low, high = (float(number) for number in measured.rms[:, p])
    other, other_low, other_high = (float(number) for number in measured.other_rms[:, p])
    start, other_start = float(measured.start[p]), float(measured.other_start[p])
    bounds = (low / other_high if other_high else None, high / other_low if other_low else None)
    values: dict[str, Value] = {"rms": value, "other_rms": other}
    level = math.exp(min(float(compared.ratio_level[p]), STRONGEST))
    level = 0.0 if level == 1 else level
    if not value or not other:
        message = "other_zero" if value else "zero"
        if measured.first_step[p] == measured.step[p]:
            message += "_at"
        return _Said((message,), values, value / other if other else None, bounds, level)
    times = max(value, other) / min(value, other)
    least = low / other_high if value > other else other_low / high
    changed = measured.start_step[p] < measured.step[p] and start > 0 and other_start > 0
    notes: tuple[str, ...] = ()
    if tag.name.role is Role.WEIGHT and changed and abs(math.log(start / other_start)) < ALIKE_AT_START:
        factor, other_factor = value / start, other / other_start
        values |= {"factor": factor, "other_factor": other_factor, "start_step": int(measured.start_step[p])}
        kept, other_kept = (abs(math.log(each)) < KEPT for each in (factor, other_factor))
        if kept != other_kept:
            message = "kept_changed" if kept else "changed_kept"
        elif (factor < 1) == (other_factor < 1):
            message = "both_shrank" if factor < 1 else "both_grew"
        else:
            message = "shrank_grew" if factor < 1 else "grew_shrank"
    else:
        values["times"] = times
        message = f"{'smaller' if value < other else 'larger'}_{tag.name.role.value}"
        if compared.from_start[p]:
            notes = ("from_start",)
            values |= {"start": start, "other_start": other_start, "start_step": int(measured.start_step[p])}
    if math.log(times / least) > NARROW:
        notes = ("at_least", *notes)
        values["least"] = least
    return _Said((message, *notes), values, value / other, bounds, level)


def _movement(rule: RunDifference, tag: TagAnalysis, other: TagAnalysis, measured: Scales, p: int) -> _Said | None:
    """Weights that moved far more in one run than in the other, from the same first step to the same last."""
    from_first = step_of(tag, 0) == step_of(other, 0) and len(tag.steps) > 1
    if not from_first or step_of(tag, -1) != measured.step[p] or step_of(other, -1) != measured.other_step[p]:
        return None
    travels = moved(tag), moved(other)
    if travels[0] is None or travels[1] is None:
        return None
    (least, most), (other_least, other_most) = travels[0], travels[1]
    less = (tag.change.movement or 0.0) < (other.change.movement or 0.0)
    ratio = (tag.change.movement or 0.0) / other.change.movement if other.change.movement else None
    bounds = (least / other_most if other_most else None, most / other_least if other_least else None)
    if is_identical(tag if less else other) and (other_least if less else least) >= rule.least_movement:
        values: dict[str, Value] = {"movement": least, "other_movement": other_least}
        return _Said(("identical" if less else "other_identical",), values, ratio, bounds)
    if less and other_least >= rule.movement_ratio * most:
        return _Said(("moved_less",), {"movement": most, "other_movement": other_least}, ratio, bounds)
    if not less and least >= rule.movement_ratio * other_most:
        return _Said(("moved_more",), {"movement": least, "other_movement": other_most}, ratio, bounds)
    return None


def _apart(rule: RunDifference, distance: Transport | None, compared: Compared, p: int) -> _Said | None:
    """Another distribution at about the same scale."""
    limit, level = rule.least_distance + float(compared.chance[p]), float(compared.distance_level[p])
    if distance is None or distance.least < limit or distance.least <= level:
        return None
    return _Said(("apart",), {"distance": distance.distance}, level=level)

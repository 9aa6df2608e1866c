"""What is said beside the rules: of a run, its losses; of a tensor, what only its neighbours in the network tell."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tb_histinsight.core.labels import Role
from tb_histinsight.core.losses import course_of, parting_of, training_loss
from tb_histinsight.core.near_zero import NearZero, near_zero
from tb_histinsight.core.pairs import Moved, Pair
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.locales import Catalogue
from tb_histinsight.report import MovedEntry, PairEntry
from tb_histinsight.rules.movement import late_rms

ZERO_SHARE_TOLERANCE = 0.005
"""The share of zeros is told as one number where its bounds are at most this far apart."""
FEW_PAIRS = 3
"""Layers with kernel and bias from which on one sentence speaks of them all."""


def of_run(run: RunAnalysis, pairs: Sequence[Pair], words: Catalogue) -> list[str]:
    """Sentences on the run as a whole; `pairs`: what `pairs_of(run)` gives."""
    found = []
    loss = training_loss(run)
    if loss is not None:
        course = course_of(loss)
        values = {"tag": course.tag, "first": course.first, "start": course.start, "end": course.end}
        way = "falls" if course.falls else "fell_early" if course.fell_early else "stays"
        found.append(words.text(f"run.loss_{way}", values))
    parting = parting_of(run)
    if parting is not None:
        values = {
            "training": parting.training,
            "validation": parting.validation,
            "step": parting.step,
            "training_then": parting.training_then,
            "training_end": parting.training_end,
            "lowest": parting.lowest,
            "end": parting.end,
        }
        found.append(words.text("run.losses_part", values))
    if len(pairs) >= FEW_PAIRS and all(pair.only_bias_visible for pair in pairs):
        clearest = max(pairs, key=lambda pair: pair.bias_moved.in_buckets)
        found.append(words.text("run.pairs", _pair_values(clearest)))
    return found


def of_tags(run: RunAnalysis, pairs: Sequence[Pair], words: Catalogue) -> dict[str, list[str]]:
    """Sentences by tag."""
    found: dict[str, list[str]] = {}
    updates = {(tag.name.layer, tag.name.subject): tag for tag in run.of_role(Role.UPDATE)}
    for pair in pairs:
        if not pair.only_bias_visible:
            continue
        sentences = [words.text("tag.pair", _pair_values(pair))]
        kernel, bias = (updates.get((pair.kernel.name.layer, role)) for role in (Role.WEIGHT, Role.BIAS))
        if kernel is not None and bias is not None and late_rms(kernel)[0] > 0:
            values = {"kernel_update": late_rms(kernel)[0], "bias_update": late_rms(bias)[0]}
            sentences.append(words.text("tag.pair_updates", values))
        elif kernel is None:
            sentences.append(words.text("tag.pair_log_update"))
        found.setdefault(pair.kernel.tag, []).extend(sentences)
    for kernel_near in near_zero(run):
        found.setdefault(kernel_near.kernel.tag, []).extend(_near_zero_sentences(kernel_near, words))
    return found


def _near_zero_sentences(near: NearZero, words: Catalogue) -> list[str]:
    values = {name: getattr(near, name) for name in ("rms", "factor", "least", "most", "zero_least", "zero_most")}
    sentences = []
    if math.isfinite(near.factor):
        key = "tag.near_zero" if near.fan_in is None else "tag.near_zero_fan_in"
        sentences.append(words.text(key, values | {"fan_in": near.fan_in or 0}))
    told = near.zero_most - near.zero_least <= ZERO_SHARE_TOLERANCE
    sentences.append(words.text("tag.zeros" if told else "tag.zeros_between", values))
    sentences.append(words.text(f"tag.near_zero_{near.kind}"))
    return sentences


def pair_entries(pairs: Sequence[Pair]) -> list[PairEntry]:
    """Kernels and biases side by side, in depth order."""
    return [
        PairEntry(
            layer=pair.kernel.name.layer,
            tags=[pair.kernel.tag, pair.bias.tag],
            kernel=_moved_entry(pair.kernel_moved),
            bias=_moved_entry(pair.bias_moved),
            only_bias_visible=pair.only_bias_visible,
        )
        for pair in pairs
    ]


def _moved_entry(moved: Moved) -> MovedEntry:
    return MovedEntry(distance=moved.distance, in_spread=moved.in_spread, in_buckets=moved.in_buckets)


def _pair_values(pair: Pair) -> dict[str, float | int | str]:
    kernel, bias = pair.kernel_moved, pair.bias_moved
    return {
        "layer": pair.kernel.name.layer,
        "kernel": pair.kernel.tag,
        "bias": pair.bias.tag,
        "kernel_distance": kernel.distance,
        "kernel_spread": kernel.in_spread,
        "kernel_buckets": kernel.in_buckets,
        "bias_distance": bias.distance,
        "bias_spread": bias.in_spread,
        "bias_buckets": bias.in_buckets,
    }

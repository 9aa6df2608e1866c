"""Layers that moved and then stopped: what `frozen-layer` says of them, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.histogram import BoolArray
from tb_histinsight.core.labels import Confidence, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import Rule, Threshold
from tb_histinsight.rules.movement import MIN_STEPS, gradients_of

STALLED_SHARE = 0.25
"""Share of the steps, at the end, that must be identical before a layer is said to have stopped; chosen."""
STALLED_BEFORE = 0.1
"""Share of the steps before that may be identical; chosen."""
CUT_OFF = ("stalled_gradient_zero", "cut_off")
"""Messages on layers that stopped because no gradient reaches them any more."""


def stalled(
    rule: Rule, run: RunAnalysis, group: Sequence[TagAnalysis], moving: Sequence[TagAnalysis], limit: Threshold
) -> Iterable[Finding]:
    """A layer that stopped while others go on: to be known, no more, unless its gradient is a second witness."""
    since = [_still_since(tag, limit.value) for tag in group]
    if any(at is None for at in since):
        return
    start = max(int(tag.steps[at]) for tag, at in zip(group, since, strict=True) if at is not None)
    if not any(tag not in group and _moves_after(tag, start) for tag in moving):
        return
    gradients = [_zero_after(gradients_of(run, tag), start) for tag in group]
    no_signal = all(gradients)
    if not no_signal and any(_was_still(tag, at or 0) for tag, at in zip(group, since, strict=True)):
        return
    last = int(group[0].steps[-1])
    count = int((group[0].steps >= start).sum())
    yield Finding(
        rule=rule.id,
        severity=Severity.WARNING if no_signal else Severity.INFO,
        confidence=Confidence.LIKELY if no_signal else Confidence.SUSPECT,
        message="stalled_gradient_zero" if no_signal else "stalled",
        values={"layer": group[0].name.layer, "since_step": start, "last_step": last},
        layer=group[0].name.layer,
        tags=tuple(tag.tag for tag in (*group, *(one for found in gradients for one in found))),
        first_step=start,
        last_step=last,
        evidence=(
            Evidence("identical_steps", float(count), limit.value, "steps", limit.source, tag=group[0].tag),
            *(Evidence("gradient_rms", 0.0, None, "x", "", tag=found[0].tag) for found in gradients if found),
        ),
        advice=("rate", "activations", "alive") if no_signal else ("alive", "gradient"),
    )


def cut_off(rule: Rule, found: Sequence[Finding]) -> Finding:
    """One finding that leads those on single layers."""
    first, last = found[0], found[-1]
    since = max(finding.first_step or 0 for finding in found)
    return Finding(
        rule=rule.id,
        severity=Severity.WARNING,
        confidence=Confidence.LIKELY,
        message="cut_off",
        values={
            "layers": len(found),
            "layer": last.values["layer"],
            "first_layer": first.values["layer"],
            "last_layer": last.values["layer"],
            "since_step": since,
        },
        layer=None,
        tags=tuple(tag for finding in found for tag in finding.tags),
        first_step=since,
        last_step=last.last_step,
        evidence=tuple(evidence for finding in found for evidence in finding.evidence[:1]),
        advice=("rate", "activations", "alive"),
    )


def _zero_after(gradients: Sequence[TagAnalysis], step: int) -> list[TagAnalysis]:
    """Those gradients that are exactly zero at every one of at least two steps after this one."""
    return [tag for tag in gradients if _is_zero(tag, tag.steps > step)]


def _is_zero(tag: TagAnalysis, at: BoolArray) -> bool:
    minimum, maximum = tag.stats.minimum[at], tag.stats.maximum[at]
    return len(minimum) >= MIN_STEPS - 1 and bool((minimum == 0).all() and (maximum == 0).all())


def _still_since(tag: TagAnalysis, steps: float) -> int | None:
    """Index of the step from which on nothing differs, for a quarter of the steps; None where there is none."""
    same = tag.change.identical
    different = np.flatnonzero(same == 0)
    if not len(different):
        return None
    start = int(different[-1]) + 1
    return start if len(same) - start >= max(steps - 1, STALLED_SHARE * len(same)) else None


def _was_still(tag: TagAnalysis, start: int) -> bool:
    """Whether the tensor looked identical now and then before, as one that moves less than its buckets resolve."""
    return float(tag.change.identical[:start].mean()) > STALLED_BEFORE


def _moves_after(tag: TagAnalysis, step: int) -> bool:
    after = np.asarray(tag.steps[1:]) > step
    return bool((tag.change.identical[after] == 0).any()) if len(tag.change.identical) == len(after) else False

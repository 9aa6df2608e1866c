"""NaN or infinite values: the first of them, and what grew before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding, Value
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Rule, Threshold, Words
from tb_histinsight.rules.literature import THE_DEEP_CHECKER
from tb_histinsight.rules.made_up import Example, bell, scaled

NETWORK = (Role.WEIGHT, Role.BIAS, Role.NORM, Role.GRADIENT, Role.ACTIVATION, Role.UPDATE)


class NonFinite(Rule):
    """Fires on the first NaN or infinity of a run, once."""

    id = "non-finite"
    severity = Severity.CRITICAL
    other_severities = (Severity.INFO, Severity.WARNING)
    judges_collided_tags = True
    words = Words(
        title="NaN or infinite values",
        what="Looks for values that are NaN or infinite, and names the first step and the first tensor that has them.",
        why="A NaN spreads to everything that is computed from it. From there on the training learns nothing.",
        messages={
            "first": (
                "“{tag}” holds NaN or infinite values at step {step}, "
                "{affected:the only tag that does|the first of # tags that do}. "
                "What comes after that step follows from it."
            ),
            "first_after_growth": (
                "“{tag}” holds NaN or infinite values at step {step}, "
                "{affected:the only tag that does|the first of # tags that do}; "
                "its scale had grown {growth:.3g}-fold before. What comes after that step follows from it."
            ),
            "recovered": (
                "Gradients overflow at single steps (first “{tag}” at step {step}) and are finite again afterwards. "
                "Training with a loss scale does that on purpose and skips those updates."
            ),
            "not_network": (
                "“{tag}” holds NaN or infinite values at step {step}. Its name does not say that it is a part of the "
                "network, so this may be meant."
            ),
            "stopped": (
                "The scalar “{scalar}” is NaN or infinite from step {step} on, and the histograms end at step "
                "{last_histogram}: some writers refuse tensors without a finite value, so that their logs just end."
            ),
        },
        advice={
            "lower_rate": "Lower the learning rate, or warm it up, and clip the gradient's norm.",
            "look_before": "Look at “{tag}” in the steps before {step}, and at the layers in front of it.",
            "look_for": "Look for a logarithm, a division or a root of something that can be 0, and for fp16 overflow.",
            "data": "Check the batch of that step for NaN in the data.",
        },
        innocent=(
            "A mask of −infinity, logged before the softmax.",
            "Gradients under automatic loss scaling: steps that overflow are skipped.",
        ),
        evidence={
            "non_finite": "Values that are NaN or infinite",
            "growth": "RMS just before ÷ smallest RMS before",
            "affected": "Tags with such values",
        },
        skips={"nothing": "This run has no histogram to look at."},
    )
    thresholds: ClassVar = {
        "growth": Threshold(
            10.0, "ratio", "torchmortem (10-fold growth)", "growth of the RMS before the first such step, to mention it"
        )
    }
    references = (THE_DEEP_CHECKER,)

    def example(self) -> Example:
        """On these it fires."""
        broken = [np.full(900, np.nan)] * 3
        grows = {f"dense_{i}/kernel": [*scaled(bell(900), 1, 3, 90), *broken] for i in (1, 2)}
        return Example(grows, shown=("dense_1/kernel",))

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """One finding at most: the first step, and at it the first tag in depth order."""
        if not run.tags:
            raise CannotCheck("nothing")
        affected = [(tag, bad) for tag in run.tags if len(bad := bad_steps(tag))]
        network = [entry for entry in affected if entry[0].name.role in NETWORK]
        if not affected:
            yield from self._stopped(run)
            return
        chosen = network or affected
        first, bad = min(chosen, key=lambda entry: int(entry[0].steps[entry[1][0]]))
        at = int(bad[0])
        step = int(first.steps[at])
        growth = growth_before(first, at)
        confidence, severity, message = Confidence.CERTAIN, Severity.CRITICAL, "first"
        if not network:
            severity, message = Severity.INFO, "not_network"
        elif all(tag.name.role is Role.GRADIENT and bad[-1] < len(tag.steps) - 1 for tag, bad in chosen):
            severity, confidence, message = Severity.WARNING, Confidence.LIKELY, "recovered"
        elif growth is not None and growth >= self.threshold("growth"):
            message = "first_after_growth"
        values: dict[str, Value] = {"tag": first.tag, "step": step, "affected": len(chosen), "growth": growth or 1.0}
        count = float(first.stats.non_finite[at])
        evidence = [
            Evidence("non_finite", count if np.isfinite(count) else None, 0.0, "values", "definition", tag=first.tag),
            Evidence("affected", float(len(chosen)), None, "tags", "definition"),
        ]
        if growth is not None:
            threshold = self.thresholds["growth"]
            evidence.append(Evidence("growth", growth, threshold.value, "ratio", threshold.source, tag=first.tag))
        others = [tag.tag for tag, _ in chosen if tag is not first]
        yield Finding(
            rule=self.id,
            severity=severity,
            confidence=confidence,
            message=message,
            values=values,
            layer=first.name.layer if network else None,
            tags=(first.tag, *others),
            first_step=step,
            last_step=max(int(tag.steps[bad[-1]]) for tag, bad in chosen),
            evidence=tuple(evidence),
            # Where the log begins with it, there are no steps before to look at.
            advice=() if at else ("lower_rate", "look_for", "data"),
        )

    def _stopped(self, run: RunAnalysis) -> Iterable[Finding]:
        """A loss that is NaN to its end, after histograms that end before it."""
        tags = [tag for tag in run.of_role(*NETWORK) if len(tag.steps)]
        if not tags:
            return
        last_histogram = max(int(tag.steps[-1]) for tag in tags)
        for scalar in run.scalars.values():
            finite = np.isfinite(scalar.values)
            if "loss" not in scalar.tag.lower() or not len(finite) or finite[-1] or not finite.any():
                continue
            begin = int(np.flatnonzero(finite)[-1]) + 1
            step = int(scalar.steps[begin])
            if len(finite) - begin < 2 or last_histogram > step:
                continue
            yield Finding(
                rule=self.id,
                severity=Severity.WARNING,
                confidence=Confidence.LIKELY,
                message="stopped",
                values={"scalar": scalar.tag, "tag": scalar.tag, "step": step, "last_histogram": last_histogram},
                layer=None,
                tags=(scalar.tag,),
                first_step=step,
                last_step=int(scalar.steps[-1]),
                evidence=(Evidence("non_finite", float(len(finite) - begin), 0.0, "steps", "definition"),),
                advice=("lower_rate", "look_for", "data"),
            )
            return


def bad_steps(tag: TagAnalysis) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Indices of the steps at which the tag has NaN or infinite values; int64 [m]."""
    bad = tag.stats.non_finite
    return np.flatnonzero(np.isnan(bad) | (bad > 0))


def growth_before(tag: TagAnalysis, at: int) -> float | None:
    """RMS just before a step ÷ the smallest RMS before it, as far as it is proved; None where there is none."""
    lower, upper = tag.stats.rms.lower[:at], tag.stats.rms.upper[:at]
    known = np.isfinite(lower) & (upper > 0)
    if known.sum() < 2:
        return None
    return float(lower[known][-1] / upper[known].min())

"""Scales that run away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Reference, Rule, Threshold, Words
from tb_histinsight.rules.movement import loss_falls


class Exploding(Rule):
    """Fires once per run, on the tensor whose scale runs away first.

    Growth must be proved by the buckets and still stand at the end: small weights that grow and settle are healthy.
    """

    id = "exploding"
    severity = Severity.WARNING
    follows = (Follows("non-finite", "run"),)
    words = Words(
        title="Exploding values",
        what=(
            "Follows the RMS of weights, gradients and activations over the steps. Fires where it doubles from step "
            "to step up to the end, or where values are beyond what the writer can count."
        ),
        why="Growth that feeds on itself ends in infinity and NaN within a few more steps.",
        messages={
            "doubling": (
                "The scale of “{tag}” at least doubles at each of the last {steps} sampled steps, to an RMS of "
                "{rms:.3g} at step {last_step}: {growth:.3g} times its usual value in the first quarter. "
                "{affected} tags do so."
            ),
            "uncounted": (
                "“{tag}” holds values beyond 1e20 at step {first_step}, which its writer did not count "
                "({uncounted:.0f} of them)."
            ),
        },
        advice={
            "clip": "Clip the gradient's norm, near the 90th percentile of what is usual in this run.",
            "rate": "Lower the learning rate, or warm it up for longer.",
            "scale": "Check the scale of the initial weights and of the input; add normalisation.",
        },
        innocent=(
            "Warm-up from an initialisation at zero.",
            "Losses that are summed instead of averaged, and gradients under a loss scale.",
        ),
        evidence={
            "doublings": "Successive sampled steps, up to the last, at which the RMS at least doubles",
            "growth": "RMS at the last step ÷ median RMS in the first quarter",
            "uncounted": "Values beyond 1e20",
        },
        skips={
            "few_steps": "No tensor of the network was logged at {needed} steps or more.",
        },
    )
    thresholds: ClassVar = {
        "doublings": Threshold(4.0, "steps", "TheDeepChecker (×2, window 5)", "successive doublings, at least"),
        "factor": Threshold(2.0, "ratio", "TheDeepChecker", "growth from one sampled step to the next, at least"),
        "growth": Threshold(10.0, "ratio", "torchmortem", "last RMS ÷ median of the first quarter, at least"),
        "gradient_norm": Threshold(100.0, "x", "chosen: clipping is at 1 to 10", "norm of a gradient, at least"),
        "gain": Threshold(
            10.0, "ratio", "chosen: initialisers give about 1", "RMS of weights × fourth root of their number, at least"
        ),
        "activation": Threshold(100.0, "x", "chosen", "RMS of activations, at least"),
    }
    references = (
        Reference("Testing Feedforward Neural Networks Training Programs", 2022, "https://arxiv.org/abs/2204.00694"),
    )

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """One finding at most; the accused tag is the first in depth order that grows the most."""
        tags = run.of_role(Role.WEIGHT, Role.GRADIENT, Role.ACTIVATION)
        beyond = [tag for tag in tags if (tag.stats.uncounted > 0).any()]
        if beyond:
            yield self._uncounted(beyond)
            return
        needed = int(self.threshold("doublings")) + 1
        enough = [tag for tag in tags if len(tag.steps) >= needed]
        if not enough:
            raise CannotCheck("few_steps", needed=needed)
        found = [(tag, growth) for tag in enough if (growth := self._growth(tag)) is not None]
        if not found or loss_falls(run):
            return
        tag, growth = max(found, key=lambda entry: entry[1])
        last = int(np.flatnonzero(np.isfinite(tag.stats.rms.lower))[-1])
        doublings = self.thresholds["doublings"]
        limit = self.thresholds["growth"]
        yield Finding(
            rule=self.id,
            severity=Severity.WARNING,
            confidence=Confidence.LIKELY,
            message="doubling",
            values={
                "tag": tag.tag,
                "steps": int(doublings.value),
                "rms": float(tag.stats.rms.value[last]),
                "last_step": int(tag.steps[last]),
                "growth": growth,
                "affected": len(found),
            },
            layer=tag.name.layer,
            tags=(tag.tag, *(other.tag for other, _ in found if other is not tag)),
            first_step=int(tag.steps[last - int(doublings.value)]),
            last_step=int(tag.steps[last]),
            evidence=(
                Evidence("doublings", doublings.value, doublings.value, "steps", doublings.source, tag=tag.tag),
                Evidence("growth", growth, limit.value, "ratio", limit.source, lower=growth, tag=tag.tag),
            ),
        )

    def _growth(self, tag: TagAnalysis) -> float | None:
        """Proved growth over the median of the first quarter, where the last steps double; else None."""
        lower, upper = tag.stats.rms.lower, tag.stats.rms.upper
        known = np.isfinite(lower) & np.isfinite(upper)
        last = int(np.flatnonzero(known)[-1]) + 1 if known.any() else 0
        count = int(self.threshold("doublings"))
        if last < count + 1 or not known[last - count - 1 : last].all():
            return None
        low, high = lower[last - count - 1 : last], upper[last - count - 1 : last]
        if (high[:-1] <= 0).any() or (low[1:] < self.threshold("factor") * high[:-1]).any():
            return None
        quarter = upper[:last][known[:last]][: max(1, last // 4)]
        usual = float(np.median(quarter))
        growth = float(low[-1]) / usual if usual > 0 else None
        if growth is None or growth < self.threshold("growth") or not self._large(tag, last - 1):
            return None
        return growth

    def _large(self, tag: TagAnalysis, at: int) -> bool:
        """Whether the scale is large by itself: what grows from next to nothing may be waking up."""
        rms = float(tag.stats.rms.lower[at])
        count = float(tag.stats.element_count[at])
        if tag.name.role is Role.GRADIENT:
            return bool(rms * count**0.5 >= self.threshold("gradient_norm"))
        if tag.name.role is Role.WEIGHT:
            return bool(rms * count**0.25 >= self.threshold("gain"))
        return rms >= self.threshold("activation")

    def _uncounted(self, tags: list[TagAnalysis]) -> Finding:
        first = min(tags, key=lambda tag: int(tag.steps[np.flatnonzero(tag.stats.uncounted > 0)[0]]))
        at = int(np.flatnonzero(first.stats.uncounted > 0)[0])
        count = float(first.stats.uncounted[at])
        return Finding(
            rule=self.id,
            severity=Severity.CRITICAL,
            confidence=Confidence.CERTAIN,
            message="uncounted",
            values={"tag": first.tag, "first_step": int(first.steps[at]), "uncounted": count},
            layer=first.name.layer,
            tags=(first.tag, *(tag.tag for tag in tags if tag is not first)),
            first_step=int(first.steps[at]),
            last_step=int(first.steps[-1]),
            evidence=(Evidence("uncounted", count, 0.0, "values", "definition", tag=first.tag),),
        )

"""Scales that run away."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.histogram import FloatArray
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.median import median
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.literature import THE_DEEP_CHECKER
from tb_histinsight.rules.made_up import Example, bell, scaled
from tb_histinsight.rules.movement import loss_falls, loss_ratio


class Exploding(Rule):
    """Fires once per run, on the tensor whose scale runs away first.

    Growth must be proved by the buckets and still stand at the end: small weights that grow and settle are healthy.
    """

    id = "exploding"
    severity = Severity.WARNING
    other_severities = (Severity.CRITICAL,)
    follows = (Follows("non-finite", "run"),)
    words = Words(
        title="Exploding values",
        what=(
            "Follows the RMS of weights, gradients and activations over the steps. Fires where it doubles from step "
            "to step up to the end, where it grows tenfold and the loss rises with it, or where values are beyond what "
            "the writer can count."
        ),
        why="Growth that feeds on itself ends in infinity and NaN within a few more steps.",
        messages={
            "doubling": (
                "The scale of “{tag}” at least doubles at each of the last {steps} sampled steps, to an RMS of "
                "{rms:.3g} at step {last_step}: {growth:.3g} times its usual value in the first quarter. "
                "{affected:It alone does so|# tags do so}."
            ),
            "with_loss": (
                "The scale of “{tag}” grows up to the end, to an RMS of {rms:.3g} at step {last_step}: {growth:.3g} "
                "times its usual value in the first quarter, and the loss rises {loss_ratio:.3g} times with it. "
                "{affected:It alone does so|# tags do so}."
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
            "loss_ratio": "Median loss in the last quarter ÷ that in the first",
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
        "loss_ratio": Threshold(
            2.0, "ratio", "chosen: beyond what batches make", "loss of the last quarter ÷ first, at least"
        ),
        "gradient_norm": Threshold(100.0, "x", "chosen: clipping is at 1 to 10", "norm of a gradient, at least"),
        "gain": Threshold(
            10.0, "ratio", "chosen: initialisers give about 1", "RMS of weights × fourth root of their number, at least"
        ),
        "activation": Threshold(100.0, "x", "chosen", "RMS of activations, at least"),
    }
    references = (THE_DEEP_CHECKER,)

    def example(self) -> Example:
        """On these it fires."""
        grows = {f"dense_{i}/kernel": scaled(bell(900, 1 / i), 1, 1, 1.1, 1.3, 4, 13, 41, 130) for i in (1, 2)}
        return Example(grows, shown=("dense_1/kernel",))

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
        if loss_falls(run):
            return
        grown = [(tag, growth) for tag in enough if (growth := self._growth(tag)) is not None]
        found = [(tag, growth) for tag, growth in grown if self._doubles(tag)]
        if found:
            yield self._finding("doubling", found)
            return
        ratio = loss_ratio(run)
        if grown and ratio is not None and ratio >= self.threshold("loss_ratio"):
            yield self._finding("with_loss", grown, ratio)

    def _finding(self, message: str, found: list[tuple[TagAnalysis, float]], ratio: float | None = None) -> Finding:
        tag, growth = max(found, key=lambda entry: entry[1])
        last = int(np.flatnonzero(np.isfinite(tag.stats.rms.lower))[-1])
        doublings, limit, loss = (self.thresholds[key] for key in ("doublings", "growth", "loss_ratio"))
        evidence = [Evidence("growth", growth, limit.value, "ratio", limit.source, lower=growth, tag=tag.tag)]
        if ratio is None:
            evidence.insert(
                0, Evidence("doublings", doublings.value, doublings.value, "steps", doublings.source, tag=tag.tag)
            )
            first = int(tag.steps[last - int(doublings.value)])
        else:
            evidence.append(Evidence("loss_ratio", ratio, loss.value, "ratio", loss.source))
            usual = growth_base(tag)
            above = tag.stats.rms.lower >= limit.value * usual
            first = int(tag.steps[int(np.flatnonzero(above)[0])])
        values: dict[str, float | int | str] = {
            "tag": tag.tag,
            "steps": int(doublings.value),
            "rms": float(tag.stats.rms.value[last]),
            "last_step": int(tag.steps[last]),
            "growth": growth,
            "affected": len(found),
            "loss_ratio": math.nan if ratio is None else ratio,
        }
        return Finding(
            rule=self.id,
            severity=Severity.WARNING,
            confidence=Confidence.LIKELY,
            message=message,
            values=values,
            layer=tag.name.layer,
            tags=(tag.tag, *(other.tag for other, _ in found if other is not tag)),
            first_step=first,
            last_step=int(tag.steps[last]),
            evidence=tuple(evidence),
        )

    def _recent(self, tag: TagAnalysis) -> tuple[FloatArray, FloatArray] | None:
        """Lower and upper bounds of the RMS at the last steps, one more than doublings are asked for."""
        lower, upper = tag.stats.rms.lower, tag.stats.rms.upper
        known = np.isfinite(lower) & np.isfinite(upper)
        last = int(np.flatnonzero(known)[-1]) + 1 if known.any() else 0
        first = last - int(self.threshold("doublings")) - 1
        if first < 0 or not known[first:last].all():
            return None
        return lower[first:last], upper[first:last]

    def _growth(self, tag: TagAnalysis) -> float | None:
        """Proved growth over the median of the first quarter that still goes on at the end; else None."""
        recent = self._recent(tag)
        if recent is None:
            return None
        low, high = recent
        usual = growth_base(tag)
        growth = float(low[-1]) / usual if usual > 0 else None
        if growth is None or growth < self.threshold("growth") or low[-1] <= high[0]:
            return None
        return growth if self._large(tag, int(np.flatnonzero(np.isfinite(tag.stats.rms.lower))[-1])) else None

    def _doubles(self, tag: TagAnalysis) -> bool:
        """Whether each of the last steps proves a doubling."""
        recent = self._recent(tag)
        if recent is None:
            return False
        low, high = recent
        return bool((high[:-1] > 0).all() and (low[1:] >= self.threshold("factor") * high[:-1]).all())

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


def growth_base(tag: TagAnalysis) -> float:
    """Upper bound of the usual RMS in the first quarter of the steps up to the last known one."""
    upper = tag.stats.rms.upper
    known = np.isfinite(upper) & np.isfinite(tag.stats.rms.lower)
    last = int(np.flatnonzero(known)[-1]) + 1
    return median(upper[:last][known[:last]][: max(1, last // 4)])

"""Weights that shrink by one factor per step and keep their shape: what a weight decay does, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tb_histinsight.core.distance import wasserstein
from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.histogram import Histogram
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.median import median
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.learned import only_decays
from tb_histinsight.rules.literature import DECOUPLED_DECAY
from tb_histinsight.rules.made_up import Example, bell, moving, scaled
from tb_histinsight.rules.movement import has_values, is_finite, loss_stands


@dataclass(frozen=True)
class _Shrinking:
    """How a kernel shrinks over its last steps."""

    start: int
    """Index of the first step of it"""
    factor: float
    """RMS at the end ÷ RMS at the start"""
    rate: float
    """-ln of the factor per step: the learning rate times the decay"""
    mismatch: float
    """Largest difference of the factors of minimum, maximum and RMS, ÷ the shrinking itself"""
    distance: float
    """Wasserstein-1 distance of the shrunk first histogram and the last ÷ mean |x| of the last"""
    noise: float
    """What counting and binning make of that distance"""


class WeightDecay(Rule):
    """Fires for each kernel that shrinks steadily as a whole; a warning where nothing else happens to it."""

    id = "weight-decay"
    severity = Severity.INFO
    other_severities = (Severity.WARNING,)
    follows = (Follows("collapsed-weights", "tag"), Follows("vanishing-gradient", "run"))
    words = Words(
        title="Weights shrink as under weight decay",
        what=(
            "Looks for kernels whose smallest weight, largest weight and RMS shrink by the same factor, at the same "
            "rate, over at least four steps, with the shape of the histogram kept."
        ),
        why=(
            "The rate tells the learning rate times the decay. Where the shape is kept exactly, the decay is all that "
            "acts on the layer: no gradient arrives. The penalty for a λ can be read off any histogram, as ½λ times "
            "the sum of squares: a 784×10 kernel of ones has ½ × 0.01 × 7840 = 39.2 at λ = 0.01. Keras's l2 has no ½, "
            "and gives 78.4."
        ),
        messages={
            "shrinks": (
                "The weights of “{layer}” shrink to {factor:.3g} of their size from step {first_step} to {last_step} "
                "and keep their shape: consistent with a weight decay of (learning rate × λ) {rate:.3g} per step. "
                "The penalty ½λΣw² is λ × {half_squares:.4g} at the last step (without the ½: λ × {squares:.4g})."
            ),
            "only_decay": (
                "The weights of “{layer}” shrink to {factor:.3g} of their size from step {first_step} to {last_step} "
                "and nothing else happens to them: consistent with a weight decay of (learning rate × λ) {rate:.3g} "
                "per step, and with no gradient at all."
            ),
            "only_decay_learned": (
                "The weights of “{layer}” shrink to {factor:.3g} of their size from step {first_step} to {last_step} "
                "and nothing else happens to them: consistent with a weight decay of (learning rate × λ) {rate:.3g} "
                "per step, and with no gradient. It seems that all was learned before: no gradient is left then."
            ),
            "shrinks_unlearned": (
                "The weights of “{layer}” shrink to {factor:.3g} of their size from step {first_step} to {last_step} "
                "and keep their shape, while the loss does not fall: consistent with a weight decay of (learning rate "
                "× λ) {rate:.3g} per step that outweighs whatever gradient arrives. The penalty ½λΣw² is λ × "
                "{half_squares:.4g} at the last step (without the ½: λ × {squares:.4g})."
            ),
        },
        advice={
            "gradient": "Log the gradient of “{layer}”: where none arrives, look for what is dead or detached.",
            "exclude": "Leave biases and normalisation out of the decay; weaken it if the layer shrinks too far.",
        },
        innocent=(
            "Weights in front of a normalisation layer: their scale has no effect.",
            "A network that has learned all there is: its gradients end, the decay goes on.",
        ),
        evidence={
            "factor": "RMS at the last step ÷ RMS at the first of these steps",
            "rate": "Learning rate × λ per step",
            "mismatch": "Difference of the factors of both ends and the RMS ÷ the shrinking",
            "distance": "Distance of the last histogram from the first one shrunk ÷ mean size",
        },
        skips={"few_steps": "No kernel was logged at {needed} steps or more."},
    )
    thresholds: ClassVar = {
        "intervals": Threshold(4.0, "intervals", "measured", "intervals of steady shrinking, at least"),
        "factor": Threshold(0.98, "ratio", "chosen: beyond what rounding and noise do", "RMS ÷ RMS before, at most"),
        "evenness": Threshold(0.25, "ratio", "chosen", "deviation of an interval's rate from their median, at most"),
        "mismatch": Threshold(0.1, "ratio", "measured", "difference of the factors ÷ the shrinking, at most"),
        "distance": Threshold(0.02, "ratio", "chosen", "distance of the shapes, at most"),
        "unlearned": Threshold(
            0.1, "ratio", "chosen: far beyond what trained networks shrink by", "RMS ÷ RMS before, where no loss falls"
        ),
        "pure": Threshold(2e-3, "ratio", "measured", "difference of the factors, at most, where nothing else happens"),
    }
    references = (DECOUPLED_DECAY,)

    def example(self) -> Example:
        """On these it fires."""
        return Example(
            {
                "dense_1/kernel": scaled(bell(900), *(0.9**step for step in range(6))),
                "dense_2/kernel": moving(bell(900)),
            }
        )

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per kernel."""
        needed = int(self.threshold("intervals")) + 1
        kernels = [tag for tag in run.kernels() if has_values(tag) and len(tag.steps) >= needed and is_finite(tag)]
        if not kernels:
            raise CannotCheck("few_steps", needed=needed)
        # In front of a normalisation the scale of weights has no effect, so that their decay is no trouble.
        unlearned = loss_stands(run) and not run.of_role(Role.NORM)
        for tag in kernels:
            shrinking = self._shrinking(tag)
            if shrinking is not None:
                yield self._finding(tag, shrinking, unlearned=unlearned, learned=only_decays(run, tag))

    def _shrinking(self, tag: TagAnalysis) -> _Shrinking | None:
        rms, low, high = tag.stats.rms.value, tag.stats.minimum, tag.stats.maximum
        if not ((rms > 0).all() and (low < 0).all() and (high > 0).all()):
            return None
        logs = np.stack([np.log(rms), np.log(-low), np.log(high)])
        spans = np.diff(tag.steps).astype(np.float64)
        if (spans <= 0).any():
            return None
        rates = -np.diff(logs, axis=1) / spans
        whole = -(logs[:, -1] - logs[:, 0])
        if np.exp(-whole[0]) > self.threshold("factor"):
            return None
        typical = median(rates[0])
        if typical <= 0 or (np.abs(rates[0] - typical) > self.threshold("evenness") * typical).any():
            return None
        mismatch = float(np.abs(whole - whole[0]).max() / whole[0])
        factor = float(np.exp(-whole[0]))
        shrunk = Histogram(tag.first.left * factor, tag.first.right * factor, tag.first.count)
        size = float(tag.stats.mean_abs.value[-1])
        distance = wasserstein(shrunk, tag.last) / size
        noise = 0.3 / np.sqrt(tag.element_count) + (tag.change.resolution or 0.0)
        if mismatch > self.threshold("mismatch") or distance > self.threshold("distance"):
            return None
        return _Shrinking(0, factor, float(whole[0] / spans.sum()), mismatch, distance, float(noise))

    def _finding(self, tag: TagAnalysis, shrinking: _Shrinking, *, unlearned: bool, learned: bool) -> Finding:
        # The ends of the histogram are exact: under a decay alone they shrink alike to the last digit.
        pure = shrinking.mismatch * -np.log(shrinking.factor) <= self.threshold("pure")
        pure = pure and shrinking.distance <= shrinking.noise
        # Noise of the batches adds to the decay, step by step: a loss that stands is the witness that no more does.
        outweighs = unlearned and not pure and shrinking.factor <= self.threshold("unlearned")
        message = "only_decay" if pure else "shrinks_unlearned" if outweighs else "shrinks"
        warns = outweighs or (pure and not learned)
        squares = float(tag.stats.rms.value[-1]) ** 2 * tag.element_count
        limit, mismatch, distance = self.thresholds["factor"], self.thresholds["mismatch"], self.thresholds["distance"]
        return Finding(
            rule=self.id,
            severity=Severity.WARNING if warns else Severity.INFO,
            confidence=Confidence.LIKELY,
            message="only_decay_learned" if pure and learned else message,
            values={
                "layer": tag.name.layer,
                "factor": shrinking.factor,
                "rate": shrinking.rate,
                "first_step": int(tag.steps[shrinking.start]),
                "last_step": int(tag.steps[-1]),
                "half_squares": squares / 2,
                "squares": squares,
            },
            layer=tag.name.layer,
            tags=(tag.tag,),
            first_step=int(tag.steps[shrinking.start]),
            last_step=int(tag.steps[-1]),
            evidence=(
                Evidence("factor", shrinking.factor, limit.value, "ratio", limit.source, tag=tag.tag),
                Evidence("rate", shrinking.rate, None, "per step", "", tag=tag.tag),
                Evidence("mismatch", shrinking.mismatch, mismatch.value, "ratio", mismatch.source, tag=tag.tag),
                Evidence("distance", shrinking.distance, distance.value, "ratio", distance.source, tag=tag.tag),
            ),
            advice=("gradient", "exclude") if warns else ("exclude",),
        )

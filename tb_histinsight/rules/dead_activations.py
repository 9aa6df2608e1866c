"""Activations that are zero everywhere, or nearly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.histogram import FloatArray, IntArray
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.literature import DEEP_DIAGNOSIS
from tb_histinsight.rules.made_up import Example, bell
from tb_histinsight.rules.movement import has_values


class DeadActivations(Rule):
    """Fires for each layer whose activations are all zero, or nearly all and more than they were.

    Half of the values, and up to 87 %, are zero after a healthy ReLU; that never fires.
    """

    id = "dead-activations"
    severity = Severity.WARNING
    other_severities = (Severity.INFO, Severity.CRITICAL)
    follows = (
        Follows("collapsed-weights", "run"),
        Follows("constant-weights", "run"),
    )
    words = Words(
        title="Dead activations",
        what=(
            "Looks at the share of activations that are exactly zero. Fires when all are, or when nearly all are and "
            "their share has risen since the start."
        ),
        why="A unit that is zero for every input gets no gradient and cannot come back by itself.",
        messages={
            "silent": (
                "All activations of “{layer}” are zero at step {last_step} (and at {steps} of {all_steps} steps): the "
                "layer is silent on the logged batch."
            ),
            "silent_no_gradient": (
                "All activations of “{layer}” are zero (at {steps} of {all_steps} steps), and so is the gradient of "
                "its parameters: the layer is dead."
            ),
            "nearly": (
                "At least {share:.1%} of the activations of “{layer}” are zero at the last {steps} steps; it was "
                "{before:.1%} at step {first_step}. At most this share of its units is dead: a histogram of all units "
                "together cannot tell dead units from units that are mostly off."
            ),
            "sparse": (
                "At least {share:.1%} of the activations of “{layer}” are zero, and were from the start. That may be "
                "meant (one-hot or padded input, a sparse layer); at most this share of its units is dead."
            ),
            "rising": (
                "The share of zeros in “{layer}” rises, from {before:.1%} at step {first_step} to {share:.1%} at step "
                "{last_step}. Units may be dying; a healthy ReLU has about half, and up to 87 %."
            ),
        },
        advice={
            "rate": "Lower the learning rate: one large step can push units below zero for good.",
            "leaky": "Try a leaky ReLU (or ELU, GELU), which passes a gradient below zero.",
            "bias": "Start the biases of “{layer}” slightly above 0, or normalise its input.",
            "per_unit": "Log the share of zeros per unit to see which units are dead.",
        },
        innocent=(
            "The sparsity of ReLU, dropout, or padding.",
            "One-hot inputs, mixtures of experts, layers trained to be sparse.",
        ),
        evidence={
            "zero_share": "Share of zeros at the last step",
            "zero_share_before": "Share of zeros at the first step",
            "gradient": "RMS of the layer's gradient at the last step",
        },
        skips={
            "no_activations": "No activation histograms in this run. Log them to let this be checked.",
            "unresolved": (
                "The buckets do not tell zeros from small values. Log more buckets, or the share of zeros as a scalar."
            ),
        },
    )
    thresholds: ClassVar = {
        "nearly": Threshold(0.95, "share", "DLCheck", "share of zeros at each of the last steps, at least"),
        "rising": Threshold(0.7, "share", "DeepDiagnosis", "share of zeros at the last step, at least, if rising"),
        "rise": Threshold(0.1, "share", "chosen: beyond differences between batches", "rise of the share, at least"),
        "steps": Threshold(3.0, "steps", "SageMaker Debugger, DeadRelu", "number of steps, at least"),
    }

    references = (DEEP_DIAGNOSIS,)

    def example(self) -> Example:
        """On these it fires."""
        return Example({"dense_1/activations": [np.maximum(bell(900) - shift, 0) for shift in (0, 1, 2, 9, 9, 9)]})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per activation tag."""
        activations = [tag for tag in run.of_role(Role.ACTIVATION) if has_values(tag)]
        if not activations:
            raise CannotCheck("no_activations")
        telling = [tag for tag in activations if _tells_zeros(tag)]
        if not telling:
            raise CannotCheck("unresolved")
        for tag in telling:
            yield from self._judge(run, tag)

    def _judge(self, run: RunAnalysis, tag: TagAnalysis) -> Iterable[Finding]:
        share = tag.stats.zero_share.lower
        known = np.flatnonzero(np.isfinite(share))
        needed = int(self.threshold("steps"))
        last, before = float(share[known[-1]]), float(tag.stats.zero_share.upper[known[0]])
        recent = share[known[-needed:]]
        rose = last - before >= self.threshold("rise")
        gradients = [
            gradient
            for gradient in run.of_role(Role.GRADIENT)
            if gradient.name.layer == tag.name.layer and has_values(gradient)
        ]
        scales = [float(gradient.stats.rms.upper[-1]) for gradient in gradients]
        no_gradient = bool(scales) and all(scale == 0.0 for scale in scales)
        severity, confidence = Severity.WARNING, Confidence.LIKELY
        if last == 1.0:
            message, confidence = "silent", Confidence.CERTAIN
            if no_gradient:
                message, severity = "silent_no_gradient", Severity.CRITICAL
            elif not (recent == 1.0).all() or len(recent) < needed:
                severity = Severity.INFO  # one silent batch is not a dead layer
        elif len(recent) >= needed and (recent >= self.threshold("nearly")).all():
            message = "nearly" if rose else "sparse"
            if not rose:
                severity, confidence = Severity.INFO, Confidence.SUSPECT
        elif len(known) >= needed and last >= self.threshold("rising") and rose and _rises(share[known]):
            message, severity, confidence = "rising", Severity.INFO, Confidence.SUSPECT
        else:
            return
        threshold = self.thresholds["rising" if message == "rising" else "nearly"]
        evidence = [
            Evidence(
                "zero_share",
                last,
                threshold.value,
                "share",
                threshold.source,
                lower=last,
                upper=float(tag.stats.zero_share.upper[known[-1]]),
                tag=tag.tag,
            ),
            Evidence("zero_share_before", before, None, "share", "", tag=tag.tag),
        ]
        evidence += [
            Evidence("gradient", float(gradient.stats.rms.value[-1]), None, "x", "", tag=gradient.tag)
            for gradient in gradients[:1]
        ]
        silent = message.startswith("silent")
        yield Finding(
            rule=self.id,
            severity=severity,
            confidence=confidence,
            message=message,
            values={
                "layer": tag.name.layer,
                "share": float(recent.min()) if message in ("nearly", "sparse") else last,
                "before": before,
                "steps": int((share[known] == 1.0).sum()) if silent else len(recent),
                "all_steps": len(tag.steps),
                "first_step": int(tag.steps[known[0]]),
                "last_step": int(tag.steps[known[-1]]),
            },
            layer=tag.name.layer,
            tags=(tag.tag, *(gradient.tag for gradient in gradients)),
            first_step=int(tag.steps[self._since(message, share, known)]),
            last_step=int(tag.steps[known[-1]]),
            evidence=tuple(evidence),
        )

    def _since(self, message: str, share: FloatArray, known: IntArray) -> int:
        """Index of the first of the unbroken steps up to the last at which it is so; the first step for a trend."""
        limit = {"nearly": self.threshold("nearly"), "rising": -1.0}.get(message, 1.0 if "silent" in message else -1.0)
        broken = np.flatnonzero(share[known] < limit)
        return int(known[broken[-1] + 1] if len(broken) else known[0])


def _tells_zeros(tag: TagAnalysis) -> bool:
    """Whether the buckets tell zeros from small values at the last step."""
    share = tag.stats.zero_share
    known = np.flatnonzero(np.isfinite(share.lower))
    return len(known) > 0 and float(share.upper[known[-1]] - share.lower[known[-1]]) < 0.05


def _rises(share: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    """Whether the second half lies above all of the first third: a trend, not one batch."""
    n = len(share)
    return bool(share[n // 2 :].min() > share[: max(1, n // 3)].max())

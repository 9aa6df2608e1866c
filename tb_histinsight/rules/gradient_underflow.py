"""Gradients so small that half precision or the optimiser's epsilon swallows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.histogram import EXACT_ZERO_RIGHT, Histogram
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.literature import LOW_PRECISION, MIXED_PRECISION
from tb_histinsight.rules.made_up import Example, bell, still
from tb_histinsight.rules.movement import has_values, late_rms, since_when

SCALE_WORDS = ("loss_scale", "grad_scale", "scaler", "amp")
"""Parts of names of scalars that say that a run trains in half precision."""


class GradientUnderflow(Rule):
    """Fires where the gradients of kernels are below what fp16 holds, or below Adam's usual epsilon.

    Without a sign of half precision it is a remark: float32 has no trouble with such gradients.
    """

    id = "gradient-underflow"
    severity = Severity.WARNING
    other_severities = (Severity.INFO,)
    follows = (
        Follows("vanishing-gradient", "run"),
        Follows("dead-activations", "run"),
        Follows("barely-moves", "layer", ("epsilon",)),
        Follows("collapsed-weights", "run"),
    )
    words = Words(
        title="Gradients near the limits of precision",
        what=(
            "Measures the share of the kernels' gradients that is smaller than 2⁻²⁴, the smallest number of fp16, and "
            "compares their RMS with 1e-8, the epsilon that Adam adds."
        ),
        why="What fp16 cannot hold becomes zero; what is below Adam's epsilon moves weights less than it should.",
        messages={
            "fp16": (
                "At least {share:.1%} of the non-zero gradient values of “{layer}” are below 2⁻²⁴ (6e-8): in fp16 they "
                "are zero. {affected:No other kernel is affected|# kernels are affected}."
            ),
            "epsilon": (
                "The gradient of “{layer}” (RMS {rms:.3g}) is below 1e-8, the epsilon that Adam adds: its steps are "
                "smaller than the learning rate says. {affected:No other kernel is affected|# kernels are affected}."
            ),
        },
        advice={
            "scale": "If you train in fp16: scale the loss, or use bf16.",
            "epsilon": "If you use Adam: try a smaller epsilon for “{layer}”.",
            "source": "Look why the gradient is so small: converged, averaged over much, or vanishing.",
        },
        innocent=("Training in float32, with SGD or late in a converged run.", "Gradients that are truly sparse."),
        evidence={"share": "Share of non-zero values below 2⁻²⁴, at least", "rms": "RMS of the gradient"},
        skips={"no_gradients": "No gradient histograms of kernels in this run. Log them to check this."},
    )
    thresholds: ClassVar = {
        "share": Threshold(0.05, "share", "Micikevicius et al. 2018", "share below 2⁻²⁴, at least"),
        "fp16": Threshold(2.0**-24, "x", "IEEE 754, half precision", "smallest positive number of fp16"),
        "epsilon": Threshold(1e-8, "x", "Wortsman et al. 2023; Adam's default", "RMS of the gradient, at most"),
    }
    references = (MIXED_PRECISION, LOW_PRECISION)

    def example(self) -> Example:
        """On these it fires."""
        gradients = {f"gradients/dense_{i}/kernel": still(bell(900, i * 1e-9)) for i in (1, 2)}
        return Example(gradients, shown=("gradients/dense_1/kernel",))

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """One finding at most, on the kernel that suffers the most."""
        gradients = [tag for tag in run.of_role(Role.GRADIENT) if tag.name.kernel and has_values(tag)]
        if not gradients:
            raise CannotCheck("no_gradients")
        halves = any(word in name.lower() for name in run.scalars for word in SCALE_WORDS)
        limit = self.threshold("share")
        shares = {tag.tag: share_below(tag.last, self.threshold("fp16")) for tag in gradients} if halves else {}
        under = [tag for tag in gradients if shares.get(tag.tag, 0.0) > limit]
        if under:
            worst = max(under, key=lambda tag: shares[tag.tag])
            yield self._finding(worst, under, "fp16", shares[worst.tag])
            return
        tiny = [tag for tag in gradients if 0 < late_rms(tag)[2] < self.threshold("epsilon")]
        if tiny:
            yield self._finding(min(tiny, key=lambda tag: late_rms(tag)[2]), tiny, "epsilon", 0.0)

    def _finding(self, worst: TagAnalysis, affected: list[TagAnalysis], message: str, share: float) -> Finding:
        rms = late_rms(worst)
        limit = self.thresholds["share" if message == "fp16" else "epsilon"]
        return Finding(
            rule=self.id,
            severity=Severity.WARNING if message == "fp16" else Severity.INFO,
            confidence=Confidence.LIKELY if message == "fp16" else Confidence.SUSPECT,
            message=message,
            values={"layer": worst.name.layer, "share": share, "rms": rms[0], "affected": len(affected)},
            layer=worst.name.layer,
            tags=(worst.tag, *(tag.tag for tag in affected if tag is not worst)),
            first_step=min(self._since(tag, message) for tag in affected),
            last_step=int(worst.steps[-1]),
            evidence=(
                Evidence("share", share, limit.value, "share", limit.source, tag=worst.tag)
                if message == "fp16"
                else Evidence("rms", rms[0], limit.value, "x", limit.source, rms[1], rms[2], worst.tag),
            ),
            advice=("scale", "source") if message == "fp16" else ("source", "epsilon"),
        )

    def _since(self, tag: TagAnalysis, message: str) -> int:
        """Since when: of values that underflow, only the first histogram and the last are known."""
        if message == "epsilon":
            return since_when(tag, tag.stats.rms.upper < self.threshold("epsilon"))
        always = share_below(tag.first, self.threshold("fp16")) > self.threshold("share")
        return int(tag.steps[0 if always else len(tag.steps) // 2])


def share_below(histogram: Histogram, limit: float) -> float:
    """Least share of the non-zero values that are smaller than a limit; 0 where the buckets cannot tell."""
    zero = (histogram.left == 0) & (histogram.right <= EXACT_ZERO_RIGHT)
    nonzero = float(histogram.count[~zero].sum())
    inside = (histogram.left > -limit) & (histogram.right < limit) & ~zero
    return float(histogram.count[inside].sum()) / nonzero if nonzero else 0.0

"""Kernels stay identical while biases move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.made_up import Example, bell, scaled, still
from tb_histinsight.rules.movement import (
    MIN_STEPS,
    distance_moved,
    has_moved,
    has_values,
    is_unchanged,
    step_span,
)


class OnlyBiasesLearn(Rule):
    """Fires where every kernel is identical at every step and a bias moves; kernels that hardly move are a remark."""

    id = "only-biases-learn"
    severity = Severity.WARNING
    other_severities = (Severity.INFO,)
    follows = (
        Follows("vanishing-gradient", "run", ("unresolved",)),
        Follows("dead-activations", "run"),
    )
    words = Words(
        title="Only biases learn",
        what=(
            "Compares how far kernels and biases moved, in absolute terms. Fires when every kernel is identical at "
            "every step while a bias moves."
        ),
        why="Biases alone can only learn a constant answer: the network ignores its input.",
        messages={
            "identical": (
                "The histograms of all {kernels} kernels are identical at {steps} steps, while “{bias}” moved by "
                "{bias_moved:.3g}: only biases learn."
            ),
            "unresolved": (
                "“{bias}” moved visibly (by {bias_moved:.3g}), the kernel of its layer by less than its histogram "
                "resolves (by {kernel_moved:.2g} or somewhat more, of a mean size of {kernel_size:.3g}). Biases start "
                "as one value, so that the same step shows more in them: too small to see is not frozen."
            ),
        },
        advice={
            "upstream": "Look for the first dead or tiny layer in front: zero input leaves a gradient to biases only.",
            "input": "Check the scale of the input, and that it is not constant.",
            "optimiser": "Check that the optimiser was given the kernels, not the biases alone.",
            "updates": "Log the update of the kernels (new minus old weights): it shows what their histogram cannot.",
            "settle": "Log the update of the kernels (new minus old weights) to be sure: identical histograms do not "
            "prove identical weights, since values that trade places leave no trace.",
        },
        innocent=("Tuning of the biases alone, on purpose.", "A short run with a small learning rate."),
        evidence={
            "kernel_moved": "Distance that the kernel moved, at least",
            "bias_moved": "Distance that the bias moved, at least",
            "bias_share": "Distance that the bias moved ÷ RMS of the kernel",
        },
        skips={
            "no_pair": "No layer of this run has both a kernel and a bias.",
            "few_steps": "Steps at which kernels and biases were logged: {steps}; {needed} are needed to tell.",
        },
    )
    thresholds: ClassVar = {
        "steps": Threshold(
            float(MIN_STEPS),
            "steps",
            "SageMaker Debugger, UnchangedTensor",
            "number of steps, all of them identical",
            least=MIN_STEPS,
        ),
        "bias_share": Threshold(
            1e-3, "ratio", "measured", "distance that a bias moved ÷ RMS of its layer's kernel, at least"
        ),
        "remark_steps": Threshold(5.0, "steps", "measured", "number of steps for a remark on kernels that hardly move"),
    }

    def example(self) -> Example:
        """On these it fires."""
        kernels = {f"dense_{i}/kernel": still(bell(900)) for i in (1, 2)}
        biases = {f"dense_{i}/bias": scaled(bell(30, 0.01), *range(6)) for i in (1, 2)}
        return Example({**kernels, **biases}, shown=("dense_1/kernel", "dense_1/bias"))

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """One finding at most."""
        kernels = [tag for tag in run.kernels() if has_values(tag)]
        biases = [tag for tag in run.of_role(Role.BIAS) if has_values(tag)]
        pairs = [(k, b) for b in biases for k in kernels if k.name.layer == b.name.layer]
        if not pairs:
            raise CannotCheck("no_pair")
        steps = min(len(tag.steps) for pair in pairs for tag in pair)
        needed = int(self.threshold("steps"))
        if steps < needed:
            raise CannotCheck("few_steps", steps=steps, needed=needed)
        moved = [(k, b) for k, b in pairs if has_moved(b) and self._share(k, b) >= self.threshold("bias_share")]
        if not moved:
            return
        kernel, bias = max(moved, key=lambda pair: self._share(*pair))
        others = [tag for tag in run.of_role(Role.WEIGHT) if has_moved(tag)]
        if not others and all(is_unchanged(run, tag) for tag in kernels):
            certain = all(tag.moments_agree is True for tag in kernels)
            confidence = Confidence.CERTAIN if certain else Confidence.LIKELY
            yield self._finding(kernel, bias, kernels, confidence)
        elif steps >= self.threshold("remark_steps") and all(_unresolved(tag) for tag in kernels):
            yield self._finding(kernel, bias, [kernel], Confidence.SUSPECT)

    def _share(self, kernel: TagAnalysis, bias: TagAnalysis) -> float:
        size = float(np.nanmax(kernel.stats.rms.value))
        return distance_moved(bias) / size if size > 0 else 0.0

    def _finding(
        self, kernel: TagAnalysis, bias: TagAnalysis, kernels: Sequence[TagAnalysis], confidence: Confidence
    ) -> Finding:
        unresolved = confidence is Confidence.SUSPECT
        message = "unresolved" if unresolved else "identical"
        settle = () if confidence is Confidence.CERTAIN else ("settle",)
        first, last = step_span([*kernels, bias])
        threshold = self.thresholds["bias_share"]
        kernel_moved, bias_moved = distance_moved(kernel), distance_moved(bias)
        sizes = kernel.stats.mean_abs.value
        return Finding(
            rule=self.id,
            severity=Severity.INFO if unresolved else Severity.WARNING,
            confidence=confidence,
            message=message,
            values={
                "kernels": len(kernels),
                "steps": min(len(tag.steps) for tag in kernels),
                "bias": bias.tag,
                "bias_moved": bias_moved,
                "kernel_moved": kernel_moved,
                "kernel_size": float(sizes[np.isfinite(sizes)][0]),
            },
            layer=None if message == "identical" else kernel.name.layer,
            tags=(*(tag.tag for tag in kernels), bias.tag),
            first_step=first,
            last_step=last,
            evidence=(
                Evidence("kernel_moved", kernel_moved, None, "x", "", tag=kernel.tag),
                Evidence("bias_moved", bias_moved, None, "x", "", tag=bias.tag),
                Evidence(
                    "bias_share", self._share(kernel, bias), threshold.value, "ratio", threshold.source, tag=bias.tag
                ),
            ),
            advice=("updates",) if unresolved else ("optimiser", "upstream", *settle, "input"),
        )


def _unresolved(tag: TagAnalysis) -> bool:
    """Whether the tag moved, by less than its buckets resolve."""
    movement, resolution = tag.change.movement, tag.change.resolution
    return has_moved(tag) and movement is not None and resolution is not None and movement < resolution

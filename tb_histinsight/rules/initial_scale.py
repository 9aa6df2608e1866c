"""Initial weights far larger or smaller than their fan-in asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.near_zero import usual_scales
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.literature import GLOROT, HE, THE_DEEP_CHECKER
from tb_histinsight.rules.made_up import Example, bell, moving, still
from tb_histinsight.rules.movement import MIN_STEPS, has_values, is_keras_callback


class InitialScale(Rule):
    """Fires for each kernel, but the last, whose variance before the first update fits no common initialiser."""

    id = "initial-scale"
    severity = Severity.WARNING
    other_severities = (Severity.INFO,)
    follows = (Follows("vanishing-gradient", "run"),)
    words = Words(
        title="Initial weights of an odd scale",
        what=(
            "Compares the variance of each kernel at step 0 with what the usual initialisers (He, Glorot, LeCun, "
            "PyTorch's default) give for its fan-in, which is the kernel's size divided by its bias's."
        ),
        why=(
            "Weights far too small let signal and gradient die out from layer to layer; weights far too large saturate "
            "units or let values explode."
        ),
        messages={
            "small": (
                "The initial weights of “{layer}” are far smaller than its fan-in of {fan_in} asks for: standard "
                "deviation {std:.3g}, where the usual initialisers give {least:.3g} to {most:.3g}."
            ),
            "large": (
                "The initial weights of “{layer}” are far larger than its fan-in of {fan_in} asks for: standard "
                "deviation {std:.3g}, where the usual initialisers give {least:.3g} to {most:.3g}."
            ),
        },
        advice={
            "initialiser": "Initialise “{layer}” with He (for ReLU) or Glorot (for tanh and sigmoid).",
            "normalise": "If the scale is meant, a normalisation layer behind it makes it harmless.",
        },
        innocent=(
            "A pre-trained network, or a run that was continued.",
            "Residual branches scaled down on purpose, µP, and normalisation behind the layer.",
            "Networks have trained well from far smaller weights; it takes longer.",
        ),
        evidence={"variance_ratio": "Variance ÷ that of the nearest initialiser (or the inverse)"},
        skips={
            "no_start": "No kernel with a bias beside it was logged at step 0, before the first update.",
            "end_of_epoch": "Keras logs at the end of an epoch, so that the initial weights are not in this log.",
        },
    )
    thresholds: ClassVar = {
        "remark": Threshold(
            30.0, "ratio", "measured: tutorials that train well start at up to 12", "to be said at all"
        ),
        "warning": Threshold(
            1000.0,
            "ratio",
            "measured: weights 500 times too small in variance trained well",
            "variance off by this factor, to warn",
        ),
        "stuck": Threshold(
            3e-3,
            "ratio",
            "measured: between sick kernels (at most 1e-3) and slow healthy ones (1e-2)",
            "movement since, at most, to be a warning",
        ),
        "elements": Threshold(16.0, "values", "counting noise of a variance", "number of weights, at least"),
    }
    references = (
        GLOROT,
        HE,
        THE_DEEP_CHECKER,
    )

    def example(self) -> Example:
        """On these it fires."""
        tensors = {"dense_1/kernel": moving(bell(900, 1e-5), 1e-3), "dense_2/kernel": moving(bell(900, 0.18))}
        return Example({**tensors, **{f"dense_{i}/bias": still(bell(30)) for i in (1, 2)}})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per kernel."""
        biases = {tag.name.layer: tag.element_count for tag in run.of_role(Role.BIAS)}
        kernels = run.kernels()
        least = self.threshold("elements")
        start = [
            tag
            for tag in kernels[:-1]
            if has_values(tag) and int(tag.steps[0]) == 0 and tag.name.layer in biases and tag.element_count >= least
        ]
        if not start:
            raise CannotCheck("no_start")
        if any(is_keras_callback(tag) for tag in kernels):
            raise CannotCheck("end_of_epoch")
        norms = bool(run.of_role(Role.NORM))
        for tag in start:
            fan_out = biases[tag.name.layer]
            if fan_out and tag.element_count % fan_out == 0:
                yield from self._judge(tag, tag.element_count // fan_out, fan_out, norms=norms)

    def _judge(self, tag: TagAnalysis, fan_in: int, fan_out: int, *, norms: bool) -> Iterable[Finding]:
        lower, upper = float(tag.stats.std.lower[0]) ** 2, float(tag.stats.std.upper[0]) ** 2
        if not np.isfinite(lower) or upper <= 0:
            return  # all equal: another rule's matter
        least, most = usual_scales(fan_in, fan_out)
        small, large = least**2 / upper, lower / most**2
        ratio = max(small, large)
        if ratio < self.threshold("remark"):
            return
        warning = self.thresholds["warning"]
        # Weights that have moved since are on their way out of it.
        stuck = len(tag.steps) >= MIN_STEPS and (tag.change.movement or 0.0) < self.threshold("stuck")
        alarm = ratio >= warning.value and stuck and not norms
        yield Finding(
            rule=self.id,
            severity=Severity.WARNING if alarm else Severity.INFO,
            confidence=Confidence.LIKELY,
            message="small" if small >= large else "large",
            values={
                "layer": tag.name.layer,
                "fan_in": fan_in,
                "std": float(tag.stats.std.value[0]),
                "least": least,
                "most": most,
            },
            layer=tag.name.layer,
            tags=(tag.tag,),
            first_step=0,
            last_step=0,
            evidence=(
                Evidence("variance_ratio", ratio, warning.value, "ratio", warning.source, lower=ratio, tag=tag.tag),
            ),
        )

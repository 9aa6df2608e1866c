"""A kernel whose values are all the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Words
from tb_histinsight.rules.literature import THE_DEEP_CHECKER
from tb_histinsight.rules.made_up import Example, bell, moving, still
from tb_histinsight.rules.movement import has_moved, has_values, is_finite, trained

ZERO_STARTS = ("lora_b", "zero", "gate")
"""Parts of names of layers that start at zero on purpose."""

SHOWN = 3
"""Values that a sentence on several layers names, at most."""
SHARED = {
    "several": ("throughout", "zero_throughout"),
    "several_became": ("became",),
    "several_started": ("started",),
}
"""Messages on several layers, each with the messages on one layer that it sums up."""


class ConstantWeights(Rule):
    """Fires for each kernel of two or more elements in which minimum and maximum are equal at a step."""

    id = "constant-weights"
    severity = Severity.CRITICAL
    other_severities = (Severity.INFO, Severity.WARNING)
    # Weights that became equal by shrinking to nothing: the shrinking is the trouble.
    follows = (
        Follows("collapsed-weights", "tag", ("became", "several_became")),
        Follows("constant-weights", "tag"),  # one layer of several follows from the finding on all of them
    )
    words = Words(
        title="All weights of a kernel are equal",
        what="Looks for kernels in which the smallest and the largest value are the same. Biases and the gains of "
        "normalisation layers start so, and are not looked at.",
        why=(
            "Units with equal weights compute the same, get the same gradient, and stay equal: the layer is as good "
            "as one unit."
        ),
        messages={
            "throughout": (
                "All {count} weights of “{layer}” are {value:.6g} at every step: its units cannot become different "
                "from each other."
            ),
            "zero_throughout": (
                "All {count} weights of “{layer}” are 0 at every step: nothing passes through this layer, and it has "
                "not been trained away from 0."
            ),
            "became": (
                "All {count} weights of “{layer}” have become {value:.6g} (since step {step}); they differed before."
            ),
            "one_step": "All {count} weights of “{layer}” are {value:.6g} at the only step that was logged.",
            "several": (
                "All weights are equal, and stay so at every step, in each of {layers} layers (“{first_layer}” to "
                "“{last_layer}”; {values}): their units cannot become different from each other."
            ),
            "several_became": (
                "All weights have become equal in each of {layers} layers (“{first_layer}” to “{last_layer}”; "
                "{values}), first at step {step}; they differed before."
            ),
            "several_started": (
                "All weights start equal in each of {layers} layers (“{first_layer}” to “{last_layer}”; {values}); "
                "from step {step} on all of them differ. Units that start equal are told apart only by what the other "
                "layers do."
            ),
            "started": (
                "All {count} weights of “{layer}” start at {value:.6g}; from step {step} on they differ. Units that "
                "start equal are told apart only by what the other layers do."
            ),
        },
        advice={
            "all_random": "Initialise all kernels randomly, from “{first_layer}” on; only biases and gains may start "
            "constant.",
            "random": "Initialise the kernel of “{layer}” randomly; only biases and gains may start constant.",
            "decay": "If the weights differed before: look for a decay or a clipping that flattens them.",
        },
        innocent=(
            "The last layer of a network, or of a residual branch, that starts at 0 on purpose.",
            "A linear model: with a single layer there is no symmetry to break.",
        ),
        evidence={"range": "Largest minus smallest weight", "steps": "Steps at which all weights are equal"},
        skips={"no_kernels": "No kernel of two or more elements in this run."},
    )
    references = (THE_DEEP_CHECKER,)

    def example(self) -> Example:
        """On these it fires."""
        others = {f"dense_{i}/kernel": moving(bell(900)) for i in (2, 3)}
        return Example({"dense_1/kernel": still(np.full(900, 0.05)), **others})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per kernel."""
        kernels = [tag for tag in run.kernels() if has_values(tag) and tag.element_count >= 2]
        if not kernels:
            raise CannotCheck("no_kernels")
        others_move = any(has_moved(tag) for tag in trained(run))
        found: list[Finding] = []
        for tag in kernels:
            low, high = tag.stats.minimum, tag.stats.maximum
            constant = np.flatnonzero(np.isfinite(low) & (low == high) & (tag.stats.non_finite == 0))
            if len(constant):
                alone = tag is kernels[-1]
                found += self._finding(tag, constant, alone=alone, others_move=others_move)
        yield from found
        for message, fates in SHARED.items():
            alike = [finding for finding in found if finding.message in fates]
            if len(alike) > 1:
                yield _several(message, alike)

    def _finding(
        self,
        tag: TagAnalysis,
        constant: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
        *,
        alone: bool,
        others_move: bool,
    ) -> Iterable[Finding]:
        n = len(tag.steps)
        value = float(tag.stats.minimum[constant[-1]])
        severity, confidence = Severity.CRITICAL, Confidence.CERTAIN
        step = int(tag.steps[constant[0]])
        meant = value == 0.0 and (alone or any(part in tag.tag.lower() for part in ZERO_STARTS))
        if len(constant) == n:
            message = "zero_throughout" if value == 0.0 else "throughout"
            if n == 1:
                # An end of a residual branch, or a last layer, starts at 0; one step cannot tell.
                message, confidence = "one_step", Confidence.LIKELY
                severity = Severity.INFO if value == 0.0 else Severity.WARNING
            elif meant or not others_move:
                severity, confidence = Severity.WARNING, Confidence.LIKELY
        elif constant[-1] == n - 1 and is_finite(tag):
            message = "became"
            step = int(tag.steps[_last_block(constant)])
        elif constant[0] == 0 and len(constant) == constant[-1] + 1:
            if meant:
                return
            message, severity, confidence = "started", Severity.INFO, Confidence.SUSPECT
            step = int(tag.steps[constant[-1] + 1])
        else:
            return
        yield Finding(
            rule=self.id,
            severity=severity,
            confidence=confidence,
            message=message,
            values={"layer": tag.name.layer, "count": tag.element_count, "value": value, "step": step},
            layer=tag.name.layer,
            tags=(tag.tag,),
            first_step=int(tag.steps[0]) if message == "started" else step,
            last_step=int(tag.steps[constant[-1]]),
            evidence=(
                Evidence("range", 0.0, 0.0, "x", "NeuraLint; TheDeepChecker", tag=tag.tag),
                Evidence("steps", float(len(constant)), None, "steps", "definition", tag=tag.tag),
            ),
            advice=("decay", "random") if message == "became" else ("random",),
        )


def _several(message: str, found: Sequence[Finding]) -> Finding:
    """One finding that leads those on single layers of the same fate."""
    values = list(dict.fromkeys(f"{finding.values['value']:.4g}" for finding in found))
    steps = [cast(int, finding.values["step"]) for finding in found]
    leads = max(found, key=lambda finding: finding.severity.rank)
    became = message == "several_became"
    return replace(
        leads,
        message=message,
        values={
            "layers": len(found),
            "layer": found[0].values["layer"],
            "first_layer": found[0].values["layer"],
            "last_layer": found[-1].values["layer"],
            "values": ", ".join(values[:SHOWN]) + (", …" if len(values) > SHOWN else ""),
            "step": min(steps) if became else max(steps),
        },
        layer=None,
        tags=tuple(tag for finding in found for tag in finding.tags),
        first_step=min(finding.first_step or 0 for finding in found),
        last_step=max(finding.last_step or 0 for finding in found),
        evidence=tuple(one for finding in found for one in finding.evidence if one.name == "steps"),
        advice=("decay", "all_random") if became else ("all_random",),
    )


def _last_block(index: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> int:
    """First of the consecutive indices that end with the last one."""
    breaks = np.flatnonzero(np.diff(index) > 1)
    return int(index[breaks[-1] + 1]) if len(breaks) else int(index[0])

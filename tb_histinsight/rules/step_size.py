"""Updates far too large or too small for the weights they are added to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar, cast

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.literature import THE_DEEP_CHECKER
from tb_histinsight.rules.made_up import Example, bell, moving, still
from tb_histinsight.rules.movement import has_values, late_rms

SMALL = ("small", "several_small")
LARGE = ("large", "several_large")


class StepSize(Rule):
    """Fires for each kernel whose logged update is outside the published bands; shows all of them."""

    id = "step-size"
    severity = Severity.INFO
    other_severities = (Severity.WARNING,)
    follows = (
        Follows("step-size", "tag"),  # one layer of several follows from the finding on all of them
        Follows("vanishing-gradient", "run", SMALL),
        Follows("dead-activations", "run", SMALL),
        Follows("exploding", "run", LARGE),
    )
    words = Words(
        title="Unusual size of the updates",
        what="Divides the RMS of each logged update by the RMS of the kernel, over the last half of the steps.",
        why="Updates that are large against the weights are unstable; tiny ones take for ever.",
        messages={
            "small": (
                "The updates of “{layer}” are {ratio:.2g} of its weights' size per step. Published bands: about 1e-3 "
                "(CS231n), 1e-4 to 1e-1 (TheDeepChecker), 1e-5 to 1e-1 (torchmortem), 1e-8 to 10 (SageMaker Debugger)."
            ),
            "large": (
                "The updates of “{layer}” are {ratio:.2g} times its weights' size per step. Published bands: about "
                "1e-3 (CS231n), 1e-4 to 1e-1 (TheDeepChecker), 1e-5 to 1e-1 (torchmortem), 1e-8 to 10 (SageMaker "
                "Debugger)."
            ),
            "several_small": (
                "The updates of {layers} of {kernels} kernels (“{first_layer}” to “{last_layer}”) are {least:.2g} to "
                "{most:.2g} of their weights' size per step. Published bands: about 1e-3 (CS231n), 1e-4 to 1e-1 "
                "(TheDeepChecker), 1e-5 to 1e-1 (torchmortem), 1e-8 to 10 (SageMaker Debugger)."
            ),
            "several_large": (
                "The updates of {layers} of {kernels} kernels (“{first_layer}” to “{last_layer}”) are {least:.2g} to "
                "{most:.2g} times their weights' size per step. Published bands: about 1e-3 (CS231n), 1e-4 to 1e-1 "
                "(TheDeepChecker), 1e-5 to 1e-1 (torchmortem), 1e-8 to 10 (SageMaker Debugger)."
            ),
        },
        advice={
            "all": "Change the learning rate, or the schedule, of all of them together.",
            "rate": "Change the learning rate of the group that “{layer}” is in.",
            "schedule": "If the schedule is near its end, small updates are what it is for.",
        },
        innocent=("Late in a schedule.", "An update logged as the sum of many steps.", "Weights that start at 0."),
        evidence={"ratio": "RMS of the update ÷ RMS of the kernel"},
        skips={
            "no_updates": "No update histograms (new minus old weights) beside the kernels. Log them to check this."
        },
    )
    thresholds: ClassVar = {
        "least": Threshold(1e-5, "ratio", "torchmortem", "update ÷ weight, at least"),
        "most": Threshold(1e-1, "ratio", "torchmortem; TheDeepChecker", "update ÷ weight, at most"),
        "least_of_all": Threshold(1e-8, "ratio", "SageMaker Debugger", "below: outside of every published band"),
        "most_of_all": Threshold(10.0, "ratio", "SageMaker Debugger", "above: outside of every published band"),
    }
    references = (THE_DEEP_CHECKER,)

    def example(self) -> Example:
        """On these it fires."""
        return Example({"dense_1/kernel": moving(bell(900)), "updates/dense_1/kernel": still(bell(900, 20.0))})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per kernel."""
        kernels = {tag.name.layer: tag for tag in run.kernels() if has_values(tag)}
        pairs = [
            (tag, kernels[tag.name.layer])
            for tag in run.of_role(Role.UPDATE)
            if tag.name.kernel and has_values(tag) and tag.name.layer in kernels
        ]
        if not pairs:
            raise CannotCheck("no_updates")
        found = list(self._each(pairs))
        yield from found
        for message, one in (("several_small", "small"), ("several_large", "large")):
            alike = [finding for finding in found if finding.message == one]
            if len(alike) > 1:
                yield _several(message, alike, len(pairs))

    def _each(self, pairs: Sequence[tuple[TagAnalysis, TagAnalysis]]) -> Iterable[Finding]:
        for update, kernel in pairs:
            above, below = late_rms(update), late_rms(kernel)
            if not above[0] > 0 or not below[1] > 0:
                continue  # no update at all is another rule's matter
            ratio, lower, upper = above[0] / below[0], above[1] / below[2], above[2] / below[1]
            small, large = upper < self.threshold("least"), lower > self.threshold("most")
            if not small and not large:
                continue
            beyond = upper < self.threshold("least_of_all") or lower > self.threshold("most_of_all")
            limit = self.thresholds["least" if small else "most"]
            yield Finding(
                rule=self.id,
                severity=Severity.WARNING if beyond else Severity.INFO,
                confidence=Confidence.LIKELY if beyond else Confidence.SUSPECT,
                message="small" if small else "large",
                values={"layer": kernel.name.layer, "ratio": ratio},
                layer=kernel.name.layer,
                tags=(update.tag, kernel.tag),
                first_step=int(update.steps[len(update.steps) // 2]),
                last_step=int(update.steps[-1]),
                evidence=(Evidence("ratio", ratio, limit.value, "ratio", limit.source, lower, upper, update.tag),),
                advice=("rate", "schedule"),
            )


def _several(message: str, found: Sequence[Finding], kernels: int) -> Finding:
    """One finding that leads those on single layers."""
    ratios = [cast(float, finding.values["ratio"]) for finding in found]
    return replace(
        max(found, key=lambda finding: finding.severity.rank),
        message=message,
        values={
            "layers": len(found),
            "kernels": kernels,
            "layer": found[0].values["layer"],
            "first_layer": found[0].values["layer"],
            "last_layer": found[-1].values["layer"],
            "least": min(ratios),
            "most": max(ratios),
        },
        layer=None,
        tags=tuple(dict.fromkeys(tag for finding in found for tag in finding.tags)),
        first_step=min(finding.first_step or 0 for finding in found),
        last_step=max(finding.last_step or 0 for finding in found),
        evidence=tuple(one for finding in found for one in finding.evidence),
        advice=("all", "schedule"),
    )

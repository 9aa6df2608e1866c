"""A kernel that moves far less than the run's other kernels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Severity
from tb_histinsight.core.median import median
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.made_up import Example, bell, moving
from tb_histinsight.rules.movement import has_values, is_identical


class BarelyMoves(Rule):
    """Fires for each kernel whose histogram hardly changes while the others' do: a remark, never an alarm."""

    id = "barely-moves"
    severity = Severity.INFO
    follows = (
        Follows("only-last-layer-learns", "tag"),
        Follows("vanishing-gradient", "run"),
        Follows("dead-activations", "run"),
        Follows("step-size", "layer"),
    )
    words = Words(
        title="Kernel barely moves",
        what=(
            "Compares how far each kernel's histogram moved from the first step to the last with the run's other "
            "kernels. Identical kernels are another matter (“Layer not updated”)."
        ),
        why=(
            "It may be a layer that gets hardly any gradient. It may just as well be a wide layer that learns by many "
            "tiny changes: a histogram proves movement, never stillness."
        ),
        messages={
            "barely": (
                "The histogram of “{layer}” moved by {movement:.2g} of its mean size from step {first_step} to "
                "{last_step}, the run's median kernel by {median:.2g}. Too small to see here is not frozen."
            ),
        },
        advice={
            "update": "Log the update of “{layer}” (new minus old weights): it tells what the histogram cannot.",
            "gradient": "Compare the scale of its gradient with the other layers'.",
            "rate": "Check for a smaller learning rate in the parameter group of “{layer}”.",
        },
        innocent=("Very wide layers, short runs, fine-tuning with a small learning rate.",),
        evidence={"movement": "Movement ÷ mean size", "median": "Median movement of the run's kernels"},
        skips={
            "few_kernels": "Fewer than {needed} kernels whose movement is known.",
            "few_steps": "Steps at which the kernels were logged: {steps}; {needed} are needed.",
        },
    )
    thresholds: ClassVar = {
        "movement": Threshold(
            1e-3, "ratio", "measured: sick kernels 1e-5 to 1e-3, healthy ones 6e-2 or more", "movement, at most"
        ),
        "median": Threshold(1e-2, "ratio", "measured", "median movement of the run's kernels, at least"),
        "steps": Threshold(5.0, "steps", "measured", "number of steps, at least"),
        "kernels": Threshold(3.0, "kernels", "chosen: a median needs company", "number of kernels, at least"),
    }

    def example(self) -> Example:
        """On these it fires."""
        others = {f"dense_{i}/kernel": moving(bell(900)) for i in (2, 3)}
        return Example({"dense_1/kernel": moving(bell(900), 1e-4), **others})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per kernel."""
        kernels = [tag for tag in run.kernels() if has_values(tag) and tag.change.movement is not None]
        needed = int(self.threshold("kernels"))
        if len(kernels) < needed:
            raise CannotCheck("few_kernels", needed=needed)
        steps = min(len(tag.steps) for tag in kernels)
        if steps < self.threshold("steps"):
            raise CannotCheck("few_steps", steps=steps, needed=int(self.threshold("steps")))
        typical = median([tag.change.movement or 0.0 for tag in kernels])
        if typical <= self.threshold("median"):
            return
        for tag in kernels:
            movement = tag.change.movement or 0.0
            if movement >= self.threshold("movement") or is_identical(tag):
                continue
            limit, usual = self.thresholds["movement"], self.thresholds["median"]
            yield Finding(
                rule=self.id,
                severity=Severity.INFO,
                confidence=Confidence.SUSPECT,
                message="barely",
                values={
                    "layer": tag.name.layer,
                    "movement": movement,
                    "median": typical,
                    "first_step": int(tag.steps[0]),
                    "last_step": int(tag.steps[-1]),
                },
                layer=tag.name.layer,
                tags=(tag.tag,),
                first_step=int(tag.steps[0]),
                last_step=int(tag.steps[-1]),
                evidence=(
                    Evidence("movement", movement, limit.value, "ratio", limit.source, tag=tag.tag),
                    Evidence("median", typical, usual.value, "ratio", usual.source),
                ),
            )

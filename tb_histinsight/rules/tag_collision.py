"""Several tensors logged under one tag at one step."""

from __future__ import annotations

from collections.abc import Iterable

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.rules.base import CannotCheck, Rule, Words
from tb_histinsight.rules.made_up import Example, bell, moving


class TagCollision(Rule):
    """Fires for each tag under which one file holds different histograms of the same step."""

    id = "tag-collision"
    severity = Severity.WARNING
    other_severities = (Severity.INFO,)
    judges_collided_tags = True
    words = Words(
        title="Several tensors under one tag",
        what="Looks for tags under which one event file holds several different histograms of the same step.",
        why=(
            "TensorBoard shows one of them, at random, and nothing that is read from such a chart is true. No other "
            "check looks at these tags."
        ),
        messages={
            "collision": (
                "Under “{tag}”, {steps:# step holds|# steps hold} several different histograms (first at step {step}): "
                "more than one tensor was logged under this name. Nothing can be said of any of them."
            ),
        },
        advice={
            "names": "Give each layer a name of its own, and log under that name.",
            "keras": "Some releases of Keras 3 write every layer into “kernel/histogram”: update Keras.",
            "twice": "Look whether the same tag is logged twice per step, for training and for validation.",
        },
        innocent=("The same tensor logged before and after the update of one step.",),
        evidence={"steps": "Steps with several different histograms"},
        skips={"nothing": "This run has no histogram to look at."},
    )

    def example(self) -> Example:
        """On these it fires."""
        return Example({"kernel": moving(bell(900))}, collided=("kernel",))

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per tag."""
        if not run.tags:
            raise CannotCheck("nothing")
        for tag in run.tags:
            steps = tag.collisions
            if not len(steps):
                continue
            remark = tag.name.role is Role.OTHER
            yield Finding(
                rule=self.id,
                severity=Severity.INFO if remark else Severity.WARNING,
                confidence=Confidence.CERTAIN,
                message="collision",
                values={"tag": tag.tag, "steps": len(steps), "step": int(steps[0])},
                layer=None,
                tags=(tag.tag,),
                first_step=int(steps[0]),
                last_step=int(steps[-1]),
                evidence=(Evidence("steps", float(len(steps)), 0.0, "steps", "definition", tag=tag.tag),),
            )

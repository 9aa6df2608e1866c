"""Several tensors logged under one tag at one step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
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
            "standing": (
                "Under “{tag}”, the first of {tags:# tag|# tags} of which this holds, several different histograms "
                "stand at step {step}, and there is no other step: the step did not advance from one log to the next, "
                "or several tensors share the name."
            ),
        },
        advice={
            "names": "Give each layer a name of its own, and log under that name.",
            "keras": "Some releases of Keras 3 write every layer into “kernel/histogram”: update Keras.",
            "advance": "Count the step up, and give it with every log: `add_histogram(tag, values, step)`.",
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
        """A finding per tag; one for all tags whose step seems to stand still."""
        if not run.tags:
            raise CannotCheck("nothing")
        collided = [tag for tag in run.tags if len(tag.collisions)]
        standing = [tag for tag in collided if _stands_still(tag)]
        if standing:
            yield self._standing(standing)
        for tag in collided:
            if tag in standing:
                continue
            steps = tag.collisions
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
                advice=("names", "keras", "twice"),
            )

    def _standing(self, tags: Sequence[TagAnalysis]) -> Finding:
        step = int(tags[0].collisions[0])
        return Finding(
            rule=self.id,
            severity=Severity.INFO,
            confidence=Confidence.LIKELY,
            message="standing",
            values={"tag": tags[0].tag, "tags": len(tags), "step": step},
            layer=None,
            tags=tuple(tag.tag for tag in tags),
            first_step=step,
            last_step=step,
            evidence=(Evidence("steps", 1.0, 0.0, "steps", "definition", tag=tags[0].tag),),
            advice=("advance", "names"),
        )


def _stands_still(tag: TagAnalysis) -> bool:
    """Whether a tag has one step in all, and a name that is a single layer's: then it was logged again and again.

    A collision of layers shows under a name that none of them owns ("kernel/histogram"), and at every step.
    """
    return len(tag.steps) == 1 and tag.name.certain

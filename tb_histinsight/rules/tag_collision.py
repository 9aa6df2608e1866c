"""Several tensors logged under one tag at one step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Rule, Words
from tb_histinsight.rules.made_up import Example, bell, moving


class TagCollision(Rule):
    """Fires where one file holds different histograms of the same step under a tag; once for all such tags."""

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
            "collisions": (
                "Under {tags:# tag|# tags}, the first “{tag}”, up to {steps:# step holds|# steps hold} several "
                "different histograms (first at step {step}): more than one tensor was logged under each of these "
                "names. Nothing can be said of any of them."
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
        """One for the parameters' tags, one for the others, and one for all tags whose step seems to stand still."""
        if not run.tags:
            raise CannotCheck("nothing")
        collided = [tag for tag in run.tags if len(tag.collisions)]
        standing = [tag for tag in collided if _stands_still(tag)]
        if standing:
            yield self._standing(standing)
        for remark in (False, True):
            found = [tag for tag in collided if tag not in standing and (tag.name.role is Role.OTHER) == remark]
            if found:
                yield self._collision(found, Severity.INFO if remark else Severity.WARNING)

    def _collision(self, tags: Sequence[TagAnalysis], severity: Severity) -> Finding:
        first = min(int(tag.collisions[0]) for tag in tags)
        most = max(len(tag.collisions) for tag in tags)
        return Finding(
            rule=self.id,
            severity=severity,
            confidence=Confidence.CERTAIN,
            message="collision" if len(tags) == 1 else "collisions",
            values={"tag": tags[0].tag, "tags": len(tags), "steps": most, "step": first},
            layer=None,
            tags=tuple(tag.tag for tag in tags),
            first_step=first,
            last_step=max(int(tag.collisions[-1]) for tag in tags),
            evidence=tuple(
                Evidence("steps", float(len(tag.collisions)), 0.0, "steps", "definition", tag=tag.tag) for tag in tags
            ),
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

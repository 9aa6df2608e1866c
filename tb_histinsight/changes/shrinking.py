"""Shrinking: the spread of the values has a trend."""

from __future__ import annotations

from tb_histinsight.changes.base import LIKELY, SUSPECT, ChangeKind, ChangeWords, Verdicts, verdicts
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.core.labels import ChangeLabel


class Shrinking(ChangeKind):
    """The scale goes down, beyond fluctuation and what the buckets leave open."""

    label = ChangeLabel.SHRINKING
    words = ChangeWords(
        name="shrinking",
        about="The spread shrinks from step to step, more than it fluctuates.",
        sentence="Shrinks: its root mean square went to {factor:.4g} times that of the first step.",
        bare="Shrinks from step to step, to nothing.",
        contrary="Draws together from step to step, while its root mean square rose to {factor:.4g} times that of the "
        "first step: the values come closer to each other, and farther from zero as a whole.",
    )

    def judge(self, evidence: Evidence) -> Verdicts:
        """Any proven trend of the scale in this direction."""
        found = evidence.scale.proven & (evidence.scale.direction == -1)
        return verdicts(found, SUSPECT if evidence.few else LIKELY, direction=-1)

"""Growing: the spread of the values has a trend."""

from __future__ import annotations

from tb_histinsight.changes.base import LIKELY, SUSPECT, ChangeKind, ChangeWords, Verdicts, verdicts
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.core.labels import ChangeLabel


class Growing(ChangeKind):
    """The scale goes up, beyond fluctuation and what the buckets leave open."""

    label = ChangeLabel.GROWING
    words = ChangeWords(
        name="growing",
        about="The spread grows from step to step, more than it fluctuates.",
        sentence="Grows: its root mean square went to {factor:.4g} times that of the first step.",
        bare="Grows from step to step; its first step has no size to compare with.",
        contrary="Spreads from step to step, while its root mean square fell to {factor:.4g} times that of the first "
        "step: the values move apart, and nearer to zero as a whole.",
    )

    def judge(self, evidence: Evidence) -> Verdicts:
        """Any proven trend of the scale in this direction."""
        found = evidence.scale.proven & (evidence.scale.direction == +1)
        return verdicts(found, SUSPECT if evidence.few else LIKELY, direction=+1)

"""Frozen: identical at every step."""

from __future__ import annotations

from tb_histinsight.changes.base import ChangeKind, ChangeWords, Verdict
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.core.labels import ChangeLabel, Confidence


class Frozen(ChangeKind):
    """Edges and counts are the same at every step."""

    label = ChangeLabel.FROZEN
    words = ChangeWords(
        name="identical",
        about="Edges and counts are the same at every step. Identical histograms do not prove identical values.",
        sentence="Identical at all {steps} steps, edges and counts.",
    )

    def judge(self, evidence: Evidence) -> Verdict | None:
        """Follows from the data: it says that the histograms are identical, not the values."""
        if bool(evidence.identical.all()):
            return Verdict(Confidence.CERTAIN, since_step=int(evidence.series.steps[0]))
        return None

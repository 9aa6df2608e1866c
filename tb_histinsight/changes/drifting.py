"""Drifting: the location of the values has a trend."""

from __future__ import annotations

from tb_histinsight.changes.base import ChangeKind, ChangeWords, Verdict
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.changes.trend import confidence_of
from tb_histinsight.core.labels import ChangeLabel


class Drifting(ChangeKind):
    """The values move one way as a whole, beyond fluctuation and what the buckets leave open."""

    label = ChangeLabel.DRIFTING
    words = ChangeWords(
        name="drifting",
        about="The values move one way as a whole, more than they fluctuate.",
        sentence="Drifts one way: moved by {movement_in_spread:.3g} of its spread from the first to the last step.",
        bare="Drifts one way from step to step; its first step has no spread to compare with.",
    )

    def judge(self, evidence: Evidence) -> Verdict | None:
        """Any proven trend of the location."""
        found = [trend for trend in evidence.place_trends if trend.proven]
        return Verdict(confidence_of(found), direction=found[0].direction) if found else None

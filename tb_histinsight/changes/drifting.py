"""Drifting: the location of the values has a trend."""

from __future__ import annotations

from dataclasses import replace

from tb_histinsight.changes.base import LIKELY, SUSPECT, ChangeKind, ChangeWords, Verdicts, verdicts
from tb_histinsight.changes.evidence import Evidence
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

    def judge(self, evidence: Evidence) -> Verdicts:
        """Any proven trend of the location."""
        found = verdicts(evidence.place.proven, SUSPECT if evidence.few else LIKELY)
        return replace(found, direction=evidence.place.direction)

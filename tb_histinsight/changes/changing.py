"""Changing: moves on, in a way that is neither a trend of scale nor of location."""

from __future__ import annotations

import numpy as np

from tb_histinsight.changes.base import ChangeKind, ChangeWords, Verdict
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.changes.trend import FEW, confidence_of, median
from tb_histinsight.core.labels import ChangeLabel, Confidence

FAR, FAR_ENOUGH = 5.0, 2.0
"""First and last are so many times farther apart than neighbouring steps are in the median: no fluctuation about one
distribution does that; and the same beside a distance that grows steadily."""

NOT_ONE = 1e3
"""Ratio of the scales that a tenth of the steps exceed and fall short of, from which on they are not fluctuation
about one distribution, whatever their order (chosen, far beyond what the next batch does)."""


class Changing(ChangeKind):
    """The distance from the first step grows, beyond what binning could fake."""

    label = ChangeLabel.CHANGING
    words = ChangeWords(
        name="changing",
        about="Moves visibly from what it was at first.",
        sentence="Changes visibly: moved by {movement:.2%} of its mean size from the first to the last step.",
        bare="Changes visibly; its first step has no size to compare with.",
    )

    def judge(self, evidence: Evidence) -> Verdict | None:
        """Directed movement that the buckets resolve."""
        if not evidence.moved.distance > evidence.binning:
            return None
        if len(evidence.filled) >= FEW and self._scales_apart(evidence):
            return Verdict(Confidence.SUSPECT)
        if len(evidence.filled) < FEW:
            return Verdict(Confidence.SUSPECT) if evidence.straight else None
        moves = evidence.step_moves[np.isfinite(evidence.step_moves)]
        typical = median(moves) if len(moves) else 0.0
        far = evidence.moved.distance / typical if typical > 0 else np.inf
        departure = evidence.departure
        if departure.proven and departure.direction > 0 and (far > FAR_ENOUGH or not evidence.fresh):
            return Verdict(confidence_of([departure]))
        return Verdict(Confidence.SUSPECT) if far > FAR else None

    @staticmethod
    def _scales_apart(evidence: Evidence) -> bool:
        """Whether the steps that are not zero differ in scale as no samples of one distribution do."""
        scales = evidence.stats.rms.value[evidence.filled]
        scales = np.sort(scales[np.isfinite(scales) & (scales > 0)])
        if len(scales) < FEW:
            return False
        tenth = len(scales) // 10
        return bool(scales[-1 - tenth] > NOT_ONE * scales[tenth])

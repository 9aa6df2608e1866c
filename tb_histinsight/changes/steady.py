"""Steady: fluctuates visibly about one distribution."""

from __future__ import annotations

import numpy as np

from tb_histinsight.changes.base import ChangeKind, ChangeWords, Verdict
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.changes.trend import median
from tb_histinsight.core.labels import ChangeLabel, Confidence

VISIBLE = 2.0
"""Typical distance of steps that differ, in units of what binning can fake, from which on the buckets show it."""


class Steady(ChangeKind):
    """Neighbouring steps differ as new samples of one distribution do, or more."""

    label = ChangeLabel.STEADY
    words = ChangeWords(
        name="steady",
        about="Fluctuates from step to step about one distribution, as values from batch to batch do.",
        sentence="Fluctuates from step to step about one distribution, without a direction.",
    )

    def judge(self, evidence: Evidence) -> Verdict | None:
        """What neighbouring steps differ by, against counting noise and against the buckets."""
        moves = evidence.step_moves[np.isfinite(evidence.step_moves)]
        moves = moves[moves > 0]
        visible = len(moves) > 0 and median(moves) > VISIBLE * evidence.binning
        if visible or evidence.fresh:
            return Verdict(Confidence.LIKELY if len(moves) >= 5 else Confidence.SUSPECT)
        return None

"""Steady: fluctuates visibly about one distribution."""

from __future__ import annotations

import numpy as np

from tb_histinsight.changes.base import ChangeKind, ChangeWords, Verdict
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.core.labels import ChangeLabel, Confidence

RESAMPLED = 0.4
"""Kolmogorov distance of neighbouring steps, in units of its noise, from which on each step may be a new sample: for
new samples of one distribution the median is 0.8, through coarse buckets 0.5 and more."""


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
        visible = len(moves) > 0 and float(np.median(moves)) > evidence.binning
        if visible or (len(evidence.resampling) and float(np.median(evidence.resampling)) >= RESAMPLED):
            return Verdict(Confidence.LIKELY if len(moves) >= 5 else Confidence.SUSPECT)
        return None

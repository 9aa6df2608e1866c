"""Stalled: moved, then identical for good."""

from __future__ import annotations

import numpy as np

from tb_histinsight.changes.base import ChangeKind, ChangeWords, Verdict
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.core.labels import ChangeLabel, Confidence

MIN_INTERVALS = 2
"""Identical intervals at the end that make a stall, at the least: three equal histograms in a row."""
LONGER_THAN_BEFORE = 2
"""The stall is more than so many times as long as any run of identical steps before it: a tensor that is logged more
often than it is updated pauses again and again."""


class Stalled(ChangeKind):
    """Identical from some step on, to the end."""

    label = ChangeLabel.STALLED
    words = ChangeWords(
        name="stalled",
        about="Moved, then identical to the end.",
        sentence="Moved until step {since_step}; identical from then on.",
    )

    def judge(self, evidence: Evidence) -> Verdict | None:
        """The run of identical steps at the end, against those before."""
        identical = evidence.identical
        moving = np.flatnonzero(identical == 0)
        if not len(moving):
            return None
        tail = len(identical) - 1 - int(moving[-1])
        pauses = np.diff(np.concatenate([[-1], moving])) - 1
        if tail < MIN_INTERVALS or tail <= LONGER_THAN_BEFORE * int(pauses.max(initial=0)):
            return None
        since = int(evidence.series.steps[int(moving[-1]) + 1])
        confidence = Confidence.CERTAIN if tail > MIN_INTERVALS else Confidence.LIKELY
        return Verdict(confidence, since_step=since)

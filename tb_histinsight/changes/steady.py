"""Steady: fluctuates visibly about one distribution."""

from __future__ import annotations

import numpy as np

from tb_histinsight.changes.base import LIKELY, SUSPECT, ChangeKind, ChangeWords, Verdicts, verdicts
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.changes.trend import medians
from tb_histinsight.core.labels import ChangeLabel

VISIBLE = 2.0
"""Typical distance of steps that differ, in units of what binning can fake, from which on the buckets show it."""
ENOUGH = 5
"""Steps that moved from which on fluctuation is more than suspected"""


class Steady(ChangeKind):
    """Neighbouring steps differ as new samples of one distribution do, or more."""

    label = ChangeLabel.STEADY
    words = ChangeWords(
        name="steady",
        about="Fluctuates from step to step about one distribution, as values from batch to batch do.",
        sentence="Fluctuates from step to step about one distribution, without a direction.",
    )

    def judge(self, evidence: Evidence) -> Verdicts:
        """What neighbouring steps differ by, against counting noise and against the buckets."""
        moved = evidence.moves > 0
        visible = medians(np.where(moved, evidence.moves, np.nan)) > VISIBLE * evidence.binning
        return verdicts(visible | evidence.fresh, np.where(moved.sum(axis=1) >= ENOUGH, LIKELY, SUSPECT))

"""Steady: fluctuates visibly about one distribution."""

from __future__ import annotations

import numpy as np

from tb_histinsight.changes.base import LIKELY, SUSPECT, ChangeKind, ChangeWords, Verdicts, verdicts
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.changes.trend import medians
from tb_histinsight.core.labels import ChangeLabel

VISIBLE = 1.0
"""Typical distance of steps that differ, in units of what binning can fake, from which on the buckets show it."""
SEEN = 0.02
"""Share by which a known spread goes up and down from which on that is more than what cannot be seen (chosen)."""
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
        """What steps differ by, from the one before or from the first, against counting noise and the buckets."""
        moved = evidence.moves > 0
        typical = medians(np.where(moved, evidence.moves, np.nan))
        visible = np.fmax(typical, evidence.departures.max(axis=1)) > VISIBLE * evidence.resolution
        std = evidence.facts.stats.std.value[evidence.index]
        visible |= np.ptp(std, axis=1) > np.maximum(VISIBLE * evidence.std_error, SEEN * std[:, 0])
        return verdicts(visible | evidence.fresh, np.where(moved.sum(axis=1) >= ENOUGH, LIKELY, SUSPECT))

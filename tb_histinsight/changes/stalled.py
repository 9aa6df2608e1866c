"""Stalled: moved, then identical for good."""

from __future__ import annotations

import numpy as np

from tb_histinsight.changes.base import CERTAIN, LIKELY, ChangeKind, ChangeWords, Verdicts, verdicts
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.changes.trend import medians
from tb_histinsight.core.labels import ChangeLabel

MIN_INTERVALS = 2
"""Identical intervals at the end that make a stall, at the least: three equal histograms in a row."""
LONGER_THAN_BEFORE = 2
"""The stall is more than so many times as long as any run of identical steps before it: a tensor that is logged more
often than it is updated pauses again and again."""


VISIBLE = 1e-5
"""Typical movement before the stall, as a share of mean |x|, from which on a stall is certain: float32 keeps 6e-8."""


class Stalled(ChangeKind):
    """Identical from some step on, to the end."""

    label = ChangeLabel.STALLED
    words = ChangeWords(
        name="stalled",
        about="Moved, then identical to the end.",
        sentence="Moved until step {since_step}; identical from then on.",
    )

    def judge(self, evidence: Evidence) -> Verdicts:
        """The run of identical steps at the end, against those before."""
        since = np.full(len(evidence), -1)
        tail = np.zeros(len(evidence), np.int64)
        alike = np.zeros(len(evidence), bool)
        # What moved by hardly more than a number's last digits may have gone on by less.
        size = evidence.facts.stats.mean_abs.value[evidence.index[:, 0]]
        visible = medians(np.where(evidence.moves > 0, evidence.moves, np.nan)) > VISIBLE * size
        still = evidence.same[:, -MIN_INTERVALS:].all(axis=1) & ~evidence.same.all(axis=1)
        for row in np.flatnonzero(still).tolist():
            moving = np.flatnonzero(~evidence.same[row])
            pauses = np.diff(moving, prepend=-1) - 1
            at_end = evidence.steps - 2 - int(moving[-1])
            if at_end >= MIN_INTERVALS and at_end > LONGER_THAN_BEFORE * int(pauses.max()):
                since[row], tail[row] = evidence.index[row, moving[-1] + 1], at_end
                alike[row] = evidence.sums_agree[row, moving[-1] + 1 :].all() and visible[row]
        confidence = np.where((tail > MIN_INTERVALS) & evidence.gapless & alike, CERTAIN, LIKELY)
        return verdicts(tail > 0, confidence, since=since)

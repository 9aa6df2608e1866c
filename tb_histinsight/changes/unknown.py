"""Unknown: too few steps to speak of change."""

from __future__ import annotations

import numpy as np

from tb_histinsight.changes.base import CERTAIN, ChangeKind, ChangeWords, Verdicts, verdicts
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.core.labels import ChangeLabel, Reason

MIN_STEPS = 3
"""Steps with finite values from which on a change can be named; the contract's definition."""


class Unknown(ChangeKind):
    """Fewer than three steps with finite values."""

    label = ChangeLabel.UNKNOWN
    words = ChangeWords(
        name="unknown",
        about="Fewer than three steps: no change can be named.",
        sentence="How it changes cannot be told: {reason}",
        reasons={
            "few_steps": "only {steps} of the three steps needed are there.",
            "few_finite": "only {finite} of {steps} steps have finite values, three are needed.",
        },
    )

    def judge(self, evidence: Evidence) -> Verdicts:
        """Follows from the data."""
        finite, steps = evidence.steps, int(evidence.end[0] - evidence.begin[0])
        reason = Reason("few_steps", {"steps": steps})
        if steps >= MIN_STEPS:
            reason = Reason("few_finite", {"steps": steps, "finite": finite})
        return verdicts(np.full(len(evidence), finite < MIN_STEPS), CERTAIN, reason=reason)

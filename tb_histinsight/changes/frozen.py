"""Frozen: identical at every step."""

from __future__ import annotations

import numpy as np

from tb_histinsight.changes.base import CERTAIN, LIKELY, ChangeKind, ChangeWords, Verdicts, verdicts
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.core.labels import ChangeLabel


class Frozen(ChangeKind):
    """Edges and counts are the same at every step."""

    label = ChangeLabel.FROZEN
    words = ChangeWords(
        name="identical",
        about="Edges and counts are the same at every step. Identical histograms do not prove identical values.",
        sentence="Identical at all {steps} steps, edges and counts.",
    )

    def judge(self, evidence: Evidence) -> Verdicts:
        """Follows from the data: it says that the histograms are identical, not the values.

        Of a tensor that became NaN it is only likely, since nothing is known of those steps; and where exact sums
        say that the values moved.
        """
        confidence = np.where(evidence.gapless & evidence.sums_agree.all(axis=1), CERTAIN, LIKELY)
        return verdicts(np.asarray(evidence.same.all(axis=1), bool), confidence, since=evidence.index[:, 0])

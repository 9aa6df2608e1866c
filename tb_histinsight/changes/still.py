"""Still: differs, but by less than the buckets resolve."""

from __future__ import annotations

import numpy as np

from tb_histinsight.changes.base import ChangeKind, ChangeWords, Verdicts, verdicts
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.core.labels import ChangeLabel


class Still(ChangeKind):
    """What remains: the histograms are not identical, and no movement can be read off them."""

    label = ChangeLabel.STILL
    words = ChangeWords(
        name="still",
        about="Differs from step to step, by less than the buckets resolve.",
        sentence="Differs from step to step by less than the buckets resolve (about {resolution:.2%} of its mean size);"
        " that is compatible with learning: log the update to know.",
        bare="Differs from step to step by less than the buckets resolve; that is compatible with learning: log the "
        "update to know.",
    )

    def judge(self, evidence: Evidence) -> Verdicts:
        """Stillness is only ever what has not been seen to move."""
        return verdicts(np.ones(len(evidence), bool))

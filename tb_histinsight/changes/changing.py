"""Changing: moves on, in a way that is neither a trend of scale nor of location."""

from __future__ import annotations

import numpy as np

from tb_histinsight.changes.base import LIKELY, SUSPECT, ChangeKind, ChangeWords, Verdicts, verdicts
from tb_histinsight.changes.evidence import Evidence
from tb_histinsight.changes.trend import FEW, medians
from tb_histinsight.core.histogram import BoolArray
from tb_histinsight.core.labels import ChangeLabel

FAR, FAR_ENOUGH = 5.0, 2.0
"""First and last are so many times farther apart than neighbouring steps are in the median: no fluctuation about one
distribution does that; and the same beside a distance that grows steadily."""

FARTHER = 1.2
"""The later half of the steps is so many times farther from the first step than the earlier half (chosen)."""
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

    def judge(self, evidence: Evidence) -> Verdicts:
        """Directed movement that the buckets resolve."""
        resolved = evidence.moved > evidence.resolution
        if evidence.few:
            return verdicts(resolved & evidence.straight, SUSPECT)
        far = evidence.moved / medians(evidence.moves)
        far = np.where(np.isnan(far), np.inf, far)
        departs = evidence.departs & ((far > FAR_ENOUGH) | ~evidence.fresh)
        apart = self._scales_apart(evidence)
        # How far neighbours are apart depends on how many steps were kept; what goes to and fro is no nearer at first.
        half = evidence.departures.shape[1] // 2
        before, after = evidence.departures[:, :half].mean(axis=1), evidence.departures[:, -half:].mean(axis=1)
        directed = (far > FAR) & (after > FARTHER * before)
        return verdicts(resolved & (apart | departs | directed), np.where(departs & ~apart, LIKELY, SUSPECT))

    @staticmethod
    def _scales_apart(evidence: Evidence) -> BoolArray:
        """Whether the steps that are not zero differ in scale as no samples of one distribution do."""
        scales = evidence.facts.stats.rms.value[evidence.index]
        scales = np.sort(np.where(scales > 0, scales, np.inf), axis=1)
        count = np.isfinite(scales).sum(axis=1)
        rows, tenth = np.arange(len(scales)), count // 10
        low, high = scales[rows, np.minimum(tenth, scales.shape[1] - 1)], scales[rows, np.maximum(count - 1 - tenth, 0)]
        return np.asarray((count >= FEW) & (high > NOT_ONE * low), bool)

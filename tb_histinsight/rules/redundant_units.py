"""Weights that cluster in a few separate peaks, far fewer than there are weights."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Severity, Shape
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.made_up import Example, bell, still
from tb_histinsight.rules.movement import has_values, since_when
from tb_histinsight.shapes.peaks import find_peaks

SHOWN = 8
"""Peaks that are named one by one."""


class RedundantUnits(Rule):
    """Fires for each kernel whose weights lie in a few separate peaks that counting noise does not explain."""

    id = "redundant-units"
    severity = Severity.INFO
    follows = (Follows("constant-weights", "tag"), Follows("collapsed-weights", "tag"))
    words = Words(
        title="Weights in a few separate peaks",
        what=(
            "Looks for kernels whose last histogram consists of a few separate narrow peaks with nothing between "
            "them, although there are far more weights than peaks."
        ),
        why=(
            "Weights that agree in groups may belong to units that do the same. That is a possibility, not a proof: "
            "the histogram does not say which weight belongs to which unit."
        ),
        messages={
            "peaks": (
                "The {count} weights of “{layer}” lie in {peaks} groups with nothing between them, around "
                "{positions:.3g}, which hold {shares:.0%} of them; the widest gap spans {gap:.3g}. "
                "Units of this layer may be redundant."
            ),
        },
        advice={
            "duplicates": "Compare the rows (or columns) of “{layer}” with each other: are there duplicates?",
            "smaller": "If there are, try a smaller layer, or an initialisation that keeps units apart.",
        },
        innocent=(
            "Quantised weights, or weights tied to each other on purpose.",
            "A table of a few prototypes or one-hot codes.",
        ),
        evidence={
            "peaks": "Separate peaks",
            "values_per_peak": "Weights in the smallest peak",
            "gap": "Widest gap between neighbouring peaks ÷ range of all weights",
        },
        skips={"few_values": "No kernel with at least {needed} values: fewer look spiky by chance."},
    )
    thresholds: ClassVar = {
        "elements": Threshold(
            256.0, "values", "measured: 72 values in 30 buckets look spiky by chance", "number of values, at least"
        ),
        "values_per_peak": Threshold(
            12.0, "values", "counting noise: 12 stand above 0 by more than three times their root", "per peak, at least"
        ),
        "most_peaks": Threshold(
            24.0, "peaks", "chosen: fewer than the 30 buckets of a histogram", "number of peaks, at most"
        ),
    }

    def example(self) -> Example:
        """On these it fires."""
        peaks = [bell(300, 0.002) + place for place in (-0.1, 0.05, 0.25)]
        return Example({"dense_1/kernel": still(np.concatenate(peaks))})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per kernel."""
        needed = int(self.threshold("elements"))
        kernels = [tag for tag in run.kernels() if has_values(tag) and tag.element_count >= needed]
        if not kernels:
            raise CannotCheck("few_values", needed=needed)
        for tag in kernels:
            if tag.shapes.last.shape is Shape.SPIKY:
                yield from self._judge(tag)

    def _judge(self, tag: TagAnalysis) -> Iterable[Finding]:
        peaks = find_peaks(tag.last)
        smallest = min((peak.count for peak in peaks), default=0.0)
        if not 2 <= len(peaks) <= self.threshold("most_peaks") or smallest < self.threshold("values_per_peak"):
            return
        shown = sorted(sorted(peaks, key=lambda peak: -peak.share)[:SHOWN], key=lambda peak: peak.position)
        gap = max(b.left - a.right for a, b in itertools.pairwise(peaks))
        span = peaks[-1].right - peaks[0].left
        per_peak, most = self.thresholds["values_per_peak"], self.thresholds["most_peaks"]
        yield Finding(
            rule=self.id,
            severity=Severity.INFO,
            confidence=Confidence.SUSPECT,
            message="peaks",
            values={
                "layer": tag.name.layer,
                "count": tag.element_count,
                "peaks": len(peaks),
                "positions": tuple(peak.position for peak in shown),
                "shares": tuple(peak.share for peak in shown),
                "gap": gap,
            },
            layer=tag.name.layer,
            tags=(tag.tag,),
            first_step=since_when(tag, np.array([label.shape is Shape.SPIKY for label in tag.shapes.labels])),
            last_step=int(tag.steps[-1]),
            evidence=(
                Evidence("peaks", float(len(peaks)), most.value, "peaks", most.source, tag=tag.tag),
                Evidence("values_per_peak", smallest, per_peak.value, "values", per_peak.source, tag=tag.tag),
                Evidence("gap", gap / span if span else None, None, "ratio", "", tag=tag.tag),
            ),
        )

"""A few outliers that squeeze everything else into one bucket, or carry most of the sum of squares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.histogram import Histogram, Layout
from tb_histinsight.core.labels import Confidence, Role, Severity, Shape
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.made_up import Example, bell, still
from tb_histinsight.rules.movement import has_values


class OutlierDominated(Rule):
    """Fires for each weight or gradient whose last histogram is ruled by a few outliers: a remark."""

    id = "outlier-dominated"
    severity = Severity.INFO
    follows = (Follows("exploding", "tag"), Follows("redundant-units", "tag"))
    words = Words(
        title="A few outliers rule the histogram",
        what=(
            "With buckets of equal width: one bucket holds more than 90 % of the values, so that nothing can be said "
            "of their shape. With exponential buckets: the top 0.1 % of the values carry more than half of Σx²."
        ),
        why="The chart shows the outliers and hides the rest; and norms and gradient clipping follow the outliers.",
        messages={
            "squeezed": (
                "One of the {buckets} buckets of “{tag}” holds {share:.1%} of its values: its range, {low:.3g} to "
                "{high:.3g}, is made by a few outliers. The shape of the rest cannot be seen."
            ),
            "carried": (
                "The top 0.1 % of the values of “{tag}” carry at least {share:.0%} of its sum of squares: a few "
                "outliers (up to {high:.3g} in size) decide its norm."
            ),
        },
        advice={
            "buckets": "Log more buckets, or the logarithm of the absolute values.",
            "find": "Look which units or inputs the outliers belong to.",
        },
        innocent=("The zeros of a ReLU beside its positive values.", "Gradients of embeddings: rare words are rare."),
        evidence={"share": "Share of the values in one bucket", "squares": "Share of Σx² in the top 0.1 %"},
        skips={"nothing": "No weight or gradient with at least {needed} values."},
    )
    thresholds: ClassVar = {
        "bucket": Threshold(0.9, "share", "measured", "share of the values in one bucket, at least"),
        "squares": Threshold(0.5, "share", "measured", "share of Σx² in the top 0.1 % of the values, at least"),
        "top": Threshold(1e-3, "share", "measured", "share of the values that counts as the top"),
        "elements": Threshold(1000.0, "values", "one value in the top 0.1 %", "number of values, at least"),
    }

    def example(self) -> Example:
        """On these it fires."""
        return Example({"dense_1/kernel": still(np.append(bell(1999, 0.01), 30.0))})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per tag."""
        needed = int(self.threshold("elements"))
        tags = [tag for tag in run.of_role(Role.WEIGHT, Role.GRADIENT) if has_values(tag)]
        tags = [tag for tag in tags if tag.element_count >= needed and tag.last.total > 0]
        if not tags:
            raise CannotCheck("nothing", needed=needed)
        for tag in tags:
            if tag.layout is Layout.EQUAL:
                share, before = share_in_fullest(tag.last), share_in_fullest(tag.first)
                unresolved = tag.shapes.last.shape in (Shape.UNRESOLVED, Shape.OTHER)
                if share > self.threshold("bucket") and unresolved and len(tag.last.count) > 1:
                    yield self._finding(tag, "squeezed", share, always=before > self.threshold("bucket"))
            elif tag.layout is Layout.EXPONENTIAL:
                share, before = (share_of_squares(one, self.threshold("top")) for one in (tag.last, tag.first))
                if share > self.threshold("squares"):
                    yield self._finding(tag, "carried", share, always=before > self.threshold("squares"))

    def _finding(self, tag: TagAnalysis, message: str, share: float, *, always: bool) -> Finding:
        """What holds of the first histogram and of the last is dated from the first: between them nobody looks."""
        squeezed = message == "squeezed"
        limit = self.thresholds["bucket" if squeezed else "squares"]
        low, high = float(tag.last.left[0]), float(tag.last.right[-1])
        return Finding(
            rule=self.id,
            severity=Severity.INFO,
            confidence=Confidence.LIKELY,
            message=message,
            values={
                "tag": tag.tag,
                "buckets": len(tag.last.count),
                "share": share,
                "low": low,
                "high": high if squeezed else max(-low, high),
            },
            layer=tag.name.layer,
            tags=(tag.tag,),
            first_step=int(tag.steps[0 if always else -1]),
            last_step=int(tag.steps[-1]),
            evidence=(
                Evidence("share" if squeezed else "squares", share, limit.value, "share", limit.source, tag=tag.tag),
            ),
            advice=("buckets", "find") if squeezed else ("find",),
        )


def share_in_fullest(histogram: Histogram) -> float:
    """Share of the values that the fullest bucket holds; 0 of no value."""
    return float(histogram.count.max() / histogram.total) if histogram.total else 0.0


def share_of_squares(histogram: Histogram, top: float) -> float:
    """Least share of the sum of squares that the largest values carry; `top` is their share of all values."""
    nearest = np.where(
        (histogram.left < 0) & (histogram.right > 0), 0.0, np.minimum(np.abs(histogram.left), np.abs(histogram.right))
    )
    farthest = np.maximum(np.abs(histogram.left), np.abs(histogram.right))
    order = np.argsort(-farthest)
    count = histogram.count[order]
    before = np.concatenate([[0.0], np.cumsum(count)[:-1]])
    taken = np.clip(top * histogram.total - before, 0.0, count)
    most_of_rest = float(((count - taken) * farthest[order] ** 2).sum())
    least_of_top = float((taken * nearest[order] ** 2).sum())
    return least_of_top / (least_of_top + most_of_rest) if least_of_top > 0 else 0.0

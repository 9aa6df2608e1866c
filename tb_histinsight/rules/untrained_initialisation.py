"""Kernels whose histogram still is the one that their initialiser gave them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.initialisers import Match, kolmogorov_distance, match_initialiser
from tb_histinsight.rules.literature import GLOROT, HE
from tb_histinsight.rules.made_up import Example, plateau, still
from tb_histinsight.rules.movement import has_values, is_identical, is_keras_callback


class UntrainedInitialisation(Rule):
    """Fires for each kernel that can be recognised as its initialiser's at the first step and at the last.

    Says beside it how far the weights moved, since that, and not the shape, tells whether they were trained.
    """

    id = "untrained-initialisation"
    severity = Severity.INFO
    follows = (
        Follows("frozen-layer", "tag"),
        Follows("vanishing-gradient", "run"),
        Follows("barely-moves", "tag"),
        Follows("step-size", "tag"),
    )
    words = Words(
        title="Histogram still as initialised",
        what=(
            "Recovers the initialiser from the smallest and largest weight, the number of weights and the size of "
            "the bias, and looks whether the last histogram still is the one that it gives."
        ),
        why=(
            "It explains a plateau: uniform weights are what the initialiser wrote. Whether the layer learns is "
            "another question, which the change over the steps answers, not the shape."
        ),
        messages={
            "identical": (
                "The weights of “{layer}” are what {initialiser:or} gives: {low:.4g} to {high:.4g}, "
                "expected limit ±{limit:.4g}. They are identical at every step."
            ),
            "moved": (
                "The weights of “{layer}” began as {initialiser:or} gives them: {low:.4g} to {high:.4g}, "
                "expected limit ±{limit:.4g}. The last histogram is within {distance:.1%} of that, while the "
                "weights moved by at least {movement_in_spread:.2g} of their spread. That is compatible with learning."
            ),
            "hardly": (
                "The weights of “{layer}” began as {initialiser:or} gives them: {low:.4g} to {high:.4g}, "
                "expected limit ±{limit:.4g}. The last histogram is within {distance:.1%} of that. Little to "
                "see in a histogram is compatible with learning: log the update to know."
            ),
        },
        advice={
            "movement": "Look at the change, not at the shape: log the update (new minus old weights) of “{layer}”.",
            "frozen": "If the weights are identical at every step, the layer is not updated: see that finding.",
        },
        innocent=(
            "Wide layers move little: each weight changes by a fraction of its spread while the network learns.",
            "A short run, or a small learning rate late in training.",
        ),
        evidence={
            "limit": "Largest weight, against the initialiser's limit",
            "chance": "Probability that a random limit fits an initialiser as well",
            "distance": "Kolmogorov distance of the last histogram from the initialiser's distribution",
            "movement_in_spread": "Movement ÷ standard deviation at the start",
        },
        skips={
            "no_kernels": "No kernel with at least {needed} values in this run.",
            "one_step": "The kernels were logged at one step only, so that nothing says whether they were trained.",
        },
    )
    thresholds: ClassVar = {
        "elements": Threshold(256.0, "values", "measured", "number of values, at least"),
        "chance": Threshold(0.03, "probability", "chosen", "probability of a chance match, at most, to be said at all"),
        "likely": Threshold(0.01, "probability", "chosen", "probability of a chance match, at most, to be likely"),
        "distance": Threshold(
            0.05,
            "share",
            "measured: layers that moved by a quarter of their spread stay within it",
            "distance of the last histogram from the initialiser's distribution, at most",
        ),
    }
    references = (
        GLOROT,
        HE,
    )

    def example(self) -> Example:
        """On these it fires."""
        return Example(
            {"dense_1/kernel": still(plateau(1800, (6 / 90) ** 0.5)), "dense_1/bias": still(plateau(30, 0.0))}
        )

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per kernel."""
        needed = int(self.threshold("elements"))
        kernels = [tag for tag in run.kernels() if has_values(tag) and tag.element_count >= needed]
        if not kernels:
            raise CannotCheck("no_kernels", needed=needed)
        if all(len(tag.steps) < 2 for tag in kernels):
            raise CannotCheck("one_step")
        biases = {tag.name.layer: tag.element_count for tag in run.of_role(Role.BIAS)}
        everything = run.kernels()
        for tag in kernels:
            if is_keras_callback(tag) and not is_identical(tag):
                continue  # trained for an epoch before it was first logged
            if len(tag.steps) < 2 or (tag.stats.non_finite != 0).any() or (tag.stats.uncounted != 0).any():
                continue
            at = everything.index(tag)
            before = everything[at - 1].element_count if at else 0
            after = everything[at + 1].element_count if at + 1 < len(everything) else 0
            match = match_initialiser(tag.first, tag.element_count, biases.get(tag.name.layer), (before, after))
            if match is None or match.chance > self.threshold("chance"):
                continue
            distance = kolmogorov_distance(tag.last, match.limit, uniform=match.uniform)
            if distance <= self.threshold("distance"):
                yield self._finding(tag, match, distance)

    def _finding(self, tag: TagAnalysis, match: Match, distance: float) -> Finding:
        identical = is_identical(tag)
        low, high = float(tag.first.left[0]), float(tag.first.right[-1])
        moved = tag.change.proved_movement_in_spread or 0.0
        resolved = (tag.change.movement or 0.0) > (tag.change.resolution or float("inf"))
        message = "identical" if identical else "moved" if resolved else "hardly"
        sure = match.chance <= self.threshold("likely") and len(match.names) == 1
        chance, limit_distance = self.thresholds["likely"], self.thresholds["distance"]
        return Finding(
            rule=self.id,
            severity=Severity.INFO,
            confidence=Confidence.LIKELY if sure else Confidence.SUSPECT,
            message=message,
            values={
                "layer": tag.name.layer,
                "initialiser": match.names[:2],
                "low": low,
                "high": high,
                "limit": match.limit,
                "movement_in_spread": moved,
                "distance": distance,
            },
            layer=tag.name.layer,
            tags=(tag.tag,),
            first_step=int(tag.steps[0]),
            last_step=int(tag.steps[-1]),
            evidence=(
                Evidence("limit", max(-low, high), match.limit, "x", match.names[0], tag=tag.tag),
                Evidence("chance", match.chance, chance.value, "probability", chance.source, tag=tag.tag),
                Evidence("distance", distance, limit_distance.value, "share", limit_distance.source, tag=tag.tag),
                Evidence("movement_in_spread", moved, None, "ratio", "", tag=tag.tag),
            ),
            advice=("movement",) if not identical else ("frozen", "movement"),
        )

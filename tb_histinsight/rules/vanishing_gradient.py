"""Gradients that die out on their way from the output to the input, and weights that stand still for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.learned import gradients_ended
from tb_histinsight.rules.literature import GLOROT
from tb_histinsight.rules.made_up import Example, bell, moving, still
from tb_histinsight.rules.movement import distance_moved, has_moved, has_values, is_identical, late_rms, loss_falls
from tb_histinsight.rules.over_depth import (
    kernel_gradients,
    movement_of,
    rank_correlation_with_depth,
    ratio_of,
    straight_line,
    tags_of,
)


class VanishingGradient(Rule):
    """Fires where the gradients of the kernels fall steadily towards the input and the first kernels stand still.

    Scale, depth and effect together: a small gradient alone says nothing, since optimisers such as Adam make up for
    its scale, and a healthy network's kernels may have gradients a thousand times below its last bias's.
    """

    id = "vanishing-gradient"
    severity = Severity.WARNING
    other_severities = (Severity.INFO, Severity.CRITICAL)
    follows = (
        Follows("constant-weights", "run"),
        Follows("dead-activations", "run"),
        Follows("collapsed-weights", "run"),  # no signal goes through weights of next to nothing
    )
    words = Words(
        title="Vanishing gradient",
        what=(
            "Compares the RMS of the kernels' gradients over the depth of the network, in the last half of the steps, "
            "and how far the kernels moved. Without gradients it looks at the movement alone, and only remarks."
        ),
        why="The layers near the input get next to no signal and keep their random initial weights.",
        messages={
            "depth": (
                "The gradient dies out towards the input: that of “{layer}” is at least {ratio:.3g} times smaller "
                "than that of “{last_layer}” (RMS {first_rms:.3g} against {last_rms:.3g}), falling over {kernels} "
                "kernels. “{layer}” moved by {movement:.2g} of its mean size, “{last_layer}” by {last_movement:.2g}."
            ),
            "depth_loss": (
                "The gradient dies out towards the input: that of “{layer}” is at least {ratio:.3g} times smaller "
                "than that of “{last_layer}” (RMS {first_rms:.3g} against {last_rms:.3g}), falling over {kernels} "
                "kernels. The weights of “{layer}” move all the same, as they do under optimisers that make up for "
                "the scale, but the loss that is logged does not fall."
            ),
            "depth_no_weights": (
                "The gradient dies out towards the input: that of “{layer}” is at least {ratio:.3g} times smaller "
                "than that of “{last_layer}” (RMS {first_rms:.3g} against {last_rms:.3g}), falling over {kernels} "
                "kernels. Log the weights too: they show whether the optimiser makes up for it."
            ),
            "everywhere": (
                "Only “{bias}” gets a gradient worth the name: those of all {kernels} kernels are at least {ratio:.3g} "
                "times smaller (“{gradient}”: RMS {first_rms:.3g} against {last_rms:.3g}), and no kernel before "
                "the last moved by more than {movement:.2g} of its mean size. The signal dies "
                "inside the network in both directions."
            ),
            "movement": (
                "The nearer to the input, the less the kernels move: “{layer}” by {movement:.2g} of its mean size, "
                "“{last_layer}” by {last_movement:.2g}. The gradient may vanish; log the gradients to settle it."
            ),
        },
        advice={
            "scale": "Check the scale of the initial weights: Glorot for tanh and sigmoid, He for ReLU.",
            "activation": "Use activations that do not saturate (ReLU and its relatives) instead of sigmoid or tanh.",
            "residual": "Add residual connections or normalisation layers.",
            "gradients": "Log the gradient of each kernel: it settles whether the gradient vanishes.",
        },
        innocent=(
            "An embedding in front, whose gradient is sparse.",
            "A backbone that is frozen, or has a smaller learning rate, on purpose.",
            "Layers whose order was guessed wrongly from their names.",
        ),
        evidence={
            "ratio": "RMS of the last gradient ÷ RMS of the first",
            "slope": "Factor per layer by which the gradient falls towards the input",
            "fit": "R² of log RMS over depth",
            "movement": "Movement of the first kernel ÷ its mean size",
            "rank_correlation": "Spearman correlation of movement and depth",
        },
        skips={
            "few_kernels": (
                "This needs the gradients of {gradients} kernels, other than zero, or {kernels} kernels that move. Log "
                "the gradients of all kernels, if they are not in the log."
            ),
        },
    )
    thresholds: ClassVar = {
        "ratio": Threshold(100.0, "ratio", "torchmortem", "RMS of last ÷ first gradient, at least"),
        "ratio_critical": Threshold(1000.0, "ratio", "torchmortem; AUTOTRAINER (1e-3)", "the same, to be critical"),
        "ratio_dead": Threshold(
            1e4,
            "ratio",
            "measured: a healthy network of two layers had 2000",
            "RMS of the last bias's gradient ÷ that of the first kernel's, at least",
        ),
        "ratio_all": Threshold(
            300.0,
            "ratio",
            "measured: 500 and more where the signal dies",
            "RMS of the last bias's gradient ÷ that of every kernel's, at least",
        ),
        "slow": Threshold(
            3e-3,
            "ratio",
            "measured: between sick kernels (at most 1e-3) and slow healthy ones (1e-2)",
            "movement of every kernel but the last, at most, where only a bias gets a gradient",
        ),
        "slow_behind": Threshold(
            0.05,
            "ratio",
            "measured: the first of three layers moved by 2 % to 4 %, that of the two that learn by 8600 %",
            "the same, where the last kernel moved ten times as far, and the last bias as below",
        ),
        "bias_ahead": Threshold(
            1000.0,
            "ratio",
            "measured: 1e5; Adam moves weights and biases by about the same distance, whatever their gradients",
            "distance that the last bias moved ÷ that of every kernel before the last, at least, both as they are",
        ),
        "slope": Threshold(2.0, "factor per layer", "measured", "steepness of the fall, at least"),
        "fit": Threshold(0.8, "R²", "measured", "steadiness of the fall, at least"),
        "gradients": Threshold(3.0, "kernels", "chosen: two points make no trend", "kernels with gradients, at least"),
        "kernels": Threshold(4.0, "kernels", "measured", "kernels whose movement is compared, at least"),
        "behind": Threshold(
            0.1, "ratio", "chosen", "movement of the first kernel ÷ that of the last, at most, to be an effect"
        ),
        "learns": Threshold(
            0.06,
            "ratio",
            "measured: healthy kernels 6e-2 or more",
            "movement of the first kernel from which on it learns, where the loss falls",
        ),
        "still": Threshold(
            1e-3, "ratio", "measured: sick kernels 1e-5 to 1e-3, healthy ones 6e-2 or more", "movement, at most"
        ),
        "moving": Threshold(1e-2, "ratio", "measured", "movement of the last kernel, at least"),
        "rank_correlation": Threshold(0.8, "Spearman", "measured", "rise of movement with depth, at least"),
    }
    references = (GLOROT,)

    def example(self) -> Example:
        """On these it fires."""
        scales = {i: 10.0 ** (2 * i - 8) for i in (1, 2, 3, 4)}
        kernels = {f"dense_{i}/kernel": moving(bell(900), 0.3 * scale) for i, scale in scales.items()}
        gradients = {f"gradients/dense_{i}/kernel": still(bell(900, 0.1 * scale)) for i, scale in scales.items()}
        return Example({**kernels, **gradients})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """One finding at most."""
        gradients = [tag for tag in kernel_gradients(run) if late_rms(tag)[0] > 0]
        if gradients and gradients_ended(run, gradients[0]):
            return  # all was learned before: what is left of the gradients says nothing of the network
        kernels = [tag for tag in run.kernels() if has_values(tag) and tag.change.movement is not None]
        moving = [tag for tag in kernels if not is_identical(tag)]
        enough_gradients = len(gradients) >= self.threshold("gradients")
        enough_kernels = len(moving) >= self.threshold("kernels")
        if enough_gradients or (gradients and len(gradients) == len(kernels)):
            found = self._everywhere(run, gradients, kernels)
            if found is None and enough_gradients:
                found = self._along_depth(gradients, kernels, loss_falls(run))
            if found is not None:
                yield found
            if enough_gradients:
                return
        elif not enough_kernels:
            raise CannotCheck(
                "few_kernels", gradients=int(self.threshold("gradients")), kernels=int(self.threshold("kernels"))
            )
        if enough_kernels:
            yield from self._by_movement(moving)

    def _along_depth(
        self, gradients: Sequence[TagAnalysis], kernels: Sequence[TagAnalysis], falls: bool | None
    ) -> Finding | None:
        """Gradients that fall steadily towards the input, and a first kernel that stays behind."""
        first, last = gradients[0], gradients[-1]
        ratio = ratio_of(last, first)
        scales = np.array([late_rms(tag)[0] for tag in gradients])
        slope, fit = straight_line(np.log(scales))
        if ratio.lower <= self.threshold("ratio") or fit < self.threshold("fit"):
            return None
        if slope < np.log(self.threshold("slope")):
            return None
        movement = movement_of(first, kernels)
        last_movement = movement_of(last, kernels)
        known = movement is not None and last_movement is not None
        behind = known and (movement or 0.0) <= self.threshold("behind") * (last_movement or 0.0)
        if known and not behind and falls is not False:
            return None  # small gradients without effect: the optimiser makes up for their scale
        if falls and (movement or 0.0) >= self.threshold("learns"):
            return None  # the last layer merely went farther: the first one learns, and so does the network
        critical = behind and ratio.lower > self.threshold("ratio_critical")
        limit = self.thresholds["ratio_critical" if critical else "ratio"]
        steep, steady = self.thresholds["slope"], self.thresholds["fit"]
        return Finding(
            rule=self.id,
            severity=Severity.CRITICAL if critical else Severity.WARNING,
            confidence=Confidence.LIKELY,
            message="depth" if behind else "depth_loss" if known else "depth_no_weights",
            values={
                "layer": first.name.layer,
                "last_layer": last.name.layer,
                "ratio": ratio.lower,
                "first_rms": late_rms(first)[0],
                "last_rms": late_rms(last)[0],
                "kernels": len(gradients),
                "movement": movement or 0.0,
                "last_movement": last_movement or 0.0,
            },
            layer=first.name.layer,
            tags=tags_of([first, last, *gradients[1:-1]], kernels if known else []),
            first_step=int(first.steps[len(first.steps) // 2]),
            last_step=int(first.steps[-1]),
            evidence=(
                Evidence("ratio", ratio.value, limit.value, "ratio", limit.source, ratio.lower, ratio.upper, first.tag),
                Evidence("slope", float(np.exp(slope)), steep.value, "ratio", steep.source),
                Evidence("fit", fit, steady.value, "ratio", steady.source),
                Evidence("movement", movement, None, "ratio", "", tag=first.tag),
            ),
            advice=("scale", "activation", "residual"),
        )

    def _everywhere(
        self, run: RunAnalysis, gradients: Sequence[TagAnalysis], kernels: Sequence[TagAnalysis]
    ) -> Finding | None:
        """All kernels far below the last bias, the last layer's own among them, and those before it stand still.

        The last kernel's gradient is its bias's times its input: a ratio this large says that the input is next to
        nothing, whatever stands before.
        """
        biases = [
            tag
            for tag in run.of_role(Role.GRADIENT)
            if tag.name.subject is Role.BIAS and has_values(tag) and tag.name.depth >= gradients[-1].name.depth
        ]
        if not biases or len(kernels) < len(gradients):
            return None
        bias = biases[-1]
        parameter = [tag for tag in run.of_role(Role.BIAS) if tag.name.layer == bias.name.layer]
        ratios = [ratio_of(bias, tag) for tag in gradients]
        before = [tag for tag in kernels if tag.name.depth < gradients[-1].name.depth]
        movements = [tag.change.movement or 0.0 for tag in before]
        most = max(movements, default=np.inf)
        learns = any(has_moved(tag) and distance_moved(tag) > 0 for tag in parameter)
        smallest = min(ratio.lower for ratio in ratios)
        dead = smallest > self.threshold("ratio_all") and ratios[0].lower > self.threshold("ratio_dead")
        behind = most <= self.threshold("behind") * (movement_of(gradients[-1], kernels) or 0.0)
        ahead = max((distance_moved(tag) for tag in parameter), default=0.0)
        farthest = max((distance_moved(tag) for tag in before), default=np.inf)
        behind = behind and ahead >= self.threshold("bias_ahead") * farthest
        slow = self.thresholds["slow_behind" if behind else "slow"]
        if not dead or most >= slow.value or not learns:
            return None
        first = gradients[0]
        limit = self.thresholds["ratio_dead"]
        return Finding(
            rule=self.id,
            severity=Severity.CRITICAL,
            confidence=Confidence.LIKELY,
            message="everywhere",
            values={
                "layer": first.name.layer,
                "gradient": first.tag,
                "bias": bias.tag,
                "kernels": len(gradients),
                "ratio": smallest,
                "first_rms": late_rms(first)[0],
                "last_rms": late_rms(bias)[0],
                "movement": most,
            },
            layer=first.name.layer,
            tags=tags_of([first, bias, *gradients[1:]], [*kernels, *parameter]),
            first_step=int(first.steps[len(first.steps) // 2]),
            last_step=int(first.steps[-1]),
            evidence=(
                Evidence(
                    "ratio",
                    ratios[0].value,
                    limit.value,
                    "ratio",
                    limit.source,
                    ratios[0].lower,
                    ratios[0].upper,
                    first.tag,
                ),
                Evidence("movement", most, slow.value, "ratio", slow.source),
            ),
            advice=("scale", "activation", "residual"),
        )

    def _by_movement(self, kernels: Sequence[TagAnalysis]) -> Iterable[Finding]:
        """Without gradients: movement that rises with depth, the first kernels all but still."""
        movements = np.array([tag.change.movement or 0.0 for tag in kernels])
        if min(len(tag.steps) for tag in kernels) < 3 or movements.min() <= 0:
            return
        correlation = rank_correlation_with_depth(movements)
        if correlation < self.threshold("rank_correlation"):
            return
        if movements[:2].max() >= self.threshold("still") or movements[-1] <= self.threshold("moving"):
            return
        first, last = kernels[0], kernels[-1]
        still, rank = self.thresholds["still"], self.thresholds["rank_correlation"]
        yield Finding(
            rule=self.id,
            severity=Severity.INFO,
            confidence=Confidence.SUSPECT,
            message="movement",
            values={
                "layer": first.name.layer,
                "last_layer": last.name.layer,
                "movement": float(movements[0]),
                "last_movement": float(movements[-1]),
            },
            layer=first.name.layer,
            tags=tags_of([], kernels),
            first_step=int(first.steps[0]),
            last_step=int(first.steps[-1]),
            evidence=(
                Evidence("movement", float(movements[0]), still.value, "ratio", still.source, tag=first.tag),
                Evidence("rank_correlation", correlation, rank.value, "Spearman", rank.source),
            ),
            advice=("gradients", "scale", "activation"),
        )

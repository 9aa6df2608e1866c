"""Only the last layer's weights change; all others are identical at every step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.core.vocabulary import LAST_LAYERS, words_of
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.made_up import Example, moving, plateau, still
from tb_histinsight.rules.movement import (
    MIN_STEPS,
    has_moved,
    has_values,
    is_identical,
    is_unchanged,
    step_span,
    trained,
)


class OnlyLastLayerLearns(Rule):
    """Fires when nothing but the last layer moves; a plateau or a small change elsewhere is not enough."""

    id = "only-last-layer-learns"
    severity = Severity.WARNING
    other_severities = (Severity.INFO,)
    follows = (
        Follows("vanishing-gradient", "run", ("hardly",)),
        Follows("dead-activations", "run"),
    )
    words = Words(
        title="Only the last layer learns",
        what=(
            "Looks whether the kernels of all layers but the last are identical at every step while the last one's "
            "change. Kernels that merely hardly move do not count: they may well be learning."
        ),
        why=(
            "The network then is a linear model on random features: what a deep network is for does not happen. "
            "Usually the optimiser was given the last layer's variables alone."
        ),
        messages={
            "identical": (
                "Only “{layer}” learns: the kernels of the {others} layers before it (“{first_layer}” to "
                "“{last_layer}”) are identical at all {steps} steps, while its own moved by {movement:.3g} of their "
                "mean size."
            ),
            "identical_one": (
                "Only “{layer}” learns: the kernel of “{first_layer}” before it is identical at all {steps} steps, "
                "while its own moved by {movement:.3g} of its mean size."
            ),
            "hardly": (
                "Only “{layer}” changes visibly (by {movement:.3g} of its mean size); the {others} kernels before it "
                "changed by less than {limit:.3g} of theirs, which these histograms cannot resolve. That alone does "
                "not say that they do not learn: log their updates to know."
            ),
        },
        advice={
            "optimiser": "Check the variable list given to the optimiser: does it hold more than “{layer}”?",
            "trainable": "Check `trainable` (Keras) or `requires_grad` (PyTorch) of the layers before it, and "
            "`detach`, `no_grad` or `stop_gradient` in front of “{layer}”.",
            "signal": "Log the gradients: zeros in front of “{layer}” mean a saturated or dead layer between.",
            "updates": "Log the update of each layer (new minus old weights): it shows movement that a histogram of "
            "the weights cannot.",
        },
        innocent=("A new head on a backbone that is frozen on purpose.",),
        evidence={
            "identical_kernels": "Kernels identical at every step",
            "movement": "Movement of the last kernel ÷ its mean size",
            "largest_other": "Largest movement of another kernel ÷ its mean size",
        },
        skips={
            "few_kernels": "Fewer than two kernels in this run: there is no last layer to set apart.",
            "few_steps": "Steps at which the kernels were logged: {steps}; {needed} are needed to speak of change.",
        },
    )
    thresholds: ClassVar = {
        "steps": Threshold(
            float(MIN_STEPS),
            "steps",
            "SageMaker Debugger, UnchangedTensor",
            "number of steps, all of them identical",
            least=MIN_STEPS,
        ),
        "hardly": Threshold(
            1e-3, "ratio", "measured: binning alone makes up to 1e-3", "movement of every other kernel, for a remark"
        ),
        "visible": Threshold(
            1e-2, "ratio", "measured: healthy kernels move by 6e-2 or more", "movement of the last kernel, for a remark"
        ),
        "hardly_steps": Threshold(5.0, "steps", "measured", "number of steps for a remark on kernels that hardly move"),
    }

    def example(self) -> Example:
        """On these it fires."""
        others = {f"dense_{i}/kernel": still(plateau(900)) for i in (1, 2)}
        return Example(
            {**others, "dense_3/kernel": moving(plateau(900), 1.0)}, shown=("dense_1/kernel", "dense_3/kernel")
        )

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """One finding at most."""
        kernels = [tag for tag in run.kernels() if has_values(tag)]
        layers = list(dict.fromkeys(tag.name.layer for tag in kernels))
        if len(layers) < 2:
            raise CannotCheck("few_kernels")
        needed = int(self.threshold("steps"))
        steps = min(len(tag.steps) for tag in kernels)
        if steps < needed:
            raise CannotCheck("few_steps", steps=steps, needed=needed)
        moving = [tag for tag in trained(run) if has_moved(tag)]
        moving_layers = set(tag.name.layer for tag in moving)
        own = [tag for tag in kernels if tag.name.layer in moving_layers]
        last = own[-1].name.layer if own else layers[-1]
        if last != layers[-1] and not set(words_of(last)) & LAST_LAYERS:
            return
        ours = [tag for tag in kernels if tag.name.layer == last]
        others = [tag for tag in kernels if tag.name.layer != last]
        if not any(has_moved(tag) for tag in ours):
            return
        if moving_layers == {last} and all(is_unchanged(run, tag) for tag in others):
            certain = all(tag.moments_agree is True for tag in others)
            confidence = Confidence.CERTAIN if certain else Confidence.LIKELY
            message = "identical" if len(layers) > 2 else "identical_one"
            yield self._finding(ours, others, Severity.WARNING, confidence, message)
        elif self._hardly(run, ours, others) and steps >= self.threshold("hardly_steps"):
            yield self._finding(ours, others, Severity.INFO, Confidence.SUSPECT, "hardly")

    def _hardly(self, run: RunAnalysis, ours: Sequence[TagAnalysis], others: Sequence[TagAnalysis]) -> bool:
        """Whether no weight before the last layer moved by more than binning alone can make of it."""
        if any(tag.change.movement is None for tag in others) or all(is_identical(tag) for tag in others):
            return False  # identical kernels are no matter of resolution: `frozen-layer` speaks of them
        weights = [tag for tag in run.of_role(Role.WEIGHT) if tag not in ours]
        still = all((tag.change.movement or 0.0) < self.threshold("hardly") for tag in weights)
        return still and any((tag.change.movement or 0.0) > self.threshold("visible") for tag in ours)

    def _finding(
        self,
        ours: Sequence[TagAnalysis],
        others: Sequence[TagAnalysis],
        severity: Severity,
        confidence: Confidence,
        message: str,
    ) -> Finding:
        first, last = step_span([*ours, *others])
        movement = max((tag.change.movement or 0.0 for tag in ours), default=0.0)
        largest = max((tag.change.movement or 0.0 for tag in others), default=0.0)
        hardly = message == "hardly"
        limit, visible = self.thresholds["hardly"], self.thresholds["visible"]
        return Finding(
            rule=self.id,
            severity=severity,
            confidence=confidence,
            message=message,
            values={
                "layer": ours[0].name.layer,
                "others": len(dict.fromkeys(tag.name.layer for tag in others)),
                "first_layer": others[0].name.layer,
                "last_layer": others[-1].name.layer,
                "steps": min(len(tag.steps) for tag in others),
                "movement": movement,
                "limit": limit.value,
            },
            layer=None,
            tags=tuple(tag.tag for tag in (*others, *ours)),
            first_step=first,
            last_step=last,
            evidence=(
                Evidence("movement", movement, visible.value if hardly else None, "ratio", visible.source),
                Evidence("largest_other", largest, limit.value, "ratio", limit.source, tag=others[0].tag)
                if hardly
                else Evidence("identical_kernels", float(len(others)), None, "tensors", "definition"),
            ),
            advice=("updates", "signal") if hardly else ("optimiser", "trainable", "signal"),
        )

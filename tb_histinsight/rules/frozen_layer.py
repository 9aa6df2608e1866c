"""Weights that are identical at every step while the rest of the run moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.learned import gradients_ended
from tb_histinsight.rules.made_up import Example, bell, moving, still
from tb_histinsight.rules.movement import (
    MIN_STEPS,
    gradients_of,
    has_moved,
    has_values,
    in_layer,
    is_identical,
    is_unchanged,
    late_rms,
    loss_falls,
    step_span,
    trained,
    update_of,
)
from tb_histinsight.rules.stalling import CUT_OFF, cut_off, stalled

_ADVICE = ("optimiser", "trainable", "alive", "gradient", "update", "same_object")
_ADVICE_PROVED = tuple(key for key in _ADVICE if key != "update")
"""Exact sums that agree leave no room for values that trade places."""


class FrozenLayer(Rule):
    """Fires for each layer whose weights are identical at every step; never on weights that merely hardly move."""

    id = "frozen-layer"
    severity = Severity.WARNING
    other_severities = (Severity.INFO,)
    follows = (
        Follows("constant-weights", "tag"),  # what is 0 everywhere, or has become so, stays so
        Follows("collapsed-weights", "tag", ("stalled",)),
        Follows("only-last-layer-learns", "tag"),
        Follows("only-biases-learn", "tag"),
        Follows("vanishing-gradient", "run", ("identical", "identical_gradient_tiny")),
        Follows("dead-activations", "run", ("identical", "identical_gradient_zero", "stalled", *CUT_OFF)),
        Follows("barely-moves", "tag", ("stalled",)),  # by less and less, until no bucket shows it
        Follows("frozen-layer", "tag"),  # one layer of several follows from the finding on all of them
    )
    words = Words(
        title="Layer not updated",
        what=(
            "Compares the histograms of each weight tensor, edges and counts, from every step to the next. "
            "Fires when they are identical throughout, while other tensors of the run change."
        ),
        why="Weights that keep their initial values learn nothing; usually the optimiser does not know them.",
        messages={
            "identical": (
                "The weights of “{layer}” are identical at all {steps} steps (from {first_step} to {last_step}), "
                "while {moving} of the run's {parameters} parameter tensors {moving:changes|change}."
            ),
            "identical_though_gradient": (
                "The weights of “{layer}” are identical at all {steps} steps (from {first_step} to {last_step}), "
                "although their gradient is not zero (RMS {gradient:.3g}): the gradient arrives, the update does not."
            ),
            "identical_gradient_tiny": (
                "The weights of “{layer}” are identical at all {steps} steps (from {first_step} to {last_step}), and "
                "their gradient is so small (RMS {gradient:.3g}) that rounding may swallow every update."
            ),
            "identical_gradient_zero": (
                "The weights of “{layer}” are identical at all {steps} steps (from {first_step} to {last_step}), "
                "and their gradient is zero: nothing reaches them."
            ),
            "contradicted": (
                "The histograms of “{layer}” are identical at all {steps} steps (from {first_step} to {last_step}), "
                "but “{update}” is not zero (RMS {rms:.3g}). Identical histograms do not prove identical weights: "
                "these trade places. Or the update is computed and never applied."
            ),
            "several": (
                "The weights of {layers} layers, from “{first_layer}” to “{last_layer}”, are identical at every step, "
                "while {moving} of the run's {parameters} parameter tensors {moving:changes|change}."
            ),
            "nothing_moves": (
                "None of the {parameters} parameter tensors of this run changes in {steps} steps. Either nothing is "
                "trained here (an evaluation), or the optimiser's step is missing or its learning rate is 0."
            ),
            "nothing_moves_though_gradient": (
                "None of the {parameters} parameter tensors of this run changes in {steps} steps, although gradients "
                "are logged that are not zero: the optimiser's step is missing, or its learning rate is 0."
            ),
            "nothing_moves_though_loss": (
                "None of the {parameters} parameter tensors that are logged changes in {steps} steps, while the loss "
                "falls: something is trained, and it is not these. Perhaps a copy made at the start is logged."
            ),
            "nothing_moves_learned": (
                "None of the {parameters} parameter tensors of this run changes in {steps} steps, and the loss (or "
                "every gradient) is next to nothing all the while: it seems that all was learned before, and "
                "that no gradient is left."
            ),
            "stalled": (
                "The weights of “{layer}” moved, and are identical from step {since_step} to {last_step}, while other "
                "tensors go on changing. A schedule that ended, or a layer frozen on purpose, looks just so."
            ),
            "stalled_gradient_zero": (
                "The weights of “{layer}” moved, and are identical from step {since_step} to {last_step}; their "
                "gradient is exactly zero meanwhile, while other tensors go on changing: no signal reaches them any "
                "more."
            ),
            "cut_off": (
                "The weights of {layers} layers, from “{first_layer}” to “{last_layer}”, stand still from step "
                "{since_step} on, and their gradients are exactly zero, while other tensors go on changing: between "
                "those and these the signal is lost, as when all units of a layer are dead."
            ),
        },
        advice={
            "optimiser": "Check that the optimiser was given the variables of “{layer}”.",
            "trainable": "Check `trainable` (Keras) or `requires_grad` (PyTorch), and `detach`, `no_grad` or "
            "`stop_gradient` between this layer and the loss.",
            "alive": "Look whether everything before or after the layer is dead: zero activations, zero gradients.",
            "gradient": "Log the gradient of “{layer}”: it tells a missing update from a missing gradient.",
            "update": "Log the update of “{layer}” (new minus old weights): identical histograms do not prove "
            "identical weights, since values that trade places leave no trace.",
            "applied": "Compare two snapshots of “{layer}” value by value: that tells the two apart.",
            "same_object": "Check that the logged tensor is the one being trained, not a copy made at the start.",
            "rate": "Lower the learning rate, or warm it up: one large step can push all units of a layer below zero.",
            "activations": "Log the activations of “{layer}”: zero everywhere means dead units.",
        },
        innocent=(
            "Layers frozen on purpose: a backbone under a new head, an embedding that is given.",
            "A warm-up that still stands at a learning rate of 0, or a schedule that has ended.",
            "A copy of the weights that was logged instead of the weights.",
        ),
        evidence={
            "identical_steps": "Steps with identical histogram",
            "gradient_rms": "RMS of the gradient at the last step",
            "update_rms": "RMS of the logged update, later half of the steps",
            "exact_sums": "Steps whose exact sums agree within rounding",
        },
        skips={
            "no_weights": "No weight histograms in this run. Log the kernels to let this be checked.",
            "few_steps": "Steps at which the weights were logged: {steps}; {needed} are needed to speak of change.",
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
        "rounding": Threshold(
            1e-5,
            "ratio",
            "float32 resolves 1e-7; a learning rate of 0.01 takes the rest",
            "RMS of the gradient ÷ RMS of the weights below which rounding may swallow the update",
        ),
        "several": Threshold(
            4.0, "layers", "chosen for reading", "number of frozen layers from which on one finding speaks for all"
        ),
        "stalled_steps": Threshold(
            float(MIN_STEPS),
            "steps",
            "SageMaker Debugger, UnchangedTensor",
            "number of identical steps at the end",
            least=2.0,
        ),
    }

    def example(self) -> Example:
        """On these it fires."""
        others = {f"dense_{i}/kernel": moving(bell(900)) for i in (2, 3)}
        return Example({"dense_1/kernel": still(bell(900)), **others})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per layer, and one that leads where several share a fate; or a single one if nothing moves."""
        weights = [tag for tag in run.of_role(Role.WEIGHT) if has_values(tag)]
        if not weights:
            raise CannotCheck("no_weights")
        needed = int(self.threshold("steps"))
        longest = max(len(tag.steps) for tag in weights)
        if longest < needed:
            raise CannotCheck("few_steps", steps=longest, needed=needed)
        parameters = trained(run)
        moving = [tag for tag in parameters if has_moved(tag)]
        if not moving:
            if all(is_identical(tag) for tag in parameters):
                gradients = [tag for tag in run.of_role(Role.GRADIENT) if has_values(tag) and not _always_zero(tag)]
                yield self._nothing_moves(run, parameters, gradients)
            return
        frozen: list[list[TagAnalysis]] = []
        found: list[Finding] = []
        without_signal: list[Finding] = []
        for layer in dict.fromkeys(tag.name.layer for tag in weights):
            group = in_layer(weights, layer)
            if max(len(tag.steps) for tag in group) < needed:
                continue
            if all(is_unchanged(run, tag) for tag in group):
                frozen.append(group)
                found.append(self._frozen(run, group, len(moving), len(parameters)))
                yield found[-1]
            elif all(is_identical(tag) for tag in group):
                yield from self._contradicted(run, group)
            else:
                for finding in stalled(self, run, group, moving, self.thresholds["stalled_steps"]):
                    yield finding
                    if finding.message == "stalled_gradient_zero":
                        without_signal.append(finding)
        if len(frozen) >= self.threshold("several"):
            leads = self._several(frozen, len(moving), len(parameters))
            yield replace(leads, severity=max((finding.severity for finding in found), key=lambda one: one.rank))
        if len(without_signal) > 1:
            yield cut_off(self, without_signal)

    def _frozen(self, run: RunAnalysis, group: Sequence[TagAnalysis], moving: int, parameters: int) -> Finding:
        first, last = step_span(group)
        gradients = [gradient for tag in group for gradient in gradients_of(run, tag) if has_values(gradient)]
        message, rms = "identical", float("nan")
        proved = all(tag.moments_agree is True for tag in group)
        advice: tuple[str, ...] = _ADVICE
        if gradients:
            rms = max(float(gradient.stats.rms.value[-1]) for gradient in gradients)
            if all(_always_zero(gradient) for gradient in gradients):
                message, advice = "identical_gradient_zero", ("alive", "trainable")
            elif rms < self.threshold("rounding") * max(float(tag.stats.rms.value[-1]) for tag in group):
                message, advice = "identical_gradient_tiny", ("alive", "optimiser")
            elif any(float(gradient.stats.rms.lower[-1]) > 0 for gradient in gradients):
                message, advice = "identical_though_gradient", ("optimiser", "same_object")
        elif proved:
            advice = _ADVICE_PROVED
        biases = [tag for tag in in_layer(run.of_role(Role.BIAS), group[0].name.layer) if is_identical(tag)]
        evidence = [
            Evidence(
                "identical_steps",
                float(min(len(tag.steps) for tag in group)),
                self.threshold("steps"),
                "steps",
                self.thresholds["steps"].source,
                tag=group[0].tag,
            )
        ]
        if proved:
            steps = float(min(len(tag.steps) for tag in group))
            evidence.append(Evidence("exact_sums", steps, None, "steps", "definition", tag=group[0].tag))
        if gradients:
            evidence.append(
                Evidence("gradient_rms", rms if np.isfinite(rms) else None, None, "x", "", tag=gradients[0].tag)
            )
        return Finding(
            rule=self.id,
            # Where all was learned before, the updates have become too small to change a value.
            severity=Severity.INFO if gradients_ended(run, group[0]) else Severity.WARNING,
            confidence=Confidence.CERTAIN if proved else Confidence.LIKELY,
            message=message,
            values={
                "layer": group[0].name.layer,
                "steps": min(len(tag.steps) for tag in group),
                "first_step": first if first is not None else 0,
                "last_step": last if last is not None else 0,
                "moving": moving,
                "parameters": parameters,
                "gradient": rms,
            },
            layer=group[0].name.layer,
            tags=tuple(tag.tag for tag in (*group, *biases, *gradients)),
            first_step=first,
            last_step=last,
            evidence=tuple(evidence),
            advice=advice,
        )

    def _contradicted(self, run: RunAnalysis, group: Sequence[TagAnalysis]) -> Iterable[Finding]:
        """Identical histograms, and an update that says otherwise: nothing is frozen."""
        update = next(found for found in (update_of(run, tag) for tag in group) if found is not None)
        first, last = step_span(group)
        rms = late_rms(update)[0]
        steps = min(len(tag.steps) for tag in group)
        yield Finding(
            rule=self.id,
            severity=Severity.INFO,
            confidence=Confidence.SUSPECT,
            message="contradicted",
            values={
                "layer": group[0].name.layer,
                "steps": steps,
                "first_step": first if first is not None else 0,
                "last_step": last if last is not None else 0,
                "update": update.tag,
                "rms": rms,
            },
            layer=group[0].name.layer,
            tags=tuple(tag.tag for tag in (*group, update)),
            first_step=first,
            last_step=last,
            evidence=(
                Evidence("identical_steps", float(steps), None, "steps", "", tag=group[0].tag),
                Evidence("update_rms", rms, None, "x", "", tag=update.tag),
            ),
            advice=("applied",),
        )

    def _several(self, frozen: Sequence[Sequence[TagAnalysis]], moving: int, parameters: int) -> Finding:
        tags = [tag for group in frozen for tag in group]
        first, last = step_span(tags)
        first_layer, last_layer = tags[0].name.layer, tags[-1].name.layer
        threshold = self.thresholds["steps"]
        steps = float(min(len(tag.steps) for tag in tags))
        return Finding(
            rule=self.id,
            severity=Severity.WARNING,
            confidence=Confidence.CERTAIN if all(tag.moments_agree for tag in tags) else Confidence.LIKELY,
            message="several",
            values={
                "layers": len(frozen),
                "layer": first_layer,
                "first_layer": first_layer,
                "last_layer": last_layer,
                "moving": moving,
                "parameters": parameters,
            },
            layer=None,
            tags=tuple(tag.tag for tag in tags),
            first_step=first,
            last_step=last,
            evidence=(Evidence("identical_steps", steps, threshold.value, "steps", threshold.source),),
            advice=_ADVICE_PROVED if all(tag.moments_agree for tag in tags) else _ADVICE,
        )

    def _nothing_moves(
        self, run: RunAnalysis, parameters: Sequence[TagAnalysis], gradients: Sequence[TagAnalysis]
    ) -> Finding:
        first, last = step_span(parameters)
        learns = loss_falls(run) is True
        message = "nothing_moves_though_loss" if learns else "nothing_moves"
        if gradients_ended(run, parameters[0]):
            message = "nothing_moves_learned"
        elif gradients and not learns:
            message = "nothing_moves_though_gradient"
        steps = min(len(tag.steps) for tag in parameters)
        return Finding(
            rule=self.id,
            severity=Severity.WARNING if message == "nothing_moves_though_gradient" else Severity.INFO,
            confidence=Confidence.LIKELY,
            message=message,
            values={"parameters": len(parameters), "steps": steps, "layer": parameters[0].name.layer},
            layer=None,
            tags=tuple(tag.tag for tag in (*parameters, *gradients)),
            first_step=first,
            last_step=last,
            evidence=(
                Evidence(
                    "identical_steps",
                    float(steps),
                    self.threshold("steps"),
                    "steps",
                    self.thresholds["steps"].source,
                ),
            ),
            advice=("same_object", "trainable") if learns else ("optimiser", "trainable", "same_object"),
        )


def _always_zero(tag: TagAnalysis) -> bool:
    minimum, maximum = tag.stats.minimum, tag.stats.maximum
    return len(minimum) > 0 and bool((minimum == 0).all() and (maximum == 0).all())

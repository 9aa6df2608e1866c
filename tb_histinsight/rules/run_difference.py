"""Runs against each other: the same tensor at the same step, where it differs by more than chance explains."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Finding
from tb_histinsight.core.histogram import FloatArray, IntArray
from tb_histinsight.core.labels import Role, Severity
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.rules.base import CannotCheck, Rule, Threshold, Words
from tb_histinsight.rules.made_up import Example, bell, moving

LEAST_RATIO = 1.01
"""Limits of ratios below it, which only a user can set, would tell every rounding."""


class RunDifference(Rule):
    """Compares runs tensor by tensor. It speaks through the report's comparisons; a run alone is never compared."""

    id = "run-difference"
    severity = Severity.INFO
    words = Words(
        title="Runs differ",
        what=(
            "Compares the same tensor of two runs at the same step: the ratio of their scales (RMS; of gradients, "
            "activations and updates the median over the last half of the steps), how far each moved, and the "
            "Wasserstein-1 distance of their histograms. It tells what the buckets prove, the most telling first."
        ),
        why=(
            "The effect of a change of the network or of its training shows best beside a run without it: a gradient "
            "that is hundreds of times smaller, weights that shrink in one run and grow in the other."
        ),
        messages={
            "smaller_weight": (
                "In “{run}”, the weights of “{layer}” are about {times:.2g} times smaller than in “{other}” "
                "(RMS {rms:.3g} against {other_rms:.3g} at step {step})."
            ),
            "larger_weight": (
                "In “{run}”, the weights of “{layer}” are about {times:.2g} times larger than in “{other}” "
                "(RMS {rms:.3g} against {other_rms:.3g} at step {step})."
            ),
            "smaller_bias": (
                "In “{run}”, the bias of “{layer}” is about {times:.2g} times smaller than in “{other}” "
                "(RMS {rms:.3g} against {other_rms:.3g} at step {step})."
            ),
            "larger_bias": (
                "In “{run}”, the bias of “{layer}” is about {times:.2g} times larger than in “{other}” "
                "(RMS {rms:.3g} against {other_rms:.3g} at step {step})."
            ),
            "smaller_norm": (
                "In “{run}”, the normalisation “{tag}” is about {times:.2g} times smaller than in “{other}” "
                "(RMS {rms:.3g} against {other_rms:.3g} at step {step})."
            ),
            "larger_norm": (
                "In “{run}”, the normalisation “{tag}” is about {times:.2g} times larger than in “{other}” "
                "(RMS {rms:.3g} against {other_rms:.3g} at step {step})."
            ),
            "smaller_gradient": (
                "In “{run}”, the gradient “{tag}” is about {times:.2g} times smaller than in “{other}” "
                "(median RMS {rms:.3g} against {other_rms:.3g}, steps {first_step} to {step})."
            ),
            "larger_gradient": (
                "In “{run}”, the gradient “{tag}” is about {times:.2g} times larger than in “{other}” "
                "(median RMS {rms:.3g} against {other_rms:.3g}, steps {first_step} to {step})."
            ),
            "smaller_activation": (
                "In “{run}”, the activations “{tag}” are about {times:.2g} times smaller than in “{other}” "
                "(median RMS {rms:.3g} against {other_rms:.3g}, steps {first_step} to {step})."
            ),
            "larger_activation": (
                "In “{run}”, the activations “{tag}” are about {times:.2g} times larger than in “{other}” "
                "(median RMS {rms:.3g} against {other_rms:.3g}, steps {first_step} to {step})."
            ),
            "smaller_update": (
                "In “{run}”, the updates “{tag}” are about {times:.2g} times smaller than in “{other}” "
                "(median RMS {rms:.3g} against {other_rms:.3g}, steps {first_step} to {step})."
            ),
            "larger_update": (
                "In “{run}”, the updates “{tag}” are about {times:.2g} times larger than in “{other}” "
                "(median RMS {rms:.3g} against {other_rms:.3g}, steps {first_step} to {step})."
            ),
            "shrank_grew": (
                "In “{run}”, the weights of “{layer}” shrank to {factor:.3g} of their RMS from step {start_step} to "
                "{step}; in “{other}” they grew to {other_factor:.3g} times that."
            ),
            "grew_shrank": (
                "In “{run}”, the weights of “{layer}” grew to {factor:.3g} times their RMS from step {start_step} to "
                "{step}; in “{other}” they shrank to {other_factor:.3g} of it."
            ),
            "both_shrank": (
                "In “{run}”, the weights of “{layer}” shrank to {factor:.3g} of their RMS from step {start_step} to "
                "{step}, in “{other}” to {other_factor:.3g}."
            ),
            "both_grew": (
                "In “{run}”, the weights of “{layer}” grew to {factor:.3g} times their RMS from step {start_step} to "
                "{step}, in “{other}” to {other_factor:.3g}."
            ),
            "kept_changed": (
                "In “{run}”, the weights of “{layer}” kept their RMS from step {start_step} to {step}; in “{other}” it "
                "went to {other_factor:.3g} times that."
            ),
            "changed_kept": (
                "In “{run}”, the RMS of the weights of “{layer}” went to {factor:.3g} times that of step {start_step} "
                "by step {step}; in “{other}” it stayed."
            ),
            "zero_at": "In “{run}”, “{tag}” is zero at step {step}; in “{other}” its RMS is {other_rms:.3g}.",
            "other_zero_at": "In “{run}”, the RMS of “{tag}” is {rms:.3g} at step {step}; in “{other}” it is zero.",
            "zero": (
                "In “{run}”, “{tag}” is zero from step {first_step} to {step}; in “{other}” its RMS is {other_rms:.3g}."
            ),
            "other_zero": (
                "In “{run}”, the RMS of “{tag}” is {rms:.3g} up to step {step}; in “{other}” it is zero from step "
                "{first_step} on."
            ),
            "identical": (
                "In “{run}”, the weights of “{layer}” are identical at every step; in “{other}” they moved by at least "
                "{other_movement:.2g} times their mean size up to step {step}."
            ),
            "other_identical": (
                "In “{run}”, the weights of “{layer}” moved by at least {movement:.2g} times their mean size up to "
                "step {step}; in “{other}” they are identical at every step."
            ),
            "moved_less": (
                "In “{run}”, the weights of “{layer}” moved by at most {movement:.2g} times their mean size up to step "
                "{step}; in “{other}” by at least {other_movement:.2g} times."
            ),
            "moved_more": (
                "In “{run}”, the weights of “{layer}” moved by at least {movement:.2g} times their mean size up to "
                "step {step}; in “{other}” by at most {other_movement:.2g} times."
            ),
            "apart": (
                "“{tag}” has about the same scale in “{run}” and “{other}” but another distribution: at step {step} "
                "the values lie {distance:.2g} times their mean size apart."
            ),
            "at_least": "The buckets prove a factor of at least {least:.2g}.",
            "from_start": "They differed as much at step {start_step} already ({start:.3g} against {other_start:.3g}).",
            "guessed": (
                "The layers have different names; they were paired by position and size: “{layer}” with "
                "“{other_layer}”."
            ),
            "resized": "The tensors differ in size: {size} and {other_size} values.",
            "nearest": "No step was logged in both runs there: the nearest in “{other}” is step {other_step}.",
            "level": "Another seed alone makes a factor of up to {level:.2g} here.",
        },
        advice={
            "change": "Look at what differs in the settings of the runs, beginning with the layer that differs most.",
            "repeat": (
                "Repeat each training with another seed, in runs named alike but for it (“a_seed0”, “a_seed1”): what "
                "chance alone does is then known, and no longer told."
            ),
        },
        innocent=(
            "Runs that were meant to differ there: another initialisation, learning rate or decay.",
            "Another seed: the smaller the tensor, the more it differs from one run to the next.",
            "Gradients of another batch size or of a summed loss.",
        ),
        evidence={
            "ratio": "Scale in the one run ÷ scale in the other",
            "distance": "Wasserstein-1 distance of the two histograms ÷ mean size",
        },
        skips={
            "one_run": "There is only one run here to look at.",
            "no_layer": "No layer of this run could be paired with one of another run, by name or by size.",
            "no_step": "No other run has values at a step near one of this run's.",
        },
    )
    thresholds: ClassVar = {
        "weight": Threshold(
            1.5,
            "ratio",
            "measured: up to 1.23 from seed to seed",
            "ratio of the scales of weights and normalisations, at least",
        ),
        "bias": Threshold(
            3.0, "ratio", "measured: up to 2.6 from seed to seed", "ratio of the scales of biases, at least"
        ),
        "fluctuating": Threshold(
            5.0,
            "ratio",
            "measured: up to 2.4 from seed to seed",
            "ratio of the scales of gradients, activations and updates, at least",
        ),
        "movement": Threshold(5.0, "ratio", "chosen", "ratio of the movements of weights, at least"),
        "moved": Threshold(0.01, "ratio", "chosen", "movement of weights beside identical ones, at least"),
        "distance": Threshold(0.25, "ratio", "chosen", "distance ÷ mean size where the scales are alike, at least"),
        "sampling": Threshold(
            3.0, "ratio", "definition", "times 1/√N is added to the limit of |ln ratio| of a tensor of N values"
        ),
    }

    def example(self) -> Example:
        """On these it fires."""
        gradient = "gradients/dense_1/kernel"
        return Example({gradient: moving(bell(900))}, other={gradient: moving(bell(900, 2e-3))}, shown=(gradient,))

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A run alone cannot be compared; `comparing.compare_runs` does it for several."""
        raise CannotCheck("one_run")

    def scale_limit(self, role: Role) -> float:
        """|ln ratio| of the scales of two tensors of this role, from which on it is told."""
        if role in (Role.GRADIENT, Role.ACTIVATION, Role.UPDATE):
            ratio = self.threshold("fluctuating")
        else:
            ratio = self.threshold("bias" if role is Role.BIAS else "weight")
        return math.log(max(ratio, LEAST_RATIO))

    def chance(self, sizes: IntArray) -> FloatArray:
        """What the number of values explains of a |ln ratio|, or of a distance ÷ mean |x|."""
        return np.asarray(self.threshold("sampling") / np.sqrt(np.maximum(sizes, 1)), dtype=np.float64)

    @property
    def movement_ratio(self) -> float:
        """How many times farther weights must have moved in one run than in the other."""
        return max(self.threshold("movement"), LEAST_RATIO)

    @property
    def least_movement(self) -> float:
        """How far weights must have moved beside identical ones."""
        return self.threshold("moved")

    @property
    def least_distance(self) -> float:
        """Distance ÷ mean |x| of two histograms of the same scale, from which on it is told."""
        return self.threshold("distance")

"""Whether all was learned before the weights were first logged: no gradient is left then, and no layer is sick."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.labels import Role
from tb_histinsight.core.losses import training_loss
from tb_histinsight.core.median import median
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.movement import MIN_STEPS, has_values, late_rms, loss_stands

NOTHING = 1e-3
"""Loss, absolute or ÷ its very first value, below which hardly anything is left to learn: of a classifier that is right
with a probability of 99.9 %. Trained networks whose gradients had ended had 1e-4 and less; chosen."""
LATE = 2.0
"""Intervals between two logged steps that have passed at the first one, at most, for a log from the start; chosen."""
FARTHER = 1.5
"""Movement of the kernel that moves most ÷ that of one that decays, at most, where nothing more is learned; chosen."""
TINY = 1e-5
"""Largest RMS of the gradients ÷ largest RMS of the kernels, at most, where gradients have ended: rounding may swallow
such updates."""


def is_learned(run: RunAnalysis, tag: TagAnalysis) -> bool | None:
    """Whether the training loss is next to nothing as long as a tensor is logged; None where no such loss is logged.

    The first quarter of it is looked at: what is learned later explains nothing of the time before. It is compared with
    its very first value, or, where its log begins as late as the tensor's, taken as it is: from the start, a small loss
    may be one in small units.
    """
    loss = training_loss(run)
    if loss is None:
        return None
    values = np.abs(loss.values[loss.steps >= tag.steps[0]])
    if len(values) < MIN_STEPS or not np.isfinite(loss.values).all():
        return None
    first = abs(float(loss.values[0]))
    late = began_late(tag) and not (loss.steps < tag.steps[0]).any()
    return median(values[: max(MIN_STEPS, len(values) // 4)]) <= NOTHING * (max(1.0, first) if late else first)


def only_decays(run: RunAnalysis, kernel: TagAnalysis) -> bool:
    """Whether a kernel that a decay alone acts on may be one of a network that has learned all there is.

    The loss says so, or, where none is logged or where it fell, a log that begins late and in which no kernel moves
    farther than those that decay.
    """
    learned = is_learned(run, kernel)
    if learned:
        return True
    if (learned is not None and loss_stands(run)) or not began_late(kernel):
        return False
    farthest = max((tag.change.movement or 0.0 for tag in run.kernels() if has_values(tag)), default=0.0)
    return farthest <= FARTHER * (kernel.change.movement or 0.0)


def began_late(tag: TagAnalysis) -> bool:
    """Whether more steps went by before the first that was logged than between two logged ones."""
    return len(tag.steps) > 1 and float(tag.steps[0]) > LATE * median(np.diff(tag.steps).astype(np.float64))


def gradients_ended(run: RunAnalysis, kernel: TagAnalysis) -> bool:
    """Whether all was learned before a kernel was first logged: by the loss, or in a late log by every gradient."""
    learned = is_learned(run, kernel)
    if learned is not None:
        return learned
    gradients = [late_rms(tag)[2] for tag in run.of_role(Role.GRADIENT) if has_values(tag)]
    kernels = [late_rms(tag)[0] for tag in run.kernels() if has_values(tag)]
    if not gradients or not kernels or not began_late(kernel):
        return False
    return max(gradients) <= TINY * max(kernels)

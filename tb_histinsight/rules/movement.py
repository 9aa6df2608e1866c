"""What rules ask of a tag's change: identical, moved, or not to be told. Three levels, never merged."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tb_histinsight.core.histogram import BoolArray
from tb_histinsight.core.labels import Role
from tb_histinsight.core.losses import course_of, training_loss
from tb_histinsight.core.median import median
from tb_histinsight.core.run import RunAnalysis, TagAnalysis

MIN_STEPS = 3
"""Sampled steps before anything is said of change; source: SageMaker Debugger, UnchangedTensor, num_steps."""

STATISTICS = ("moving_", "running_", "num_batches")
"""Normalisation layers keep these without an optimiser, so that they say nothing about learning."""


def is_identical(tag: TagAnalysis) -> bool:
    """Whether edges and counts are the same at every one of at least three steps, and no exact sum contradicts."""
    same = tag.change.identical
    return len(same) >= MIN_STEPS - 1 and bool(same.all()) and is_finite(tag) and tag.moments_agree is not False


def has_moved(tag: TagAnalysis) -> bool:
    """Whether any two neighbouring steps differ, in the buckets or in the exact sums."""
    return len(tag.change.identical) > 0 and (not tag.change.identical.all() or tag.moments_agree is False)


def is_finite(tag: TagAnalysis) -> bool:
    """Whether every step has values, and none of them is NaN or infinite."""
    return bool(np.isfinite(tag.stats.minimum).all() and (tag.stats.non_finite == 0).all())


def trained(run: RunAnalysis) -> list[TagAnalysis]:
    """The tags that an optimiser changes: weights, biases, gains and shifts; in depth order."""
    found = run.of_role(Role.WEIGHT, Role.BIAS, Role.NORM)
    return [tag for tag in found if not any(word in tag.tag.lower() for word in STATISTICS)]


def is_keras_callback(tag: TagAnalysis) -> bool:
    """Whether Keras' callback wrote the tag: it logs at the end of an epoch, so that step 0 is not the start."""
    return tag.tag.endswith(("/histogram", "kernel_0", "bias_0", "embeddings_0"))


def in_layer(tags: Iterable[TagAnalysis], layer: str, *roles: Role) -> list[TagAnalysis]:
    """Those of the tags that belong to a layer, and have one of the roles."""
    return [tag for tag in tags if tag.name.layer == layer and (not roles or tag.name.role in roles)]


def gradients_of(run: RunAnalysis, parameter: TagAnalysis) -> list[TagAnalysis]:
    """The logged gradients of a parameter (by layer and role)."""
    return [
        tag
        for tag in run.of_role(Role.GRADIENT)
        if tag.name.layer == parameter.name.layer and tag.name.subject is parameter.name.role
    ]


def update_of(run: RunAnalysis, parameter: TagAnalysis) -> TagAnalysis | None:
    """A logged update of a parameter that is not zero: the values moved, whatever their histogram shows."""
    for tag in run.of_role(Role.UPDATE):
        same = tag.name.layer == parameter.name.layer and tag.name.subject is parameter.name.role
        if same and np.nanmax(tag.stats.rms.lower, initial=0.0) > 0:
            return tag
    return None


def is_unchanged(run: RunAnalysis, tag: TagAnalysis) -> bool:
    """Whether the histograms are identical at every step and no logged update says that the values moved."""
    return is_identical(tag) and update_of(run, tag) is None


def late_rms(tag: TagAnalysis) -> tuple[float, float, float]:
    """Median RMS over the last half of the steps: estimate, lower and upper bound; NaN where there is none."""
    start = len(tag.steps) // 2
    rms = tag.stats.rms
    parts = [values[start:][np.isfinite(values[start:])] for values in (rms.value, rms.lower, rms.upper)]
    value, lower, upper = (median(part) if len(part) else float("nan") for part in parts)
    return value, lower, upper


def distance_moved(tag: TagAnalysis) -> float:
    """Wasserstein-1 distance of the first and last histogram, in the tensor's own unit; NaN where there is none.

    At most the mean |change| of the values: movement is proved by it, stillness is not.
    """
    return tag.distance


def has_values(tag: TagAnalysis) -> bool:
    """Whether any step has a finite value."""
    return len(tag.first.count) > 0


def loss_falls(run: RunAnalysis) -> bool | None:
    """Whether the training loss is lower in its last quarter than in its first; None where none is logged."""
    loss = training_loss(run)
    return None if loss is None else course_of(loss).falls


def loss_stands(run: RunAnalysis) -> bool:
    """Whether a training loss is logged, is finite, and neither falls nor had fallen before most of it was logged."""
    loss = training_loss(run)
    course = None if loss is None else course_of(loss)
    return course is not None and course.finite and not course.falls and not course.fell_early


def loss_ratio(run: RunAnalysis) -> float | None:
    """Median training loss of the last quarter over that of the first; None where none above 0 is logged."""
    loss = training_loss(run)
    if loss is None:
        return None
    course = course_of(loss)
    return course.end / course.start if course.start > 0 else None


def since_when(tag: TagAnalysis, holds: BoolArray) -> int:
    """The first step of the unbroken ones, up to the last that has values, at which something holds.

    Args:
      holds: bool [n]; steps without finite values break nothing.
    """
    known = np.flatnonzero(np.isfinite(tag.stats.minimum))
    broken = np.flatnonzero(~holds[known])
    start = int(broken[-1]) + 1 if len(broken) else 0
    return int(tag.steps[known[min(start, len(known) - 1)]])


def step_span(tags: Iterable[TagAnalysis]) -> tuple[int | None, int | None]:
    """First and last step of these tags together."""
    steps = [int(step) for tag in tags for step in (tag.steps[:1].tolist() + tag.steps[-1:].tolist())]
    return (min(steps), max(steps)) if steps else (None, None)

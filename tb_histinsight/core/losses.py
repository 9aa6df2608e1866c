"""The losses that are logged beside the histograms: whether they fall, and where training and validation part."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.histogram import FloatArray
from tb_histinsight.core.median import median, medians_along
from tb_histinsight.core.run import RunAnalysis, ScalarSeries

MIN_VALUES = 8
"""Values of a loss that are needed to speak of its course: a median over a quarter has two then."""
FALLS = 0.05
"""Share of the first quarter's median that the last one's is lower by, to be a fall: more than batches make of it."""
EARLY = 0.2
"""Share of the end by which the very first value is higher, from which on a loss that then stays fell early; chosen."""
PARTS = 0.1
"""Share of its lowest value by which a validation loss rises again, at least, to part from training (chosen)."""
OTHER_DATA = ("val", "test", "eval")
"""Parts of names of losses that are not of the training data."""


@dataclass(frozen=True)
class Course:
    """A loss at the beginning and at the end: medians over the first and the last quarter of its values."""

    tag: str
    start: float
    end: float
    finite: bool
    """Whether every value of it is"""
    first: float
    """Its very first finite value"""

    @property
    def falls(self) -> bool:
        """Whether the end is lower than the start, by more than batches make of it."""
        return self.finite and self.end < self.start - FALLS * abs(self.start)

    @property
    def fell_early(self) -> bool:
        """Whether it had fallen before most of the first quarter was over, and stays there."""
        return self.finite and not self.falls and self.first > self.end + EARLY * abs(self.end)


@dataclass(frozen=True)
class Parting:
    """From where on a training loss goes on falling while a validation loss rises."""

    step: int
    training: str
    validation: str
    lowest: float
    """Validation loss at that step, smoothed over three values"""
    end: float
    """Validation loss at the end: median of the last quarter after that step"""
    training_then: float
    training_end: float


NO_LOSS = (
    "scale",
    "weight_loss",
    "weight_decay",
    "weight_cost",
    "regular",
    "reg_loss",
    "l1_loss",
    "l2_loss",
    "penalty",
)
"""Parts of names that say loss and are none: a loss scale, and penalties, which fall whether or not anything is
learned."""


OTHER_NAMES = ("cost", "xent", "cross_entropy", "crossentropy", "objective", "nll", "neg_log_likelihood")
"""Words of a name's last part that losses are called by too. No mere parts of words ("costly"), and none that costs
time or money: `compute_cost` says nothing of learning."""
OPPONENTS = frozenset(
    ("gen", "disc", "generator", "discriminator", "critic", "actor", "policy", "adversary", "adversarial")
)
"""Words of the names of losses that work against each other or follow what they change (adversarial networks, actor and
critic): that they do not fall says nothing of learning."""
PAIRED = (frozenset(("g", "d")), frozenset(("policy", "value")), frozenset(("actor", "value")))
"""Words that say so only where losses of both are logged: a `loss_value` alone is any loss."""
COSTS = ("compute", "time", "memory", "money", "dollar", "energy", "transaction", "step_cost", "cost_per")


def is_loss(tag: str) -> bool:
    """Whether a scalar's name says loss, and not that of a penalty alone."""
    name = tag.lower()
    return ("loss" in name or _is_called_otherwise(name)) and not any(word in name for word in NO_LOSS)


def _is_called_otherwise(name: str) -> bool:
    last = re.sub(r"[^a-z]+", "_", name.rsplit("/", 1)[-1])
    whole = any(f"_{word}_" in f"_{last.strip('_')}_" for word in OTHER_NAMES)
    return whole and not any(word in name for word in COSTS)


def training_loss(run: RunAnalysis) -> ScalarSeries | None:
    """The loss of the training data, as far as its name tells; None where none of eight values or more is logged.

    Losses of opponents are none of these.
    """
    opposed = _opposed(run)
    # What is called a loss goes before what is called otherwise: an "objective" may be one that is to rise.
    for scalar in sorted(run.scalars.values(), key=lambda one: (of_other_data(one.tag), "loss" not in one.tag.lower())):
        if is_loss(scalar.tag) and scalar.tag not in opposed and np.isfinite(scalar.values).sum() >= MIN_VALUES:
            return scalar
    return None


def _opposed(run: RunAnalysis) -> set[str]:
    """Tags of losses of networks that are trained against each other."""
    words = {tag: set(re.split(r"[^a-z]+", tag.lower())) for tag in run.scalars if is_loss(tag)}
    said = set().union(*words.values())
    opponents = OPPONENTS.union(*(pair for pair in PAIRED if pair <= said))
    return {tag for tag, found in words.items() if found & opponents}


def of_other_data(tag: str) -> bool:
    """Whether a scalar's name says that it is not of the training data."""
    return any(word in tag.lower() for word in OTHER_DATA)


def course_of(scalar: ScalarSeries) -> Course:
    """Where a loss of eight finite values or more begins and ends."""
    finite = scalar.values[np.isfinite(scalar.values)]
    quarter = len(finite) // 4
    start, end = median(finite[:quarter]), median(finite[-quarter:])
    return Course(scalar.tag, start, end, len(finite) == len(scalar.values), float(finite[0]))


def parting_of(run: RunAnalysis) -> Parting | None:
    """Where the training loss and a validation loss part; None where they do not, or are not both logged."""
    training = training_loss(run)
    if training is None or of_other_data(training.tag):
        return None
    for other in run.scalars.values():
        if is_loss(other.tag) and of_other_data(other.tag) and len(other.values) >= MIN_VALUES:
            found = _parting(training, other)
            if found is not None:
                return found
    return None


def _parting(training: ScalarSeries, validation: ScalarSeries) -> Parting | None:
    if not (np.isfinite(training.values).all() and np.isfinite(validation.values).all()):
        return None
    smooth = _of_three(validation.values)
    at = int(np.argmin(smooth))
    rest = len(smooth) - 1 - at
    if rest < MIN_VALUES // 2:
        return None
    step = int(validation.steps[at])
    end = median(validation.values[-max(1, rest // 4) :])
    before = int(np.searchsorted(training.steps, step))
    after = len(training.steps) - before
    if after < MIN_VALUES // 2:
        return None
    then = float(_of_three(training.values)[before])
    last = median(training.values[-max(1, after // 4) :])
    lowest = float(smooth[at])
    if end < lowest + PARTS * abs(lowest) or last > then - FALLS * abs(then):
        return None
    return Parting(step, training.tag, validation.tag, lowest, end, then, last)


def _of_three(values: FloatArray) -> FloatArray:
    """Running median of three; the first and the last value as they are."""
    out = np.array(values, np.float64)
    if len(out) > 2:
        out[1:-1] = medians_along(np.stack([values[:-2], values[1:-1], values[2:]]), 0)
    return out

"""The words of the contract: shapes, changes, roles, severities, confidences, outcomes.

Order matters: where several shapes (or changes) fit, the first in its enumeration is given.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import numpy as np

from tb_histinsight.core.histogram import FloatArray, IntArray


class Shape(str, enum.Enum):
    """The shape of one histogram alone, independent of its scale and of the past."""

    EMPTY = "empty"
    NON_FINITE = "non_finite"
    CONSTANT = "constant"
    COLLAPSED = "collapsed"
    SATURATED = "saturated"
    SPARSE = "sparse"
    SPIKY = "spiky"
    MULTIMODAL = "multimodal"
    UNIFORM = "uniform"
    GAUSSIAN = "gaussian"
    HEAVY_TAILED = "heavy_tailed"
    SKEWED = "skewed"
    OTHER = "other"
    UNRESOLVED = "unresolved"


class ChangeLabel(str, enum.Enum):
    """How a series of histograms changes over its steps."""

    UNKNOWN = "unknown"
    FROZEN = "frozen"
    STALLED = "stalled"
    GROWING = "growing"
    SHRINKING = "shrinking"
    DRIFTING = "drifting"
    CHANGING = "changing"
    STEADY = "steady"
    STILL = "still"


class Role(str, enum.Enum):
    """What a tensor is in its network."""

    WEIGHT = "weight"
    BIAS = "bias"
    NORM = "norm"
    GRADIENT = "gradient"
    ACTIVATION = "activation"
    UPDATE = "update"
    OTHER = "other"


class Severity(str, enum.Enum):
    """How much a finding matters to the user."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for critical."""
        return list(Severity).index(self)


class Confidence(str, enum.Enum):
    """How sure a statement is."""

    CERTAIN = "certain"
    """Follows from the data."""
    LIKELY = "likely"
    SUSPECT = "suspect"

    @property
    def rank(self) -> int:
        """0 for suspect, 1 for likely, 2 for certain."""
        return 2 - list(Confidence).index(self)


class Status(str, enum.Enum):
    """What became of a rule on a run."""

    FIRED = "fired"
    PASSED = "passed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Term:
    """A word of ours that stands within a sentence: its key under `term.`, and what stands in it."""

    key: str
    values: dict[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """Why something could not be told: the key of a sentence and the numbers that stand in it."""

    key: str
    values: dict[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class ShapeLabel:
    """The shape at one step, how sure it is, and for `unresolved` the reason."""

    shape: Shape
    confidence: Confidence
    reason: Reason | None = None


@dataclass(frozen=True)
class ShapeSpan:
    """Consecutive steps of one shape, first and last step number included."""

    shape: Shape
    first_step: int
    last_step: int


@dataclass(frozen=True)
class ShapeTimeline:
    """The shape at every step of a series of n steps."""

    labels: tuple[ShapeLabel, ...]
    """One per step; equal labels may be one object."""
    spans: tuple[ShapeSpan, ...]
    """Covers every step, in order, neighbours differ in shape."""

    @property
    def last(self) -> ShapeLabel:
        """The shape at the last step."""
        return self.labels[-1]


@dataclass(frozen=True)
class Change:
    """How a series of n histograms changes."""

    label: ChangeLabel
    confidence: Confidence
    reason: Reason | None
    """For `unknown`: why."""
    since_step: int | None
    """`stalled`: the first step from which on nothing differs; `frozen`: the first step; else None."""
    movement: float | None
    """Wasserstein-1 distance of first and last histogram / mean|x| of the first; None where that is 0. The best guess,
    with which rules compare tags; what a report says is `proved_movement`."""
    movement_in_spread: float | None
    """The same distance / standard deviation of the first; None where that is 0."""
    distance: float = float("nan")
    """Wasserstein-1 distance of first and last histogram, in the tensor's own unit; NaN where there is none"""
    proved_movement: float | None = None
    """`movement` less all that the buckets may fake of it: the mean |change| of the values is at least this"""
    proved_movement_in_spread: float | None = None
    """The same of `movement_in_spread`"""
    direction: int = 0
    """+1 or -1 where the trend has a direction (scale up or down, location up or down), else 0."""
    factor: float | None = None
    """RMS of the last step / RMS of the first, where both are known and not 0."""
    resolution: float | None = None
    """The `movement` that these buckets may fake, so the smallest one that they show; None where it is not defined."""
    step_moves: FloatArray = field(default_factory=lambda: np.empty(0))
    """float64 [n - 1]: Wasserstein-1 distance from each step to the next, in the tensor's own unit; 0 where the two
    are identical, NaN where one of them has no finite value."""
    identical: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """int64 [n - 1]: 1 where a step's edges and counts are those of the step before (compared as float32), else 0"""

    @property
    def scale_is_contrary(self) -> bool:
        """Whether the spread has a trend and the RMS went the other way, as of a bias that began as one value."""
        told = self.label in (ChangeLabel.GROWING, ChangeLabel.SHRINKING) and self.factor is not None
        return told and ((self.factor or 0.0) - 1) * self.direction < 0

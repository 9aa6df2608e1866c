"""What is known of a tag and of a run: the facts that rules judge and that reports tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tb_histinsight.core.findings import Finding, RuleOutcome, Value
from tb_histinsight.core.histogram import FloatArray, Histogram, IntArray, Layout
from tb_histinsight.core.labels import Change, Role, ShapeTimeline
from tb_histinsight.core.names import TagName
from tb_histinsight.core.stats import SeriesStats


@dataclass(frozen=True)
class ScalarSeries:
    """A scalar tag over its steps (a loss, an accuracy, a learning rate): a witness for some rules."""

    tag: str
    steps: IntArray
    wall_times: FloatArray
    values: FloatArray


@dataclass(frozen=True)
class Skipped:
    """Something that was left out, and why; shown to the user, never silent.

    `where` names a file (relative to the logdir, never absolute), and `tag` and `step` where they are known.
    `count` says how many records (or tags) one entry stands for.
    """

    reason: str
    """Key of the sentence (`sources.reasons`)."""
    where: str = ""
    tag: str | None = None
    step: int | None = None
    count: int = 1
    detail: str = ""


@dataclass(frozen=True)
class TagAnalysis:
    """Everything that is known of one tag, without its buckets (but for the first and the last histogram)."""

    name: TagName
    steps: IntArray
    wall_times: FloatArray
    layout: Layout
    stats: SeriesStats
    shapes: ShapeTimeline
    change: Change
    first: Histogram
    """Histogram of the first step that has finite values (empty where none has)"""
    last: Histogram
    """Histogram of the last step that has finite values"""
    distance: float
    """Wasserstein-1 distance of the two, in the tensor's own unit; NaN where there is none"""
    moments_agree: bool | None
    """Whether the exact sums agree over all steps within rounding; None where the source has none"""
    total_steps: int | None = None
    """Number of steps logged, where the source kept a sample of them"""
    collisions: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    restarts: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    shape_values: Mapping[str, Value] = field(default_factory=dict)
    """What stands in the sentence about the last shape: ends of a plateau, positions of peaks, ..."""

    @property
    def tag(self) -> str:
        """The tag's name."""
        return self.name.tag

    @property
    def element_count(self) -> int:
        """Number of values of the tensor (at the last step that says so)."""
        counts = self.stats.element_count
        positive = counts[counts > 0]
        return int(positive[-1]) if len(positive) else 0


@dataclass(frozen=True)
class RunAnalysis:
    """Everything that is known of one run, tags in depth order (within a layer: in order of first appearance)."""

    run: str
    tags: tuple[TagAnalysis, ...]
    scalars: Mapping[str, ScalarSeries]
    outcomes: tuple[RuleOutcome, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of every rule."""
        return tuple(finding for outcome in self.outcomes for finding in outcome.findings)

    def of_role(self, *roles: Role) -> list[TagAnalysis]:
        """The tags of these roles, in depth order."""
        return [tag for tag in self.tags if tag.name.role in roles]

    def kernels(self) -> list[TagAnalysis]:
        """Weight tensors of layers that multiply their input, in depth order."""
        return [tag for tag in self.tags if tag.name.role is Role.WEIGHT and tag.name.kernel]

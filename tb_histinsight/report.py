"""The report: what goes over the wire, into JSON, and into every other format. Schema version 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

SCHEMA_VERSION = 1


class ShapeEntry(msgspec.Struct, kw_only=True):
    """The shape of a tag at its last step."""

    label: str
    confidence: str
    reason: str | None = None


class TimelineEntry(msgspec.Struct, kw_only=True):
    """A span of steps (both included) with one shape."""

    shape: str
    first_step: int
    last_step: int


class ChangeEntry(msgspec.Struct, kw_only=True):
    """How a tag changes over its steps."""

    label: str
    confidence: str
    reason: str | None = None
    since_step: int | None = None
    movement: float | None = None
    movement_in_spread: float | None = None
    direction: int = 0
    factor: float | None = None
    resolution: float | None = None


class StatsEntry(msgspec.Struct, kw_only=True):
    """Statistics at the last step that has finite values; null where a number does not exist or cannot be told."""

    min: float | None = None
    max: float | None = None
    mean: float | None = None
    std: float | None = None
    rms: float | None = None
    l2_norm: float | None = None
    sum_squares: float | None = None
    """Of all values; half of it, times a lambda, is the L2 penalty (Keras's l2 has no half)."""
    zero_share: float | None = None
    non_finite: float | None = None
    bounds: dict[str, tuple[float | None, float | None]] = {}
    """[lowest, highest] value that the buckets allow, for mean, std, rms, l2_norm and zero_share."""


class GuessEntry(msgspec.Struct, kw_only=True):
    """What a tag was taken for by its name, where the user said something else."""

    layer: str
    role: str


class TagEntry(msgspec.Struct, kw_only=True):
    """One histogram tag of a run."""

    tag: str
    layer: str
    role: str
    subject: str
    """For gradients and updates: the role of the parameter that they belong to."""
    depth: int
    kernel: bool
    guessed: bool
    """True where layer or role is a guess from a weak sign in the name."""
    told: list[str] = []
    """Which of "layer", "role" and "order" the user said in a file of names."""
    guess: GuessEntry | None = None
    """What would have been guessed, where what was told is something else."""
    layout: str
    element_count: int
    step_count: int
    """Number of steps that were read."""
    total_steps: int | None = None
    """Number of steps that were logged, where only a sample of them was kept."""
    first_step: int | None = None
    last_step: int | None = None
    shape: ShapeEntry
    timeline: list[TimelineEntry]
    change: ChangeEntry
    stats: StatsEntry
    text: str


class EvidenceEntry(msgspec.Struct, kw_only=True):
    """A number that a finding rests on."""

    name: str
    value: float | None
    threshold: float | None = None
    unit: str = ""
    source: str = ""
    lower: float | None = None
    upper: float | None = None
    tag: str | None = None


class MarkEntry(msgspec.Struct, kw_only=True):
    """What somebody says of a finding, so that it does not count."""

    id: str
    """Of the entry in the file of notes."""
    mark: str
    """"intended" or "dismissed"."""
    reason: str
    author: str
    time: str | None = None
    """UTC; null where it was not said."""


class NoteEntry(msgspec.Struct, kw_only=True):
    """What somebody noted on a run, or on a tag, a step or a finding of it."""

    id: str
    """Of the entry in the file of notes."""
    text: str
    author: str
    time: str | None = None
    """UTC; null where it was not said."""
    edited_time: str | None = None
    edited_by: str | None = None
    tag: str | None = None
    step: int | None = None
    rule: str | None = None
    """Of the finding that it is on; null: on none."""
    layer: str | None = None
    any_layer: bool = False
    """Whether what the rule finds on any layer is meant; otherwise what it finds on `layer`."""
    tags: list[str] | None = None
    """All tags of the finding; null: any."""


class FindingEntry(msgspec.Struct, kw_only=True):
    """What a rule has to say."""

    id: str
    cause: str | None = None
    rule: str
    title: str
    severity: str
    confidence: str
    layer: str | None = None
    tags: list[str]
    first_step: int | None = None
    last_step: int | None = None
    message: str
    evidence: list[EvidenceEntry]
    advice: list[str]
    innocent: list[str]
    references: list[str]
    mark: MarkEntry | None = None
    """Not null: intended or dismissed. Then it does not count, nor does what follows from it."""
    """"Title (year). link" each."""


class OutcomeEntry(msgspec.Struct, kw_only=True):
    """What became of a rule on a run: fired, passed, skipped (with what was missing), failed (with what broke)."""

    rule: str
    title: str
    status: str
    reason: str | None = None


class SkippedEntry(msgspec.Struct, kw_only=True):
    """Something in the log that was left out, and why."""

    reason: str
    where: str = ""
    run: str | None = None
    """The run that could not be read at all; null: what was left out is less than a run."""
    tag: str | None = None
    step: int | None = None
    count: int = 1


class MovedEntry(msgspec.Struct, kw_only=True):
    """How far a histogram moved from the first step to the last."""

    distance: float
    """In the tensor's own unit: at most the mean |change| of its values."""
    in_spread: float
    """÷ standard deviation at the last step."""
    in_buckets: float
    """÷ width of the buckets of the last histogram."""


class PairEntry(msgspec.Struct, kw_only=True):
    """A layer's kernel beside its bias."""

    layer: str
    tags: list[str]
    """Kernel, bias."""
    kernel: MovedEntry
    bias: MovedEntry
    only_bias_visible: bool
    """Whether the kernel moved too, by less than a bucket of its own chart, and the bias by more than one of its."""


class RunEntry(msgspec.Struct, kw_only=True):
    """One run."""

    run: str
    verdict: str
    """One sentence."""
    remarks: list[str] = []
    """What else is to be said of the run as a whole: its losses, its kernels beside its biases."""
    pairs: list[PairEntry] = []
    tags: list[TagEntry]
    findings: list[FindingEntry]
    """Worst first."""
    findings_left_out: int = 0
    """How many more there are, where only the worst were asked for."""
    outcomes: list[OutcomeEntry]
    skipped: list[SkippedEntry] = []
    notes: list[NoteEntry] = []
    """In the order of their times."""
    framework: str | None = None
    """Whose habits the tags' names follow: "pytorch", "keras" or "tensorflow"; null: cannot be told."""


class ComparisonEntry(msgspec.Struct, kw_only=True):
    """One layer of one run against the same layer of another."""

    run: str
    other: str
    layer: str | None
    tags: list[str]
    step: int | None
    quantity: str
    """"rms" (of gradients, activations and updates its median from `first_step` to `step`), "movement" from the first
    histogram to the last, or "distance"."""
    ratio: float | None
    """The quantity in `run` ÷ the quantity in `other`; null where the latter is 0."""
    distance: float | None
    """Wasserstein-1 distance of the two histograms at `step` ÷ mean |x| of the one in `other`; null where they were not
    kept."""
    message: str
    ratio_bounds: tuple[float | None, float | None] = (None, None)
    """[lowest, highest] ratio that the buckets allow; null: no bound."""
    first_step: int | None = None
    other_step: int | None = None
    """The step in `other`; another one than `step` where no step was sampled in both."""
    other_layer: str | None = None
    guessed: bool = False
    """True where the two tags were paired by the layers' position and size, not by name."""
    level: float | None = None
    """The ratio (for "distance": the distance) that another seed alone makes, where repeated runs tell."""


class Report(msgspec.Struct, kw_only=True):
    """Everything that was found in a log."""

    schema_version: int = SCHEMA_VERSION
    language: str = "en"
    runs: Sequence[RunEntry]
    comparisons: list[ComparisonEntry] = []
    skipped: list[SkippedEntry] = []
    """What was left out before any run was opened."""
    names_unused: list[str] = []
    """What a file of names says of tags that there are not, a sentence each."""

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists, ready for any JSON encoder; no NaN, no infinity."""
        result: dict[str, Any] = msgspec.to_builtins(self, enc_hook=list)
        return result


def plain(entry: msgspec.Struct) -> dict[str, Any]:
    """One entry of a report as dictionaries and lists."""
    made: dict[str, Any] = msgspec.to_builtins(entry)
    return made


def encode(report: Report) -> bytes:
    """Strict JSON: a number that does not exist is null (msgspec writes NaN and infinities so)."""
    return msgspec.json.encode(report, enc_hook=list)

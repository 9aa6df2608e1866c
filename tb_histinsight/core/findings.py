"""Findings: facts without words. `explain` fills in the words, per language."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tb_histinsight.core.labels import Confidence, Reason, Severity, Status, Term

Value: TypeAlias = float | int | str | Term | tuple[float, ...] | tuple[Term, ...]
"""What may stand in a message's placeholder; text from a log is escaped where it is shown, not here."""


@dataclass(frozen=True)
class Evidence:
    """One number that a finding rests on."""

    name: str
    """Key of its name in the rule's words (`Words.evidence`)."""
    value: float | None
    threshold: float | None = None
    unit: str = ""
    """"": dimensionless; "steps"; "values"; "ratio"; or the tensor's own unit, "x"."""
    source: str | Term = ""
    """Where the threshold comes from: a paper, a tool, "measured", "definition"."""
    lower: float | None = None
    upper: float | None = None
    tag: str | None = None


@dataclass(frozen=True)
class Finding:
    """What one rule has to say about one layer (or the run, `layer` None)."""

    rule: str
    severity: Severity
    confidence: Confidence
    message: str
    """Key of the sentence in the rule's words (`Words.messages`)."""
    values: Mapping[str, Value]
    """What stands in the sentence's placeholders, and in those of the advice."""
    layer: str | None
    tags: tuple[str, ...]
    """Every tag that was compared, the accused first."""
    first_step: int | None
    last_step: int | None
    evidence: tuple[Evidence, ...] = ()
    advice: tuple[str, ...] = ()
    """Keys in the rule's words (`Words.advice`), in the order of what to try first; empty: all of them."""
    cause: str | None = None
    """Key of the finding that this one follows from."""

    def key(self, run: str) -> str:
        """What a finding is known by, from one invocation to the next: run, rule, layer and tags."""
        text = "\0".join((run, self.rule, self.layer if self.layer is not None else "\1", *sorted(self.tags)))
        return hashlib.blake2s(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


@dataclass(frozen=True)
class RuleOutcome:
    """What became of one rule on one run; "nothing found" never looks like "nothing could be checked"."""

    rule: str
    status: Status
    reason: Reason | None = None
    """`skipped`: what was missing; `failed`: what broke."""
    findings: tuple[Finding, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Comparison:
    """What the rule `run-difference` has to say about one tensor of one run against the same one of another."""

    run: str
    other: str
    layer: str | None
    tags: tuple[str, str]
    """The tensor's tag in `run`, and in `other`"""
    step: int
    """The last step that was compared, in `run`"""
    other_step: int
    """The same in `other`: the nearest one, where no step was sampled in both"""
    first_step: int
    """The first step that was compared; before `step` where a median over steps is told"""
    quantity: str
    """What is told: "rms", "movement" or "distance", as in the report."""
    ratio: float | None
    """Of the quantity in `run` to that in `other`; None where the latter is 0"""
    ratio_bounds: tuple[float | None, float | None]
    """What the buckets prove of it; None: no bound"""
    distance: float | None
    """Wasserstein-1 distance of the two histograms ÷ mean |x| of the one in `other`; None where the histograms of the
    step were not kept"""
    by_name: bool
    """False where the two tensors were paired by position and size: a guess"""
    other_layer: str | None
    level: float | None
    """Ratio (for "distance": distance) that another seed alone makes, where repeated runs tell"""
    values: Mapping[str, Value]
    """What stands in the placeholders of the sentences"""
    messages: tuple[str, ...]
    """Keys of the sentences in the rule's words (`Words.messages`), in their order"""

"""What a rule is: its words, its thresholds, and a check that turns a run's facts into findings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from tb_histinsight.core.findings import Finding
from tb_histinsight.core.labels import Reason, Severity
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.rules.made_up import Example


@dataclass(frozen=True)
class Threshold:
    """A number that decides, with its unit and where it comes from."""

    value: float
    unit: str
    source: str
    meaning: str
    """What it is compared with, in one English clause (for the catalogue)."""
    least: float = 0.0
    """The smallest value that a user may set; for what the facts themselves cannot tell below it."""


@dataclass(frozen=True)
class Reference:
    """A source that a reader can look up; title, year and link were checked."""

    title: str
    year: int
    link: str


@dataclass(frozen=True)
class Words:
    """The English words of a rule. Placeholders are str.format fields; other languages use the same ones."""

    title: str
    """The trouble, named: "Layer not updated"."""
    what: str
    """What the rule looks at and when it fires."""
    why: str
    """Why that matters to the person who trains the network."""
    messages: Mapping[str, str]
    """Sentences of a finding, by key: what is seen (with numbers) and what it can mean."""
    advice: Mapping[str, str]
    """What to try, by key, in the order of what to try first."""
    innocent: tuple[str, ...]
    """When the same picture is harmless."""
    evidence: Mapping[str, str]
    """Names of the measured numbers, by key."""
    skips: Mapping[str, str]
    """What was missing, by key, and what to log for it."""


class CannotCheck(Exception):
    """Raised by a rule that lacks what it needs; the key of a sentence in `Words.skips`, with its values."""

    def __init__(self, key: str, **values: float | int | str) -> None:
        super().__init__(key)
        self.reason = Reason(key, dict(values))


@dataclass(frozen=True)
class Follows:
    """What a finding may follow from: another rule's finding on the same tags, the same layer, or anywhere."""

    rule: str
    scope: Literal["tag", "layer", "run"] = "layer"
    messages: tuple[str, ...] = ()
    """Only findings with one of these messages follow; empty: all do."""


class Rule(ABC):
    """One rule. A subclass in a file of its own, named like the rule, is all that it takes to add one."""

    id: ClassVar[str]
    severity: ClassVar[Severity]
    """The usual severity; a finding may have another one."""
    other_severities: ClassVar[tuple[Severity, ...]] = ()
    """The others that its findings may have, by what they say."""
    words: ClassVar[Words]
    thresholds: ClassVar[Mapping[str, Threshold]] = {}
    """Every number that a user may set, by name. `check` reads them through `self`, so that what was set reaches it."""
    references: ClassVar[tuple[Reference, ...]] = ()
    follows: ClassVar[tuple[Follows, ...]] = ()
    """What its findings follow from, where that is found too; the first that fits is named as the cause."""
    judges_collided_tags: ClassVar[bool] = False
    """Whether it is shown tags under which several tensors were logged at once; most rules can say nothing true of
    those."""

    @abstractmethod
    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """Findings on this run; none where all is well.

        Raises:
          CannotCheck: what the rule needs is not in the log.
        """

    def example(self) -> Example | None:
        """A small run on which it fires, for its page."""
        return None

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Every severity that its findings may have, the least first."""
        return tuple(sorted({self.severity, *self.other_severities}, key=lambda severity: severity.rank))

    def threshold(self, name: str) -> float:
        """The value of one of the rule's thresholds."""
        return self.thresholds[name].value

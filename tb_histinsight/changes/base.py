"""What a kind of change is: its words, and a test of one series."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from tb_histinsight.core.labels import ChangeLabel, Confidence, Reason

if TYPE_CHECKING:
    from tb_histinsight.changes.evidence import Evidence


@dataclass(frozen=True)
class ChangeWords:
    """The English words of a kind of change. Placeholders are str.format fields (see docs/shapes.md)."""

    name: str
    about: str
    """One line: what the word means."""
    sentence: str
    """What is seen, with numbers."""
    bare: str = ""
    """The same where the numbers do not exist: a tensor that began as all zeros has no size to compare with."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """`unknown`: why it cannot be told, by key."""


@dataclass(frozen=True)
class Verdict:
    """What a kind of change says of a series that it fits."""

    confidence: Confidence
    reason: Reason | None = None
    since_step: int | None = None
    direction: int = 0


class ChangeKind(ABC):
    """One kind of change. A subclass in a file of its own is all that it takes to add one."""

    label: ClassVar[ChangeLabel]
    words: ClassVar[ChangeWords]

    @abstractmethod
    def judge(self, evidence: Evidence) -> Verdict | None:
        """The verdict on a series, or None where this kind does not fit."""

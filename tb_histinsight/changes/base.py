"""What a kind of change is: its words, and a test of several series at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tb_histinsight.core.histogram import BoolArray, IntArray
from tb_histinsight.core.labels import ChangeLabel, Confidence, Reason

if TYPE_CHECKING:
    from tb_histinsight.changes.evidence import Evidence

CONFIDENCE = (Confidence.SUSPECT, Confidence.LIKELY, Confidence.CERTAIN)
"""By the code that stands in verdicts"""
SUSPECT, LIKELY, CERTAIN = range(3)


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
    contrary: str = ""
    """`growing`, `shrinking`: the same where the root mean square went the other way than the spread."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """`unknown`: why it cannot be told, by key."""


@dataclass(frozen=True)
class Verdicts:
    """What a kind of change says of s series."""

    fits: BoolArray
    """bool [s]"""
    confidence: IntArray
    """int64 [s]: place in CONFIDENCE"""
    direction: IntArray
    """int64 [s]: +1, -1 or 0"""
    since: IntArray
    """int64 [s]: place of a step among all steps joined; -1 where there is none"""
    reason: Reason | None = None


def verdicts(
    fits: BoolArray,
    confidence: IntArray | int = LIKELY,
    *,
    direction: int = 0,
    since: IntArray | None = None,
    reason: Reason | None = None,
) -> Verdicts:
    """Verdicts of which most are alike."""
    n = len(fits)
    return Verdicts(
        fits=fits,
        confidence=np.broadcast_to(np.asarray(confidence, np.int64), n),
        direction=np.full(n, direction),
        since=np.full(n, -1) if since is None else since,
        reason=reason,
    )


class ChangeKind(ABC):
    """One kind of change. A subclass in a file of its own is all that it takes to add one."""

    label: ClassVar[ChangeLabel]
    words: ClassVar[ChangeWords]

    @abstractmethod
    def judge(self, evidence: Evidence) -> Verdicts:
        """Which of the series this kind fits, and how surely."""

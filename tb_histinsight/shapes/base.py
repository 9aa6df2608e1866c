"""What a shape is: its words, and a test of many histograms at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Confidence, Shape

if TYPE_CHECKING:
    from tb_histinsight.shapes.view import View

UNDECIDED, NO, SUSPECT, LIKELY, CERTAIN = -1, 0, 1, 2, 3
"""Codes of a verdict on one step. Above NO: the confidences. UNDECIDED: this shape or a later one, the values do not
say which; no other shape is then claimed."""

CONFIDENCE = {SUSPECT: Confidence.SUSPECT, LIKELY: Confidence.LIKELY, CERTAIN: Confidence.CERTAIN}

MIN_ELEMENTS = 256
"""Values needed for a shape label, unless the data is overwhelming. Between a uniform and a normal, a third of the
labels are wrong at 64 values and fewer than 2 % at 1024; see docs/shapes.md."""


@dataclass(frozen=True)
class ShapeWords:
    """The English words of a shape. Placeholders are str.format fields, filled from `shape_values`."""

    name: str
    about: str
    """One line: what the word means."""
    sentence: str
    """What is seen, with numbers."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """`unresolved`: why it cannot be told, and what would settle it, by key."""


class ShapeKind(ABC):
    """One shape. A subclass in a file of its own is all that it takes to add one."""

    shape: ClassVar[Shape]
    words: ClassVar[ShapeWords]
    always: ClassVar[bool] = False
    """Whether the shape follows from the data, whatever the number of values and buckets."""
    undecided: ClassVar[str] = ""
    """Key of the reason (in `unresolved`) where the verdict is UNDECIDED."""

    @abstractmethod
    def judge(self, view: View) -> IntArray:
        """A verdict per step of the view: UNDECIDED, NO, SUSPECT, LIKELY or CERTAIN; int64 [m]."""

    def judge_blocked(self, view: View) -> IntArray:
        """The same for steps with too few values or buckets to show a shape: only what is overwhelming."""
        return np.full(len(view), NO)

"""What one note or mark is."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from tb_histinsight.core.errors import InsightError
from tb_histinsight.core.findings import Finding


class NotesError(InsightError):
    """A note that cannot be kept, or a line that cannot be read."""


class Kind(str, enum.Enum):
    """What an entry says."""

    NOTE = "note"
    """A text, no more"""
    INTENDED = "intended"
    """The finding is right, and so is what it found: it was meant"""
    DISMISSED = "dismissed"
    """The finding is wrong, or nobody minds"""


@dataclass(frozen=True)
class Accused:
    """Which finding an entry is about; what is not said fits any."""

    rule: str
    layer: str | None = None
    """None: a finding on the run as a whole"""
    any_layer: bool = False
    tags: tuple[str, ...] | None = None
    """All tags that the finding names, in any order; None: any"""

    def fits(self, finding: Finding) -> bool:
        """Whether the finding is meant."""
        return (
            finding.rule == self.rule
            and (self.any_layer or finding.layer == self.layer)
            and (self.tags is None or set(self.tags) == set(finding.tags))
        )


@dataclass(frozen=True)
class Entry:
    """A note or a mark, as its last edit left it."""

    id: str
    kind: Kind
    text: str
    """The note, or the reason of a mark"""
    author: str = ""
    time: float | None = None
    """Seconds since 1970; None: not said"""
    run: str | None = None
    """As seen from the folder of the file; None: all of its runs"""
    tag: str | None = None
    step: int | None = None
    accused: Accused | None = None
    edited_time: float | None = None
    edited_by: str | None = None

    def is_about_run(self, run: str) -> bool:
        """Whether a run of the file's folder is meant."""
        return self.run is None or self.run == run

"""What the doctor finds."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class Status(str, enum.Enum):
    """How a check went."""

    FINE = "fine"
    NOTE = "info"
    """Worth knowing; nothing is broken"""
    TROUBLE = "critical"
    """The tab will not show, or not show what is expected"""


@dataclass(frozen=True)
class Symptom:
    """One thing that was looked at."""

    status: Status
    key: str
    """Of the sentence; `.do` behind it is the key of what to do"""
    values: Mapping[str, str | int] = field(default_factory=dict)

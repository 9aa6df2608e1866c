"""What was measured of a reader."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field


@dataclass
class Measured:
    """All rounds of one reader."""

    seconds: list[float] = field(default_factory=list)
    """By the clock, of each round"""
    processor: list[float] = field(default_factory=list)
    """On all processors, its children included"""
    peak: float = 0.0
    """MB"""
    histograms: int = 0


def medians(theirs: list[float], ours: list[float]) -> float:
    """Median of the ratios of the same rounds."""
    return statistics.median(one / other for one, other in zip(theirs, ours, strict=False))

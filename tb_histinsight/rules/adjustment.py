"""What the user sets about a rule: other limits, and how much its findings matter."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tb_histinsight.core.findings import Finding
from tb_histinsight.core.labels import Confidence, Severity
from tb_histinsight.rules.base import Rule, Threshold

RuleT = TypeVar("RuleT", bound=Rule)

SHARES = frozenset({"share", "probability", "R²", "Spearman"})
"""Units of numbers between 0 and 1."""
COUNTS = frozenset({"steps", "values", "kernels", "layers", "intervals", "peaks"})
"""Units of whole numbers."""


@dataclass(frozen=True)
class Limit:
    """A threshold as the user wants it."""

    value: float
    where: str
    """Where it was set, for the evidence: a file's name"""


@dataclass(frozen=True)
class Adjustment:
    """What was set about one rule."""

    limits: Mapping[str, Limit] = field(default_factory=dict)
    """By the threshold's name"""
    severity: Severity | None = None
    """Of findings that are certain or likely; suspicions are lowered to it, but not raised"""
    suspect_severity: Severity | None = None
    """Of suspicions"""

    def over(self, other: Adjustment) -> Adjustment:
        """Both; where both say something, this one holds."""
        return Adjustment(
            {**other.limits, **self.limits},
            self.severity or other.severity,
            self.suspect_severity or other.suspect_severity,
        )

    def rule(self, rule: RuleT) -> RuleT:
        """The rule with these limits; each says where it was set, and what it is otherwise."""
        if not self.limits:
            return rule
        changed = {
            name: replace(
                limit,
                value=self.limits[name].value,
                source=f"{self.limits[name].where}; default {limit.value:g}, {limit.source}",
            )
            if name in self.limits
            else limit
            for name, limit in rule.thresholds.items()
        }
        adjusted = copy.copy(rule)
        vars(adjusted)["thresholds"] = changed  # of this object alone: the class's own are everybody's
        return adjusted

    def finding(self, finding: Finding) -> Finding:
        """The finding with the severity that was asked for.

        A suspicion never becomes an alarm by the way: "severity" can only lower it, "suspect-severity" sets it.
        """
        wanted = self.severity
        if finding.confidence is Confidence.SUSPECT:
            lowered = wanted if wanted is not None and wanted.rank < finding.severity.rank else None
            wanted = self.suspect_severity or lowered
        return finding if wanted in (None, finding.severity) else replace(finding, severity=wanted)


def objection(threshold: Threshold, value: float) -> str | None:
    """Why a threshold cannot have this value, in a clause ("must be ..."); None where it can."""
    if threshold.unit in COUNTS:
        least = max(1.0, threshold.least)
        if value != int(value) or value < least:
            return f"must be a whole number, {least:g} or more"
    elif threshold.unit in SHARES:
        if not 0 <= value <= 1:
            return "must lie between 0 and 1"
    elif value <= 0:
        return "must be greater than 0"
    return None

"""Many runs in few lines: how many are how, which rule found something in how many of them, and which are the worst."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tb_histinsight.core.labels import Severity
from tb_histinsight.locales import Catalogue
from tb_histinsight.ranking import heads, leads, place_of
from tb_histinsight.report import Report, RunEntry

MANY = 30
"""With more runs than this a report begins with an overview, and has details only where they are asked for: a line for
each of them would no longer fit on a screen."""
WORST = 10
"""How many of the worst runs are named unless asked otherwise."""
EXAMPLES = 3
"""How many runs are named in which a rule found something."""
KINDS = ("critical", "warning", "info", "fine", "unknown")


@dataclass
class RuleCount:
    """In how many runs a rule found something that follows from nothing else."""

    rule: str
    title: str
    severity: str
    """The gravest"""
    runs: int = 0
    examples: list[tuple[tuple[int, ...], str]] = field(default_factory=list)
    """The worst runs, with their ranks"""


@dataclass(frozen=True)
class Overview:
    """A report on many runs in few lines."""

    runs: int
    kinds: Counter[str]
    """How many runs are how (`KINDS`)"""
    rules: Sequence[RuleCount]
    """The gravest first; of equally grave ones that of most runs"""
    worst: Sequence[tuple[str, str, str]]
    """Kind, name and verdict of the worst runs with findings"""
    more: int
    """How many runs with findings there are besides"""

    def sentence(self, words: Catalogue) -> str:
        """How many runs are how."""
        kinds = [words.text(f"overview.{kind}", {"count": self.kinds[kind]}) for kind in KINDS if self.kinds[kind]]
        return words.text("overview.runs", {"count": self.runs, "kinds": words.listed(*kinds)})


def is_many(report: Report) -> bool:
    """Whether the report is on more runs than anybody reads one after the other."""
    return len(report.runs) > MANY


def kind_of(run: RunEntry) -> str:
    """The severity of the worst finding; "fine" where checks were made and found nothing; else "unknown"."""
    checked = any(outcome.status in ("fired", "passed") for outcome in run.outcomes)
    return next((finding.severity for finding in run.findings if leads(finding)), "fine" if checked else "unknown")


def overview(report: Report, worst: int = WORST) -> Overview:
    """Looks at every run once, and remembers few of them.

    Args:
      worst: how many of the worst runs are named.
    """
    kinds: Counter[str] = Counter()
    rules: dict[str, RuleCount] = {}
    found: list[tuple[tuple[int, ...], str, str, str]] = []
    for number, run in enumerate(heads(report)):
        kind = kind_of(run)
        kinds[kind] += 1
        leading = [finding for finding in run.findings if leads(finding)]
        if not leading:
            continue
        place = (*min(map(place_of, leading)), -len(leading), number)
        found.append((place, kind, run.run, run.verdict))
        if len(found) > 2 * worst + 100:
            found = sorted(found)[:worst]
        for rule in {finding.rule for finding in leading}:
            of_rule = [finding for finding in leading if finding.rule == rule]
            gravest = min(of_rule, key=place_of)
            count = rules.setdefault(rule, RuleCount(rule, gravest.title, gravest.severity))
            count.runs += 1
            count.severity = max(count.severity, gravest.severity, key=lambda name: Severity(name).rank)
            count.examples = sorted([*count.examples, ((*place_of(gravest), number), run.run)])[:EXAMPLES]
    with_findings = sum(kinds[kind] for kind in ("critical", "warning", "info"))
    shown = sorted(found)[:worst]
    return Overview(
        runs=len(report.runs),
        kinds=kinds,
        rules=sorted(rules.values(), key=lambda count: (-Severity(count.severity).rank, -count.runs, count.rule)),
        worst=[entry[1:] for entry in shown],
        more=with_findings - len(shown),
    )

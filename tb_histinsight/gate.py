"""Whether a report passes: which of its findings are grave enough, and not known before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from tb_histinsight.core.errors import InsightError, UsageError
from tb_histinsight.core.labels import Severity
from tb_histinsight.ranking import ranked
from tb_histinsight.report import SCHEMA_VERSION, FindingEntry, Report, RunEntry


class CheckEntry(msgspec.Struct, kw_only=True):
    """What the gate decided."""

    fail_on: str
    """The least severity that fails."""
    passed: bool
    failing: list[str]
    """Ids of the findings at or above it, worst first."""
    below: int
    """How many findings are less severe than that."""
    known: list[str]
    """Ids of the findings that the baseline has too."""
    baseline: bool
    """Whether there was one."""


class CheckedReport(Report, kw_only=True):
    """A report with the gate's decision; what `check --format json` writes, and what a baseline is read from."""

    check: CheckEntry


@dataclass(frozen=True)
class Checked:
    """One finding that follows from no other, and what the gate makes of it."""

    run: RunEntry
    finding: FindingEntry
    known: bool
    fails: bool


def judge(report: Report, fail_on: Severity, baseline: Collection[str] | None = None) -> CheckedReport:
    """The report with the decision. Findings that follow from another one do not count of their own.

    Args:
      fail_on: findings of this severity or a higher one fail.
      baseline: ids of findings that are known and do not fail; None: there is no baseline.
    """
    checked = _checked(report, fail_on, baseline or ())
    failing = [one.finding.id for one in checked if one.fails]
    known = [one.finding.id for one in checked if one.known]
    entry = CheckEntry(
        fail_on=fail_on.value,
        passed=not failing,
        failing=failing,
        below=len(checked) - len(failing) - len(known),
        known=known,
        baseline=baseline is not None,
    )
    fields = {name: getattr(report, name) for name in report.__struct_fields__}
    return CheckedReport(**fields, check=entry)


def leading(report: CheckedReport) -> list[Checked]:
    """The findings that follow from no other one, worst first, with what the gate makes of each."""
    failing, known = set(report.check.failing), set(report.check.known)
    return [
        Checked(run, finding, known=finding.id in known, fails=finding.id in failing) for run, finding in ranked(report)
    ]


def could_look(report: Report) -> bool:
    """Whether any rule found what it needs; a report in which none did is no reason to be content."""
    return any(outcome.status in ("fired", "passed") for run in report.runs for outcome in run.outcomes)


def read_baseline(text: bytes, name: str) -> frozenset[str]:
    """Ids of the findings in a report that was saved as JSON.

    Args:
      name: of the file, for messages.

    Raises:
      UsageError: it is not such a report, or one of another schema version.
    """
    try:
        version = msgspec.json.decode(text, type=_Versioned).schema_version
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UsageError(f"{name} is no baseline: write one with `check --format json -o {name}`.") from None
    if version != SCHEMA_VERSION:
        raise UsageError(
            f"The baseline {name} has schema version {version}; this tb-histinsight reads version {SCHEMA_VERSION}. "
            "Write it anew with `check --format json`."
        )
    try:
        saved = msgspec.json.decode(text, type=_Baseline)
    except msgspec.DecodeError as error:
        raise UsageError(f"The baseline {name} is damaged: {error}.") from None
    return frozenset(finding.id for run in saved.runs for finding in run.findings)


def require_sight(report: Report) -> None:
    """Refuses a report in which nothing could be checked.

    Raises:
      InsightError: no rule found what it needs.
    """
    if could_look(report):
        return
    reasons = {outcome.reason: None for run in report.runs for outcome in run.outcomes if outcome.reason}
    raise InsightError(" ".join(["None of the checks could be made.", *list(reasons)[:1]]))


class _Versioned(msgspec.Struct):
    schema_version: int


class _KnownFinding(msgspec.Struct):
    id: str


class _KnownRun(msgspec.Struct):
    findings: list[_KnownFinding]


class _Baseline(msgspec.Struct):
    """What is read of a baseline: whatever else it says may change without harm."""

    runs: list[_KnownRun]


def _checked(report: Report, fail_on: Severity, baseline: Collection[str]) -> list[Checked]:
    found = []
    for run, finding in ranked(report):
        known = finding.id in baseline
        fails = not known and Severity(finding.severity).rank >= fail_on.rank
        found.append(Checked(run, finding, known=known, fails=fails))
    return found

"""Whether a report passes: which of its findings are grave enough, and not known before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import msgspec

from tb_histinsight.core.errors import InsightError, UsageError
from tb_histinsight.core.labels import Severity
from tb_histinsight.ranking import heads, ranked, ranked_of
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
    unread: list[str] = []
    """Runs that could not be read; a check that did not see all of the log does not pass."""
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
    failing: list[str] = []
    known: list[str] = []
    count = 0
    for _, finding in ranked(report):
        count += 1
        if finding.id in (baseline or ()):
            known.append(finding.id)
        elif Severity(finding.severity).rank >= fail_on.rank:
            failing.append(finding.id)
    unread = [entry.run for entry in report.skipped if entry.run is not None]
    entry = CheckEntry(
        fail_on=fail_on.value,
        passed=not failing and not unread,
        failing=failing,
        below=count - len(failing) - len(known),
        known=known,
        baseline=baseline is not None,
        unread=unread,
    )
    fields = {name: getattr(report, name) for name in report.__struct_fields__}
    return CheckedReport(**fields, check=entry)


def leading(report: CheckedReport) -> Iterator[Checked]:
    """The findings that follow from no other one, worst first, with what the gate makes of each."""
    decided = _Decided(report)
    return (decided(run, finding) for run, finding in ranked(report))


def by_run(report: CheckedReport) -> Iterator[tuple[RunEntry, list[Checked]]]:
    """The same run by run, in the report's order; of many runs each without its tags."""
    decided = _Decided(report)
    return ((run, [decided(run, finding) for finding in ranked_of(run)]) for run in heads(report))


class _Decided:
    """What the gate makes of a finding."""

    def __init__(self, report: CheckedReport) -> None:
        self._failing, self._known = set(report.check.failing), set(report.check.known)

    def __call__(self, run: RunEntry, finding: FindingEntry) -> Checked:
        return Checked(run, finding, known=finding.id in self._known, fails=finding.id in self._failing)


def could_look(report: Report) -> bool:
    """Whether any rule found what it needs; a report in which none did is no reason to be content."""
    return any(outcome.status in ("fired", "passed") for run in heads(report) for outcome in run.outcomes)


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
    reasons = {outcome.reason: None for run in heads(report) for outcome in run.outcomes if outcome.reason}
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

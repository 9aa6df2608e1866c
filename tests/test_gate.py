"""The gate: what fails, what is known, and what is no baseline."""

import json

import pytest

from tb_histinsight.core.errors import UsageError
from tb_histinsight.core.labels import Severity
from tb_histinsight.gate import judge, read_baseline, require_sight
from tb_histinsight.report import FindingEntry, OutcomeEntry, Report, RunEntry


def finding(name, severity, cause=None):
    return FindingEntry(
        id=name,
        cause=cause,
        rule="exploding",
        title="Exploding values",
        severity=severity,
        confidence="likely",
        tags=["kernel"],
        message="",
        evidence=[],
        advice=[],
        innocent=[],
        references=[],
    )


def report(*findings, status="fired"):
    outcomes = [OutcomeEntry(rule="exploding", title="", status=status, reason="No gradients.")]
    return Report(runs=[RunEntry(run="r", verdict="", tags=[], findings=list(findings), outcomes=outcomes)])


EVERYTHING = report(
    finding("i", "info"), finding("w", "warning"), finding("c", "critical"), finding("f", "critical", cause="w")
)


@pytest.mark.parametrize(
    ("fail_on", "failing"), [("info", ["c", "w", "i"]), ("warning", ["c", "w"]), ("critical", ["c"])]
)
def test_what_is_grave_enough_fails_worst_first_and_followers_do_not_count(fail_on, failing):
    check = judge(EVERYTHING, Severity(fail_on)).check
    assert (check.failing, check.passed) == (failing, False)
    assert check.below == 3 - len(failing)


def test_what_the_baseline_knows_does_not_fail():
    check = judge(EVERYTHING, Severity.WARNING, {"c", "w", "gone"}).check
    assert (check.failing, check.known, check.below, check.passed) == ([], ["c", "w"], 1, True)


def test_the_report_itself_is_unchanged():
    assert judge(EVERYTHING, Severity.INFO).runs == EVERYTHING.runs


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is no baseline"),
        (b"not json", "is no baseline"),
        (b"\xff\xfe{}", "is no baseline"),
        (b"[1]", "is no baseline"),
        (b'{"runs": []}', "is no baseline"),
        (b'{"schema_version": 2, "runs": []}', "schema version 2"),
        (b'{"schema_version": 1, "runs": [{}]}', "damaged"),
        (b'{"schema_version": 1}', "damaged"),
    ],
)
def test_what_is_no_baseline_is_said_in_a_sentence(text, said):
    with pytest.raises(UsageError, match=said):
        read_baseline(text, "known.json")


def test_a_baseline_may_say_more_than_is_known_today():
    text = json.dumps({"schema_version": 1, "new": 1, "runs": [{"findings": [{"id": "a", "later": None}]}]})
    assert read_baseline(text.encode(), "known.json") == {"a"}


@pytest.mark.parametrize(("status", "sees"), [("fired", True), ("passed", True), ("skipped", False), ("failed", False)])
def test_a_report_in_which_nothing_could_be_checked_is_no_pass(status, sees):
    if sees:
        require_sight(report(status=status))
    else:
        with pytest.raises(Exception, match=r"None of the checks could be made\. No gradients\."):
            require_sight(report(status=status))

"""The checked report as SARIF 2.1.0, the OASIS standard for results of analyses; one `run` for the whole invocation.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html (section numbers below).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, TextIO
from urllib.parse import quote

from tb_histinsight import __version__
from tb_histinsight.formats import Options
from tb_histinsight.gate import Checked, CheckedReport, leading
from tb_histinsight.locales import Catalogue, catalogue
from tb_histinsight.ranking import heads
from tb_histinsight.report import OutcomeEntry, SkippedEntry

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"critical": "error", "warning": "warning", "info": "note"}
MOST_RESULTS = 5000
"""The worst findings; GitHub's code scanning shows as many of an upload, and refuses one with more than 25,000."""
MOST_NOTIFICATIONS = 1000
BASE = "LOGDIR"
"""What the addresses of runs are relative to; where it lies is nobody else's business (section 3.14.14)."""


def write(report: CheckedReport, stream: TextIO, options: Options) -> None:
    """Writes the log. Every finding that follows from no other one is a result, whatever its severity.

    What somebody marked as intended or dismissed is one too, and suppressed (section 3.27.23).
    """
    words = catalogue(report.language)
    ids = list(dict.fromkeys(outcome.rule for run in heads(report) for outcome in run.outcomes))
    shown = list(islice(leading(report), MOST_RESULTS))
    marked = islice(_marked(report), MOST_RESULTS - len(shown))
    results = [_result(one, ids, report.check.baseline) for one in (*shown, *marked)]
    more = len(report.check.failing) + len(report.check.known) + report.check.below - len(shown)
    notifications = [*_notifications(report), *([_more(more, words)] if more else [])]
    driver = {
        "name": "tb-histinsight",
        "version": __version__,
        "rules": [_rule(rule, words) for rule in ids],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": not report.check.unread, "toolExecutionNotifications": notifications}],
        "originalUriBaseIds": {BASE: {"description": {"text": "The log directory that was checked."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    json.dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, stream, indent=2)
    stream.write("\n")


def _marked(report: CheckedReport) -> Iterator[Checked]:
    for run in heads(report):
        for finding in run.findings:
            if finding.mark is not None and finding.cause is None:
                yield Checked(run, finding, known=False, fails=False)


def _rule(rule: str, words: Catalogue) -> dict[str, Any]:
    prefix = f"rule.{rule}."
    what, why = words.text(prefix + "what"), words.text(prefix + "why")
    return {
        "id": rule,
        "shortDescription": {"text": words.text(prefix + "title")},
        "fullDescription": {"text": what},
        "help": {"text": f"{what} {why}"},
    }


def _result(checked: Checked, rules: list[str], compared: bool) -> dict[str, Any]:
    finding, run = checked.finding, checked.run.run
    logical = {"name": finding.layer or run, "fullyQualifiedName": f"{run}/{finding.layer}" if finding.layer else run}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": LEVELS[finding.severity],
        "kind": "fail",
        "message": {"text": f"{run}: {finding.message}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(run, safe="/", errors="replace"), "uriBaseId": BASE}
                },
                "logicalLocations": [{**logical, "kind": "module"}],
            }
        ],
        "partialFingerprints": {"finding/v1": finding.id},
        "properties": {
            "confidence": finding.confidence,
            "tags": [finding.severity],
            "histogramTags": finding.tags,
            "firstStep": finding.first_step,
            "lastStep": finding.last_step,
            "advice": finding.advice,
        },
    }
    if finding.mark is not None:
        result["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted",
                "justification": f"{finding.mark.mark}: {finding.mark.reason}",
            }
        ]
    if compared:
        result["baselineState"] = "unchanged" if checked.known else "new"
    return result


def _notifications(report: CheckedReport) -> list[dict[str, Any]]:
    """What could not be looked at: rules that broke, and parts of the log that could not be read (section 3.20.21)."""
    return list(islice(_all_notifications(report), MOST_NOTIFICATIONS))


def _all_notifications(report: CheckedReport) -> Iterator[dict[str, Any]]:
    yield from (_left_out(entry, "") for entry in report.skipped)
    for run in heads(report):
        yield from (_broken(outcome, run.run) for outcome in run.outcomes if outcome.status == "failed")
        yield from (_left_out(entry, f"{run.run}: ") for entry in run.skipped)


def _more(count: int, words: Catalogue) -> dict[str, Any]:
    """That the results end before the findings do."""
    return {"level": "note", "message": {"text": words.text("check.more", {"count": count})}}


def _broken(outcome: OutcomeEntry, run: str) -> dict[str, Any]:
    return {"level": "error", "message": {"text": f"{run}: {outcome.rule}: {outcome.reason}"}}


def _left_out(entry: SkippedEntry, prefix: str) -> dict[str, Any]:
    level = "warning" if entry.run is None else "error"
    return {"level": level, "message": {"text": prefix + entry.reason}}

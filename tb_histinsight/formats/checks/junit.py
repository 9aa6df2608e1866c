"""The checked report as JUnit XML: a test suite per run, in it a test case per rule and finding.

There is no standard; this keeps to what Jenkins's schema and the common viewers (GitLab, Azure, CircleCI) agree on.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import TextIO

from tb_histinsight.formats import Options
from tb_histinsight.gate import Checked, CheckedReport, by_run
from tb_histinsight.report import OutcomeEntry, RunEntry

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped (https://www.w3.org/TR/xml/#charsets)."""


def write(report: CheckedReport, stream: TextIO, options: Options) -> None:
    """Writes the document."""
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in _suites(report):
        for name in totals:
            totals[name] += int(suite.get(name, "0"))
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="tb-histinsight"')
    stream.write("".join(f' {name}="{total}"' for name, total in totals.items()) + ">\n")
    # Suite by suite: a tree of thousands of runs would need gigabytes.
    for suite in _suites(report):
        ET.indent(suite, level=1)
        stream.write(f"  {ET.tostring(suite, encoding='unicode')}\n")
    stream.write("</testsuites>\n")


def _suites(report: CheckedReport) -> Iterator[ET.Element]:
    yield from (_suite(run, checked) for run, checked in by_run(report))
    for entry in report.skipped:
        if entry.run is not None:
            yield _unread(entry.run, entry.reason)


def _unread(run: str, reason: str) -> ET.Element:
    """A run that could not be read: an error."""
    suite = ET.Element("testsuite", name=_text(run), tests="1", failures="0", errors="1", skipped="0")
    case = _case(run, "read")
    ET.SubElement(case, "error", type="unreadable", message=_text(reason))
    suite.append(case)
    return suite


def _suite(run: RunEntry, checked: list[Checked]) -> ET.Element:
    suite = ET.Element("testsuite", name=_text(run.run))
    for outcome in run.outcomes:
        found = [one for one in checked if one.finding.rule == outcome.rule]
        if found:
            suite.extend(_found(one) for one in found)
        else:
            suite.append(_not_found(run, outcome))
    counts = {"tests": len(suite)}
    for name, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        counts[name] = sum(case.find(child) is not None for case in suite)
    for name, count in counts.items():
        suite.set(name, str(count))
    return suite


def _found(checked: Checked) -> ET.Element:
    """A failure where it fails; else a test that passes, with what was seen as its output."""
    finding = checked.finding
    name = finding.rule if finding.layer is None else f"{finding.rule}: {finding.layer}"
    case = _case(checked.run.run, name)
    told = "\n".join((finding.message, *(f"- {advice}" for advice in finding.advice)))
    if checked.fails:
        failure = ET.SubElement(
            case, "failure", type=finding.severity, message=_text(f"{finding.title}: {finding.message}")
        )
        failure.text = _text(told)
    else:
        output = ET.SubElement(case, "system-out")
        output.text = _text(f"{finding.severity}: {told}")
    return case


def _not_found(run: RunEntry, outcome: OutcomeEntry) -> ET.Element:
    case = _case(run.run, outcome.rule)
    if outcome.status == "skipped":
        ET.SubElement(case, "skipped", message=_text(outcome.reason or ""))
    elif outcome.status == "failed":
        ET.SubElement(case, "error", type="broken", message=_text(outcome.reason or ""))
    return case


def _case(run: str, name: str) -> ET.Element:
    return ET.Element("testcase", classname=_text(run), name=_text(name), time="0")


def _text(text: str) -> str:
    """The text with what XML cannot hold written as \\u0007 and so on."""
    return _FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)

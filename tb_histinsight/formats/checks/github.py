"""Annotations for GitHub Actions: workflow commands on the standard output.

Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from itertools import islice
from typing import TextIO

from tb_histinsight.formats import Options
from tb_histinsight.formats.checks.text import conclusion
from tb_histinsight.formats.terminal.characters import printable
from tb_histinsight.gate import CheckedReport, leading
from tb_histinsight.locales import catalogue

LEVELS = {"critical": "error", "warning": "warning", "info": "notice"}
MOST = 100
"""Annotations of findings; GitHub shows fewer of a step, and a log of thousands would hide the conclusion."""


def write(report: CheckedReport, stream: TextIO, options: Options) -> None:
    """Writes an annotation per finding, worst first, and the conclusion as a line of its own.

    GitHub shows ten errors and ten warnings of a step. So what does not fail is annotated only from warnings on, and
    what the baseline knows is not.
    """
    told = (
        checked
        for checked in leading(report)
        if not checked.known and (checked.fails or checked.finding.severity != "info")
    )
    for checked in islice(told, MOST):
        finding = checked.finding
        title = _property(f"{finding.title} ({finding.rule})")
        message = f"{checked.run.run}: {finding.message}"
        stream.write(f"::{LEVELS[finding.severity]} title={title}::{_message(message)}\n")
    for entry in [entry for entry in report.skipped if entry.run is not None][:MOST]:
        stream.write(f"::error::{_message(entry.reason)}\n")
    for line in conclusion(report, catalogue(report.language)):
        # A line that begins with "::" would be another command.
        stream.write(printable(line).lstrip(":") + "\n")


def _message(text: str) -> str:
    """Escaped as the toolkit's `escapeData` does it; other controls are written out."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(escaped)


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")

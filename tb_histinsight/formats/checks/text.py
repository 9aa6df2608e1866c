"""The checked report for reading: what fails, in full, and one line that says whether the check passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from tb_histinsight.formats import Options
from tb_histinsight.formats.terminal.characters import printable, wrapped
from tb_histinsight.formats.terminal.finding import finding_lines, grouped
from tb_histinsight.formats.terminal.style import Style
from tb_histinsight.gate import Checked, CheckedReport, leading
from tb_histinsight.locales import Catalogue, catalogue


def write(report: CheckedReport, stream: TextIO, options: Options) -> None:
    """Writes the failing findings by run, what is left unsaid as numbers, and the decision."""
    words = catalogue(report.language)
    style = Style(options.colour, options.symbols)
    by_run: dict[str, list[Checked]] = {}
    for checked in leading(report):
        if checked.fails:
            by_run.setdefault(checked.run.run, []).append(checked)
    for run, failing in by_run.items():
        stream.write(style.paint("strong", words.text("text.logdir") if run == "." else printable(run)) + "\n")
        for group in grouped([checked.finding for checked in failing]):
            ids = {finding.id for finding in group}
            follows = [other for other in failing[0].run.findings if other.cause in ids]
            stream.writelines(f"{line}\n" for line in finding_lines(group, follows, words, style, options.width))
        stream.write("\n")
    kind = "fine" if report.check.passed else "critical"
    for number, line in enumerate(conclusion(report, words)):
        mark = style.paint(kind, style.symbol(kind)) + " " if number == 0 else "  "
        stream.writelines(f"{part}\n" for part in wrapped(printable(line), options.width, "  ", mark))


def conclusion(report: CheckedReport, words: Catalogue) -> Iterator[str]:
    """Whether it passes, and what did not count; then which rules broke."""
    check = report.check
    severity = words.text(f"severity.{check.fail_on}")
    many = len(check.failing)
    key = "check.passes" if check.passed else "check.fails_one" if many == 1 else "check.fails"
    sentences = [words.text(key, {"count": many, "severity": severity})]
    if check.below:
        key = "check.below_one" if check.below == 1 else "check.below"
        sentences.append(words.text(key, {"count": check.below, "severity": severity}))
    marked = sum(finding.mark is not None for run in report.runs for finding in run.findings)
    if marked:
        sentences.append(words.text("check.marked_one" if marked == 1 else "check.marked", {"count": marked}))
    if check.known:
        key = "check.known_one" if len(check.known) == 1 else "check.known"
        sentences.append(words.text(key, {"count": len(check.known)}))
    yield words.together(*sentences)
    broken = {
        (outcome.rule, outcome.reason): None
        for run in report.runs
        for outcome in run.outcomes
        if _broke(outcome.status)
    }
    for rule, reason in broken:
        yield rule + words.text("text.colon") + (reason or "")
    left_out = sum(entry.count for run in report.runs for entry in run.skipped) + sum(e.count for e in report.skipped)
    if left_out:
        yield words.text("check.left_out_one" if left_out == 1 else "check.left_out", {"count": left_out})


def _broke(status: str) -> bool:
    return status == "failed"

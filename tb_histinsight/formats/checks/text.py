"""The checked report for reading: what fails, in full, and one line that says whether the check passes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TextIO

from tb_histinsight.formats import Options
from tb_histinsight.formats.terminal.characters import printable, wrapped
from tb_histinsight.formats.terminal.finding import finding_lines, grouped
from tb_histinsight.formats.terminal.overview import rule_lines
from tb_histinsight.formats.terminal.style import Style
from tb_histinsight.gate import Checked, CheckedReport, leading
from tb_histinsight.locales import Catalogue, catalogue
from tb_histinsight.overview import is_many, overview
from tb_histinsight.ranking import heads

IN_FULL = 20
"""How many failing findings are written in full where there are many runs; of few runs all are."""
UNREAD_SHOWN = 10
"""How many runs are named that could not be read."""


def write(report: CheckedReport, stream: TextIO, options: Options) -> None:
    """Writes the failing findings by run, what is left unsaid as numbers, and the decision."""
    words = catalogue(report.language)
    style = Style(options.colour, options.symbols)
    many = is_many(report)
    if many:
        stream.writelines(f"{line}\n" for line in _overview(report, words, style, options.width))
    failing = (checked for checked in leading(report) if checked.fails)
    shown: dict[str, list[Checked]] = {}
    for checked in islice(failing, IN_FULL if many else None):
        shown.setdefault(checked.run.run, []).append(checked)
    for run, of_run in shown.items():
        stream.write(style.paint("strong", words.text("text.logdir") if run == "." else printable(run)) + "\n")
        for group in grouped([checked.finding for checked in of_run]):
            ids = {finding.id for finding in group}
            follows = [other for other in of_run[0].run.findings if other.cause in ids]
            stream.writelines(f"{line}\n" for line in finding_lines(group, follows, words, style, options.width))
        stream.write("\n")
    more = len(report.check.failing) - sum(map(len, shown.values()))
    if more:
        stream.writelines(f"{line}\n" for line in wrapped(words.text("check.more", {"count": more}), options.width))
        stream.write("\n")
    kind = "fine" if report.check.passed else "critical"
    for number, line in enumerate(conclusion(report, words)):
        mark = style.paint(kind, style.symbol(kind)) + " " if number == 0 else "  "
        stream.writelines(f"{part}\n" for part in wrapped(printable(line), options.width, "  ", mark))


def _overview(report: CheckedReport, words: Catalogue, style: Style, width: int) -> Iterator[str]:
    seen = overview(report)
    yield from wrapped(seen.sentence(words), width)
    yield from rule_lines(seen, words, style, width)
    yield ""


def conclusion(report: CheckedReport, words: Catalogue) -> Iterator[str]:
    """Whether it passes, and what did not count; then which rules broke."""
    check = report.check
    severity = words.text(f"severity.{check.fail_on}")
    many = len(check.failing)
    key = "check.fails_one" if many == 1 else "check.fails" if many else "check.passes"
    if check.unread and not many:
        key = "check.unread_one" if len(check.unread) == 1 else "check.unread"
    sentences = [words.text(key, {"count": many or len(check.unread), "severity": severity})]
    if check.unread and many:
        sentences.append(words.text("check.unread_too", {"count": len(check.unread)}))
    if check.below:
        key = "check.below_one" if check.below == 1 else "check.below"
        sentences.append(words.text(key, {"count": check.below, "severity": severity}))
    marked = left_out = 0
    broken: dict[tuple[str, str | None], None] = {}
    for run in heads(report):
        marked += sum(finding.mark is not None for finding in run.findings)
        left_out += sum(entry.count for entry in run.skipped)
        broken |= {(outcome.rule, outcome.reason): None for outcome in run.outcomes if outcome.status == "failed"}
    if marked:
        sentences.append(words.text("check.marked_one" if marked == 1 else "check.marked", {"count": marked}))
    if check.known:
        key = "check.known_one" if len(check.known) == 1 else "check.known"
        sentences.append(words.text(key, {"count": len(check.known)}))
    yield words.together(*sentences)
    for rule, reason in broken:
        yield rule + words.text("text.colon") + (reason or "")
    for entry in [entry for entry in report.skipped if entry.run is not None][:UNREAD_SHOWN]:
        yield entry.reason
    left_out += sum(entry.count for entry in report.skipped if entry.run is None)
    if left_out:
        yield words.text("check.left_out_one" if left_out == 1 else "check.left_out", {"count": left_out})

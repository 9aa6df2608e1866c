"""The report as Markdown, for an issue or a chat: verdicts, findings worst first, the layers in a table.

Written for GitHub's flavour (https://github.github.com/gfm/), which GitLab and Jupyter share as far
as it is used here. Text from a log is escaped: it shows as it is and formats nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TextIO

from tb_histinsight.formats import Options
from tb_histinsight.formats.terminal.characters import printable
from tb_histinsight.formats.terminal.finding import (
    EVIDENCE_SHOWN,
    evidence_text,
    grouped,
    mark_sentence,
    note_sentence,
    steps_text,
)
from tb_histinsight.formats.terminal.layers import movement_text
from tb_histinsight.formats.terminal.style import Style
from tb_histinsight.locales import Catalogue, catalogue
from tb_histinsight.locales.numbers import number
from tb_histinsight.overview import WORST, is_many, overview
from tb_histinsight.ranking import leads, runs_of_worst, worst_findings
from tb_histinsight.report import FindingEntry, Report, RunEntry, TagEntry

SUFFIXES = (".md", ".markdown")

TOP = 20
"""How many findings are shown unless asked otherwise: about what one reads."""
COMPARED = 8
"""How many differences between runs are shown unless asked otherwise."""
LOST = 10
"""How many runs are named that could not be read."""
TAGS = 60
"""So many tags of a run are listed; GitHub cuts an issue after 65,536 characters."""
MARKS = {"critical": "🔴", "warning": "🟠", "info": "🔵"}
_SPECIAL = re.compile(
    r"""
    [\\`*\[\]<>|~&$@\#]                          # formats, or mentions somebody
  | (?<![^\W_])_ | _(?![^\W_])                    # emphasises, unless within a word
  | :(?=//) | (?<=www)\.                          # makes a link
  | ^[-+=] | (?<=^\d)[.)] | (?<=^\d\d)[.)]        # makes a list, at the beginning of a line
""",
    re.VERBOSE,
)
"""What Markdown, or GitHub in it, would not show as it stands."""
_CODE = re.compile(r"\\`([A-Za-z][A-Za-z0-9_.]*)\\`")
"""A name between backticks, once it is escaped."""


def write(report: Report, stream: TextIO, options: Options) -> None:
    """Writes the report as Markdown."""
    for line in _lines(report, options.top):
        stream.write(line + "\n")


def _lines(report: Report, top: int | None) -> Iterator[str]:
    words = catalogue(report.language)
    yield from (_many if is_many(report) else _few)(report, words, top)
    if report.comparisons:
        yield ""
        yield f"## {escaped(words.text('text.compared'))}"
        yield ""
        compared = report.comparisons[: COMPARED if top is None else top]
        yield from (f"- {escaped(comparison.message)}" for comparison in compared)
    lost = [entry for entry in report.skipped if entry.run is not None]
    if lost:
        yield ""
        yield f"## {escaped(words.text('text.left_out'))}"
        yield ""
        yield from (f"- {escaped(entry.reason)}" for entry in lost[:LOST])
        if len(lost) > LOST:
            yield f"- {escaped(words.text('text.more_left_out', {'count': len(lost) - LOST}))}"


def _few(report: Report, words: Catalogue, top: int | None) -> Iterator[str]:
    """Run by run: what was found, and the layers."""
    shown = worst_findings(report, TOP if top is None else top)
    for place, run in enumerate(shown.runs):
        if place:
            yield ""
        yield from _run(run, words)
        yield from _notes(run, words)
        yield from _layers(run.tags, words)
    left_out = sum(run.findings_left_out for run in shown.runs)
    if left_out:
        yield ""
        yield escaped(words.text("text.more_findings", {"count": left_out}))


def _many(report: Report, words: Catalogue, top: int | None) -> Iterator[str]:
    """What was found in how many runs, and the worst of them; the worst findings where they are asked for."""
    seen = overview(report, WORST if top is None else top)
    yield escaped(seen.sentence(words))
    if seen.rules:
        yield ""
        yield f"## {escaped(words.text('overview.rules'))}"
        yield ""
        for count in seen.rules:
            examples = words.listed(*(printable(run) for _, run in count.examples))
            values = {"title": count.title, "rule": count.rule, "count": count.runs, "runs": examples}
            yield f"- {MARKS[count.severity]} {escaped(words.text('overview.of_rule', values))}"
    if seen.worst:
        yield ""
        yield f"## {escaped(words.text('overview.worst'))}"
        yield ""
        for kind, name, verdict in seen.worst:
            yield f"- {MARKS[kind]} **{escaped(name)}** {escaped(verdict)}"
        if seen.more:
            yield f"- {escaped(words.text('overview.more', {'count': seen.more}))}"
    for run in runs_of_worst(report, top or 0):
        yield ""
        yield from _run(run, words)
    if seen.worst:
        yield ""
        yield escaped(words.text("overview.details"))


def _run(run: RunEntry, words: Catalogue) -> Iterator[str]:
    name = words.text("text.logdir") if run.run == "." else escaped(run.run)
    yield f"## {name}"
    yield ""
    yield escaped(run.verdict)
    for remark in run.remarks:
        yield ""
        yield escaped(remark)
    yield from _findings(run, words)


def _findings(run: RunEntry, words: Catalogue) -> Iterator[str]:
    for group in grouped([finding for finding in run.findings if leads(finding)]):
        ids = {finding.id for finding in group}
        yield ""
        yield from _group(group, [other for other in run.findings if other.cause in ids], words)
    marked = [(finding, finding.mark) for finding in run.findings if finding.mark is not None]
    if marked:
        yield ""
        yield f"### {escaped(words.text('text.marked'))}"
        yield ""
        yield from (f"- {escaped(mark_sentence(finding, mark, words))}" for finding, mark in marked)


def _notes(run: RunEntry, words: Catalogue) -> Iterator[str]:
    if run.notes:
        yield ""
        yield f"### {escaped(words.text('text.notes'))}"
        yield ""
        yield from (f"- {escaped(note_sentence(note, words))}" for note in run.notes)


def _group(group: Sequence[FindingEntry], follows: Sequence[FindingEntry], words: Catalogue) -> Iterator[str]:
    first = group[0]
    severity = words.text(f"severity.{first.severity}")
    about = words.listed(*filter(None, (words.text(f"confidence.{first.confidence}"), steps_text(group, words))))
    yield f"### {MARKS[first.severity]} {escaped(first.title)} {escaped(words.text('text.about', {'about': severity}))}"
    yield ""
    yield f"`{first.rule}` · {escaped(about)}"
    yield ""
    bullet = "" if len(group) == 1 else "- "
    for finding in group:
        yield bullet + escaped(finding.message)
    if len(group) == 1 and first.evidence:
        yield ""
        yield from (f"- {escaped(evidence_text(entry, words))}" for entry in first.evidence[:EVIDENCE_SHOWN])
    if first.advice:
        yield ""
        yield f"**{escaped(words.text('text.try'))}**"
        yield ""
        yield from (f"{place}. {_with_code(advice)}" for place, advice in enumerate(first.advice, start=1))
    if first.innocent:
        yield ""
        yield f"*{escaped(words.text('text.harmless', {'cases': words.together(*first.innocent)}))}*"
    for others in grouped(follows):
        values = {"title": others[0].title, "rule": others[0].rule, "message": others[0].message}
        yield ""
        yield f"> {escaped(words.text('text.follows', values))}"


def _with_code(advice: str) -> str:
    """Advice sets names of the program's language between backticks; nothing but such a name becomes code."""
    return _CODE.sub(r"`\1`", escaped(advice))


def _layers(tags: Sequence[TagEntry], words: Catalogue) -> Iterator[str]:
    if not tags:
        return
    columns = [escaped(words.text(f"text.{name}")) for name in ("tag", "shape", "change", "moved", "scale")]
    yield ""
    yield "<details><summary>" + escaped(words.text("text.layers")) + "</summary>"
    yield ""
    yield "| " + " | ".join(columns) + " |"
    yield "|---|---|---|--:|--:|"
    for tag in tags[:TAGS]:
        moved = movement_text(tag.change.movement, words, Style(colour=False, symbols=True))
        scale = "" if tag.stats.rms is None else number(tag.stats.rms)
        shape, change = words.text(f"shape.{tag.shape.label}.name"), words.text(f"change.{tag.change.label}.name")
        yield f"| {escaped(tag.tag)} | {escaped(shape)} | {escaped(change)} | {moved} | {scale} |"
    yield ""
    if len(tags) > TAGS:
        yield escaped(words.text("text.more_tags", {"count": len(tags) - TAGS}))
        yield ""
    yield "</details>"


def escaped(text: str) -> str:
    """The text so that Markdown shows it as it stands, on one line."""
    return _SPECIAL.sub(lambda match: "\\" + match[0], printable(text))

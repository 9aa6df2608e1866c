"""Findings for reading: what is seen, the numbers, what to try, when it is harmless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tb_histinsight.formats.terminal.characters import columns, printable, wrapped
from tb_histinsight.formats.terminal.style import Style
from tb_histinsight.locales import Catalogue
from tb_histinsight.locales.numbers import number
from tb_histinsight.report import EvidenceEntry, FindingEntry, MarkEntry, NoteEntry

ADVICE_SHOWN = 3
"""How many pieces of advice are shown: what to try first."""
EVIDENCE_SHOWN = 4
"""How many numbers of a finding are shown; all are in the JSON report."""


def grouped(findings: Sequence[FindingEntry]) -> list[list[FindingEntry]]:
    """Findings that say the same of different layers, together; groups in the order of their first."""
    groups: dict[tuple[str, str, str], list[FindingEntry]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.severity, finding.confidence), []).append(finding)
    return list(groups.values())


def finding_lines(
    group: Sequence[FindingEntry], follows: Sequence[FindingEntry], words: Catalogue, style: Style, width: int
) -> Iterator[str]:
    """A group of findings as lines; advice, and what follows from any of them, is said once.

    Each one's numbers are in its sentence; where there is one alone, they are listed with their limits.
    """
    first = group[0]
    yield from _heading(group, words, style, width)
    for finding in group:
        lead = "    " if len(group) == 1 else "    - "
        yield from wrapped(printable(finding.message), width, "    " if len(group) == 1 else "      ", lead)
    if len(group) == 1:
        for evidence in first.evidence[:EVIDENCE_SHOWN]:
            yield from wrapped(evidence_text(evidence, words), width, "        ", "      - ")
    if first.advice:
        yield f"    {words.text('text.try')}"
        for place, advice in enumerate(first.advice[:ADVICE_SHOWN], start=1):
            yield from wrapped(printable(advice), width, "         ", f"      {place}. ")
    if first.innocent:
        harmless = words.text("text.harmless", {"cases": words.together(*first.innocent)})
        for line in wrapped(printable(harmless), width, "    "):
            yield style.paint("quiet", line)
    for others in grouped(follows):
        other = others[0]
        line = words.text("text.follows", {"title": other.title, "rule": other.rule, "message": other.message})
        names = [entry.layer for entry in others[1:] if entry.layer is not None]
        if names:
            line = words.together(line, words.text("text.likewise", {"layers": words.listed(*names)}))
        yield from wrapped(printable(line), width, "      ", "    ")


def marked_lines(findings: Sequence[FindingEntry], words: Catalogue, style: Style, width: int) -> Iterator[str]:
    """The findings that somebody marked, a few lines each: what they say, and why they do not count."""
    marked = [(finding, finding.mark) for finding in findings if finding.mark is not None]
    if not marked:
        return
    yield ""
    yield "  " + style.paint("strong", words.text("text.marked"))
    for finding, mark in marked:
        for line in wrapped(printable(mark_sentence(finding, mark, words)), width, "      ", "    - "):
            yield style.paint("quiet", line)


def note_lines(notes: Sequence[NoteEntry], words: Catalogue, style: Style, width: int) -> Iterator[str]:
    """What somebody noted, a few lines each."""
    if notes:
        yield ""
        yield "  " + style.paint("strong", words.text("text.notes"))
    for note in notes:
        yield from wrapped(printable(note_sentence(note, words)), width, "      ", "    - ")


def note_sentence(note: NoteEntry, words: Catalogue) -> str:
    """What is noted, on what, and by whom: "conv1/kernel, step 400: from here with warm-up (mk, 2026-01-31)"."""
    step = None if note.step is None else words.text("note.step", {"step": note.step})
    where = words.listed(*filter(None, (note.rule, note.layer, note.tag, step)))
    text = " ".join(note.text.split())
    said = words.text("note.on", {"where": where, "text": text}) if where else text
    return words.together(said, *_by(note.author, note.time, words))


def _by(author: str, time: str | None, words: Catalogue) -> Iterator[str]:
    """Who said it, and on what day, as far as that is known."""
    day = (time or "").partition("T")[0]
    if author and day:
        yield words.text("mark.by", {"author": author, "time": day})
    elif author or day:
        yield words.text("mark.by_one", {"who": author or day})


def mark_sentence(finding: FindingEntry, mark: MarkEntry, words: Catalogue) -> str:
    """What was marked, as what, and why: "intended: Layer not updated (frozen-layer), conv1. Reason: ... (mk, ...)"."""
    values = {"mark": words.text(f"mark.{mark.mark}"), "title": finding.title, "rule": finding.rule}
    about = {**values, "layer": finding.layer}
    parts = [words.text("mark.line_run" if finding.layer is None else "mark.line", about)]
    if mark.reason:
        parts.append(words.text("mark.reason", {"reason": mark.reason}))
    return words.together(*parts, *_by(mark.author, mark.time, words))


def _heading(group: Sequence[FindingEntry], words: Catalogue, style: Style, width: int) -> Iterator[str]:
    first = group[0]
    parts = [first.rule, words.text(f"confidence.{first.confidence}"), steps_text(group, words)]
    about = words.text("text.about", {"about": words.listed(*filter(None, parts))})
    mark = f"{style.symbol(first.severity)} {words.text(f'severity.{first.severity}')}"
    title = printable(first.title)
    heading = f"  {style.paint(first.severity, mark)}  {style.paint('strong', title)}"
    if columns(mark) + columns(title) + columns(about) + 5 <= width:
        yield f"{heading} {style.paint('quiet', about)}"
    else:
        yield heading
        yield f"    {style.paint('quiet', about)}"


def steps_text(group: Sequence[FindingEntry], words: Catalogue) -> str:
    """From which to which step findings hold, all together: "steps 10–300"; empty where none says."""
    begins = [finding.first_step for finding in group if finding.first_step is not None]
    ends = [finding.last_step for finding in group if finding.last_step is not None]
    if not begins or not ends:
        return ""
    key = "text.step" if min(begins) == max(ends) else "text.steps"
    return words.text(key, {"first_step": min(begins), "last_step": max(ends)})


def evidence_text(evidence: EvidenceEntry, words: Catalogue) -> str:
    """A number with what it is compared with: "zero share: 1 (limit 0.95; a source)"."""
    value = words.text("text.unknown") if evidence.value is None else with_unit(evidence.value, evidence.unit, words)
    key = "text.evidence" if evidence.tag is None else "text.evidence_of"
    text = words.text(key, {"name": evidence.name, "tag": evidence.tag, "value": value})
    if evidence.threshold is not None:
        limit = with_unit(evidence.threshold, evidence.unit if evidence.unit == "share" else "", words)
        key = "text.limit_source" if evidence.source else "text.limit"
        text = words.text(key, {"evidence": text, "limit": limit, "source": evidence.source})
    return printable(text)


def with_unit(value: float, unit: str, words: Catalogue) -> str:
    """The number with its unit; shares in per cent, ratios and the tensor's own unit bare."""
    if unit == "share":
        return words.text("number.per_cent", {"number": number(100 * value)})
    key = f"unit.{unit}"
    return words.text(key, {"count": value}) if key in words else number(value)

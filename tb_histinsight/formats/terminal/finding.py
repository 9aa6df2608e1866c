"""One finding, for reading: what is seen, the numbers, what to try, when it is harmless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tb_histinsight.formats.terminal.characters import columns, printable, wrapped
from tb_histinsight.formats.terminal.style import Style
from tb_histinsight.locales import Catalogue
from tb_histinsight.report import EvidenceEntry, FindingEntry

ADVICE_SHOWN = 3
"""How many pieces of advice are shown: what to try first."""
EVIDENCE_SHOWN = 4
"""How many of a finding's numbers are shown; all are in the JSON report."""


def finding_lines(
    finding: FindingEntry, follows: Sequence[FindingEntry], words: Catalogue, style: Style, width: int
) -> Iterator[str]:
    """A finding as lines, with what follows from it named at its end."""
    about = ", ".join(
        part
        for part in (
            finding.rule,
            words.text(f"confidence.{finding.confidence}"),
            _steps(finding, words),
        )
        if part
    )
    mark = f"{style.symbol(finding.severity)} {words.text(f'severity.{finding.severity}')}"
    title = printable(finding.title)
    heading = f"  {style.paint(finding.severity, mark)}  {style.paint('strong', title)}"
    if columns(mark) + columns(title) + columns(about) + 7 <= width:
        yield f"{heading} {style.paint('quiet', f'({about})')}"
    else:
        yield heading
        yield f"    {style.paint('quiet', f'({about})')}"
    yield from wrapped(printable(finding.message), width, "    ")
    for evidence in finding.evidence[:EVIDENCE_SHOWN]:
        yield from wrapped(_evidence(evidence, words), width, "        ", "      - ")
    if finding.advice:
        yield f"    {words.text('text.try')}"
        for place, advice in enumerate(finding.advice[:ADVICE_SHOWN], start=1):
            yield from wrapped(printable(advice), width, "         ", f"      {place}. ")
    if finding.innocent:
        harmless = words.text("text.harmless", {"cases": "; ".join(finding.innocent)})
        for line in wrapped(printable(harmless), width, "    "):
            yield style.paint("quiet", line)
    for other in follows:
        line = words.text("text.follows", {"title": other.title, "rule": other.rule, "message": other.message})
        yield from wrapped(printable(line), width, "      ", "    ")


def _steps(finding: FindingEntry, words: Catalogue) -> str:
    if finding.first_step is None or finding.last_step is None:
        return ""
    key = "text.step" if finding.first_step == finding.last_step else "text.steps"
    return words.text(key, {"first_step": finding.first_step, "last_step": finding.last_step})


def _evidence(evidence: EvidenceEntry, words: Catalogue) -> str:
    """A number with what it is compared with: "zero share: 1 (threshold 0.95; a source)"."""
    value = words.text("text.unknown") if evidence.value is None else number(evidence.value)
    if evidence.unit not in ("", "x", "ratio"):
        value += f" {evidence.unit}"
    name = evidence.name if evidence.tag is None else f"{evidence.name} ({evidence.tag})"
    text = f"{name}: {value}"
    if evidence.threshold is not None:
        threshold = words.text("text.threshold", {"threshold": number(evidence.threshold)})
        text += f" ({threshold}; {evidence.source})" if evidence.source else f" ({threshold})"
    return printable(text)


def number(value: float) -> str:
    """Three significant digits; whole numbers up to a million in full."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.3g}"

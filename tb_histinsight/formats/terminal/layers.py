"""The layer table: in depth order, what each tag's histogram looks like and how far it moved."""

from __future__ import annotations

from collections.abc import Iterator

from tb_histinsight.formats.terminal.characters import printable
from tb_histinsight.formats.terminal.style import Style
from tb_histinsight.formats.terminal.table import natural_width, table
from tb_histinsight.locales import Catalogue
from tb_histinsight.locales.numbers import number
from tb_histinsight.report import ChangeEntry, RunEntry, TagEntry

ROWS_SHOWN = 60
"""A run of more tags shows only those that a finding accuses, and says how many more there are."""


def layer_lines(run: RunEntry, words: Catalogue, style: Style, width: int) -> Iterator[str]:
    """The run's tags as a table."""
    accused: dict[str, str] = {}
    for finding in run.findings:  # worst first
        if finding.tags and finding.mark is None:
            accused.setdefault(finding.tags[0], finding.severity)
    shown = run.tags
    if len(shown) > ROWS_SHOWN:
        shown = [tag for tag in shown if tag.tag in accused][:ROWS_SHOWN]
    if shown:
        rows = [_row(tag, accused.get(tag.tag), words, style) for tag in shown]
        heading = ["  " + words.text("text.tag"), *(words.text(f"text.{name}") for name in _COLUMNS)]
        heading, rows = _fitted(heading, rows, width - 2)
        right = range(len(heading) - 2, len(heading))
        lines = list(table(heading, rows, width - 2, right=right, ellipsis=style.symbol("ellipsis")))
        yield "  " + style.paint("quiet", lines[0])
        for tag, line in zip(shown, lines[1:], strict=True):
            severity = accused.get(tag.tag)
            yield "  " + (style.paint(severity, line) if severity else line)
    if len(shown) < len(run.tags):
        yield "    " + words.text("text.more_tags", {"count": len(run.tags) - len(shown)})


_COLUMNS = ("role", "was", "shape", "change", "moved", "scale")
_DISPENSABLE = (_COLUMNS.index("role") + 1, _COLUMNS.index("was") + 1)
"""Columns that go, in this order, where names of tags would have to be shortened."""


def _fitted(heading: list[str], rows: list[list[str]], width: int) -> tuple[list[str], list[list[str]]]:
    """Leaves out what is dispensable as long as the table is too wide."""
    gone: set[int] = set()
    for place in (*_DISPENSABLE, None):
        kept = [index for index in range(len(heading)) if index not in gone]
        every = [[row[index] for index in kept] for row in (heading, *rows)]
        if place is None or natural_width(every) <= width:
            break
        gone.add(place)
    return every[0], every[1:]


def _row(tag: TagEntry, severity: str | None, words: Catalogue, style: Style) -> list[str]:
    mark = style.symbol(severity) if severity else " "
    was = tag.timeline[0].shape if tag.timeline and tag.timeline[0].shape != tag.shape.label else None
    return [
        f"{mark} {printable(tag.tag)}",
        words.text(f"role.{tag.role}") + ("?" if tag.guessed else "") + ("*" if tag.told else ""),
        f"{words.text(f'shape.{was}.name')} {style.symbol('becomes')}" if was else "",
        words.text(f"shape.{tag.shape.label}.name"),
        words.text(f"change.{tag.change.label}.name") + _factor(tag.change, style),
        movement_text(tag.change.movement, words, style),
        style.symbol("dash") if tag.stats.rms is None else number(tag.stats.rms),
    ]


def movement_text(movement: float | None, words: Catalogue, style: Style) -> str:
    """Movement as a share of the first step's mean |x|: in per cent, or as a multiple where it is large."""
    if movement is None:
        return style.symbol("dash")
    if movement >= 10:
        return f"{style.symbol('times')}{number(movement, 2)}"
    per_cent = 100 * movement
    shown = f"{per_cent:.0f}" if per_cent >= 10 else number(per_cent, 2)
    return words.text("number.per_cent", {"number": shown})


def _factor(change: ChangeEntry, style: Style) -> str:
    """By what a growing or shrinking tensor's scale was multiplied."""
    if change.label not in ("growing", "shrinking") or change.factor is None:
        return ""
    if (change.factor - 1) * change.direction < 0:
        return ""  # the spread has the trend, and the root mean square went the other way
    shown = number(change.factor)
    return "" if shown == number(1.0) else f" {style.symbol('times')}{shown}"  # “growing ×1” would say two things

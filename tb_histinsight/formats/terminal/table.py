"""Columns of text under headings, no wider than the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tb_histinsight.formats.terminal.characters import columns, padded, shortened

_GAP = 2
"""Blanks between two columns."""
_LEAST = 16
"""Columns that the first column keeps, however narrow the terminal is."""


def natural_width(rows: Sequence[Sequence[str]]) -> int:
    """Columns that a table of these rows (heading included) takes where nothing is shortened."""
    widths = [max(columns(row[place]) for row in rows) for place in range(len(rows[0]))]
    return sum(widths) + _GAP * (len(widths) - 1)


def table(
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    right: Sequence[int] = (),
    ellipsis: str = "…",
) -> Iterator[str]:
    """Heading and rows as lines; the first column gives way where all together would not fit.

    Args:
      right: indices of the columns that are set to the right (numbers).
    """
    every = [heading, *rows]
    widths = [max(columns(row[place]) for row in every) for place in range(len(heading))]
    others = sum(widths[1:]) + _GAP * (len(widths) - 1)
    widths[0] = min(widths[0], max(width - others, _LEAST))
    for row in every:
        cells = [
            padded(
                shortened(cell, widths[place], ellipsis) if place == 0 else cell, widths[place], right=place in right
            )
            for place, cell in enumerate(row)
        ]
        yield (" " * _GAP).join(cells).rstrip()

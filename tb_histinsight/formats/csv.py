"""The numbers as a table for spreadsheets and programs: a row per tag, with what was measured at its last step."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from typing import Any, TextIO

from tb_histinsight.formats import Options
from tb_histinsight.report import Report

SUFFIXES = (".csv",)

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a text begins that spreadsheets would compute instead of showing it; an apostrophe before it keeps them from it
(https://owasp.org/www-community/attacks/CSV_Injection)."""


def write(report: Report, stream: TextIO, options: Options) -> None:
    """Writes the table, quoted as RFC 4180 has it; an empty field where a number does not exist."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_field(row[name]) for name in COLUMNS] for row in tag_rows(report))


def tag_rows(report: Report) -> Iterator[dict[str, Any]]:
    """A row per tag of every run: labels, and statistics at the last step."""
    for run in report.runs:
        for tag in run.tags:
            yield {
                "run": run.run,
                "tag": tag.tag,
                "layer": tag.layer,
                "role": tag.role,
                "depth": tag.depth,
                "element_count": tag.element_count,
                "steps": tag.step_count,
                "first_step": tag.first_step,
                "last_step": tag.last_step,
                "shape": tag.shape.label,
                "shape_confidence": tag.shape.confidence,
                "change": tag.change.label,
                "change_confidence": tag.change.confidence,
                "since_step": tag.change.since_step,
                "movement": tag.change.movement,
                "movement_in_spread": tag.change.movement_in_spread,
                **{name: getattr(tag.stats, name) for name in STATISTICS},
                "text": tag.text,
            }


STATISTICS = ("min", "max", "mean", "std", "rms", "l2_norm", "zero_share", "non_finite")
COLUMNS = (
    "run",
    "tag",
    "layer",
    "role",
    "depth",
    "element_count",
    "steps",
    "first_step",
    "last_step",
    "shape",
    "shape_confidence",
    "change",
    "change_confidence",
    "since_step",
    "movement",
    "movement_in_spread",
    *STATISTICS,
    "text",
)


def _field(value: object) -> object:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value

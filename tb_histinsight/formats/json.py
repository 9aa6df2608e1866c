"""The report as strict JSON, schema version 1: no NaN, no infinity, fields and runs in a fixed order."""

from __future__ import annotations

from typing import TextIO

import msgspec

from tb_histinsight.formats import Options
from tb_histinsight.report import Report, encode, worst_findings

SUFFIXES = (".json",)


def write(report: Report, stream: TextIO, options: Options) -> None:
    """Writes the report, indented by two spaces."""
    if options.top is not None:
        report = worst_findings(report, options.top)
    stream.write(msgspec.json.format(encode(report), indent=2).decode("utf-8"))
    stream.write("\n")

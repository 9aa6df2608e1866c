"""The report as strict JSON, schema version 1: no NaN, no infinity, fields and runs in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TextIO

import msgspec

from tb_histinsight.formats import Options
from tb_histinsight.ranking import worst_findings
from tb_histinsight.report import Report, RunEntry

SUFFIXES = (".json",)


def write(report: Report, stream: TextIO, options: Options) -> None:
    """Writes the report, indented by two spaces."""
    if options.top is not None:
        report = worst_findings(report, options.top)
    stream.writelines(pieces(report))


def pieces(report: Report) -> Iterator[str]:
    """The report as JSON, run by run, so that of many only one is in memory; indented by two spaces."""
    yield "{"
    comma = ""
    for name in report.__struct_fields__:
        yield f'{comma}\n  "{name}": '
        comma = ","
        value = getattr(report, name)
        if name == "runs":
            yield from _list(value)
        else:
            yield _indented(value, "  ")
    yield "\n}\n"


def _list(entries: Sequence[RunEntry]) -> Iterator[str]:
    if not len(entries):
        yield "[]"
        return
    yield "["
    comma = ""
    for entry in entries:
        yield f"{comma}\n    {_indented(entry, '    ')}"
        comma = ","
    yield "\n  ]"


def _indented(value: Any, indent: str) -> str:
    """Strict JSON; within its strings there is no end of a line."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode("utf-8").replace("\n", "\n" + indent)

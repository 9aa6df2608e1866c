"""The checked report as strict JSON: the report, and `check` with the decision. It serves as a baseline."""

from __future__ import annotations

from typing import TextIO

from tb_histinsight.formats import Options
from tb_histinsight.formats.json import pieces
from tb_histinsight.gate import CheckedReport


def write(report: CheckedReport, stream: TextIO, options: Options) -> None:
    """Writes the report, indented by two spaces."""
    stream.writelines(pieces(report))

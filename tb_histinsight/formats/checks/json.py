"""The checked report as strict JSON: the report, and `check` with the decision. It serves as a baseline."""

from __future__ import annotations

from typing import TextIO

import msgspec

from tb_histinsight.formats import Options
from tb_histinsight.gate import CheckedReport
from tb_histinsight.report import encode


def write(report: CheckedReport, stream: TextIO, options: Options) -> None:
    """Writes the report, indented by two spaces."""
    stream.write(msgspec.json.format(encode(report), indent=2).decode("utf-8"))
    stream.write("\n")

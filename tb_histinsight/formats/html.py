"""The report as one HTML file with the tab's own views: to be mailed, opened, and archived; it needs no network."""

from __future__ import annotations

from typing import TextIO

from tb_histinsight.formats import Options
from tb_histinsight.locales import catalogue
from tb_histinsight.page.document import document
from tb_histinsight.ranking import worst_findings
from tb_histinsight.report import Report

SUFFIXES = (".html", ".htm")


def write(report: Report, stream: TextIO, options: Options) -> None:
    """Writes the file; with the histograms that `options.series` gives."""
    series = [] if options.series is None else options.series(report)
    if options.top is not None:
        report = worst_findings(report, options.top)
    stream.writelines(document(report, series, catalogue(report.language)))

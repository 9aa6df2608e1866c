"""The histograms that a report is drawn with: a sample of the steps of its tags, for a file that is mailed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tb_histinsight.core.histogram import Layout
from tb_histinsight.page.series import packed_entry
from tb_histinsight.report import Report
from tb_histinsight.sources import HistogramSource

CELLS = 4_000_000
"""Buckets of all tags together. 322 tags of a ResNet-50 then make a file of 2 MB (30 buckets) to 4 MB (ladder)."""
FEWEST_STEPS = 8
MOST_STEPS = 60
"""Steps per tag. A picture 700 pixels wide shows no more than about 60 steps apart."""
WIDTH = {Layout.EQUAL.value: 30, Layout.EXPONENTIAL.value: 400, Layout.OTHER.value: 60}
"""Buckets of a usual histogram of each layout."""


def pictures(source: HistogramSource, report: Report) -> Iterator[dict[str, Any]]:
    """Packed series of every tag of the report, run by run; the more tags, the fewer steps of each."""
    cells = sum(WIDTH[tag.layout] for run in report.runs for tag in run.tags)
    most = max(FEWEST_STEPS, min(MOST_STEPS, CELLS // max(cells, 1)))
    for run in report.runs:
        notable: dict[str, list[int]] = {}
        for finding in run.findings:
            for tag in finding.tags:
                if finding.first_step is not None:
                    notable.setdefault(tag, []).append(finding.first_step)
        tags = {entry.tag: entry for entry in run.tags}
        for series in source.open_run(run.run).read(list(tags)):
            if len(series):
                yield packed_entry(series, tags[series.tag].timeline, most, notable.get(series.tag, ()))

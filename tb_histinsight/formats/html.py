"""The report as one HTML file with the tab's own views: to be mailed, opened, and archived; it needs no network."""

from __future__ import annotations

from typing import TextIO

import msgspec

from tb_histinsight.formats import Options
from tb_histinsight.locales import catalogue
from tb_histinsight.page.document import document
from tb_histinsight.ranking import heads, ranked, worst_findings
from tb_histinsight.report import Report, RunEntry, SkippedEntry

SUFFIXES = (".html", ".htm")

MOST_RUNS = 200
"""Runs on a page: a browser lays out their lists in some tenths of a second."""
MOST_TAGS = 6000
"""Tags of all runs on a page; some 12 MB of report, which a browser unpacks in a second or two."""


def write(report: Report, stream: TextIO, options: Options) -> None:
    """Writes the file; with the histograms that `options.series` gives."""
    shown = worst_runs(report)
    if len(shown.runs) < len(report.runs):
        words = catalogue(report.language)
        note = words.text("overview.page", {"shown": len(shown.runs), "count": len(report.runs)})
        shown.skipped = [SkippedEntry(reason=note), *shown.skipped]
        if options.tell is not None:
            options.tell(note)
    series = [] if options.series is None else options.series(shown)
    if options.top is not None:
        shown = worst_findings(shown, options.top)
    stream.writelines(document(shown, series, catalogue(report.language)))


def worst_runs(report: Report) -> Report:
    """The report on as many runs as one page holds, the worst ones, in their order; the same where all fit."""
    runs = report.runs
    if len(runs) <= MOST_RUNS and sum(len(run.tags) for run in runs) <= MOST_TAGS:
        return msgspec.structs.replace(report, runs=list(runs))
    place_of = {run.run: place for place, run in enumerate(heads(report))}
    worst = dict.fromkeys(place_of[run.run] for run, _ in ranked(report))
    chosen: dict[int, RunEntry] = {}
    tags = 0
    for place in (*worst, *(place for place in range(len(runs)) if place not in worst)):
        run = runs[place]
        tags += len(run.tags)
        if chosen and (tags > MOST_TAGS or len(chosen) == MOST_RUNS):
            break
        chosen[place] = run
    names = {run.run for run in chosen.values()}
    comparisons = [one for one in report.comparisons if {one.run, one.other} <= names]
    kept = [chosen[place] for place in sorted(chosen)]
    return msgspec.structs.replace(report, runs=kept, comparisons=comparisons)

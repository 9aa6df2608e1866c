"""`tb-histinsight report`: what is to be said of a log, worst first."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tb_histinsight import formats
from tb_histinsight.commands.options import analysis, output

if TYPE_CHECKING:
    from tb_histinsight.report import Report

SUMMARY = "says what the histograms of a log mean, worst first"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    analysis.add_arguments(parser)
    parser.add_argument("--format", choices=formats.names(), help="default: that of the suffix of -o, else text")
    parser.add_argument("-o", dest="output", metavar="FILE", type=Path, help="write to a file instead of the terminal")
    parser.add_argument("--top", metavar="N", type=_count, help="at most the N worst findings (text: 20)")


def run(arguments: argparse.Namespace) -> int:
    """Analyses the log and writes the report; 0 whatever it finds."""
    from tb_histinsight.api import analyze

    chosen = _format(arguments)
    with output.Progress(sys.stderr) as progress:
        report = analyze(arguments.logdir, on_progress=progress, **analysis.keywords(arguments))
    series = partial(_series, arguments.logdir, arguments.steps)
    if arguments.output is None:
        chosen.write(report, sys.stdout, replace(output.options(sys.stdout, arguments.top), series=series))
        return 0
    with output.opened(arguments.output) as stream:
        chosen.write(report, stream, formats.Options(top=arguments.top, series=series))
    return 0


def _series(logdir: str, steps: tuple[int | None, int | None], report: Report) -> Iterator[Mapping[str, Any]]:
    """The histograms of the report's tags, read once more: only some formats draw them."""
    from tb_histinsight.api.pictures import pictures
    from tb_histinsight.sources.event_files import EventFileSource

    wanted = {run.run for run in report.runs}
    return pictures(EventFileSource(logdir, run_filter=wanted.__contains__, steps=steps), report)


def _format(arguments: argparse.Namespace) -> formats.Format:
    if arguments.format is not None:
        return formats.by_name(arguments.format)
    return formats.by_name("text") if arguments.output is None else formats.for_file(arguments.output)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of findings")
    return int(text)

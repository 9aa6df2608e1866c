"""`tb-histinsight report`: what is to be said of a log, worst first."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from tb_histinsight import formats
from tb_histinsight.commands.options import analysis, output

SUMMARY = "says what the histograms of a log mean, worst first"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    analysis.add_arguments(parser)
    parser.add_argument("--format", choices=formats.names(), help="default: that of the suffix of -o, else text")
    parser.add_argument("-o", dest="output", metavar="FILE", type=Path, help="write to a file instead of the terminal")
    parser.add_argument("--top", metavar="N", type=_count, help="at most the N worst findings (text: 20)")


def run(arguments: argparse.Namespace) -> int:
    """Analyses the log and writes the report; 0 whatever it finds."""
    from tb_histinsight.api import report_of

    chosen = _format(arguments)
    with output.Progress(sys.stderr) as progress:
        keywords = {"on_progress": progress, "on_bytes": progress.of_bytes, **analysis.keywords(arguments)}
        report = report_of(arguments.logdir, **keywords)
    series = report.packed_series
    if arguments.output is None:
        options = replace(output.options(sys.stdout, arguments.top), series=series, tell=_tell)
        chosen.write(report, sys.stdout, options)
        return 0
    with output.opened(arguments.output) as stream:
        chosen.write(report, stream, formats.Options(top=arguments.top, series=series, tell=_tell))
    return 0


def _tell(sentence: str) -> None:
    print(f"tb-histinsight: {sentence}", file=sys.stderr)


def _format(arguments: argparse.Namespace) -> formats.Format:
    if arguments.format is not None:
        return formats.by_name(arguments.format)
    return formats.by_name("text") if arguments.output is None else formats.for_file(arguments.output)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of findings")
    return int(text)

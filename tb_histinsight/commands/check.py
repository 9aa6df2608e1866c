"""`tb-histinsight check`: fails when something is wrong, for continuous integration."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tb_histinsight.commands.options import analysis, output
from tb_histinsight.core.errors import UsageError
from tb_histinsight.formats import Options, checks

SUMMARY = "fails when something is wrong with a log, for continuous integration"
SEVERITIES = ("info", "warning", "critical")
"""`core.labels.Severity`, which is not imported only to list the commands."""
EXIT_FOUND = 1
"""Something is at or above --fail-on, and not in the baseline."""
EXIT_UNSEEN = 2
"""Nothing is, but runs could not be read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    analysis.add_arguments(parser)
    parser.add_argument(
        "--fail-on", choices=SEVERITIES, default="critical", help="the least severity that fails (default: critical)"
    )
    parser.add_argument("--format", choices=checks.names(), default="text", help="default: text")
    parser.add_argument("-o", dest="output", metavar="FILE", type=Path, help="write to a file instead of the terminal")
    parser.add_argument(
        "--baseline", metavar="FILE", type=Path, help="what check --format json wrote: only new findings fail"
    )


def run(arguments: argparse.Namespace) -> int:
    """Analyses the log and judges it: 0 it passes, 1 it fails, 2 not all runs could be read."""
    from tb_histinsight.api import report_of
    from tb_histinsight.core.labels import Severity
    from tb_histinsight.gate import judge, read_baseline, require_sight

    baseline = None if arguments.baseline is None else read_baseline(_read(arguments.baseline), str(arguments.baseline))
    with output.Progress(sys.stderr) as progress:
        keywords = {"on_progress": progress, "on_bytes": progress.of_bytes, **analysis.keywords(arguments)}
        report = report_of(arguments.logdir, **keywords)
    require_sight(report)
    checked = judge(report, Severity(arguments.fail_on), baseline)
    chosen = checks.by_name(arguments.format)
    if arguments.output is None:
        chosen.write(checked, sys.stdout, output.options(sys.stdout, None))
    else:
        with output.opened(arguments.output) as stream:
            chosen.write(checked, stream, Options())
    if checked.check.failing:
        return EXIT_FOUND
    return EXIT_UNSEEN if checked.check.unread else 0


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"Cannot read the baseline {file}: {error.strerror}.") from None

"""`tb-histinsight watch`: follows a running training, and says each finding when it first holds."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from tb_histinsight.commands.check import EXIT_FOUND, SEVERITIES
from tb_histinsight.commands.options import analysis, output
from tb_histinsight.core.errors import InsightError, NothingToReadError

if TYPE_CHECKING:
    from tb_histinsight.report import FindingEntry

SUMMARY = "follows a running training, says each finding once"
EVERY = 10.0
"""Seconds between two looks, unless told otherwise. Writers flush every 10 (tf.summary) to 120 seconds (PyTorch)."""
AT_MOST_BUSY = 0.2
"""Share of the time that looking may take; where a look takes long, the next one comes later."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    analysis.add_arguments(parser, shared_out=False)
    parser.add_argument(
        "--fail-on", choices=SEVERITIES, help="end with exit code 1 at the first finding at or above this severity"
    )
    parser.add_argument(
        "--every",
        metavar="SECONDS",
        type=_seconds,
        default=EVERY,
        help=f"from one look to the next (default: {EVERY:g})",
    )
    parser.add_argument("--format", choices=("jsonl", "text"), default="text", help="default: text")
    parser.add_argument("--idle", metavar="SECONDS", type=_seconds, help="end when nothing new was written for so long")


def run(arguments: argparse.Namespace) -> int:
    """Looks until it is interrupted, idle, or something is at or above --fail-on."""
    from tb_histinsight.api.follow import Follower
    from tb_histinsight.core.labels import Severity

    keywords = analysis.keywords(arguments)
    del keywords["jobs"], keywords["scheduler"]  # what is new at a time is little
    follower = Follower(arguments.logdir, **keywords)
    gravest, waiting, seen, unreachable = -1, False, False, ""
    last_news = time.monotonic()
    limit = Severity(arguments.fail_on or "critical").rank
    try:
        while True:
            began = time.monotonic()
            found: list[tuple[str, FindingEntry]] = []
            try:
                found = follower.look()
                waiting, seen, unreachable = False, True, ""
            except NothingToReadError as error:
                if not waiting:
                    print(f"tb-histinsight: {error} Waiting for it.", file=sys.stderr, flush=True)
                waiting = True
            except InsightError as error:
                if not seen or not follower.remote:
                    raise
                if str(error) != unreachable:  # a network fails now and then; what was read stays
                    print(f"tb-histinsight: {error} Looking again.", file=sys.stderr, flush=True)
                unreachable = str(error)
            for run_name, finding in found:
                _say(run_name, finding, arguments)
                gravest = max(gravest, Severity(finding.severity).rank)
            if arguments.fail_on is not None and gravest >= limit:
                return EXIT_FOUND
            now = time.monotonic()
            last_news = now if follower.changed else last_news
            if arguments.idle is not None and now - last_news >= arguments.idle:
                break
            time.sleep(max(arguments.every, (now - began) * (1 / AT_MOST_BUSY - 1)))
    except KeyboardInterrupt:
        pass  # that is how following ends
    return EXIT_FOUND if gravest >= limit else 0


def _say(run_name: str, finding: FindingEntry, arguments: argparse.Namespace) -> None:
    if arguments.format == "jsonl":
        from tb_histinsight.report import plain

        entry: dict[str, Any] = {"time": time.time(), "run": run_name, **plain(finding)}
        print(json.dumps(entry), flush=True)
        return
    from tb_histinsight.commands.options import language
    from tb_histinsight.formats.terminal.characters import printable
    from tb_histinsight.formats.terminal.finding import steps_text
    from tb_histinsight.formats.terminal.style import Style
    from tb_histinsight.locales import catalogue

    words = catalogue(language.chosen(arguments))
    shown = output.options(sys.stdout, None)
    style = Style(shown.colour, shown.symbols)
    severity = f"{style.symbol(finding.severity)} {words.text(f'severity.{finding.severity}')}"
    about = words.listed(*filter(None, (finding.rule, steps_text([finding], words))))
    name = "" if run_name == "." else printable(run_name) + words.text("text.colon")
    clock = time.strftime("%H:%M:%S")
    text = f"{printable(finding.title)} {words.text('text.about', {'about': about})}"
    print(f"{clock} {style.paint(finding.severity, severity)} {name}{style.paint('strong', text)}", flush=True)
    print(f"         {printable(finding.message)}", flush=True)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds

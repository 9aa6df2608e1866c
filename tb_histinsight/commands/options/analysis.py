"""Which log is looked at, which part of it, by which rules: the options that every analysing command has."""

from __future__ import annotations

import argparse
import re
from typing import Any

from tb_histinsight.commands.options import language


def add_arguments(parser: argparse.ArgumentParser, *, shared_out: bool = True) -> None:
    """Declares LOGDIR and the options that `keywords` reads.

    Args:
      shared_out: whether the command shares its work out.
    """
    parser.add_argument(
        "logdir",
        metavar="LOGDIR",
        type=logdir,
        help="a folder, one event file, an address of either (s3://bucket/logs), or name1:path1,name2:path2",
    )
    parser.add_argument("--run", metavar="REGEX", type=_pattern, help="only runs whose name has a match")
    parser.add_argument("--tag", metavar="REGEX", type=_pattern, help="only tags whose name has a match")
    parser.add_argument(
        "--steps",
        metavar="FROM:TO",
        type=_steps,
        default=(None, None),
        help="only these steps, both included; may be open",
    )
    parser.add_argument("--select", metavar="RULES", type=_rules, help="only these rules (ids, with commas)")
    parser.add_argument(
        "--ignore", metavar="RULES", type=_rules, default=(), help="all rules but these (ids, with commas)"
    )
    parser.add_argument("--names", metavar="FILE", help="a TOML file that says which layer and role tags have")
    language.add_argument(parser)
    where = parser.add_mutually_exclusive_group()
    jobs = "processes to work with (default: as many as there are cores)"
    scheduler = "a Dask cluster to work on instead, such as tcp://10.0.0.1:8786"
    if not shared_out:
        jobs = scheduler = "is accepted, but what is new at a time is little: it is looked at in this process"
    where.add_argument("--jobs", metavar="N", type=_jobs, help=jobs)
    where.add_argument("--scheduler", metavar="ADDRESS", help=scheduler)


def keywords(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the options say, as `api.analyze` takes it."""
    names = ("run", "tag", "steps", "select", "ignore", "names", "jobs", "scheduler")
    return {"language": language.chosen(arguments), **{name: getattr(arguments, name) for name in names}}


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression ({error})") from None
    return text


def logdir(text: str) -> str:
    """A variable of the shell that is not set would be taken for the folder where one is."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty; perhaps a variable of the shell is not set")
    return text


def _steps(text: str) -> tuple[int | None, int | None]:
    match = re.fullmatch(r"(-?\d+)?:(-?\d+)?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not FROM:TO, such as 100:2000, 100: or :2000")
    first, last = (None if end is None else int(end) for end in match.groups())
    if first is not None and last is not None and first > last:
        raise argparse.ArgumentTypeError(f"{text!r} ends before it begins")
    return first, last


def _rules(text: str) -> tuple[str, ...]:
    ids = tuple(part.strip() for part in text.split(",") if part.strip())
    if not ids:
        raise argparse.ArgumentTypeError("give at least one rule")
    return ids


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes, 1 or more")
    return int(text)

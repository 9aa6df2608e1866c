"""The language of what is printed: the one asked for, else that of the environment where there is a translation."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from typing import TextIO

LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first of these that is set counts, as POSIX has it (XBD 8.2)."""
OTHERWISE = "en"


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Declares `--lang`."""
    parser.add_argument(
        "--lang",
        metavar="LANGUAGE",
        help="language of the sentences, as en or ja (default: what LC_ALL, LC_MESSAGES or LANG say, else en)",
    )


def chosen(arguments: argparse.Namespace) -> str:
    """The language to speak."""
    asked: str | None = arguments.lang
    return asked if asked is not None else of_environment(os.environ, sys.stdout)


def of_environment(environment: Mapping[str, str], stream: TextIO) -> str:
    """The environment's language, where there is a translation and the stream can show it; else English."""
    from tb_histinsight.locales import languages

    locale = next((environment[name] for name in LOCALE_VARIABLES if environment.get(name)), "")
    language = locale.replace("-", "_").split("_")[0].split(".")[0].lower()
    own_name = languages().get(language)
    if own_name is None:
        return OTHERWISE
    try:
        own_name.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return OTHERWISE
    return language

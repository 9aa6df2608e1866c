"""The `tb-histinsight` command: finds the commands, reads the arguments, turns trouble into one sentence."""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn, Protocol, cast

from tb_histinsight import __version__, commands
from tb_histinsight.core.errors import InsightError

EXIT_UNABLE = 2
"""Wrong usage, or nothing that could be read."""
NEAR = 0.6
"""Likeness of two words, by difflib's ratio, from which on one is offered for the other; difflib's own default."""
EXIT_INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""


class Command(Protocol):
    """What a module of `commands` offers; its name is the command's."""

    SUMMARY: str
    """One line for the list of commands."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares the command's arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Does it; gives the exit code."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, with the nearest thing that is right."""

    def knows(self, option: str) -> bool:
        """Whether there is such an option; abbreviations are none."""
        return option == "--" or option.partition("=")[0] in self._option_string_actions

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_UNABLE, f"{self.prog}: {self._sentence(message)}\n")

    def _sentence(self, message: str) -> str:
        choice = re.search(r"argument (\S+): invalid choice: '?([^']*?)'? \(choose from (.*)\)", message)
        if choice:
            known = re.findall(r"[\w-]+", choice[3])
            return f"There is no {choice[1]} {choice[2]!r}. {_nearest(choice[2], known)}"
        if message.startswith("unrecognized arguments: "):
            word = message.removeprefix("unrecognized arguments: ").split()[0]
            if word.startswith("-"):
                options = [option for action in self._actions for option in action.option_strings]
                return f"There is no option {word}. {_nearest(word.partition('=')[0], options, self.prog)}"
            return f"{word!r} is one argument too many. `{self.prog} --help` says which there are."
        missing = message.removeprefix("the following arguments are required: ")
        if missing != message:
            return f"{missing} is missing. `{self.prog} --help` says more."
        return f"{message.removeprefix('argument ')}. `{self.prog} --help` says more."


def _nearest(word: str, known: Sequence[str], program: str = "") -> str:
    # The dashes would make any two options alike.
    names = {name.lstrip("-"): name for name in known}
    near = difflib.get_close_matches(word.lstrip("-"), names, n=1, cutoff=NEAR)
    if near:
        return f"Did you mean {names[near[0]]}?"
    return f"`{program} --help` lists all." if program else f"There are: {', '.join(known)}."


def build_parser() -> _Parser:
    """The parser of the whole command line; imports the commands, and they import nothing large."""
    parser = _Parser(
        prog="tb-histinsight",
        description="Says what the histograms of a training run mean.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tb-histinsight {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    for name in commands.names():
        command = cast("Command", importlib.import_module(f"{commands.__name__}.{name}"))
        subparser = subparsers.add_parser(name, help=command.SUMMARY, description=command.SUMMARY, allow_abbrev=False)
        command.add_arguments(subparser)
        subparser.set_defaults(execute=command.run, parser=subparser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; gives the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not when a test has put something else there
            stream.reconfigure(errors="backslashreplace")
    try:
        parser = build_parser()
        words = sys.argv[1:] if argv is None else argv
        if words and words[0].startswith("--") and not parser.knows(words[0]):
            # Python would say that the command is missing.
            parser.error(f"unrecognized arguments: {words[0]}")
        arguments, strange = parser.parse_known_args(argv)
        if strange:
            arguments.parser.error(f"unrecognized arguments: {' '.join(strange)}")
        code: int = arguments.execute(arguments)
        sys.stdout.flush()
        return code
    except InsightError as error:
        _say(str(error))
        return EXIT_UNABLE
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`). Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except OSError as error:
        if error.strerror is None:
            raise
        _say(f"{error.filename}: {error.strerror}." if error.filename is not None else f"{error.strerror}.")
        return EXIT_UNABLE


def _say(sentence: str) -> None:
    from tb_histinsight.formats.terminal.characters import printable

    print(f"tb-histinsight: {printable(sentence)}", file=sys.stderr)

"""Report formats: one file per format, found because it is there; the file's name is the format's.

A format is a module with `SUFFIXES` (of the files that it is for) and `write(report, stream, options)`.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast

from tb_histinsight.core.errors import UsageError

if TYPE_CHECKING:
    from tb_histinsight.report import Report


@dataclass(frozen=True)
class Options:
    """What the place where a report will be read can show."""

    width: int = 100
    """Columns of the terminal"""
    colour: bool = False
    symbols: bool = True
    """Whether characters beyond ASCII can be shown"""
    top: int | None = None
    """At most so many findings, the worst; None: the format's own measure"""
    series: Callable[[Report], Iterable[Mapping[str, Any]]] | None = None
    """Gives the histograms of the report's tags, packed (`page.series`), to a format that draws them"""
    tell: Callable[[str], None] | None = None
    """Is told what the reader of the report should know, and cannot see at once"""


class Format(Protocol):
    """What a module of this package offers."""

    SUFFIXES: tuple[str, ...]

    def write(self, report: Report, stream: TextIO, options: Options) -> None:
        """Writes the report in this format."""


def names() -> list[str]:
    """Names of all formats; none of them is imported for it."""
    return modules_of(__path__)


def modules_of(folders: Iterable[str]) -> list[str]:
    """Names of the modules in a package's folders, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(folders) if not module.ispkg)


def by_name(name: str) -> Format:
    """The format of this name.

    Raises:
      UsageError: there is none.
    """
    require(name, names())
    return cast("Format", importlib.import_module(f"{__name__}.{name}"))


def require(name: str, known: list[str]) -> None:
    """Refuses a format that there is not, with the nearest that there is.

    Raises:
      UsageError: the format is not among the known ones.
    """
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known)}."
    raise UsageError(f"There is no format {name!r}. {hint}")


def for_file(file: PurePath) -> Format:
    """The format that a file's suffix stands for.

    Raises:
      UsageError: none does.
    """
    known: list[str] = []
    for name in names():
        candidate = by_name(name)
        if file.suffix.lower() in candidate.SUFFIXES:
            return candidate
        known.extend(candidate.SUFFIXES)
    raise UsageError(
        f"Which format shall {file.name!r} have? Its name should end in {', '.join(known)}, or give --format."
    )

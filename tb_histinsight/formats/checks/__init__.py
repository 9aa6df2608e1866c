"""Formats of a checked report: one file per format, found because it is there; the file's name is the format's.

A format is a module with `write(report, stream, options)`. Only findings that follow from no other one count.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, TextIO, cast

from tb_histinsight.formats import Options, modules_of, require

if TYPE_CHECKING:
    from tb_histinsight.gate import CheckedReport


class CheckFormat(Protocol):
    """What a module of this package offers."""

    def write(self, report: CheckedReport, stream: TextIO, options: Options) -> None:
        """Writes the checked report in this format."""


def names() -> list[str]:
    """Names of all formats; none of them is imported for it."""
    return modules_of(__path__)


def by_name(name: str) -> CheckFormat:
    """The format of this name.

    Raises:
      UsageError: there is none.
    """
    require(name, names())
    return cast("CheckFormat", importlib.import_module(f"{__name__}.{name}"))

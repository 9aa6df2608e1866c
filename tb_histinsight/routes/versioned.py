"""What the routes ask of a source of histograms: to know, without reading, what has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tb_histinsight.core.run import Skipped
from tb_histinsight.sources import RunReader


class VersionedReader(RunReader, Protocol):
    """A reader that knows, without reading, what has changed."""

    @property
    def version(self) -> str:
        """Changes when there is new data of any tag, or of a scalar."""

    def tag_version(self, tag: str) -> object:
        """Changes when there is new data of this tag."""

    def last_step(self) -> int | None:
        """The last step of any tag."""


class VersionedSource(Protocol):
    """A source of histograms that knows, without reading, what has changed."""

    def runs(self) -> Sequence[str]:
        """Names of the runs that hold histograms, in TensorBoard's order."""

    def open_run(self, run: str) -> VersionedReader:
        """Opens one run; KeyError: no such run."""

    def skipped(self) -> Sequence[Skipped]:
        """What was left out before any run was opened."""

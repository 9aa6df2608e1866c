"""Where histograms come from: event files, or a running TensorBoard. One interface for both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.core.run import ScalarSeries, Skipped

__all__ = ["HistogramSource", "RunReader", "ScalarSeries", "Skipped"]


class RunReader(Protocol):
    """The histograms of one run. Nothing is decoded before it is asked for, and then one tag at a time."""

    @property
    def run(self) -> str:
        """The run's name as TensorBoard gives it; "." for the logdir itself."""

    def tags(self) -> Sequence[str]:
        """All histogram tags, in order of first appearance in the log."""

    def read(self, tags: Sequence[str] | None = None) -> Iterator[HistogramSeries]:
        """The normalised series of the given tags (default: all), in the order of `tags()`.

        A tag none of whose records can be read gives no series; `skipped()` then says why.
        """

    def scalars(self) -> Sequence[ScalarSeries]:
        """All scalar tags."""

    def skipped(self) -> Sequence[Skipped]:
        """What has been left out so far; complete after `read` has been exhausted."""


class HistogramSource(Protocol):
    """All runs of a log directory (or of a running TensorBoard)."""

    def runs(self) -> Sequence[str]:
        """Names of the runs that hold histograms, in TensorBoard's order (natural sort)."""

    def open_run(self, run: str) -> RunReader:
        """Opens one run.

        Raises:
          KeyError: no such run.
        """

    def skipped(self) -> Sequence[Skipped]:
        """Files and folders that were left out before any run was opened."""

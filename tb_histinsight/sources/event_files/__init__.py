"""Histograms from the event files themselves: every step that was written, with exact moments."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.core.run import ScalarSeries, Skipped
from tb_histinsight.sources.event_files.decode import read_series
from tb_histinsight.sources.event_files.discovery import find_runs
from tb_histinsight.sources.event_files.index import RunIndex
from tb_histinsight.sources.event_files.merge import Merged, merge, writers_of
from tb_histinsight.sources.event_files.scan import FileScanner

__all__ = ["EventFileRun", "EventFileSource"]

StepRange = tuple[int | None, int | None]
"""First and last step that are wanted; None: no limit"""


class EventFileSource:
    """All runs below a folder of event files (a `HistogramSource`)."""

    def __init__(
        self,
        logdir: str | os.PathLike[str],
        *,
        run_filter: Callable[[str], bool] | None = None,
        tag_filter: Callable[[str], bool] | None = None,
        steps: StepRange | None = None,
    ) -> None:
        """Finds the runs; no file is opened yet.

        Args:
          logdir: a folder, one event file, or `name1:path1,name2:path2`.

        Raises:
          NothingToReadError: there is no such folder or file, or no event file in it.
        """
        self._files = {run: files for run, files in find_runs(logdir).items() if run_filter is None or run_filter(run)}
        self._tag_filter = tag_filter
        self._steps = steps
        self._open: dict[str, EventFileRun] = {}

    def runs(self) -> Sequence[str]:
        """Names of the runs that hold histograms; scans the files."""
        return [run for run in self._files if self.open_run(run).tags()]

    def open_run(self, run: str) -> EventFileRun:
        """Opens one run; what a run's files held is remembered, so that opening it again costs nothing."""
        if run not in self._open:
            self._open[run] = EventFileRun(run, self._files[run], tag_filter=self._tag_filter, steps=self._steps)
        return self._open[run]

    def skipped(self) -> Sequence[Skipped]:
        """What was left out of runs in which nothing can be read."""
        return [entry for run in self._files if not self.open_run(run).tags() for entry in self.open_run(run).skipped()]


class EventFileRun:
    """The event files of one run (a `RunReader`)."""

    def __init__(
        self,
        run: str,
        files: Sequence[Path],
        *,
        tag_filter: Callable[[str], bool] | None = None,
        steps: StepRange | None = None,
    ) -> None:
        self.run = run
        self._files = list(files)
        self._from, self._to = steps or (None, None)
        self._index = RunIndex()
        self._scanners = [FileScanner(file, number, self._index, tag_filter) for number, file in enumerate(files)]
        self._writers = writers_of([file.name for file in self._files])
        self._skipped: dict[Skipped, None] = {}
        self._scanned = False

    def tags(self) -> Sequence[str]:
        """All histogram tags, in order of first appearance."""
        self._scan()
        return list(self._index.histograms)

    def refresh(self) -> None:
        """Scans what has been written since the last look; readers of the run then see it."""
        self._scanned = True
        for scanner in self._scanners:
            where = scanner.path.name
            try:
                left_out = scanner.advance()
            except OSError as error:
                self._note(Skipped("unreadable", where, detail=error.strerror or type(error).__name__))
                continue
            for reason, count in left_out:
                self._note(Skipped(reason, where, count=count))

    def read(self, tags: Sequence[str] | None = None) -> Iterator[HistogramSeries]:
        """The normalised series of the given tags (default: all), one at a time."""
        self._scan()
        wanted = None if tags is None else set(tags)
        maps = [_mapped(file) for file in self._files]
        for tag, columns in self._index.histograms.items():
            if wanted is not None and tag not in wanted:
                continue
            merged = self._merged(tag, columns.steps, columns.wall_times, columns.files)
            series, unreadable = read_series(self.run, tag, columns, merged, maps)
            if unreadable:
                self._note(Skipped("not_a_histogram", tag=tag, count=unreadable))
            if series is not None:
                yield series

    def scalars(self) -> Sequence[ScalarSeries]:
        """All scalar tags."""
        self._scan()
        found = []
        for tag, columns in self._index.scalars.items():
            merged = self._merged(tag, columns.steps, columns.wall_times, columns.files)
            steps = np.frombuffer(columns.steps, np.int64)[merged.kept]
            wall_times = np.frombuffer(columns.wall_times, np.float64)[merged.kept]
            values = np.frombuffer(columns.values, np.float64)[merged.kept]
            found.append(ScalarSeries(tag, steps, wall_times, values))
        return found

    def skipped(self) -> Sequence[Skipped]:
        """Records and files that were left out so far."""
        return list(self._skipped)

    def _scan(self) -> None:
        if not self._scanned:
            self.refresh()

    def _merged(self, tag: str, steps: Sequence[int], wall_times: Sequence[float], files: Sequence[int]) -> Merged:
        """The records of a tag that make its history, within the steps that are wanted."""
        step_array = np.array(steps, np.int64)
        merged = merge(step_array, np.array(wall_times), np.array(files, np.int64), self._writers)
        for number in merged.other_ranks.tolist():
            self._note(Skipped("other_rank", self._files[number].name, tag))
        if self._from is None and self._to is None:
            return merged
        kept = merged.kept
        low = self._from if self._from is not None else np.iinfo(np.int64).min
        high = self._to if self._to is not None else np.iinfo(np.int64).max
        inside = (step_array[kept] >= low) & (step_array[kept] <= high)
        return Merged(kept[inside], merged.restarts, merged.repeated, merged.other_ranks)

    def _note(self, entry: Skipped) -> None:
        self._skipped.setdefault(entry)


def _mapped(file: Path) -> mmap.mmap | None:
    """The file's bytes; None where there are none to be had."""
    try:
        with file.open("rb") as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # ValueError: an empty file cannot be mapped
        return None

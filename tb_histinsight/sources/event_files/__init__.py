"""Histograms from the event files themselves: every step that was written, with exact moments."""

from __future__ import annotations

import mmap
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from tb_histinsight.core.histogram import FloatArray, HistogramSeries
from tb_histinsight.core.run import ScalarSeries, Skipped
from tb_histinsight.sources.event_files.decode import read_series
from tb_histinsight.sources.event_files.discovery import EventFile, Home, find_runs
from tb_histinsight.sources.event_files.index import HistogramColumns, RunIndex, ScalarColumns
from tb_histinsight.sources.event_files.merge import Merged, file_spans, host_of, merge
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
          run_filter: whether a run is wanted, by name; default: all.
          tag_filter: whether a histogram tag is wanted.
          steps: first and last step that are wanted, both included.

        Raises:
          NothingToReadError: there is no such folder or file, or no event file in it.
          UsageError: several of the folders hold a run of the same name.
        """
        found = find_runs(logdir)
        self._files = {run: files for run, files in found.runs.items() if run_filter is None or run_filter(run)}
        self._homes = found.homes
        self._skipped = found.skipped
        self._tag_filter = tag_filter
        self._steps = steps
        self._open: dict[str, EventFileRun] = {}

    def runs(self) -> Sequence[str]:
        """Names of the runs that hold histograms; scans all files."""
        return [run for run in self._files if self._kept(run).tags()]

    def sizes(self) -> dict[str, int]:
        """Bytes of every run's files, whatever they hold; no file is opened."""
        return {run: sum(file.size for file in files) for run, files in self._files.items()}

    def open_run(self, run: str) -> EventFileRun:
        """Opens one run, which is scanned when it is first asked for something."""
        if run in self._open:
            return self._open[run]
        return EventFileRun(run, self._files[run], tag_filter=self._tag_filter, steps=self._steps)

    def home(self, run: str) -> Home:
        """The folder that a run came from, and what the run is called there."""
        return self._homes[run]

    def skipped(self) -> Sequence[Skipped]:
        """What cannot be opened, and what was left out of runs in which no histogram was found; scans all files."""
        silent = [self._kept(run) for run in self._files if not self._kept(run).tags()]
        return [*self._skipped, *(entry for reader in silent for entry in reader.skipped())]

    def unopened(self) -> Sequence[Skipped]:
        """What cannot be opened, as far as that is known without opening anything."""
        return list(self._skipped)

    def _kept(self, run: str) -> EventFileRun:
        """A run whose scan is remembered, so that opening it again costs nothing."""
        if run not in self._open:
            self._open[run] = self.open_run(run)
        return self._open[run]


class EventFileRun:
    """The event files of one run (a `RunReader`)."""

    def __init__(
        self,
        run: str,
        files: Sequence[EventFile],
        *,
        tag_filter: Callable[[str], bool] | None = None,
        steps: StepRange | None = None,
    ) -> None:
        self.run = run
        self._files = list(files)
        self._from, self._to = steps or (None, None)
        self._index = RunIndex()
        self._scanners = [FileScanner(file.path, number, self._index, tag_filter) for number, file in enumerate(files)]
        self._hosts = [host_of(file.name) for file in self._files]
        self._skipped: dict[Skipped, None] = {}
        self._left_out: dict[tuple[str, str], int] = {}
        self._other_ranks: dict[str, Mapping[int, int]] = {}
        self._scanned = False

    def tags(self) -> Sequence[str]:
        """All histogram tags, in order of first appearance."""
        self._scan()
        histograms = self._index.histograms
        if self._from is None and self._to is None:
            return list(histograms)
        return [tag for tag, columns in histograms.items() if len(self._merged(tag, columns).kept)]

    def sizes(self) -> dict[str, int]:
        """Bytes of every tag's histograms; tags in order of first appearance."""
        return {tag: sum(self._index.histograms[tag].sizes) for tag in self.tags()}

    def refresh(self) -> None:
        """Scans what has been written since the last look; readers of the run then see it."""
        self._scanned = True
        self.__dict__.pop("_spans", None)
        for scanner, file in zip(self._scanners, self._files, strict=True):
            try:
                left_out = scanner.advance()
            except OSError as error:
                self._note(Skipped("unreadable", file.name, detail=error.strerror or type(error).__name__))
                continue
            for reason, count in left_out:
                self._left_out[reason, file.name] = self._left_out.get((reason, file.name), 0) + count

    def read(self, tags: Sequence[str] | None = None) -> Iterator[HistogramSeries]:
        """The normalised series of the given tags (default: all), one at a time."""
        self._scan()
        wanted = None if tags is None else set(tags)
        maps = [_mapped(file.path) for file in self._files]
        for tag, columns in self._index.histograms.items():
            if wanted is not None and tag not in wanted:
                continue
            merged = self._merged(tag, columns)
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
            merged = self._merged(tag, columns)
            if not len(merged.kept):
                continue
            steps = np.frombuffer(columns.steps, np.int64)[merged.kept]
            wall_times = np.frombuffer(columns.wall_times, np.float64)[merged.kept]
            values = np.frombuffer(columns.values, np.float64)[merged.kept]
            found.append(ScalarSeries(tag, steps, wall_times, values))
        return found

    def skipped(self) -> Sequence[Skipped]:
        """Records and files that were left out so far."""
        if len(self._files) > 1:
            for tag, columns in self._index.histograms.items():
                if tag not in self._other_ranks:
                    self._merged(tag, columns)
        left_out = [Skipped(reason, where, count=count) for (reason, where), count in self._left_out.items()]
        pairs = Counter(pair for others in self._other_ranks.values() for pair in others.items())
        names = [file.name for file in self._files]
        ranks = [Skipped("other_rank", names[o], count=tags, detail=names[kept]) for (o, kept), tags in pairs.items()]
        return [*left_out, *ranks, *self._skipped]

    def _scan(self) -> None:
        if not self._scanned:
            self.refresh()

    @cached_property
    def _spans(self) -> FloatArray:
        """When each file was written; float64 [files, 2]."""
        everything: list[HistogramColumns | ScalarColumns] = [*self._index.histograms.values()]
        everything += self._index.scalars.values()
        columns = ((np.array(found.wall_times), np.array(found.files)) for found in everything)
        return file_spans(columns, len(self._files))

    def _merged(self, tag: str, columns: HistogramColumns | ScalarColumns) -> Merged:
        """The records of a tag that make its history, within the steps that are wanted."""
        steps = np.array(columns.steps, np.int64)
        spans = self._spans if len(self._files) > 1 else np.full((1, 2), np.nan)
        merged = merge(steps, np.array(columns.files, np.int32), spans, self._hosts)
        if isinstance(columns, HistogramColumns):
            self._other_ranks[tag] = merged.other_ranks
        return merged.between(steps, self._from, self._to)

    def _note(self, entry: Skipped) -> None:
        self._skipped.setdefault(entry)


def _mapped(file: Path) -> mmap.mmap | None:
    """The file's bytes; None where there are none to be had."""
    try:
        with file.open("rb") as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # ValueError: an empty file cannot be mapped
        return None

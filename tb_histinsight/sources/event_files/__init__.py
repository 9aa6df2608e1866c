"""Histograms from the event files themselves: every step that was written, with exact moments."""

from __future__ import annotations

import copy
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tb_histinsight.core.histogram import FloatArray, HistogramSeries
from tb_histinsight.core.run import ScalarSeries, Skipped
from tb_histinsight.sources.event_files.decode import Wanted, read_several
from tb_histinsight.sources.event_files.discovery import EventFile, Found, Home, find_runs
from tb_histinsight.sources.event_files.file_bytes import FileBytes
from tb_histinsight.sources.event_files.index import HistogramColumns, RunIndex, ScalarColumns
from tb_histinsight.sources.event_files.merge import Merged, file_spans, host_of, merge
from tb_histinsight.sources.event_files.scan import FileScanner

if TYPE_CHECKING:
    from tb_histinsight.sources.remote.files import RemoteFile

__all__ = ["EventFileRun", "EventFileSource"]

BYTES_AT_ONCE = 12 << 20
"""Bytes of histograms that are read together. What lies between the tags that are wanted is passed over, at some 2 µs
for each step: with fewer bytes this takes longer than reading, with more only memory grows."""
REPLACED = "replaced"
"""Reason for which records are left out that were there when their file was scanned"""
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
        self._logdir, self._run_filter, self._steps = logdir, run_filter, steps
        found = find_runs(logdir)
        self._files = self._wanted(found)
        self._homes = found.homes
        self._skipped = found.skipped
        self._tag_filter = tag_filter
        self._open: dict[str, EventFileRun] = {}

    @property
    def elsewhere(self) -> bool:
        """Whether any of it is on another machine."""
        return any(not isinstance(file.path, Path) for files in self._files.values() for file in files)

    def bring(self, on_bytes: Callable[[int, int], None] | None = None) -> None:
        """Brings what is on other machines to this one, many files at once; nothing else has to wait for them then.

        The connections are closed: processes can be forked.

        Args:
          on_bytes: is told how many bytes have come, and how many there are to come.

        Raises:
          InsightError: none of it can be brought.
        """
        _bring(self._files, on_bytes)
        if self.elsewhere:
            from tb_histinsight.sources.remote.filesystem import release

            release()

    def runs(self) -> Sequence[str]:
        """Names of the runs that hold histograms; scans all files."""
        _bring(self._files)
        return [run for run in self._files if self._kept(run).tags()]

    def only(self, runs: Collection[str]) -> EventFileSource:
        """A source of some of the runs, with nothing opened, for another process: small to send, paths absolute."""
        some = copy.copy(self)
        some._open, some._skipped = {}, []
        some._files = {run: [replace(file, path=_absolute(file)) for file in self._files[run]] for run in runs}
        some._homes = {run: self._homes[run] for run in runs}
        return some

    def sizes(self) -> dict[str, int]:
        """Bytes of every run's files, whatever they hold; no file is opened."""
        return {run: sum(file.size for file in files) for run, files in self._files.items()}

    def some_files(self, count: int) -> list[tuple[str, Path]]:
        """So many event files of this machine, by what they are called towards users; paths are absolute."""
        here = ((file.name, file.path) for files in self._files.values() for file in files)
        return [(name, path.absolute()) for name, path in islice(here, count) if isinstance(path, Path)]

    def keep(self, run: str) -> None:
        """Scans a run, and remembers what was in it."""
        self._kept(run).tags()

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

    def refresh(self) -> list[str]:
        """Looks for new runs, and for what is new in those that were opened by `runs`; names those with news.

        Raises:
          NothingToReadError: the folder or all event files are gone.
          UsageError: as for the constructor.
        """
        found = find_runs(self._logdir)
        files = self._wanted(found)
        _bring(files)
        known, self._files = self._files, files
        self._homes, self._skipped = found.homes, found.skipped
        self._open = {run: reader for run, reader in self._open.items() if run in files}
        return [run for run in files if run not in known or self._kept(run).refresh(files[run])]

    def _wanted(self, found: Found) -> dict[str, list[EventFile]]:
        """The files of the runs that are wanted; of those on other machines only what may hold steps that are."""
        files = {run: files for run, files in found.runs.items() if self._run_filter is None or self._run_filter(run)}
        return files if self._steps in (None, (None, None)) else _within(files, self._steps)

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
        self._from, self._to = steps or (None, None)
        self._tag_filter = tag_filter
        self._begin(files)

    def _begin(self, files: Sequence[EventFile]) -> None:
        """Forgets everything, and has these files to scan."""
        self._files: list[EventFile] = []
        self._scanners: list[FileScanner] = []
        self._hosts: list[str] = []
        self._index = RunIndex()
        self._skipped: dict[Skipped, None] = {}
        self._left_out: dict[tuple[str, str], int] = {}
        self._other_ranks: dict[str, Mapping[int, int]] = {}
        self._scanned = False
        self._add(files)

    def _add(self, files: Sequence[EventFile]) -> None:
        for file in files:
            self._scanners.append(FileScanner(file.path, len(self._files), self._index, self._tag_filter))
            self._files.append(file)
            self._hosts.append(host_of(file.name))

    def tags(self) -> Sequence[str]:
        """All histogram tags, in order of first appearance."""
        self._scan()
        histograms = self._index.histograms
        if self._from is None and self._to is None:
            return list(histograms)
        return [tag for tag, columns in histograms.items() if len(self._merged(tag, columns).kept)]

    def sizes(self) -> dict[str, int]:
        """Bytes of every tag's histograms; tags in order of first appearance."""
        return {tag: self._index.histograms[tag].nbytes for tag in self.tags()}

    def refresh(self, files: Sequence[EventFile] | None = None) -> bool:
        """Scans what has been written since the last look; whether there was anything.

        Where a file was replaced, cut or deleted, or a new one comes before others, everything is read again.

        Args:
          files: all files of the run, where they may be others than before.
        """
        files = self._files if files is None else list(files)
        known = [(file.path, file.name) for file in self._files]
        new = [(file.path, file.name) for file in files]
        anew = known != new[: len(known)] or any(map(_replaced, self._scanners))
        if anew:
            self._begin(files)
        else:
            self._add(files[len(known) :])
        self._scanned = True
        self.__dict__.pop("_spans", None)
        self._other_ranks.clear()
        before = [scanner.position for scanner in self._scanners]
        for scanner, file in zip(self._scanners, self._files, strict=True):
            try:
                left_out = scanner.advance()
            except OSError as error:
                self._note(Skipped("unreadable", file.name, detail=error.strerror or type(error).__name__))
                continue
            self._skipped.pop(Skipped("unreadable", file.name), None)
            for reason, count in left_out:
                self._left_out[reason, file.name] = self._left_out.get((reason, file.name), 0) + count
        return anew or before != [scanner.position for scanner in self._scanners]

    def read(self, tags: Sequence[str] | None = None) -> Iterator[HistogramSeries]:
        """The normalised series of the given tags (default: all), one at a time; some are read together."""
        self._scan()
        chosen = None if tags is None else set(tags)
        paths = [file.path for file in self._files]
        for some in self._batches(chosen):
            for tag, series, unreadable, gone in read_several(self.run, some, paths, self._same):
                if unreadable:
                    self._note(Skipped("not_a_histogram", tag=tag, count=unreadable))
                for file in sorted(gone):
                    self._note(Skipped(REPLACED, self._files[file].name))
                if series is not None:
                    yield series

    def _batches(self, chosen: set[str] | None) -> Iterator[list[Wanted]]:
        """Neighbours that together have BYTES_AT_ONCE or a little more."""
        batch: list[Wanted] = []
        size = 0
        for tag, columns in self._index.histograms.items():
            if chosen is not None and tag not in chosen:
                continue
            merged = self._merged(tag, columns)
            if not len(merged.kept):
                continue
            batch.append(Wanted(tag, columns, merged))
            size += columns.nbytes
            if size >= BYTES_AT_ONCE:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

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
        return file_spans(self._index.written(), len(self._files))

    def _merged(self, tag: str, columns: HistogramColumns | ScalarColumns) -> Merged:
        """The records of a tag that make its history, within the steps that are wanted."""
        steps = np.asarray(columns.steps, np.int64)
        spans = self._spans if len(self._files) > 1 else np.full((1, 2), np.nan)
        merged = merge(steps, np.asarray(columns.files, np.int64), spans, self._hosts)
        if isinstance(columns, HistogramColumns):
            self._other_ranks[tag] = merged.other_ranks
        return merged.between(steps, self._from, self._to)

    def _same(self, number: int, data: FileBytes) -> bool:
        return self._scanners[number].same(data)

    def _note(self, entry: Skipped) -> None:
        self._skipped.setdefault(entry)


def _within(runs: dict[str, list[EventFile]], steps: StepRange | None) -> dict[str, list[EventFile]]:
    """Without files on other machines that hold none of the steps."""
    elsewhere = {run: _elsewhere(files) for run, files in runs.items()}
    elsewhere = {run: paths for run, paths in elsewhere.items() if len(paths) == len(runs[run])}
    if not elsewhere or steps is None:
        return runs
    from tb_histinsight.sources.remote.reach import within

    kept = {run: set(paths) for run, paths in within(elsewhere, steps).items()}
    return {run: [file for file in files if run not in kept or file.path in kept[run]] for run, files in runs.items()}


def _elsewhere(files: Iterable[EventFile]) -> list[RemoteFile]:
    """Those that are on other machines."""
    if all(isinstance(file.path, Path) for file in files):
        return []  # nothing is imported that is not needed
    from tb_histinsight.sources.remote.files import RemoteFile

    return [file.path for file in files if isinstance(file.path, RemoteFile)]


def _absolute(file: EventFile) -> os.PathLike[str]:
    return file.path.absolute() if isinstance(file.path, Path) else file.path


def _bring(runs: Mapping[str, Sequence[EventFile]], on_bytes: Callable[[int, int], None] | None = None) -> None:
    elsewhere = _elsewhere([file for files in runs.values() for file in files])
    if elsewhere:
        from tb_histinsight.sources.remote.fetch import bring

        bring(elsewhere, on_bytes)


def _replaced(scanner: FileScanner) -> bool:
    try:
        return scanner.replaced()
    except OSError:
        return True  # it is gone, or may be another one when it can be read again

"""Histograms from the event files themselves: every step that was written, with exact moments."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tb_histinsight.core.histogram import HistogramSeries, Moments, RawHistograms, normalise
from tb_histinsight.core.run import ScalarSeries, Skipped
from tb_histinsight.sources.event_files.discovery import find_runs
from tb_histinsight.sources.event_files.protos import parse_event
from tb_histinsight.sources.event_files.records import read_records

__all__ = ["EventFileSource"]


class EventFileSource:
    """All runs below a folder of event files (a `HistogramSource`)."""

    def __init__(
        self,
        logdir: str | os.PathLike[str],
        *,
        run_filter: Callable[[str], bool] | None = None,
        tag_filter: Callable[[str], bool] | None = None,
        steps: tuple[int | None, int | None] | None = None,
    ) -> None:
        self._files = {run: files for run, files in find_runs(logdir).items() if run_filter is None or run_filter(run)}
        self._tag_filter = tag_filter
        self._steps = steps

    def runs(self) -> Sequence[str]:
        """Names of the runs that have event files."""
        return [run for run in self._files if self.open_run(run).tags()]

    def open_run(self, run: str) -> EventFileRun:
        """Opens one run."""
        return EventFileRun(run, self._files[run], self._tag_filter, self._steps)

    def skipped(self) -> Sequence[Skipped]:
        """Nothing: files are opened with their run."""
        return []


@dataclass
class _Records:
    steps: list[int] = field(default_factory=list)
    wall_times: list[float] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    collisions: list[int] = field(default_factory=list)
    restarts: list[int] = field(default_factory=list)
    file: int = -1

    def add(self, step: int, wall_time: float, value: Any, file: int) -> None:
        if self.steps and step <= self.steps[-1]:
            if step == self.steps[-1] and file == self.file and not _same(value, self.values[-1]):
                self.collisions.append(step)
            if step < self.steps[-1]:
                self.restarts.append(step)
            while self.steps and self.steps[-1] >= step:
                self.steps.pop()
                self.wall_times.pop()
                self.values.pop()
        self.steps.append(step)
        self.wall_times.append(wall_time)
        self.values.append(value)
        self.file = file


class EventFileRun:
    """The event files of one run (a `RunReader`)."""

    def __init__(
        self,
        run: str,
        files: Sequence[Path],
        tag_filter: Callable[[str], bool] | None,
        steps: tuple[int | None, int | None] | None,
    ) -> None:
        self.run = run
        self._files = files
        self._tag_filter = tag_filter
        self._from, self._to = steps or (None, None)
        self._histograms: dict[str, _Records] = {}
        self._scalars: dict[str, _Records] = {}
        self._plugins: dict[str, str] = {}
        self._skipped: list[Skipped] = []
        self._scanned = False

    def tags(self) -> Sequence[str]:
        """All histogram tags, in order of first appearance."""
        self._scan()
        return list(self._histograms)

    def read(self, tags: Sequence[str] | None = None) -> Iterator[HistogramSeries]:
        """The normalised series of the given tags."""
        self._scan()
        for tag, records in self._histograms.items():
            if tags is None or tag in tags:
                yield normalise(_raw(self.run, tag, records))

    def scalars(self) -> Sequence[ScalarSeries]:
        """All scalar tags."""
        self._scan()
        return [
            ScalarSeries(tag, np.array(r.steps, np.int64), np.array(r.wall_times), np.array(r.values, np.float64))
            for tag, r in self._scalars.items()
        ]

    def skipped(self) -> Sequence[Skipped]:
        """Records and files that were left out."""
        return list(self._skipped)

    def _scan(self) -> None:
        if self._scanned:
            return
        self._scanned = True
        for number, file in enumerate(self._files):
            for record in read_records(file):
                if isinstance(record, str):
                    self._skipped.append(Skipped(record, file.name))
                    continue
                try:
                    event = parse_event(record)
                except ValueError:
                    self._skipped.append(Skipped("bad_record", file.name))
                    continue
                if event.HasField("summary"):
                    for value in event.summary.value:
                        self._take(event, value, number)

    def _take(self, event: Any, value: Any, file: int) -> None:
        if value.metadata.plugin_data.plugin_name:
            self._plugins.setdefault(value.tag, value.metadata.plugin_data.plugin_name)
        step = event.step
        if (self._from is not None and step < self._from) or (self._to is not None and step > self._to):
            return
        plugin = self._plugins.get(value.tag)
        kind = value.WhichOneof("value")
        if kind == "histo" or (kind == "tensor" and plugin == "histograms"):
            if self._tag_filter is None or self._tag_filter(value.tag):
                self._histograms.setdefault(value.tag, _Records()).add(
                    step, event.wall_time, value.histo if kind == "histo" else _array(value.tensor), file
                )
        elif kind == "simple_value" or (kind == "tensor" and plugin == "scalars"):
            number = value.simple_value if kind == "simple_value" else float(_array(value.tensor).reshape(-1)[0])
            self._scalars.setdefault(value.tag, _Records()).add(step, event.wall_time, number, file)


def _same(one: Any, other: Any) -> bool:
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else bool(one == other)


def _array(tensor: Any) -> Any:
    from tensorboard.util import tensor_util

    return tensor_util.make_ndarray(tensor)


def _raw(run: str, tag: str, records: _Records) -> RawHistograms:
    parts = []
    moments: list[list[float]] = []
    for value in records.values:
        if isinstance(value, np.ndarray):
            parts.append(value.reshape(-1, 3).astype(np.float64))
        else:
            limits = np.array(value.bucket_limit)
            left = np.concatenate([[-np.inf], limits[:-1]])
            parts.append(np.stack([left, limits, np.array(value.bucket)], axis=1))
            moments.append([value.min, value.max, value.num, value.sum, value.sum_squares])
    exact = np.array(moments).T if len(moments) == len(parts) else None
    return RawHistograms(
        run=run,
        tag=tag,
        steps=np.array(records.steps, np.int64),
        wall_times=np.array(records.wall_times),
        rows=np.concatenate(parts) if parts else np.empty((0, 3)),
        offsets=np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64),
        minimum=exact[0] if exact is not None else None,
        maximum=exact[1] if exact is not None else None,
        moments=Moments(*exact[2:]) if exact is not None else None,
        collisions=np.array(records.collisions, np.int64),
        restarts=np.array(records.restarts, np.int64),
    )

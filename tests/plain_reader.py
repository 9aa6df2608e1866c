"""A second reader of event files, slow and obvious: record by record, through protobuf and TensorBoard's arrays."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto.event_pb2 import Event

from tb_histinsight.core.histogram import HistogramSeries, Moments, RawHistograms, normalise
from tb_histinsight.core.run import ScalarSeries, Skipped
from tb_histinsight.sources.event_files.discovery import EventFile
from tb_histinsight.sources.event_files.merge import Merged, file_spans, host_of, merge
from tb_histinsight.sources.event_files.values import number_of, rows_of


def masked_crc32c(data: bytes) -> int:
    crc = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def read_records(file: Path) -> Iterator[bytes | tuple[str, int]]:
    """The records of a file; in the place of one that cannot be read, the reason, and its count."""
    data = file.read_bytes()

    def head_at(place: int) -> int | None:
        length, checksum = struct.unpack_from("<QI", data, place)
        return length if length < 1 << 31 and masked_crc32c(data[place : place + 8]) == checksum else None

    def whole_at(place: int) -> bool:
        length = head_at(place)
        if length is None or place + 12 + length + 4 > len(data):
            return False
        body = data[place + 12 : place + 12 + length]
        return masked_crc32c(body) == struct.unpack_from("<I", data, place + 12 + length)[0]

    def fits_at(place: int) -> bool:
        length = head_at(place)
        return bool(length) and place + 12 + length + 4 <= len(data)

    at = 0
    while at + 12 <= len(data):
        length = head_at(at)
        if length is None:
            again = next((p for p in range(at + 1, len(data) - 15) if fits_at(p)), None)
            if again is None:
                yield ("bad_length" if at else "no_events"), 1
                return
            yield ("damaged", 1) if at else ("bad_beginning", again)
            at = again
            continue
        end = at + 12 + length
        if end + 4 > len(data):
            return
        yield data[at + 12 : end] if whole_at(at) else ("bad_checksum", 1)
        at = end + 4


@dataclass
class OldStyle:
    """An old-style summary: rows (left, right, count) with an open first bucket, and its exact numbers."""

    rows: np.ndarray
    exact: tuple[float, ...]

    def with_extremes(self) -> np.ndarray:
        rows = self.rows.copy()
        if len(rows):
            rows[0, 0], rows[-1, 1] = self.exact[:2]
        return rows


def old_style_of(histo: Any) -> OldStyle | None:
    limits, counts = list(histo.bucket_limit), list(histo.bucket)
    if len(limits) != len(counts):
        return None
    rows = np.array(list(zip([-np.inf, *limits[:-1]], limits, counts, strict=False)), np.float64).reshape(-1, 3)
    return OldStyle(rows, (histo.min, histo.max, histo.num, histo.sum, histo.sum_squares))


@dataclass
class _Records:
    """All records of a tag, in the order of the log."""

    steps: list[int] = field(default_factory=list)
    wall_times: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, step: int, wall_time: float, file: int, value: Any) -> None:
        self.steps.append(step)
        self.wall_times.append(wall_time)
        self.files.append(file)
        self.values.append(value)


class PlainRun:
    """The event files of one run (a `RunReader`)."""

    def __init__(
        self,
        run: str,
        files: Sequence[EventFile],
        tag_filter: Callable[[str], bool] | None = None,
        steps: tuple[int | None, int | None] | None = None,
    ) -> None:
        self.run = run
        self._files = files
        self._tag_filter = tag_filter
        self._from, self._to = steps or (None, None)
        self._histograms: dict[str, _Records] = {}
        self._scalars: dict[str, _Records] = {}
        self._plugins: dict[str, str] = {}
        self._skipped: list[Skipped] = []

    def tags(self) -> Sequence[str]:
        return [tag for tag, merged in self._merged.items() if len(merged.kept)]

    def read(self, tags: Sequence[str] | None = None) -> Iterator[HistogramSeries]:
        for tag, merged in self._merged.items():
            if tags is None or tag in tags:
                series = _series(self.run, tag, self._histograms[tag], merged)
                if series is not None:
                    yield series

    def scalars(self) -> Sequence[ScalarSeries]:
        assert self._scanned
        found = []
        for tag, records in self._scalars.items():
            kept = self._merge(records).kept
            if len(kept):
                steps, values = np.array(records.steps, np.int64), np.array(records.values, np.float64)
                found.append(ScalarSeries(tag, steps[kept], np.array(records.wall_times)[kept], values[kept]))
        return found

    def skipped(self) -> Sequence[Skipped]:
        _ = self._merged
        return list(self._skipped)

    @cached_property
    def _scanned(self) -> bool:
        for number, file in enumerate(self._files):
            left_out: Counter[str] = Counter()
            try:
                for record in read_records(file.path):
                    reason, count = record if isinstance(record, tuple) else (self._take_event(record, number), 1)
                    if reason:
                        left_out[reason] += count
            except OSError as error:
                detail = error.strerror or type(error).__name__
                self._skipped.append(Skipped("unreadable", file.name, detail=detail))
            self._skipped += [Skipped(reason, file.name, count=count) for reason, count in left_out.items()]
        return True

    def _take_event(self, record: bytes, file: int) -> str:
        """Enters what a record holds; gives the reason where it holds nothing that can be read."""
        try:
            event = Event.FromString(record)
        except DecodeError:
            return "bad_record"
        if event.HasField("summary"):
            for value in event.summary.value:
                self._take_value(event, value, file)
        return ""

    def _take_value(self, event: Any, value: Any, file: int) -> None:
        if value.metadata.plugin_data.plugin_name:
            self._plugins.setdefault(value.tag, value.metadata.plugin_data.plugin_name)
        plugin = value.metadata.plugin_data.plugin_name or self._plugins.get(value.tag)
        kind = value.WhichOneof("value")
        if kind == "histo" or (kind == "tensor" and plugin == "histograms"):
            if self._tag_filter is None or self._tag_filter(value.tag):
                found = old_style_of(value.histo) if kind == "histo" else rows_of(value.tensor)
                self._histograms.setdefault(value.tag, _Records()).add(event.step, event.wall_time, file, found)
        elif kind == "simple_value" or (kind == "tensor" and plugin == "scalars"):
            number = value.simple_value if kind == "simple_value" else number_of(value.tensor)
            if number is not None:
                self._scalars.setdefault(value.tag, _Records()).add(event.step, event.wall_time, file, number)

    @cached_property
    def _merged(self) -> dict[str, Merged]:
        assert self._scanned
        found = {tag: self._merge(records) for tag, records in self._histograms.items()}
        others = Counter(pair for merged in found.values() for pair in merged.other_ranks.items())
        self._skipped += [
            Skipped("other_rank", self._files[other].name, count=count, detail=self._files[kept].name)
            for (other, kept), count in others.items()
        ]
        for tag, merged in found.items():
            values = [self._histograms[tag].values[i] for i in merged.kept]
            lost = len(values) if _only_negative(values) else sum(value is None for value in values)
            if lost:
                self._skipped.append(Skipped("not_a_histogram", tag=tag, count=lost))
        return found

    def _merge(self, records: _Records) -> Merged:
        everything = [*self._histograms.values(), *self._scalars.values()]
        columns = ((np.array(r.wall_times), np.array(r.files, np.int32)) for r in everything)
        spans = file_spans(columns, len(self._files))
        steps = np.array(records.steps, np.int64)
        hosts = [host_of(file.name) for file in self._files]
        merged = merge(steps, np.array(records.files, np.int32), spans, hosts)
        return merged.between(steps, self._from, self._to)


def _only_negative(values: Sequence[Any]) -> bool:
    rows = [value.rows if isinstance(value, OldStyle) else value for value in values if value is not None]
    counts = [count for part in rows for count in part[:, 2]]
    return any(count < 0 for count in counts) and not any(count > 0 for count in counts)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, OldStyle) and isinstance(other, OldStyle):
        return np.array_equal(one.exact, other.exact, equal_nan=True) and _same(one.rows, other.rows)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=True)
    return type(one) is type(other) and bool(one == other)


def _series(run: str, tag: str, records: _Records, merged: Merged) -> HistogramSeries | None:
    kept = np.array([i for i in merged.kept if records.values[i] is not None], np.int64)
    if not len(kept):
        return None
    values = [records.values[i] for i in kept]
    if _only_negative(values):
        return None
    exact = None
    if all(isinstance(value, OldStyle) for value in values):
        exact = np.array([value.exact for value in values]).T
        parts = [value.rows for value in values]
    else:
        parts = [value.with_extremes() if isinstance(value, OldStyle) else value for value in values]
    collisions = {records.steps[j] for i, j in merged.repeated if not _same(records.values[i], records.values[j])}
    return normalise(
        RawHistograms(
            run=run,
            tag=tag,
            steps=np.array(records.steps, np.int64)[kept],
            wall_times=np.array(records.wall_times, np.float64)[kept],
            rows=np.concatenate(parts),
            offsets=np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64),
            minimum=None if exact is None else exact[0],
            maximum=None if exact is None else exact[1],
            moments=None if exact is None else Moments(*exact[2:]),
            collisions=np.array(sorted(collisions), np.int64),
            restarts=merged.restarts,
        )
    )

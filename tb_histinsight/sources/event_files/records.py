"""Reads one record into what it adds to the index: by hand where it is laid out as usual, else with protobuf."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from tb_histinsight.sources.event_files import index as kinds
from tb_histinsight.sources.event_files.index import HistogramColumns, RunIndex, ScalarColumns
from tb_histinsight.sources.event_files.protos import parse_event
from tb_histinsight.sources.event_files.values import number_of
from tb_histinsight.sources.event_files.walk import (
    DT_DOUBLE,
    DT_FLOAT,
    FLOAT32,
    HISTO,
    HISTOGRAMS,
    IGNORED,
    SCALAR,
    SCALARS,
    Event,
    Unusual,
    Value,
    walk_event,
    walk_tensor,
)


@dataclass(frozen=True)
class Entry:
    """What one value of a record adds to the index."""

    tag: str
    kind: int
    start: int
    """First byte, counted from the record's first"""
    size: int
    number: float = 0.0
    """A scalar's value"""


class RecordReader:
    """Reads records of one file, and knows what the run's earlier ones said of their tags."""

    def __init__(self, index: RunIndex, file: int, tag_filter: Callable[[str], bool] | None = None) -> None:
        """A reader for one file.

        Args:
          file: number of the file among the run's files.
          tag_filter: whether a histogram tag is wanted.
        """
        self._index = index
        self._file = file
        self._tag_filter = tag_filter
        self._names: dict[bytes, str] = {}

    def walked(self, record: bytes) -> tuple[Event, list[Entry | None]]:
        """Takes a record apart by hand.

        Raises:
          Unusual: it is not laid out as usual.
        """
        event = walk_event(record)
        plugins = self._index.plugins
        known = len(plugins)
        try:
            return event, [self._entry(record, value) for value in event.values]
        except (Unusual, UnicodeDecodeError) as error:
            while len(plugins) > known:
                plugins.popitem()
            raise Unusual from error

    def _entry(self, record: bytes, value: Value) -> Entry | None:
        """What is to be entered for a value; None for what is neither histogram nor scalar.

        Raises:
          Unusual: the value is not stored as usual.
        """
        if value.plugin:
            self._index.plugins.setdefault(value.tag, value.plugin)
        if value.kind == IGNORED:
            return None
        tag = self.name(value.tag)
        if value.kind == SCALAR:
            number = FLOAT32.unpack_from(record, value.start)[0]
            return Entry(tag, kinds.SCALAR, value.start, 4, number)
        if value.kind == HISTO:
            return Entry(tag, kinds.HISTO, value.start, value.end - value.start)
        # A value is what its own metadata says: Keras logs images under the tags of histograms.
        plugin = value.plugin or self._index.plugins.get(value.tag)
        if plugin == HISTOGRAMS:
            content = walk_tensor(record, value.start, value.end)
            size = content.end - content.start
            if content.dtype != DT_DOUBLE or content.shape != (size // 24, 3) or size % 24:
                raise Unusual
            return Entry(tag, kinds.TENSOR64, content.start, size)
        if plugin == SCALARS:
            content = walk_tensor(record, value.start, value.end)
            if content.dtype != DT_FLOAT or content.end - content.start != 4 or math.prod(content.shape) != 1:
                raise Unusual
            return Entry(tag, kinds.SCALAR, content.start, 4, FLOAT32.unpack_from(record, content.start)[0])
        return None

    def through_protobuf(self, record: bytes) -> tuple[int, float, list[Entry]] | None:
        """Step, wall time and entries of a record as protobuf reads it; None where it is no event."""
        try:
            event = parse_event(record)
        except ValueError:
            return None
        entries: list[Entry] = []
        for number, value in enumerate(event.summary.value if event.HasField("summary") else ()):
            tag = value.tag.encode("utf-8")
            own = value.metadata.plugin_data.plugin_name.encode("utf-8")
            if own:
                self._index.plugins.setdefault(tag, own)
            kind = value.WhichOneof("value")
            plugin = own or self._index.plugins.get(tag)
            if kind == "histo" or (kind == "tensor" and plugin == HISTOGRAMS):
                # Counted from the record's first byte, and all of it: protobuf will be asked for it again.
                entries.append(Entry(self.name(tag), kinds.VIA_PROTOBUF + number, 0, len(record)))
            elif kind == "simple_value":
                entries.append(Entry(self.name(tag), kinds.SCALAR, 0, 0, value.simple_value))
            elif kind == "tensor" and plugin == SCALARS:
                number_in_it = number_of(value.tensor)
                if number_in_it is not None:
                    entries.append(Entry(self.name(tag), kinds.SCALAR, 0, 0, number_in_it))
        return event.step, event.wall_time, entries

    def name(self, tag: bytes) -> str:
        """The tag's name, always the same object."""
        text = self._names.get(tag)
        if text is None:
            text = self._names[tag] = tag.decode("utf-8")
        return text

    def enter(self, step: int, wall_time: float, start: int, entry: Entry) -> None:
        """Enters a value into the index.

        Args:
          start: where the record begins in the file.
        """
        if entry.kind == kinds.SCALAR:
            scalars = self.scalars(entry.tag)
            scalars.steps.append(step)
            scalars.wall_times.append(wall_time)
            scalars.files.append(self._file)
            scalars.values.append(entry.number)
            return
        columns = self.histograms(entry.tag)
        if columns is not None:
            columns.add(step, wall_time, file=self._file, kind=entry.kind, offset=start + entry.start, size=entry.size)

    def histograms(self, tag: str) -> HistogramColumns | None:
        """Where a tag's histograms are entered; None where they are not wanted."""
        columns = self._index.histograms.get(tag)
        if columns is None:
            if self._tag_filter is not None and not self._tag_filter(tag):
                return None
            columns = self._index.histograms[tag] = HistogramColumns()
        return columns

    def scalars(self, tag: str) -> ScalarColumns:
        """Where a tag's scalars are entered."""
        return self._index.scalars.setdefault(tag, ScalarColumns())

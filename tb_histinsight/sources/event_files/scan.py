"""Scans an event file once, front to back, into the index of its run; and on from there when the file has grown.

The file is mapped, not read. Checksums are verified on the way. Where training wrote in a rhythm, periods are read as
rows of a matrix (`template`); other records are taken apart one by one (`walk`); unusual ones go to protobuf.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.sources.event_files import index as kinds
from tb_histinsight.sources.event_files.batch import Batch, read_batch
from tb_histinsight.sources.event_files.buffer import Buffer
from tb_histinsight.sources.event_files.checksum import intact, masked_crc32c
from tb_histinsight.sources.event_files.framing import follow
from tb_histinsight.sources.event_files.index import HistogramColumns, RunIndex, ScalarColumns
from tb_histinsight.sources.event_files.protos import parse_event
from tb_histinsight.sources.event_files.resume import LONGEST_RECORD, next_record
from tb_histinsight.sources.event_files.template import Beat, Rows, Slot, Template
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

HEAD = struct.Struct("<QI")
CHECKSUM = struct.Struct("<I")
BLOCK_BYTES = 1 << 20
"""Periods are matched in blocks of about this size: they stay in the second-level cache."""
LONGEST_PERIOD = 1 << 14
"""Records after which a rhythm that has not come round is given up."""
MOST_RECORDS_AT_ONCE = 1 << 18
"""Records that are matched before they are entered into the index: some 10 MB of steps, times and checksums."""
LEAST_BATCH, LARGEST_BATCH = 1 << 16, 1 << 26
"""Bytes of a log without rhythm that are read as columns: less is not worth it, more would only take memory."""
RECORDS_PER_BATCH = 1 << 16
KEEP_MAPPED = 64 << 20
"""Bytes that may be scanned before their pages are given back to the system."""


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


class FileScanner:
    """One event file of a run, and how far it has been scanned."""

    def __init__(
        self, path: Path, number: int, index: RunIndex, tag_filter: Callable[[str], bool] | None = None
    ) -> None:
        self.path = path
        self.number = number
        """Number of the file among the run's files"""
        self.position = 0
        """First byte that has not been scanned; the frame of a record begins there"""
        self.ended = False
        """Whether damage keeps anything behind `position` from being found"""
        self._index = index
        self._tag_filter = tag_filter
        self._names: dict[bytes, str] = {}
        self._heads: dict[bytes, int] = {}
        self._failures = 0
        """How often in a row a rhythm was tried in vain"""
        self._walk_on = 0
        """Records to read without it before a rhythm is looked for again"""
        self._old_style = False
        """Whether the last record holds an old-style histogram: those differ in length, and have no rhythm"""
        self._record_bytes = 100
        """About how long records are"""
        self._reset_rhythm()

    def advance(self) -> list[tuple[str, int]]:
        """Scans what has come since; gives the reasons of what was left out, and how many records each is.

        Raises:
          OSError: the file cannot be opened or mapped.
        """
        with self.path.open("rb") as stream:
            size = stream.seek(0, 2)
            if size <= self.position or self.ended:
                return []
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                return self._scan(mapped, size)

    def _scan(self, mapped: mmap.mmap, size: int) -> list[tuple[str, int]]:
        left_out: dict[str, int] = {}
        at = self.position
        given_back = at
        while at + 12 <= size:
            if self._rhythm_may_go_on(mapped, at):
                rows = self._match_rows(mapped, at, size)
                if rows:
                    at += rows
                    self.position = at
                    continue
            if (self._old_style or self._walk_on) and size - at >= LEAST_BATCH:
                taken = self._take_batch(mapped, at, size, left_out)
                if taken:
                    at += taken
                    self.position = at
                    given_back = _give_back(mapped, given_back, at)
                    continue
            head = mapped[at : at + 12]
            length = self._heads.get(head)
            if length is None:
                length, checksum = HEAD.unpack(head)
                if length >= LONGEST_RECORD or masked_crc32c(head[:8]) != checksum:
                    found = next_record(mapped, at + 1, size) if at else None
                    reason = "no_events" if not at else "bad_length" if found is None else "damaged"
                    left_out[reason] = left_out.get(reason, 0) + 1
                    if found is None:
                        self.ended = True
                        break
                    self._reset_rhythm()
                    self.position = at = found
                    continue
                self._heads[head] = length
            end = at + 12 + length
            if end + 4 > size:
                break  # still being written
            record = mapped[at + 12 : end]
            if masked_crc32c(record) != CHECKSUM.unpack_from(mapped, end)[0]:
                left_out["bad_checksum"] = left_out.get("bad_checksum", 0) + 1
                self._reset_rhythm()
            elif not self._take(record, at):
                left_out["bad_record"] = left_out.get("bad_record", 0) + 1
                self._reset_rhythm()
            at = end + 4
            self.position = at
            if at - given_back > KEEP_MAPPED:
                given_back = _give_back(mapped, given_back, at)
        _give_back(mapped, given_back, at)
        return list(left_out.items())

    # -- one record ---------------------------------------------------------------------------------------------

    def _take(self, record: bytes, at: int) -> bool:
        """Enters a record into the index; False where it is no event."""
        try:
            event, entries = self._walked(record)
        except Unusual:
            self._reset_rhythm()
            found = self._through_protobuf(record)
            if found is None:
                return False
            step, wall_time, read = found
            for one in read:
                self._enter(step, wall_time, at + 12, one)
            return True
        for entry in entries:
            if entry is not None:
                self._enter(event.step, event.wall_time, at + 12, entry)
        self._note_rhythm(event, entries, at, len(record))
        return True

    def _walked(self, record: bytes) -> tuple[Event, list[Entry | None]]:
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
        tag = self._name(value.tag)
        if value.kind == SCALAR:
            number = FLOAT32.unpack_from(record, value.start)[0]
            return Entry(tag, kinds.SCALAR, value.start, 4, number)
        if value.kind == HISTO:
            return Entry(tag, kinds.HISTO, value.start, value.end - value.start)
        plugin = self._index.plugins.get(value.tag)
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

    def _through_protobuf(self, record: bytes) -> tuple[int, float, list[Entry]] | None:
        """Step, wall time and entries of a record as protobuf reads it; None where it is no event."""
        try:
            event = parse_event(record)
        except ValueError:
            return None
        entries: list[Entry] = []
        for number, value in enumerate(event.summary.value if event.HasField("summary") else ()):
            tag = value.tag.encode("utf-8")
            if value.metadata.plugin_data.plugin_name:
                self._index.plugins.setdefault(tag, value.metadata.plugin_data.plugin_name.encode("utf-8"))
            kind = value.WhichOneof("value")
            plugin = self._index.plugins.get(tag)
            if kind == "histo" or (kind == "tensor" and plugin == HISTOGRAMS):
                # Counted from the record's first byte, and all of it: protobuf will be asked for it again.
                entries.append(Entry(self._name(tag), kinds.VIA_PROTOBUF + number, 0, len(record)))
            elif kind == "simple_value":
                entries.append(Entry(self._name(tag), kinds.SCALAR, 0, 0, value.simple_value))
            elif kind == "tensor" and plugin == SCALARS:
                number_in_it = number_of(value.tensor)
                if number_in_it is not None:
                    entries.append(Entry(self._name(tag), kinds.SCALAR, 0, 0, number_in_it))
        return event.step, event.wall_time, entries

    def _name(self, tag: bytes) -> str:
        text = self._names.get(tag)
        if text is None:
            text = self._names[tag] = tag.decode("utf-8")
        return text

    def _enter(self, step: int, wall_time: float, start: int, entry: Entry) -> None:
        if entry.kind == kinds.SCALAR:
            scalars = self._index.scalars.setdefault(entry.tag, ScalarColumns())
            scalars.steps.append(step)
            scalars.wall_times.append(wall_time)
            scalars.files.append(self.number)
            scalars.values.append(entry.number)
            return
        columns = self._histogram_columns(entry.tag)
        if columns is not None:
            columns.steps.append(step)
            columns.wall_times.append(wall_time)
            columns.files.append(self.number)
            columns.kinds.append(entry.kind)
            columns.offsets.append(start + entry.start)
            columns.sizes.append(entry.size)

    def _histogram_columns(self, tag: str) -> HistogramColumns | None:
        columns = self._index.histograms.get(tag)
        if columns is None:
            if self._tag_filter is not None and not self._tag_filter(tag):
                return None
            columns = self._index.histograms[tag] = HistogramColumns()
        return columns

    # -- many records, without rhythm ---------------------------------------------------------------------------

    def _take_batch(self, mapped: mmap.mmap, at: int, size: int, left_out: dict[str, int]) -> int:
        """Enters the records from here on, all together; gives how many bytes they are, 0 where there are none."""
        buffer = Buffer(mapped)
        batch_bytes = min(max(self._record_bytes * RECORDS_PER_BATCH, LEAST_BATCH), LARGEST_BATCH)
        starts, lengths, end = follow(buffer, at, min(size, at + batch_bytes), self._record_bytes)
        if not len(starts):
            return 0
        self._record_bytes = (end - at) // len(starts)
        good = intact(mapped, starts, starts + lengths, buffer.u32[starts + lengths])
        if not good.all():
            left_out["bad_checksum"] = left_out.get("bad_checksum", 0) + int((~good).sum())
            starts, lengths = starts[good], lengths[good]
        batch = read_batch(buffer, starts, lengths, self._index.plugins)
        if batch.odd.any():
            batch = self._with_odd_ones(mapped, batch, starts, lengths, left_out)
        self._enter_batch(batch)
        self._reset_rhythm()
        self._walk_on = max(0, self._walk_on - len(starts))
        self._old_style = bool((batch.kinds == kinds.HISTO).any())
        return end - at

    def _with_odd_ones(
        self, mapped: mmap.mmap, batch: Batch, starts: IntArray, lengths: IntArray, left_out: dict[str, int]
    ) -> Batch:
        """Adds the records that have to be read one by one, in their places."""
        names = {name.decode("utf-8", "replace"): number for number, name in enumerate(batch.names)}
        rows: list[tuple[int, int, int, float, int, int, int, float]] = []
        for record in np.flatnonzero(batch.odd).tolist():
            start = int(starts[record])
            data = mapped[start : start + int(lengths[record])]
            entries: Sequence[Entry | None]
            try:
                event, entries = self._walked(data)
                step, wall_time = event.step, event.wall_time
            except Unusual:
                found = self._through_protobuf(data)
                if found is None:
                    left_out["bad_record"] = left_out.get("bad_record", 0) + 1
                    continue
                step, wall_time, entries = found
            for e in entries:
                if e is not None:
                    tag = names.setdefault(e.tag, len(names))
                    rows.append((record, tag, step, wall_time, e.kind, start + e.start, e.size, e.number))
        return batch.joined(rows, [name.encode("utf-8") for name in names])

    def _enter_batch(self, batch: Batch) -> None:
        files = np.full(len(batch.tags), self.number, np.int32).tobytes()
        scalar = batch.kinds == kinds.SCALAR
        for tag, index in batch.by_tag(scalar):
            scalars = self._index.scalars.setdefault(self._name(tag), ScalarColumns())
            scalars.steps.frombytes(batch.steps[index].tobytes())
            scalars.wall_times.frombytes(batch.wall_times[index].tobytes())
            scalars.files.frombytes(files[: 4 * len(index)])
            scalars.values.frombytes(batch.numbers[index].tobytes())
        for tag, index in batch.by_tag(~scalar):
            columns = self._histogram_columns(self._name(tag))
            if columns is not None:
                columns.steps.frombytes(batch.steps[index].tobytes())
                columns.wall_times.frombytes(batch.wall_times[index].tobytes())
                columns.files.frombytes(files[: 4 * len(index)])
                columns.kinds.frombytes(batch.kinds[index].astype(np.int32).tobytes())
                columns.offsets.frombytes(batch.offsets[index].tobytes())
                columns.sizes.frombytes(batch.sizes[index].tobytes())

    # -- rhythm -------------------------------------------------------------------------------------------------

    def _reset_rhythm(self) -> None:
        self._beats: list[Beat] = []

    def _note_rhythm(self, event: Event, entries: list[Entry | None], at: int, length: int) -> None:
        """Remembers a record as part of a possible period; the first histogram that recurs begins the next one."""
        self._walk_on = max(0, self._walk_on - 1)
        self._old_style = any(e is not None and e.kind == kinds.HISTO for e in entries)
        if not event.values or not event.wall_at or any(e is None or e.kind == kinds.HISTO for e in entries):
            self._reset_rhythm()
            return
        known = [entry for entry in entries if entry is not None]
        first = self._beats[0] if self._beats else None
        begins = known[0].kind == kinds.TENSOR64
        width = event.step_end - event.step_at
        if first is None or (begins and known[0].tag == first.slots[0].tag) or len(self._beats) >= LONGEST_PERIOD:
            self._reset_rhythm()
            if not begins:
                return
        elif width != first.step_end - first.step_at:
            self._reset_rhythm()
            return
        slots = tuple(Slot(e.tag, e.kind == kinds.SCALAR, e.start, e.size) for e in known)
        self._beats.append(Beat(at, length, event.wall_at, event.step_at, event.step_end, slots))

    def _rhythm_may_go_on(self, mapped: mmap.mmap, at: int) -> bool:
        """Whether the record here looks like the one that began the period before."""
        if not self._beats or self._walk_on:
            return False
        first = self._beats[0]
        before = first.step_end or first.wall_at + 8
        here, there = at + 12 + before, first.position + 12 + before
        alike = first.slots[0].start - before
        return (
            mapped[at : at + 12] == mapped[first.position : first.position + 12]
            and mapped[here : here + alike] == mapped[there : there + alike]
        )

    def _match_rows(self, mapped: mmap.mmap, at: int, size: int) -> int:
        """Reads the periods from here on as rows; gives how many bytes they are."""
        template = Template(self._beats, mapped[self._beats[0].position : at])
        beats = len(self._beats)
        most = max(1, MOST_RECORDS_AT_ONCE // beats)
        start = at
        while True:
            blocks, full = _matching_blocks(template, mapped, at, size, most)
            good = template.undamaged(blocks) if blocks else 0
            if good:
                self._enter_rows(template, blocks[:good], at)
                at += template.size * sum(len(block.steps) for block in blocks[:good])
                _give_back(mapped, start, at)
            if good < len(blocks) or not full:
                break
        # What ended the rhythm is read record by record; so is what follows, ever longer, where there is none.
        self._failures = 0 if at > start else self._failures + 1
        self._reset_rhythm()
        if good < len(blocks):
            self._walk_on = beats * len(blocks[good].steps)
        elif at == start:
            self._walk_on = min(beats << min(self._failures, 16), LONGEST_PERIOD)
        return at - start

    def _enter_rows(self, template: Template, found: list[Rows], start: int) -> None:
        steps = np.concatenate([rows.steps for rows in found])
        wall_times = np.concatenate([rows.wall_times for rows in found])
        scalars = np.concatenate([rows.scalars for rows in found])
        files = np.full(len(steps), self.number, np.int32)
        begins = start + template.size * np.arange(len(steps), dtype=np.int64)[:, None]
        for tag, places in template.columns.items():
            columns = self._histogram_columns(tag)
            if columns is None:
                continue
            records = [record for record, _, _ in places]
            offsets = begins + np.array([at for _, at, _ in places], np.int64)
            columns.steps.frombytes(steps[:, records].tobytes())
            columns.wall_times.frombytes(wall_times[:, records].tobytes())
            columns.files.frombytes(np.repeat(files, len(places)).tobytes())
            columns.kinds.frombytes(np.full(offsets.size, kinds.TENSOR64, np.int32).tobytes())
            columns.offsets.frombytes(offsets.tobytes())
            columns.sizes.frombytes(np.tile(np.array([n for _, _, n in places], np.int64), len(steps)).tobytes())
        for tag, scalar_places in template.scalar_columns.items():
            into = self._index.scalars.setdefault(tag, ScalarColumns())
            records = [record for record, _ in scalar_places]
            into.steps.frombytes(steps[:, records].tobytes())
            into.wall_times.frombytes(wall_times[:, records].tobytes())
            into.files.frombytes(np.repeat(files, len(scalar_places)).tobytes())
            into.values.frombytes(scalars[:, [number for _, number in scalar_places]].tobytes())


def _matching_blocks(template: Template, mapped: mmap.mmap, at: int, size: int, most: int) -> tuple[list[Rows], bool]:
    """Blocks of periods from here on, at most so many rows; and whether there may be more of them."""
    per_block = max(1, BLOCK_BYTES // template.size)
    blocks: list[Rows] = []
    count = 0
    while at + template.size <= size:
        if count >= most:
            return blocks, True
        rows = min(per_block, (size - at) // template.size)
        block = template.match(mapped[at : at + rows * template.size], rows)
        if block is None:
            break
        blocks.append(block)
        count += len(block.steps)
        at += len(block.steps) * template.size
        if len(block.steps) < rows:
            break
    return blocks, False


def _give_back(mapped: mmap.mmap, start: int, end: int) -> int:
    """Lets the system drop scanned pages from this process; where the next such range begins."""
    start -= start % mmap.PAGESIZE
    end -= end % mmap.PAGESIZE
    if end > start and hasattr(mapped, "madvise"):
        mapped.madvise(mmap.MADV_DONTNEED, start, end - start)
    return max(start, end)

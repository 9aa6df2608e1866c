"""Scans an event file once, front to back, into the index of its run; and on from there when the file has grown.

Checksums are verified on the way. Where training wrote in a rhythm, periods are read as rows of a matrix (`rhythm`);
other records are taken apart many at a time (`batch`) or one by one (`records`).
"""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.sources.event_files import index as kinds
from tb_histinsight.sources.event_files.batch import Batch, read_batch
from tb_histinsight.sources.event_files.buffer import Buffer
from tb_histinsight.sources.event_files.checksum import crc32c, intact, masked_crc32c
from tb_histinsight.sources.event_files.file_bytes import FileBytes
from tb_histinsight.sources.event_files.framing import follow
from tb_histinsight.sources.event_files.index import RunIndex
from tb_histinsight.sources.event_files.pending import Pending
from tb_histinsight.sources.event_files.records import Entry, RecordReader
from tb_histinsight.sources.event_files.resume import LONGEST_RECORD, next_record
from tb_histinsight.sources.event_files.rhythm import Rhythm
from tb_histinsight.sources.event_files.walk import Unusual

HEAD = struct.Struct("<QI")
CHECKSUM = struct.Struct("<I")
LEAST_BATCH, LARGEST_BATCH = 1 << 16, 1 << 22
"""Bytes of a log without rhythm that are read as columns: less is not worth it, more would not stay in cache."""
RECORDS_PER_BATCH = 1 << 16
WITNESS = 1 << 9
"""Bytes at the beginning, and before the end of what was read, by which a file is known again."""


class FileScanner:
    """One event file of a run, and how far it has been scanned."""

    def __init__(
        self, path: os.PathLike[str], number: int, index: RunIndex, tag_filter: Callable[[str], bool] | None = None
    ) -> None:
        self.path = path
        self.number = number
        """Number of the file among the run's files"""
        self.position = 0
        """First byte that has not been scanned; the frame of a record begins there"""
        self.ended = False
        """Whether damage keeps anything behind `position` from being found"""
        self._index = index
        self._records = RecordReader(index, number, tag_filter)
        self._pending = Pending(number, self._records)
        self._rhythm = Rhythm(number, self._records)
        self._heads: dict[bytes, int] = {}
        self._old_style = False
        """Whether the last record holds an old-style histogram: those differ in length, and have no rhythm"""
        self._record_bytes = 100
        """About how long records are"""
        self._seen = 0
        """Bytes that the file had when it was last scanned"""
        self._identity = (0, 0)
        self._witness = (0, 0)

    def replaced(self) -> bool:
        """Whether the file is no longer the one that was scanned: another one, cut, or written anew.

        Raises:
          OSError: the file cannot be opened.
        """
        if not self._seen:
            return False
        with FileBytes(self.path) as data:
            return data.identity != self._identity or data.size < self._seen or not self.same(data)

    def same(self, data: FileBytes) -> bool:
        """Whether a file has the beginning of the one that was scanned, and, if it is not shorter, its end too."""
        if not self._seen:
            return True  # nothing is known of it: reading it came to an end before
        first, last = self._witness_of(data)
        return first == self._witness[0] and (data.size < self._seen or last == self._witness[1])

    def advance(self) -> list[tuple[str, int]]:
        """Scans what has come since; gives the reasons of what was left out, and how many records each is.

        Raises:
          OSError: the file cannot be opened or read.
        """
        with FileBytes(self.path) as data:
            if data.size <= self.position or self.ended:
                return []
            try:
                left_out = self._scan(data, data.size)
            finally:
                self._pending.enter()
            self._seen, self._identity = data.size, data.identity
            self._witness = self._witness_of(data)
        return list(left_out.items())

    def _witness_of(self, data: FileBytes) -> tuple[int, int]:
        """Checksums of the first bytes, and of the last ones that were scanned."""
        end = self.position
        return crc32c(data.read(0, min(WITNESS, self._seen))), crc32c(data.read(max(0, end - WITNESS), end))

    def _scan(self, data: FileBytes, size: int) -> Counter[str]:
        left_out: Counter[str] = Counter()
        at = self.position
        while at + 12 <= size:
            taken = self._many(data, at, size, left_out)
            if taken:
                self.position = at = at + taken
                continue
            head = data[at : at + 12]
            if len(head) < 12:
                break  # the file was cut since it was opened
            length = self._heads.get(head)
            if length is None:
                length, checksum = HEAD.unpack(head)
                if length >= LONGEST_RECORD or masked_crc32c(head[:8]) != checksum:
                    found = next_record(data, at + 1, size)
                    if not at:
                        left_out["no_events" if found is None else "bad_beginning"] += 1 if found is None else found
                    else:
                        left_out["bad_length" if found is None else "damaged"] += 1
                    if found is None:
                        self.ended = True
                        break
                    self._rhythm.reset()
                    self.position = at = found
                    continue
                self._heads[head] = length
            end = at + 12 + length
            record, foot = data[at + 12 : end], data[end : end + 4]
            if len(foot) < 4:
                break  # still being written
            if masked_crc32c(record) != CHECKSUM.unpack(foot)[0]:
                left_out["bad_checksum"] += 1
                self._rhythm.reset()
            elif not self._take(record, at):
                left_out["bad_record"] += 1
                self._rhythm.reset()
            self.position = at = end + 4
        return left_out

    def _many(self, data: FileBytes, at: int, size: int, left_out: Counter[str]) -> int:
        """Reads many records at once; gives how many bytes they are, 0 where that is not to be done here."""
        if self._rhythm.may_go_on(data, at):
            self._pending.enter()
            rows = self._rhythm.match(data, at, size)
            if rows:
                return rows
        if (self._old_style or self._rhythm.walk_on) and size - at >= LEAST_BATCH:
            return self._take_batch(data, at, size, left_out)
        return 0

    def _take(self, record: bytes, at: int) -> bool:
        """Enters a record into the index; False where it is no event."""
        self._pending.enter()
        try:
            event, entries = self._records.walked(record)
        except Unusual:
            self._rhythm.reset()
            found = self._records.through_protobuf(record)
            if found is None:
                return False
            step, wall_time, read = found
            for one in read:
                self._records.enter(step, wall_time, at + 12, one)
            return True
        for entry in entries:
            if entry is not None:
                self._records.enter(event.step, event.wall_time, at + 12, entry)
        self._rhythm.passed(1)
        self._old_style = any(e is not None and e.kind == kinds.HISTO for e in entries)
        self._rhythm.note(event, entries, at, record)
        return True

    def _take_batch(self, data: FileBytes, at: int, size: int, left_out: Counter[str]) -> int:
        """Enters the records from here on, all together; gives how many bytes they are, 0 where there are none."""
        batch_bytes = min(max(self._record_bytes * RECORDS_PER_BATCH, LEAST_BATCH), LARGEST_BATCH)
        buffer = Buffer(data.block(at, min(size, at + batch_bytes)))
        if buffer.size < LEAST_BATCH:
            return 0
        starts, lengths, end = follow(buffer)
        if not len(starts):
            return 0
        self._record_bytes = end // len(starts)
        good = intact(buffer.u8, starts, starts + lengths, buffer.u32[starts + lengths])
        if not good.all():
            left_out["bad_checksum"] += int((~good).sum())
            starts, lengths = starts[good], lengths[good]
        batch = read_batch(buffer, starts, lengths, self._index.plugins)
        if batch.odd.any():
            batch = self._with_odd_ones(buffer, batch, starts, lengths, left_out)
        self._pending.add(batch, at)
        self._rhythm.reset()
        self._rhythm.passed(len(starts))
        self._old_style = bool((batch.kinds == kinds.HISTO).any())
        return end

    def _with_odd_ones(
        self, buffer: Buffer, batch: Batch, starts: IntArray, lengths: IntArray, left_out: Counter[str]
    ) -> Batch:
        """Adds the records that have to be read one by one, in their places."""
        names = {name.decode("utf-8", "replace"): number for number, name in enumerate(batch.names)}
        rows: list[tuple[int, int, int, float, int, int, int, float]] = []
        for record in np.flatnonzero(batch.odd).tolist():
            start = int(starts[record])
            data = bytes(buffer.memory[start : start + int(lengths[record])])
            entries: Sequence[Entry | None]
            try:
                event, entries = self._records.walked(data)
                step, wall_time = event.step, event.wall_time
            except Unusual:
                found = self._records.through_protobuf(data)
                if found is None:
                    left_out["bad_record"] += 1
                    continue
                step, wall_time, entries = found
            for e in entries:
                if e is not None:
                    tag = names.setdefault(e.tag, len(names))
                    rows.append((record, tag, step, wall_time, e.kind, start + e.start, e.size, e.number))
        return batch.joined(rows, [name.encode("utf-8") for name in names])

"""Follows the rhythm of an event file: finds a period, and reads the following ones as rows of a matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tb_histinsight.sources.event_files import index as kinds
from tb_histinsight.sources.event_files.file_bytes import FileBytes
from tb_histinsight.sources.event_files.records import Entry, RecordReader
from tb_histinsight.sources.event_files.template import Beat, Rows, Slot, Template
from tb_histinsight.sources.event_files.walk import Event

BLOCK_BYTES = 1 << 20
"""Periods are matched in blocks of about this size: they stay in the second-level cache."""
LONGEST_PERIOD = 1 << 14
"""Records after which a rhythm that has not come round is given up."""
MOST_RECORDS_AT_ONCE = 1 << 18
"""Records that are matched before they are entered into the index: some 10 MB of steps, times and checksums."""


class Rhythm:
    """The period that a file may have, as far as it has been read."""

    def __init__(self, file: int, records: RecordReader) -> None:
        """Nothing is known yet.

        Args:
          file: number of the file among the run's files.
        """
        self._file = file
        self._records = records
        self._beats: list[Beat] = []
        self._failures = 0
        """How often in a row a rhythm was tried in vain"""
        self._length = self._between = b""
        """Of the record that begins the period: its length, and what stands between its step and its first number"""
        self._before = 0
        """Where the latter begins"""
        self.walk_on = 0
        """Records to read without it before a rhythm is looked for again"""

    def reset(self) -> None:
        """Forgets the period."""
        self._beats = []

    def passed(self, records: int) -> None:
        """Notes that so many records were read in another way."""
        self.walk_on = max(0, self.walk_on - records)

    def note(self, event: Event, entries: Sequence[Entry | None], at: int, record: bytes) -> None:
        """Remembers a record as part of a possible period; the first histogram that recurs begins the next one."""
        if not event.values or not event.wall_at or any(e is None or e.kind == kinds.HISTO for e in entries):
            self.reset()
            return
        known = [entry for entry in entries if entry is not None]
        first = self._beats[0] if self._beats else None
        begins = known[0].kind == kinds.TENSOR64
        width = event.step_end - event.step_at
        if first is None or (begins and known[0].tag == first.slots[0].tag) or len(self._beats) >= LONGEST_PERIOD:
            self.reset()
            if not begins:
                return
        elif width != first.step_end - first.step_at:
            self.reset()
            return
        if not self._beats:
            self._length = len(record).to_bytes(8, "little")
            self._before = event.step_end or event.wall_at + 8
            self._between = record[self._before : known[0].start]
        slots = tuple(Slot(e.tag, e.kind == kinds.SCALAR, e.start, e.size) for e in known)
        self._beats.append(Beat(at, len(record), event.wall_at, event.step_at, event.step_end, slots))

    def may_go_on(self, data: FileBytes, at: int) -> bool:
        """Whether the record here looks like the one that began the period before."""
        if not self._beats or self.walk_on:
            return False
        here = at + 12 + self._before
        return data[at : at + 8] == self._length and data[here : here + len(self._between)] == self._between

    def match(self, data: FileBytes, at: int, size: int) -> int:
        """Reads the periods from here on as rows; gives how many bytes they are."""
        period = data[self._beats[0].position : at]
        if len(period) < at - self._beats[0].position:
            return 0  # the file was cut since it was opened
        template = Template(self._beats, period)
        beats = len(self._beats)
        most = max(1, MOST_RECORDS_AT_ONCE // beats)
        start = at
        while True:
            blocks, full = _matching_blocks(template, data, at, size, most)
            good = template.undamaged(blocks) if blocks else 0
            if good:
                self._enter_rows(template, blocks[:good], at)
                at += template.size * sum(len(block.steps) for block in blocks[:good])
            if good < len(blocks) or not full:
                break
        # What ended the rhythm is read record by record; so is what follows, ever longer, where there is none.
        self._failures = 0 if at > start else self._failures + 1
        self.reset()
        if good < len(blocks):
            self.walk_on = beats * len(blocks[good].steps)
        elif at == start:
            self.walk_on = min(beats << min(self._failures, 16), LONGEST_PERIOD)
        return at - start

    def _enter_rows(self, template: Template, found: list[Rows], start: int) -> None:
        steps = np.concatenate([rows.steps for rows in found])
        wall_times = np.concatenate([rows.wall_times for rows in found])
        scalars = np.concatenate([rows.scalars for rows in found])
        # Every tag keeps a column of these matrices. Where a period is one step, one column of steps does for all.
        if (steps == steps[:, :1]).all():
            steps = np.broadcast_to(steps[:, :1].copy(), steps.shape)
        for tag, places in template.columns.items():
            columns = self._records.histograms(tag)
            if columns is None:
                continue
            if len(places) == 1:
                record, at, size = places[0]
                times = wall_times[:, record]
                apart = template.size
                columns.add_even(steps[:, record], times, file=self._file, first=start + at, apart=apart, size=size)
                continue
            records = [record for record, _, _ in places]
            begins = start + template.size * np.arange(len(steps), dtype=np.int64)[:, None]
            offsets = begins + np.array([at for _, at, _ in places], np.int64)
            columns.add_listed(
                steps[:, records],
                wall_times[:, records],
                file=self._file,
                kinds=np.full(offsets.size, kinds.TENSOR64, np.int64),
                offsets=offsets,
                sizes=np.tile(np.array([size for _, _, size in places], np.int64), len(steps)),
            )
        for tag, scalar_places in template.scalar_columns.items():
            records = [record for record, _ in scalar_places]
            values = scalars[:, [number for _, number in scalar_places]]
            self._records.scalars(tag).add(steps[:, records], wall_times[:, records], file=self._file, values=values)


def _matching_blocks(template: Template, data: FileBytes, at: int, size: int, most: int) -> tuple[list[Rows], bool]:
    """Blocks of periods from here on, at most so many rows; and whether there may be more of them."""
    per_block = max(1, BLOCK_BYTES // template.size)
    blocks: list[Rows] = []
    count = 0
    while at + template.size <= size:
        if count >= most:
            return blocks, True
        rows = min(per_block, (size - at) // template.size)
        there = data.block(at, at + rows * template.size)
        if len(there) < rows * template.size:
            break  # the file was cut since it was opened
        block = template.match(there, rows)
        if block is None:
            break
        blocks.append(block)
        count += len(block.steps)
        at += len(block.steps) * template.size
        if len(block.steps) < rows:
            break
    return blocks, False

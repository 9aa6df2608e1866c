"""Rhythm in an event file: training loops write the same tags in the same order at every step.

Once one period of that rhythm is known record by record, the following ones are read as rows of a matrix: their
lengths, tags and everything else but times, steps, numbers and checksums must be the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tb_histinsight.sources.event_files.checksum import crc32c, expected_difference, fold_rows

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Slot:
    """A value of a record in the period: where its bytes begin, counted from the record's first byte."""

    tag: str
    scalar: bool
    start: int
    size: int


@dataclass(frozen=True)
class Beat:
    """One record of the period."""

    position: int
    """First byte of its frame, in the file"""
    length: int
    """Bytes of the record, without its frame"""
    wall_at: int
    step_at: int
    step_end: int
    slots: tuple[Slot, ...]


@dataclass
class Rows:
    """Periods that were read as a matrix."""

    steps: npt.NDArray[np.int64]
    """[rows, records]"""
    wall_times: npt.NDArray[np.float64]
    """[rows, records]"""
    scalars: npt.NDArray[np.float64]
    """[rows, scalars of the period]"""
    stored: npt.NDArray[np.uint32]
    """[rows, records]: the checksums that the records carry"""
    checksum: int
    """CRC-32C of all the rows' bytes"""


class Template:
    """One period, and how to recognise others like it."""

    def __init__(self, beats: list[Beat], period: bytes) -> None:
        """Learns a period whose records have all been read and found undamaged."""
        self.beats = beats
        self.size = len(period)
        self._period = period
        self._bytes = np.frombuffer(period, np.uint8)
        begin = beats[0].position
        fixed = np.ones(len(period), bool)
        self.step_bytes = beats[0].step_end - beats[0].step_at
        walls: list[int] = []
        steps: list[int] = []
        checksums: list[int] = []
        scalars: list[int] = []
        self.columns: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        """Per histogram tag: (record, first byte in the period, size) of each of its values"""
        self.scalar_columns: dict[str, list[tuple[int, int]]] = defaultdict(list)
        """Per scalar tag: (record, number among the scalars) of each of its values"""
        for number, beat in enumerate(beats):
            record = beat.position - begin + 12
            walls.append(record + beat.wall_at)
            steps.append(record + beat.step_at)
            checksums.append(record + beat.length)
            for slot in beat.slots:
                at = record + slot.start
                fixed[at : at + slot.size] = False
                if slot.scalar:
                    self.scalar_columns[slot.tag].append((number, len(scalars)))
                    scalars.append(at)
                else:
                    self.columns[slot.tag].append((number, at, slot.size))
        self._walls = _spread(walls, 8)
        self._steps = _spread(steps, self.step_bytes)
        self._checksums = _spread(checksums, 4)
        self._scalars = _spread(scalars, 4)
        for variable in (self._walls, self._steps, self._checksums):
            fixed[variable] = False
        self._fixed = np.flatnonzero(fixed)
        self._fixed_bytes = self._bytes[self._fixed]
        self._frame_lengths = [beat.length + 16 for beat in beats]
        self._stored = self._bytes[self._checksums].view("<u4")
        self._crc_of_repeats: dict[int, int] = {}

    def match(self, block: Bytes, rows: int) -> Rows | None:
        """Reads the leading rows of a block that are like the period; None where there are none.

        Whether they are undamaged is for `undamaged` to say.
        """
        matrix = block.reshape(rows, self.size)
        alike = (matrix.take(self._fixed, axis=1) == self._fixed_bytes).all(axis=1)
        step_bytes = matrix.take(self._steps, axis=1).reshape(rows, len(self.beats), self.step_bytes)
        if self.step_bytes:
            alike &= (step_bytes[:, :, :-1] >= 0x80).all(axis=(1, 2)) & (step_bytes[:, :, -1] < 0x80).all(axis=1)
        count = rows if alike.all() else int(np.argmin(alike))
        if not count:
            return None
        matrix, step_bytes = matrix[:count], step_bytes[:count]
        stored = matrix.take(self._checksums, axis=1).view("<u4")
        seen = crc32c(block if count == rows else block[: count * self.size])
        steps = np.zeros((count, len(self.beats)), np.uint64)
        for place in range(self.step_bytes):
            steps |= (step_bytes[:, :, place] & np.uint8(0x7F)).astype(np.uint64) << np.uint64(7 * place)
        wall_times = matrix.take(self._walls, axis=1).view("<f8")
        scalars = matrix.take(self._scalars, axis=1).view("<f4").astype(np.float64)
        return Rows(steps.view(np.int64), np.asarray(wall_times, np.float64), scalars, stored, seen)

    def undamaged(self, blocks: list[Rows]) -> int:
        """How many of these blocks come before the first in which a record does not fit its checksum."""
        differences = expected_difference(
            np.concatenate([block.stored for block in blocks]), self._stored, self._frame_lengths
        )
        counts = [len(block.stored) for block in blocks]
        most, begin = max(counts), 0
        rows = np.zeros((most, len(blocks)), np.uint32)
        for number, count in enumerate(counts):
            rows[most - count :, number] = differences[begin : begin + count]
            begin += count
        for number, must in enumerate(fold_rows(rows, self.size).tolist()):
            if blocks[number].checksum ^ self._crc_of_period(counts[number]) != must:
                return number
        return len(blocks)

    def _crc_of_period(self, repeats: int) -> int:
        """Checksum of the period itself, so many times in a row."""
        if repeats not in self._crc_of_repeats:
            self._crc_of_repeats[repeats] = crc32c(self._period * repeats)
        return self._crc_of_repeats[repeats]


def _spread(starts: list[int], width: int) -> npt.NDArray[np.int64]:
    """Indices of `width` bytes from each start on, flat."""
    return (np.array(starts, np.int64)[:, None] + np.arange(width)).reshape(-1)

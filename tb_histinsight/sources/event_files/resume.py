"""Finds the next record of an event file after a place where the lengths are damaged."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tb_histinsight.sources.event_files.checksum import length_checksums
from tb_histinsight.sources.event_files.file_bytes import FileBytes

HEAD_BYTES = 12
LONGEST_RECORD = 1 << 31
"""No protobuf message is longer (its own limit); a length beyond this is damage, whatever its checksum says."""
WINDOW = 1 << 20
"""Bytes that are searched at once."""


def next_record(data: bytes | FileBytes, start: int, stop: int) -> int | None:
    """The next place with an undamaged head of a record that lies whole in `data[start:stop]`; None: nowhere.

    The record itself is not checked here: who made a file of nothing but heads could keep us busy for hours.
    """
    for window in range(start, stop, WINDOW):
        block = np.frombuffer(data[window : min(window + WINDOW + HEAD_BYTES - 1, stop)], np.uint8)
        for candidate in heads(block, shortest=1).tolist():
            place: int = window + candidate
            if place + HEAD_BYTES + int.from_bytes(data[place : place + 8], "little") + 4 <= stop:
                return place
    return None


def heads(block: npt.NDArray[np.uint8], shortest: int = 0) -> npt.NDArray[np.int64]:
    """Places in a block where a length from `shortest` to below 2**31 stands with its checksum."""
    places = len(block) - HEAD_BYTES + 1
    if places <= 0:
        return np.empty(0, np.int64)
    high = block[3:]
    likely = high[:places] < 0x80
    for byte in range(1, 5):
        likely &= high[byte : byte + places] == 0
    if shortest:  # stretches of zeros, as a crash leaves them, are passed over at once
        likely &= (block[:places] | block[1 : places + 1] | block[2 : places + 2] | block[3 : places + 3]) != 0
    found = np.flatnonzero(likely)
    lengths = np.zeros(len(found), np.uint64)
    for byte in range(4):
        lengths |= block[found + byte].astype(np.uint64) << np.uint64(8 * byte)
    stored = np.zeros(len(found), np.uint32)
    for byte in range(4):
        stored |= block[found + 8 + byte].astype(np.uint32) << np.uint32(8 * byte)
    return np.asarray(found[length_checksums(lengths) == stored], np.int64)

"""Where the records of a stretch of an event file begin."""

from __future__ import annotations

import struct

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.sources.event_files.buffer import Buffer
from tb_histinsight.sources.event_files.checksum import length_checksums
from tb_histinsight.sources.event_files.resume import HEAD_BYTES

FOOT_BYTES = 4
"""Behind a record: its checksum."""
_LENGTH = struct.Struct("<Q")


def follow(buffer: Buffer) -> tuple[IntArray, IntArray, int]:
    """The records that lie whole in a buffer with which one begins.

    Where a record begins is known only from the one before. A step of plain Python for each (0.15 µs) is no more than
    to find the first records of many places, and to follow those together.

    Returns:
      Where each record's own bytes begin (behind its length and that length's checksum) and how many they are, int64
      [n] each; and where the next record begins, or the first one whose length does not fit its checksum.
    """
    length_at, memory = _LENGTH.unpack_from, buffer.memory
    begins = []
    at, last = 0, buffer.size - HEAD_BYTES
    while at <= last:
        begins.append(at)
        at += length_at(memory, at)[0] + (HEAD_BYTES + FOOT_BYTES)
    if at > buffer.size:
        at = begins.pop()  # it is not there as a whole
    starts = np.array(begins, np.int64)
    lengths = np.diff(starts, append=at) - (HEAD_BYTES + FOOT_BYTES)
    wrong = np.flatnonzero(buffer.u32[starts + 8] != length_checksums(lengths.astype(np.uint64)))
    if len(wrong):
        keep = int(wrong[0])
        starts, lengths, at = starts[:keep], lengths[:keep], int(starts[keep])
    return starts + HEAD_BYTES, lengths, at

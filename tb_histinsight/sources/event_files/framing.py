"""Where the records of a stretch of an event file begin, found for all of them at once.

Where a record starts is known only from the one before, so a plain scan takes one Python step a record. Here the
stretch is cut into blocks; in each the first record is found by its length's checksum, and all blocks are followed at
the same time. A block's chain of records has to end exactly where the next block's begins.
"""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.sources.event_files.buffer import Buffer
from tb_histinsight.sources.event_files.checksum import length_checksums
from tb_histinsight.sources.event_files.resume import HEAD_BYTES, heads

FOOT_BYTES = 4
"""Behind a record: its checksum."""
RECORDS_PER_BLOCK = 512
"""About; to find a block's first record costs as much as to follow some hundred records."""
SEARCH = 1 << 10
"""Bytes in which a block's first record is looked for at first."""


def follow(buffer: Buffer, start: int, stop: int, typical: int) -> tuple[IntArray, IntArray, int]:
    """The records that lie whole between two places, at the first of which one begins.

    Args:
      typical: about how many bytes a record has.

    Returns:
      Where each record's own bytes begin (behind its length and that length's checksum) and how many they are, int64
      [n] each; and where the next record begins, or the first one whose length does not fit its checksum.
    """
    begins = [start]
    block = RECORDS_PER_BLOCK * max(typical, HEAD_BYTES)
    for border in range(start + block, stop - block, block):
        if border > begins[-1]:
            found = _next_head(buffer, border, stop)
            if found is None:
                break
            begins.append(found)
    return _follow_together(buffer, np.array(begins, np.int64), stop)


def _next_head(buffer: Buffer, start: int, stop: int) -> int | None:
    window = SEARCH
    while start + HEAD_BYTES <= stop:
        found = heads(buffer.u8[start : min(start + window + HEAD_BYTES, stop)])
        if len(found):
            return start + int(found[0])
        start, window = start + window, min(2 * window, 1 << 20)
    return None


def _follow_together(buffer: Buffer, begins: IntArray, stop: int) -> tuple[IntArray, IntArray, int]:
    """Records from the first block on, as far as one block's records lead exactly to the next block's."""
    last = np.uint64(stop)
    blocks = len(begins)
    limits = np.append(begins[1:], stop)
    position = begins.copy()
    alive = np.arange(blocks)
    columns: list[tuple[IntArray, IntArray, IntArray]] = []
    while len(alive):
        at = position[alive]
        readable = at + HEAD_BYTES <= stop
        if not readable.all():
            alive, at = alive[readable], at[readable]
        length = buffer.u64[at]
        fits = length <= last
        if not fits.all():
            alive, at, length = alive[fits], at[fits], length[fits]
        step = length.astype(np.int64)
        behind = at + step + (HEAD_BYTES + FOOT_BYTES)
        fits = behind <= limits[alive]
        if not fits.all():
            alive, at, step, behind = alive[fits], at[fits], step[fits], behind[fits]
        columns.append((alive, at, step))
        position[alive] = behind
        alive = alive[behind < limits[alive]]
    block = np.concatenate([column[0] for column in columns])
    at = np.concatenate([column[1] for column in columns])
    length = np.concatenate([column[2] for column in columns])
    order = np.argsort(block.astype(np.uint16), kind="stable")
    at, length, block = at[order], length[order], block[order]
    broken = np.flatnonzero(position[:-1] != limits[:-1])
    usable = int(broken[0]) + 1 if len(broken) else blocks
    keep = int(np.searchsorted(block, usable))
    wrong = np.flatnonzero(buffer.u32[at[:keep] + 8] != length_checksums(length[:keep].astype(np.uint64)))
    if len(wrong):
        keep = int(wrong[0])
        return at[:keep] + HEAD_BYTES, length[:keep], int(at[keep])
    return at[:keep] + HEAD_BYTES, length[:keep], int(position[usable - 1])

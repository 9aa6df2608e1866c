"""Numbers for byte strings that occur many times in a file (tags, metadata), found without a Python step for each."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.sources.event_files.buffer import WORD, Buffer, Words

LONGEST = 256
"""Longer strings are looked up one by one."""
SLOTS = 1 << 16
ROUNDS = 16
"""Strings that still share a slot with a different one after so many hash functions are looked up one by one."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)


def intern(buffer: Buffer, starts: IntArray, lengths: IntArray) -> tuple[IntArray, list[bytes]]:
    """A number for each string, equal for equal ones, and the strings by number, in order of first appearance.

    Args:
      starts, lengths: int64 [n], within the buffer.
    """
    n = len(starts)
    if not n:
        return np.empty(0, np.int64), []
    first = _first_equal(buffer, starts, lengths)
    new = np.zeros(n, np.bool_)
    new[first] = True
    number = np.cumsum(new) - 1
    data = buffer.memory
    at, size = starts[new].tolist(), lengths[new].tolist()
    return number[first], [bytes(data[a : a + b]) for a, b in zip(at, size, strict=True)]


def _first_equal(buffer: Buffer, starts: IntArray, lengths: IntArray) -> IntArray:
    """For each string the index of one that equals it, the same for all that are equal."""
    n = len(starts)
    found = np.full(n, -1, np.int64)
    short = lengths <= LONGEST
    columns = _columns(buffer, starts, np.where(short, lengths, 0))
    hashes = lengths.astype(np.uint64) * _PRIME
    for column in columns:
        hashes = (hashes ^ column) * _PRIME
        hashes ^= hashes >> np.uint64(32)
    table = np.empty(SLOTS, np.int64)
    todo = np.arange(n) if short.all() else np.flatnonzero(short)
    for turn in range(ROUNDS):
        slot = (hashes[todo] >> np.uint64(3 * turn)) & np.uint64(SLOTS - 1)
        table[slot[::-1]] = todo[::-1]
        candidate = table[slot]
        same = (hashes[candidate] == hashes[todo]) & (lengths[candidate] == lengths[todo])
        for column in columns:
            same &= column[candidate] == column[todo]
        found[todo[same]] = candidate[same]
        if same.all():
            break
        todo = todo[~same]
    known: dict[bytes, int] = {}
    for i in np.flatnonzero(found < 0).tolist():
        text = bytes(buffer.memory[int(starts[i]) : int(starts[i] + lengths[i])])
        found[i] = known.setdefault(text, i)
    return found


def _columns(buffer: Buffer, starts: IntArray, lengths: IntArray) -> list[Words]:
    """Word j of every string, 0 behind its end."""
    columns = []
    longest = int(lengths.max(initial=0))
    for begin in range(0, longest, WORD):
        rest = lengths - begin
        if rest.min() >= WORD:
            columns.append(buffer.words(starts + begin))
            continue
        some = rest > 0
        words = np.zeros(len(starts), np.uint64)
        bits = (np.minimum(rest[some], WORD) * 8).astype(np.uint64)
        mask = np.where(bits >= 64, ~np.uint64(0), (np.uint64(1) << (bits & np.uint64(63))) - np.uint64(1))
        words[some] = buffer.words(starts[some] + begin) & mask
        columns.append(words)
    return columns

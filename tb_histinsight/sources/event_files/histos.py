"""Old-style histograms of one tag, decoded all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.histogram import FloatArray, IntArray
from tb_histinsight.sources.event_files.buffer import WORD, Buffer
from tb_histinsight.sources.event_files.varints import varints

_EXACT_KEYS = (0x09, 0x11, 0x19, 0x21, 0x29)
_LIMITS_KEY, _COUNTS_KEY = 0x32, 0x3A


@dataclass(frozen=True)
class Histos:
    """n histograms."""

    rows: FloatArray
    """float64 [m, 3]: left, right, count; a bucket with no limit before it is open to the left (-inf)"""
    lengths: IntArray
    """int64 [n]: rows of each"""
    exact: FloatArray
    """float64 [n, 5]: min, max, num, sum, sum_squares"""


def read_histos(buffer: Buffer, starts: IntArray, sizes: IntArray) -> Histos | None:
    """Decodes HistogramProto messages whose fields stand in the usual order, lists packed; None where one does not.

    Fields that are 0 may be left out, as protobuf does.
    """
    end = starts + sizes
    at = starts
    exact = np.zeros((len(starts), len(_EXACT_KEYS)))
    for column, key in enumerate(_EXACT_KEYS):
        has = (buffer.u8[np.minimum(at, buffer.size - 1)] == key) & (at + 9 <= end)
        if has.any():
            exact[:, column] = np.where(has, buffer.f64[np.minimum(at + 1, buffer.size - WORD)], 0.0)
            at = at + 9 * has
    ranges = []
    for key in (_LIMITS_KEY, _COUNTS_KEY):
        words = buffer.words(at)
        size, width, fits = varints(words >> np.uint64(8))
        has = ((words & np.uint64(0xFF)) == key) & (at < end)
        begin = np.where(has, at + 1 + width, at)
        size = np.where(has, size, 0)
        at = begin + size
        if not (~has | fits).all() or (size % 8).any() or (at > end).any():
            return None
        ranges.append((begin, size))
    (limits_at, limits_size), (counts_at, counts_size) = ranges
    if (at != end).any() or (limits_size != counts_size).any():
        return None
    lengths = limits_size // 8
    # The first bucket of PyTorch and tensorboardX is always empty: only its limit says something.
    first = np.where(lengths > 1, counts_at, at - WORD)
    skip = WORD * ((lengths > 1) & (buffer.f64[np.minimum(first, buffer.size - WORD)] == 0.0))
    lengths = lengths - skip // WORD
    size = lengths * WORD
    rows = np.empty((int(lengths.sum()), 3))
    rows[:, 1] = np.frombuffer(_gathered(buffer, limits_at + skip, size), "<f8")
    rows[:, 2] = np.frombuffer(_gathered(buffer, counts_at + skip, size), "<f8")
    rows[1:, 0] = rows[:-1, 1]
    some = lengths > 0
    outer = limits_at[some] + skip[some] - WORD
    left = buffer.f64[np.maximum(outer, 0)]
    rows[(np.cumsum(lengths) - lengths)[some], 0] = np.where(skip[some] > 0, left, -np.inf)
    return Histos(rows, lengths, exact)


def _gathered(buffer: Buffer, starts: IntArray, sizes: IntArray) -> bytes:
    """Ranges of bytes, one after the other."""
    pieces = map(slice, starts.tolist(), (starts + sizes).tolist())
    return b"".join(map(buffer.memory.__getitem__, pieces))

"""Brings the bytes of many records together: what lies close together in a file is read in one go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.sources.event_files.buffer import Buffer
from tb_histinsight.sources.event_files.file_bytes import FileBytes

MOST_KEPT = 1 << 25
"""Bytes of memory that are kept for the next time; more is asked for anew."""
NEAR = 1 << 11
"""Bytes between two records that are read and thrown away rather than passed over: copying them takes less time than
another call of the system."""

_kept: list[npt.NDArray[np.uint8]] = []
"""Memory for what is read next, at most one block: fresh memory costs more than to fill it, and among the arrays that
come and go it would leave holes"""


@contextmanager
def gathered(
    files: Sequence[os.PathLike[str]],
    numbers: IntArray,
    offsets: IntArray,
    sizes: IntArray,
    same: Callable[[int, FileBytes], bool] | None = None,
) -> Iterator[tuple[Buffer, IntArray]]:
    """Reads records; their bytes are there as long as the context is.

    Args:
      files: the run's files; a few of them may be gone.
      numbers: int64 [n], which of the files each record is in.
      offsets, sizes: int64 [n], where it lies there.
      same: tells of a file (by number), when it has been read, whether it is the one in which the records were found.

    Yields:
      Their bytes; and where in these each record begins, int64 [n], -1 where the file does not have it (any more).
    """
    order = np.lexsort((offsets, numbers))
    number, start = numbers[order], offsets[order]
    # Records may overlap (one that holds several histograms): a stretch ends at the farthest end so far.
    farthest = _running_maximum(start + sizes[order], number)
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (number[1:] != number[:-1]) | (start[1:] > farthest[:-1] + NEAR)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(order)) - 1
    lengths = farthest[last] - start[first] if len(order) else np.empty(0, np.int64)
    bases = np.cumsum(lengths) - lengths
    size = int(lengths.sum())
    try:
        memory = _kept.pop()
    except IndexError:
        memory = np.empty(0, np.uint8)
    if len(memory) < size:
        memory = np.empty(size, np.uint8)
    block = memory[:size]
    found = np.zeros(len(first), np.int64)
    # One after the other: there may be more files than can be open at once.
    for file in dict.fromkeys(number[first].tolist()):
        chosen = np.flatnonzero(number[first] == file)
        try:
            with FileBytes(files[file]) as source:
                got = source.read_pieces(block.data, start[first[chosen]], bases[chosen], lengths[chosen])
                # Looked at afterwards: who writes a file anew begins with its first bytes.
                if same is None or same(file, source):
                    found[chosen] = got
        except OSError:
            continue
    stretch_of = np.cumsum(begins) - 1
    within = start - start[first][stretch_of]
    places = np.empty(len(order), np.int64)
    there = within + sizes[order] <= found[stretch_of]
    places[order] = np.where(there, bases[stretch_of] + within, -1)
    try:
        yield Buffer(block), places
    finally:
        if len(memory) <= MOST_KEPT and not _kept:
            _kept.append(memory)


def _running_maximum(ends: IntArray, numbers: IntArray) -> IntArray:
    """The farthest end so far within each file; int64 [n]."""
    highest = np.empty_like(ends)
    cuts = np.flatnonzero(np.diff(numbers)) + 1
    for begin, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(ends)], strict=True):
        np.maximum.accumulate(ends[begin:end], out=highest[begin:end])
    return highest

"""Analysed tags in few bytes: to be handed from process to process, and to be kept until the rules see them.

A tag's statistics are some 25 arrays, many of which hold one number over and over, or what another one holds. The
arrays of all tags of one length lie in one block here, without these; what comes out again are views into it.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, cast
from zlib import crc32

import numpy as np
import numpy.typing as npt

from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray
from tb_histinsight.core.run import TagAnalysis
from tb_histinsight.core.stats import Bounded, SeriesStats

OF_ITS_OWN = 1 << 16
"""Bytes from which on a block has memory of its own, in whole pages of 4 KiB."""
_BOUNDED = frozenset(field.name for field in fields(SeriesStats) if "Bounded" in str(field.type))
_NAMES = tuple(field.name for field in fields(SeriesStats))


@dataclass(frozen=True)
class _Block:
    """The statistics of all tags with the same number of steps."""

    members: list[int]
    rows: FloatArray
    """float64 [k, n]: the arrays that differ from step to step"""
    places: IntArray
    """int64 [m]: which of the rows each array is; below 0: it is constant"""
    constants: FloatArray
    """float64 [m]: the number that a constant array holds"""
    steps: int


class PackedTags:
    """Analysed tags, in the order in which they were given."""

    def __init__(self, tags: Sequence[TagAnalysis]) -> None:
        by_steps: dict[int, list[int]] = {}
        for number, tag in enumerate(tags):
            by_steps.setdefault(len(tag.steps), []).append(number)
        self._blocks = [_packed([tags[i].stats for i in members], members) for members in by_steps.values()]
        seen = Seen()
        self._tags = [_hollow(tag, seen) for tag in tags]

    def __len__(self) -> int:
        return len(self._tags)

    def unpacked(self, seen: Seen | None = None) -> list[TagAnalysis]:
        """The tags again.

        Args:
          seen: steps and times that were met before; equal ones of several parts become one.
        """
        known = Seen() if seen is None else seen
        found = list(self._tags)
        for block in self._blocks:
            for number, stats in zip(block.members, _unpacked(block), strict=True):
                tag = found[number]
                change = tag.change
                if len(change.identical) == 1 and block.steps > 2:
                    change = replace(change, identical=_constant(change.identical[0], block.steps - 1))
                found[number] = replace(
                    tag,
                    stats=stats,
                    steps=known.first(tag.steps),
                    wall_times=known.first(tag.wall_times),
                    change=change,
                )
        return found


class Seen:
    """Arrays that were met: of equal ones the first stands for all."""

    def __init__(self) -> None:
        self._arrays: dict[tuple[str, int, int], Any] = {}

    def first(self, array: npt.NDArray[Any]) -> Any:
        """The first array that equals this one, bit for bit where it is found at all."""
        key = (array.dtype.char, len(array), crc32(array.tobytes()))
        known = self._arrays.setdefault(key, array)
        return known if known is array or np.array_equal(known, array) else array


def _hollow(tag: TagAnalysis, seen: Seen) -> TagAnalysis:
    """The tag without its statistics; what several tags share, or what is the same at every step, stands once."""
    change = tag.change
    if len(change.identical) > 1 and (change.identical == change.identical[0]).all():
        change = replace(change, identical=change.identical[:1].copy())
    return replace(
        tag,
        stats=cast("SeriesStats", None),
        steps=seen.first(tag.steps),
        wall_times=seen.first(tag.wall_times),
        change=change,
    )


def _packed(stats: Sequence[SeriesStats], members: list[int]) -> _Block:
    """Statistics of the same length in one block."""
    arrays = [array for one in stats for array in _arrays(one)]
    steps = len(arrays[0])
    block = np.empty((len(arrays), steps))
    for row, array in zip(block, arrays, strict=True):
        row[:] = array
    bits = block.view(np.int64)
    constant = _alike(bits, bits[:, :1])
    repeats = np.zeros(len(block), np.bool_)
    repeats[1:] = _alike(bits[1:], bits[:-1])
    kept = ~constant & ~repeats
    places = np.cumsum(kept) - 1
    places[constant] = -1
    constants = block[:, 0].copy() if steps else np.zeros(len(block))
    rows = _room(int(kept.sum()), steps)
    np.compress(kept, block, axis=0, out=rows)
    return _Block(members, rows, places, constants, steps)


def _room(rows: int, steps: int) -> FloatArray:
    """Memory of its own for a large block.

    Among the arrays that come and go while tags are analysed it would leave holes that nothing fits into.
    """
    size = 8 * rows * steps
    if size < OF_ITS_OWN or not hasattr(mmap, "MAP_ANONYMOUS"):
        return np.empty((rows, steps))
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return np.frombuffer(memory, np.float64).reshape(rows, steps)


def _alike(bits: IntArray, others: IntArray) -> BoolArray:
    """Which rows hold the same bits; most are told apart by their last entries."""
    alike = np.ones(len(bits), np.bool_)
    if bits.shape[1]:
        alike = bits[:, -1] == others[:, -1]
        alike[alike] = (bits[alike] == others[alike]).all(axis=1)
    return alike


def _arrays(stats: SeriesStats) -> Iterator[FloatArray]:
    """All arrays of the statistics, always in the same order."""
    for name in _NAMES:
        found = getattr(stats, name)
        if isinstance(found, Bounded):
            yield found.value
            yield found.lower
            yield found.upper
        else:
            yield found


def _unpacked(block: _Block) -> Iterator[SeriesStats]:
    rows = list(block.rows)
    arrays = (
        rows[place] if place >= 0 else _constant(number, block.steps)
        for place, number in zip(block.places.tolist(), block.constants, strict=True)
    )
    for _ in block.members:
        fields_of_one: dict[str, Any] = {
            name: Bounded(next(arrays), next(arrays), next(arrays)) if name in _BOUNDED else next(arrays)
            for name in _NAMES
        }
        yield SeriesStats(**fields_of_one)


def _constant(number: Any, length: int) -> npt.NDArray[Any]:
    """An array of one number, in the memory of one."""
    return np.broadcast_to(np.asarray(number), (length,))

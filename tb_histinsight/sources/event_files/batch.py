"""Reads thousands of records at once into what they add to the index: for logs that have no rhythm."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray
from tb_histinsight.sources.event_files import index as kinds
from tb_histinsight.sources.event_files.buffer import WORD, Buffer
from tb_histinsight.sources.event_files.columns import HISTO, OTHER, SIMPLE, TENSOR, Found, read_columns
from tb_histinsight.sources.event_files.intern import intern
from tb_histinsight.sources.event_files.walk import (
    DT_DOUBLE,
    DT_FLOAT,
    HISTOGRAMS,
    SCALARS,
    Content,
    Unusual,
    plugin_name,
    walk_tensor,
)

MOST_PATTERNS = 64
"""Tensors of more patterns than this are read one by one."""
_UNKNOWN = 127


@dataclass
class Batch:
    """What some records add to the index, in the order of the file; equally long columns."""

    records: IntArray
    """Index of the record that each stands in"""
    tags: IntArray
    """Index into `names`"""
    steps: IntArray
    wall_times: FloatArray
    kinds: IntArray
    offsets: IntArray
    sizes: IntArray
    numbers: FloatArray
    names: list[bytes]
    odd: BoolArray
    """Which records (of all) are not in the columns, to be read one by one"""

    def by_tag(self, chosen: BoolArray) -> Iterator[tuple[bytes, IntArray]]:
        """Tags of the chosen rows in order of first appearance, each with the places of its rows."""
        index = np.flatnonzero(chosen)
        tag = self.tags[index]
        # NumPy sorts 16-bit numbers in linear time.
        order = np.argsort(tag.astype(np.uint16) if len(self.names) <= 1 << 16 else tag, kind="stable")
        begins = np.flatnonzero(np.diff(tag[order], prepend=-1))
        parts = np.split(index[order], begins[1:]) if len(begins) else []
        for part in sorted(parts, key=lambda part: int(part[0])):
            yield self.names[int(self.tags[part[0]])], part

    def joined(self, rows: list[tuple[int, int, int, float, int, int, int, float]], names: list[bytes]) -> Batch:
        """With more rows (one number per column, in the order of the columns), each in its record's place."""
        mine = (
            self.records,
            self.tags,
            self.steps,
            self.wall_times,
            self.kinds,
            self.offsets,
            self.sizes,
            self.numbers,
        )
        if not rows:
            return self
        more = zip(*rows, strict=True)
        columns = [np.concatenate([old, np.array(new, old.dtype)]) for old, new in zip(mine, more, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        return _batch([column[order] for column in columns], names, self.odd)


def together(batches: Sequence[Batch], names: list[bytes]) -> Batch:
    """Batches that follow each other as one, whose tags are numbers of the same names."""
    if len(batches) == 1:
        return batches[0]
    columns = ("records", "tags", "steps", "wall_times", "kinds", "offsets", "sizes", "numbers", "odd")
    *parts, odd = (np.concatenate([getattr(batch, column) for batch in batches]) for column in columns)
    return _batch(parts, names, odd)


def read_batch(buffer: Buffer, starts: IntArray, lengths: IntArray, plugins: dict[bytes, bytes]) -> Batch:
    """Takes records apart; enters into `plugins` what they say about their tags."""
    found, regular = read_columns(buffer, starts, lengths)
    tags, names = intern(buffer, found.tag_starts, found.tag_lengths)
    bad = np.zeros(len(found.records), np.bool_)
    for number, name in enumerate(names):
        try:
            name.decode("utf-8")
        except UnicodeDecodeError:
            bad |= tags == number
    known = len(plugins)
    plugin = _plugins(buffer, found, tags, names=names, known=plugins, bad=bad)
    content = found.content
    offsets, sizes = found.starts.copy(), found.lengths.copy()
    kind = np.full(len(tags), _UNKNOWN, np.int64)
    kind[content == HISTO] = kinds.HISTO
    kind[content == SIMPLE] = kinds.SCALAR
    numbers = np.zeros(len(tags))
    simple = np.flatnonzero(content == SIMPLE)
    numbers[simple] = buffer.f32[offsets[simple]]
    wanted = (content == TENSOR) & ((plugin == 0) | (plugin == 1))
    read = _read_tensors(buffer, np.flatnonzero(wanted), plugin=plugin, kind=kind, offsets=offsets, sizes=sizes)
    bad |= wanted & ~read
    tensor_scalars = np.flatnonzero(wanted & read & (plugin == 1))
    numbers[tensor_scalars] = buffer.f32[offsets[tensor_scalars]]
    odd = ~regular
    odd[found.records[bad]] = True
    if odd.any():
        # What a tag is, its first record says: that may be one of those that are read one by one, in their order.
        news = [plugins.popitem()[0] for _ in range(len(plugins) - known)]
        unsure = np.isin(tags, [number for number, name in enumerate(names) if name in news])
        odd[found.records[unsure | ((content == TENSOR) & (plugin == _UNKNOWN))]] = True
    keep = (kind != _UNKNOWN) & (content != OTHER) & ~odd[found.records]
    columns = (found.records, tags, found.steps, found.wall_times, kind, offsets, sizes, numbers)
    return _batch([column[keep] for column in columns], names, odd)


def _batch(columns: Sequence[Any], names: list[bytes], odd: BoolArray) -> Batch:
    records, tags, steps, wall_times, kind, offsets, sizes, numbers = columns
    return Batch(records, tags, steps, wall_times, kind, offsets, sizes, numbers, names, odd)


def _plugins(
    buffer: Buffer, found: Found, tags: IntArray, *, names: list[bytes], known: dict[bytes, bytes], bad: BoolArray
) -> IntArray:
    """For each value: 0 if it is a histogram by what is said of it, 1 if a scalar, 2 if anything else.

    A value is what its own metadata says (Keras logs images under the tags of histograms). One without metadata is
    what the tag's first record with metadata says; before that one nothing is known of it.
    """
    told = np.flatnonzero(found.metadata_lengths > 0)
    numbers, texts = intern(buffer, found.metadata_starts[told], found.metadata_lengths[told])
    said: list[bytes | None] = []
    for number, text in enumerate(texts):
        try:
            said.append(plugin_name(text))
        except Unusual:
            said.append(None)
            bad[told[numbers == number]] = True
    since = np.full(len(names), len(tags))
    meaning = np.full(len(names), _UNKNOWN)
    for tag, name in enumerate(names):
        if name in known:
            since[tag], meaning[tag] = -1, _meaning(known[name])
    useful = told[np.array([bool(name) for name in said], np.bool_)[numbers]] if said else told
    refused = np.zeros(int(found.records.max(initial=-1)) + 1, np.bool_)
    refused[found.records[bad]] = True
    useful = useful[~refused[found.records[useful]]]
    first = np.full(len(names), -1)
    first[tags[useful[::-1]]] = useful[::-1]  # assigned backwards: the first one stays
    place = {int(value): i for i, value in enumerate(told.tolist())} if (first >= 0).any() else {}
    for tag in np.flatnonzero((first >= 0) & (since >= 0)).tolist():
        plugin = said[int(numbers[place[int(first[tag])]])]
        assert plugin is not None
        known[names[tag]] = plugin
        since[tag], meaning[tag] = int(first[tag]), _meaning(plugin)
    of_values = np.where(np.arange(len(tags)) >= since[tags], meaning[tags], _UNKNOWN)
    if said:
        own = np.array([_meaning(name) if name else _UNKNOWN for name in said])[numbers]
        of_values[told] = np.where(own == _UNKNOWN, of_values[told], own)
    return of_values


def _meaning(plugin: bytes) -> int:
    return 0 if plugin == HISTOGRAMS else 1 if plugin == SCALARS else 2


def _read_tensors(
    buffer: Buffer, index: IntArray, *, plugin: IntArray, kind: IntArray, offsets: IntArray, sizes: IntArray
) -> BoolArray:
    """Finds the numbers of tensors; which tensors are stored as usual, the others are to be read one by one."""
    read = np.zeros(len(kind), np.bool_)
    for content, members in _patterns(buffer, offsets[index], sizes[index]):
        size = content.end - content.start
        rows = index[members]
        of_histograms, of_scalars = rows[plugin[rows] == 0], rows[plugin[rows] == 1]
        if content.dtype == DT_DOUBLE and content.shape == (size // 24, 3) and size % 24 == 0:
            kind[of_histograms] = kinds.TENSOR64
            read[of_histograms] = True
        if content.dtype == DT_FLOAT and size == 4 and math.prod(content.shape) == 1:
            kind[of_scalars] = kinds.SCALAR
            read[of_scalars] = True
        offsets[rows] += content.start
        sizes[rows] = size
    return read


def _patterns(buffer: Buffer, starts: IntArray, lengths: IntArray) -> Iterator[tuple[Content, IntArray]]:
    """Tensors that differ in their numbers alone: where those stand in the message, and which tensors they are."""
    tried = 0
    for length in sorted(set(lengths.tolist())):
        todo = np.flatnonzero(lengths == length)
        while len(todo) and tried < MOST_PATTERNS:
            tried += 1
            first = int(starts[todo[0]])
            message = bytes(buffer.memory[first : first + length])
            try:
                content = walk_tensor(message, 0, length)
            except Unusual:
                todo = todo[1:]
                continue
            same = _alike(buffer, starts[todo], message, 0, content.start)
            same &= _alike(buffer, starts[todo], message, content.end, length)
            yield content, todo[same]
            todo = todo[~same]


def _alike(buffer: Buffer, starts: IntArray, message: bytes, begin: int, end: int) -> BoolArray:
    """Which of the messages have the bytes begin..end of this one."""
    same = np.ones(len(starts), np.bool_)
    for offset in range(begin, end, WORD):
        width = min(WORD, end - offset)
        mask = np.uint64((1 << 8 * width) - 1)
        word = np.uint64(int.from_bytes(message[offset : offset + width], "little"))
        same &= ((buffer.words(starts + offset) ^ word) & mask) == 0
    return same

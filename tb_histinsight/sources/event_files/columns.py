"""Takes the events of a stretch of file apart all together, column by column.

The events that common writers write follow one pattern (wall time, step, summary; in it tag, content, metadata), so
each field is looked up in all of them at once. Records off the pattern are left to whoever reads them one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray
from tb_histinsight.sources.event_files.buffer import Buffer, Words
from tb_histinsight.sources.event_files.varints import varints

Codes = npt.NDArray[np.int8]

OTHER, TENSOR, HISTO, SIMPLE = 0, 1, 2, 3
"""What a value holds: something else, a tensor, an old-style histogram, a plain float32."""

SHORTEST = 12
"""Bytes in the shortest event that has a wall time and a summary."""
MOST_FIELDS = 5
"""A value with more fields than that is off the pattern."""
FEW_EVENTS = 24
"""Fewer events than this with many values are off the pattern: columns would be too short to be worth it."""

_WALL_TIME_KEY, _STEP_KEY, _SUMMARY_KEY, _VALUE_KEY, _TAG_KEY = 0x09, 0x10, 0x2A, 0x0A, 0x0A
_TENSOR_KEY, _HISTO_KEY, _SIMPLE_KEY, _METADATA_KEY, _NODE_NAME_KEY = 0x42, 0x2A, 0x15, 0x4A, 0x3A
_OTHER_KEYS = (0x22, 0x32)
"""Images and audio"""


@dataclass
class Found:
    """Values of records on the pattern, in the order of the file; equally long columns, places in the buffer."""

    records: IntArray
    """Index of the record that each stands in"""
    steps: IntArray
    wall_times: FloatArray
    content: Codes
    starts: IntArray
    lengths: IntArray
    tag_starts: IntArray
    tag_lengths: IntArray
    metadata_starts: IntArray
    metadata_lengths: IntArray
    """0 where there is none"""


def _delimited(words: Words, at: IntArray) -> tuple[IntArray, IntArray]:
    """Start and length of the contents of fields whose keys are the words' first bytes; length -1 where absurd."""
    length, size, fits = varints(words >> np.uint64(8))
    if fits is not True:
        length = np.where(fits, length, -1)
    return at + 1 + size, length


def read_columns(buffer: Buffer, starts: IntArray, lengths: IntArray) -> tuple[Found, BoolArray]:
    """Values of the records on the pattern, the record of each, and which records are."""
    regular = lengths >= SHORTEST
    rows = np.flatnonzero(regular)
    start = starts[rows]
    end = start + lengths[rows]
    u8 = buffer.u8
    good = u8[start] == 0x09
    wall_times = buffer.f64[start + 1] if len(rows) else np.empty(0)
    at = start + 9
    words = buffer.words(at) if len(rows) else np.empty(0, np.uint64)
    stepped = (words & np.uint64(0xFF)) == 0x10
    steps, size, fits = varints(words >> np.uint64(8))
    good &= ~stepped | fits
    steps = np.where(stepped, steps, 0)
    at = np.minimum(np.where(stepped, at + 1 + size, at), end)
    words = buffer.words(at) if len(rows) else words
    at, length = _delimited(words, at)
    good &= ((words & np.uint64(0xFF)) == 0x2A) & (at + length == end) & (length >= 0)
    regular[rows[~good]] = False
    if not good.all():
        rows, at, end, steps, wall_times = rows[good], at[good], end[good], steps[good], wall_times[good]
    record, value_at, value_end = _split_summaries(buffer, rows, at, end, regular)
    place = np.searchsorted(rows, record)
    found, good = _split_values(buffer, value_at, value_end)
    if not good.all():
        regular[record[~good]] = False
    keep = regular[record]
    keep_all = bool(keep.all())
    if not keep_all:
        record, place = record[keep], place[keep]
        found = {name: column[keep] for name, column in found.items()}
    same = len(place) == len(rows) and keep_all and bool((place == np.arange(len(rows))).all())
    if not same:
        steps, wall_times = steps[place], wall_times[place]
    return Found(record, steps, wall_times, **found), regular


def _split_summaries(
    buffer: Buffer, rows: IntArray, at: IntArray, end: IntArray, regular: BoolArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Record, start and end of every value; summaries that hold anything else are marked as not regular."""
    parts: list[tuple[IntArray, IntArray, IntArray]] = []
    some = at < end
    if not some.all():
        rows, at, end = rows[some], at[some], end[some]
    while len(rows):
        if parts and len(rows) < FEW_EVENTS:
            regular[rows] = False
            break
        words = buffer.words(at)
        start, length = _delimited(words, at)
        good = ((words & np.uint64(0xFF)) == 0x0A) & (length >= 2) & (start + length <= end)
        if not good.all():
            regular[rows[~good]] = False
            rows, start, length, end = rows[good], start[good], length[good], end[good]
        at = start + length
        parts.append((rows, start, at))
        more = at < end
        if not more.any():
            break
        rows, at, end = rows[more], at[more], end[more]
    if not parts:
        nothing = np.empty(0, np.int64)
        return nothing, nothing, nothing
    if len(parts) == 1:
        return parts[0]
    record = np.concatenate([part[0] for part in parts])
    order = np.argsort(record, kind="stable")
    return (
        record[order],
        np.concatenate([part[1] for part in parts])[order],
        np.concatenate([part[2] for part in parts])[order],
    )


def _split_values(buffer: Buffer, start: IntArray, end: IntArray) -> tuple[dict[str, Any], BoolArray]:
    """Ranges of tag, content and metadata in each value, and which values are on the pattern (tag first)."""
    n = len(start)
    content = np.zeros(n, np.int8)
    ranges = {name: np.zeros(n, np.int64) for name in ("starts", "lengths", "metadata_starts", "metadata_lengths")}
    if not n:
        nothing = np.zeros(0, np.int64)
        return {"content": content, "tag_starts": nothing, "tag_lengths": nothing, **ranges}, np.ones(0, np.bool_)
    words = buffer.words(start)
    tag_starts, tag_lengths = _delimited(words, start)
    good = ((words & np.uint64(0xFF)) == 0x0A) & (tag_lengths >= 0) & (tag_starts + tag_lengths <= end)
    at = np.where(good, tag_starts + tag_lengths, end)
    taken = np.zeros(n, np.bool_)
    described = np.zeros(n, np.bool_)
    for _ in range(MOST_FIELDS):
        rows = np.flatnonzero(at < end)
        if not len(rows):
            break
        whole: slice | IntArray = slice(None) if len(rows) == n else rows
        here, stop = at[whole], end[whole]
        words = buffer.words(here)
        key = (words & np.uint64(0xFF)).astype(np.uint8)
        inside, length = _delimited(words, here)
        simple = key == _SIMPLE_KEY
        if simple.any():
            inside = np.where(simple, here + 1, inside)
            length = np.where(simple, 4, length)
        is_metadata, is_name = key == _METADATA_KEY, key == _NODE_NAME_KEY
        tensor, histo = key == _TENSOR_KEY, key == _HISTO_KEY
        is_content = simple | tensor | histo | np.isin(key, _OTHER_KEYS)
        fine = (length >= 0) & (inside + length <= stop) & (is_content | is_metadata | is_name)
        fine &= ~(is_content & taken[whole]) & ~(is_metadata & described[whole])
        taken[whole] |= is_content
        described[whole] |= is_metadata
        for mask, name in ((is_content, ""), (is_metadata, "metadata_")):
            at_rows = rows[mask & fine]
            ranges[name + "starts"][at_rows] = inside[mask & fine]
            ranges[name + "lengths"][at_rows] = length[mask & fine]
        code = tensor * TENSOR + histo * HISTO + simple * SIMPLE
        content[rows[is_content]] = code[is_content]
        good[rows[~fine]] = False
        at[whole] = np.where(fine, inside + length, stop)
    good &= at == end
    return {"content": content, "tag_starts": tag_starts, "tag_lengths": tag_lengths, **ranges}, good

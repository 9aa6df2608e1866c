"""From the index of a tag to its histograms: bytes at known places, turned into rows of buckets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tb_histinsight.core.histogram import (
    BoolArray,
    FloatArray,
    HistogramSeries,
    IntArray,
    Moments,
    RawHistograms,
    normalise,
)
from tb_histinsight.sources.counts import only_negative
from tb_histinsight.sources.event_files import index as kinds
from tb_histinsight.sources.event_files.buffer import Buffer
from tb_histinsight.sources.event_files.file_bytes import FileBytes
from tb_histinsight.sources.event_files.gather import gathered
from tb_histinsight.sources.event_files.histos import Histos, read_histos
from tb_histinsight.sources.event_files.index import HistogramColumns
from tb_histinsight.sources.event_files.merge import Merged
from tb_histinsight.sources.event_files.protos import parse_event, parse_histogram
from tb_histinsight.sources.event_files.values import rows_of
from tb_histinsight.sources.event_files.walk import Histo, Unusual, walk_histo

FEW_HISTOS = 4
"""Fewer old-style histograms than this are read one by one."""


@dataclass(frozen=True)
class Wanted:
    """A tag that is to be read, and which of its records."""

    tag: str
    columns: HistogramColumns
    merged: Merged

    @property
    def records(self) -> IntArray:
        """Those that make the history, then pairs to be compared."""
        pairs = np.array(self.merged.repeated, np.int64).reshape(-1)
        return np.concatenate([self.merged.kept, pairs])


@dataclass(frozen=True)
class _Records:
    """Records whose bytes are there."""

    data: Buffer
    kinds: IntArray
    places: IntArray
    """int64 [n]: first byte in the data; -1 where a file does not have the record any more"""
    sizes: IntArray

    def at(self, index: slice | IntArray) -> _Records:
        return _Records(self.data, self.kinds[index], self.places[index], self.sizes[index])


class Decoded:
    """The rows of some records, one after the other."""

    def __init__(self) -> None:
        self.parts: list[FloatArray] = []
        self.lengths: list[int] = []
        self.exact: list[tuple[float, float, float, float, float]] = []
        """min, max, num, sum, sum_squares of old-style records"""
        self.unreadable: list[int] = []
        """Places (among the records asked for) of those that hold no histogram"""
        self._old_style: list[tuple[FloatArray, list[int]]] = []
        """Blocks of old-style rows, and how many belong to each record"""

    def add_old_style(self, histo: Histo) -> None:
        """Adds an old-style record; its first bucket is open to the left."""
        rows = np.empty((len(histo.limits), 3))
        rows[:1, 0] = -np.inf
        rows[1:, 0] = histo.limits[:-1]
        rows[:, 1] = histo.limits
        rows[:, 2] = histo.counts
        self.parts.append(rows)
        self.lengths.append(len(rows))
        self.exact.append((histo.minimum, histo.maximum, histo.num, histo.sum, histo.sum_squares))
        self._old_style.append((rows, [len(rows)]))

    def add_old_styles(self, histos: Histos) -> None:
        """Adds many old-style records."""
        self.parts.append(histos.rows)
        lengths = histos.lengths.tolist()
        self.lengths += lengths
        self.exact += map(tuple, histos.exact.tolist())
        self._old_style.append((histos.rows, lengths))

    def close_ends(self) -> None:
        """Makes the minima and maxima of old-style records their outer edges, as TensorBoard's loaders do."""
        every = (part for rows, lengths in self._old_style for part in np.split(rows, np.cumsum(lengths)[:-1]))
        for rows, exact in zip(every, self.exact, strict=True):
            rows[:1, 0], rows[-1:, 1] = exact[:2]


def read_several(
    run: str,
    wanted: Sequence[Wanted],
    files: Sequence[os.PathLike[str]],
    same: Callable[[int, FileBytes], bool] | None = None,
) -> Iterator[tuple[str, HistogramSeries | None, int, set[int]]]:
    """The normalised series of some tags; read together.

    With each comes how many records hold no histogram, and which files (by number) do not have records any more that
    were found in them. A series is None where nothing is left.

    Args:
      files: the run's files.
      same: whether an open file (by number) is the one that was scanned.
    """
    records = [one.records for one in wanted]
    columns = [
        (one.columns.files[at], one.columns.offsets[at], one.columns.sizes[at])
        for one, at in zip(wanted, records, strict=True)
    ]
    numbers, offsets, sizes = (np.concatenate(column) for column in zip(*columns, strict=True))
    with gathered(files, numbers, offsets, sizes, same) as (data, places):
        begin = 0
        for one, at in zip(wanted, records, strict=True):
            end = begin + len(at)
            found = _Records(data, one.columns.kinds[at], places[begin:end], sizes[begin:end])
            gone = found.places < 0
            files_of_gone = set(numbers[begin:end][gone].tolist())
            begin = end
            yield one.tag, *_read_series(run, *_without(one, found, gone)), files_of_gone


def _without(wanted: Wanted, records: _Records, gone: BoolArray) -> tuple[Wanted, _Records]:
    """What is left where a file does not have some records any more."""
    if not gone.any():
        return wanted, records
    there = ~gone
    merged, kept = wanted.merged, len(wanted.merged.kept)
    both = there[kept::2] & there[kept + 1 :: 2]
    repeated = tuple(pair for pair, whole in zip(merged.repeated, both.tolist(), strict=True) if whole)
    left = replace(wanted, merged=replace(merged, kept=merged.kept[there[:kept]], repeated=repeated))
    return left, records.at(np.flatnonzero(np.concatenate([there[:kept], np.repeat(both, 2)])))


def _read_series(run: str, wanted: Wanted, records: _Records) -> tuple[HistogramSeries | None, int]:
    merged = wanted.merged
    kept = merged.kept
    decoded = _decode(records.at(slice(len(kept))))
    steps = wanted.columns.steps
    collisions = _collisions(steps, merged, records.at(slice(len(kept), None)))
    if decoded.unreadable:
        kept = np.delete(kept, decoded.unreadable)
    if not len(kept):
        return None, len(decoded.unreadable)
    parts, lengths = decoded.parts, decoded.lengths
    if only_negative(parts):
        return None, len(merged.kept)
    exact = np.array(decoded.exact).T if len(decoded.exact) == len(kept) else None
    if exact is None:  # two kinds of writers: exact numbers of some steps only would be no series
        decoded.close_ends()
    raw = RawHistograms(
        run=run,
        tag=wanted.tag,
        steps=steps[kept],
        wall_times=wanted.columns.wall_times[kept],
        rows=parts[0] if len(parts) == 1 else np.concatenate(parts),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        minimum=exact[0] if exact is not None else None,
        maximum=exact[1] if exact is not None else None,
        moments=Moments(*exact[2:]) if exact is not None else None,
        collisions=collisions,
        restarts=merged.restarts,
    )
    return normalise(raw), len(decoded.unreadable)


def _decode(records: _Records) -> Decoded:
    found = Decoded()
    kind, places, sizes = records.kinds, records.places, records.sizes
    even = _even_until(kind, places, sizes)
    at = 0
    while at < len(places):
        if kind[at] == kinds.TENSOR64:
            end = int(even[at])
            stride = int(places[at + 1] - places[at]) if end > at + 1 else int(sizes[at])
            found.parts.append(_tensor_rows(records.data, int(places[at]), int(sizes[at]), end - at, stride))
            found.lengths += [int(sizes[at]) // 24] * (end - at)
            at = end
        else:
            count = _old_style_run(kind, at)
            if count >= FEW_HISTOS:
                old = read_histos(records.data, places[at : at + count], sizes[at : at + count])
                if old is not None:
                    found.add_old_styles(old)
                    at += count
                    continue
            for one in range(at, at + max(count, 1)):
                begin = int(places[one])
                _decode_one(found, one, int(kind[one]), bytes(records.data.memory[begin : begin + int(sizes[one])]))
            at += max(count, 1)
    return found


def _old_style_run(kind: IntArray, at: int) -> int:
    """How many records from here on are old-style histograms."""
    same = kind[at:] == kinds.HISTO
    return len(same) if same.all() else int(np.argmin(same))


def _even_until(kind: IntArray, places: IntArray, sizes: IntArray) -> IntArray:
    """For each record, the end of the run of records that lie equally far apart and are equally long; int64 [n]."""
    n = len(kind)
    alike = (np.diff(kind) == 0) & (np.diff(sizes) == 0)
    gaps = np.where(alike & (np.diff(places) >= sizes[:-1]), np.diff(places), -1)
    # A gap of its own kind ends the run; where gaps change, the record between them belongs to the earlier run.
    changes = np.flatnonzero(np.diff(gaps) != 0) + 1
    ends = np.append(changes, n - 1) if n > 1 else np.zeros(1, np.int64)
    end_of_gap = ends[np.searchsorted(ends, np.arange(n - 1), side="right")] if n > 1 else np.empty(0, np.int64)
    until = np.append(np.where(gaps >= 0, end_of_gap + 1, np.arange(1, n)), n)
    return until.astype(np.int64)


def _tensor_rows(data: Buffer, place: int, size: int, count: int, stride: int) -> FloatArray:
    """[count * size / 24, 3] float64, copied out of the data."""
    view: FloatArray = np.ndarray((count, size // 8), np.float64, data.memory, place, (stride, 8))
    return np.array(view).reshape(-1, 3)


def _decode_one(found: Decoded, at: int, kind: int, data: bytes) -> None:
    """Decodes a record that is not a plain float64 tensor."""
    if kind == kinds.HISTO:
        try:
            found.add_old_style(walk_histo(data))
        except Unusual:
            _add_via_protobuf(found, at, data, None)
    else:
        _add_via_protobuf(found, at, data, kind - kinds.VIA_PROTOBUF)


def _add_via_protobuf(found: Decoded, at: int, data: bytes, number: int | None) -> None:
    """Has protobuf read a value: one of a whole record, or (number None) a bare old-style message."""
    try:
        message = parse_event(data).summary.value[number] if number is not None else None
        histo = parse_histogram(data) if message is None else message.histo
    except (ValueError, IndexError):
        found.unreadable.append(at)
        return
    if message is not None and message.WhichOneof("value") == "tensor":
        rows = rows_of(message.tensor)
        if rows is None:
            found.unreadable.append(at)
        else:
            found.parts.append(rows)
            found.lengths.append(len(rows))
        return
    limits, counts = np.array(histo.bucket_limit, np.float64), np.array(histo.bucket, np.float64)
    if len(limits) != len(counts):
        found.unreadable.append(at)
        return
    found.add_old_style(Histo(histo.min, histo.max, histo.num, histo.sum, histo.sum_squares, limits, counts))


def _collisions(steps: IntArray, merged: Merged, pairs: _Records) -> IntArray:
    """Steps at which one file holds different histograms of the tag."""
    found = []
    for number, (_, later) in enumerate(merged.repeated):
        one, other = (_decode(pairs.at(slice(at, at + 1))) for at in (2 * number, 2 * number + 1))
        same = len(one.parts) == len(other.parts) and np.array_equal(one.exact, other.exact, equal_nan=True)
        same &= all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one.parts, other.parts, strict=False))
        if not same:
            found.append(int(steps[later]))
    return np.array(sorted(set(found)), np.int64)

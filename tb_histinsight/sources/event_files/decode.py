"""From the index of a tag to its histograms: bytes at known places, turned into rows of buckets."""

from __future__ import annotations

import mmap
from collections.abc import Sequence

import numpy as np

from tb_histinsight.core.histogram import FloatArray, HistogramSeries, IntArray, Moments, RawHistograms, normalise
from tb_histinsight.sources.event_files import index as kinds
from tb_histinsight.sources.event_files.buffer import Buffer
from tb_histinsight.sources.event_files.histos import Histos, read_histos
from tb_histinsight.sources.event_files.index import HistogramColumns
from tb_histinsight.sources.event_files.merge import Merged
from tb_histinsight.sources.event_files.protos import parse_event, parse_histogram
from tb_histinsight.sources.event_files.values import rows_of
from tb_histinsight.sources.event_files.walk import Histo, Unusual, walk_histo

FEW_HISTOS = 4
"""Fewer old-style histograms than this are read one by one."""

Maps = Sequence[mmap.mmap | None]
"""The run's files, mapped; None where a file could not be"""


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


def read_series(
    run: str, tag: str, columns: HistogramColumns, merged: Merged, maps: Maps
) -> tuple[HistogramSeries | None, int]:
    """The normalised series of a tag, and how many of its records hold no histogram.

    The series is None where nothing is left.
    """
    kept = merged.kept
    decoded = _decode(columns, kept, maps)
    if decoded.unreadable:
        kept = np.delete(kept, decoded.unreadable)
    if not len(kept):
        return None, len(decoded.unreadable)
    parts, lengths = decoded.parts, decoded.lengths
    exact = np.array(decoded.exact).T if len(decoded.exact) == len(kept) else None
    if exact is None:  # two kinds of writers: exact numbers of some steps only would be no series
        decoded.close_ends()
    raw = RawHistograms(
        run=run,
        tag=tag,
        steps=np.frombuffer(columns.steps, np.int64)[kept],
        wall_times=np.frombuffer(columns.wall_times, np.float64)[kept],
        rows=parts[0] if len(parts) == 1 else np.concatenate(parts),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        minimum=exact[0] if exact is not None else None,
        maximum=exact[1] if exact is not None else None,
        moments=Moments(*exact[2:]) if exact is not None else None,
        collisions=_collisions(columns, merged, maps),
        restarts=merged.restarts,
    )
    return normalise(raw), len(decoded.unreadable)


def _decode(columns: HistogramColumns, records: IntArray, maps: Maps) -> Decoded:
    found = Decoded()
    kind = np.frombuffer(columns.kinds, np.int32)[records].astype(np.int64)
    offsets = np.frombuffer(columns.offsets, np.int64)[records]
    sizes = np.frombuffer(columns.sizes, np.int64)[records]
    files = np.frombuffer(columns.files, np.int32)[records].astype(np.int64)
    even = _even_until(kind, files, offsets, sizes)
    at = 0
    while at < len(records):
        mapped = maps[files[at]]
        if mapped is None or offsets[at] + sizes[at] > len(mapped):
            found.unreadable.append(at)  # the file has shrunk or gone since it was scanned
            at += 1
        elif kind[at] == kinds.TENSOR64:
            end = int(even[at])
            if offsets[end - 1] + sizes[at] > len(mapped):
                end = at + 1
            stride = int(offsets[at + 1] - offsets[at]) if end > at + 1 else int(sizes[at])
            found.parts.append(_tensor_rows(mapped, int(offsets[at]), int(sizes[at]), end - at, stride))
            found.lengths += [int(sizes[at]) // 24] * (end - at)
            at = end
        else:
            count = _old_style_run(kind, files, at) if kind[at] == kinds.HISTO else 0
            here = slice(at, at + count)
            if count >= FEW_HISTOS and int((offsets[here] + sizes[here]).max()) <= len(mapped):
                old = read_histos(Buffer(mapped), offsets[here], sizes[here])
                if old is not None:
                    found.add_old_styles(old)
                    at += count
                    continue
            for one in range(at, at + max(count, 1)):
                if offsets[one] + sizes[one] > len(mapped):
                    found.unreadable.append(one)
                else:
                    _decode_one(found, one, int(kind[one]), mapped[int(offsets[one]) : int(offsets[one] + sizes[one])])
            at += max(count, 1)
    return found


def _old_style_run(kind: IntArray, files: IntArray, at: int) -> int:
    """How many records from here on, in one file, are old-style histograms."""
    same = (kind[at:] == kinds.HISTO) & (files[at:] == files[at])
    return len(same) if same.all() else int(np.argmin(same))


def _even_until(kind: IntArray, files: IntArray, offsets: IntArray, sizes: IntArray) -> IntArray:
    """For each record, the end of the run of records that lie equally far apart and are equally long; int64 [n]."""
    n = len(kind)
    alike = (np.diff(kind) == 0) & (np.diff(files) == 0) & (np.diff(sizes) == 0)
    gaps = np.where(alike & (np.diff(offsets) >= sizes[:-1]), np.diff(offsets), -1)
    # A gap of its own kind ends the run; where gaps change, the record between them belongs to the earlier run.
    changes = np.flatnonzero(np.diff(gaps) != 0) + 1
    ends = np.append(changes, n - 1) if n > 1 else np.zeros(1, np.int64)
    end_of_gap = ends[np.searchsorted(ends, np.arange(n - 1), side="right")] if n > 1 else np.empty(0, np.int64)
    until = np.append(np.where(gaps >= 0, end_of_gap + 1, np.arange(1, n)), n)
    return until.astype(np.int64)


def _tensor_rows(mapped: mmap.mmap, offset: int, size: int, count: int, stride: int) -> FloatArray:
    """[count * size / 24, 3] float64, copied out of the map."""
    view: FloatArray = np.ndarray((count, size // 8), np.float64, mapped, offset, (stride, 8))
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


def _collisions(columns: HistogramColumns, merged: Merged, maps: Maps) -> IntArray:
    """Steps at which one file holds different histograms of the tag."""
    steps = []
    for pair in merged.repeated:
        one, other = (_decode(columns, np.array([record]), maps) for record in pair)
        same = len(one.parts) == len(other.parts) and np.array_equal(one.exact, other.exact, equal_nan=True)
        same &= all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one.parts, other.parts, strict=False))
        if not same:
            steps.append(columns.steps[pair[1]])
    return np.array(sorted(set(steps)), np.int64)

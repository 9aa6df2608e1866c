"""Which steps a remote file holds, from its two ends: a file that holds none of those that are wanted is not fetched.

That is sure where every file of a run begins behind the end of the one before. Where a training went back to an
earlier step, or several wrote at once, all files together say what holds, and all are fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

from tb_histinsight.sources.event_files.checksum import masked_crc32c
from tb_histinsight.sources.event_files.resume import HEAD_BYTES, next_record
from tb_histinsight.sources.event_files.walk import HISTO, HISTOGRAMS, SCALAR, SCALARS, TENSOR, Unusual, walk_event
from tb_histinsight.sources.remote.fetch import AT_ONCE, bring, read
from tb_histinsight.sources.remote.files import RemoteFile
from tb_histinsight.sources.remote.filesystem import opened, using
from tb_histinsight.sources.remote.original import Original
from tb_histinsight.sources.remote.trouble import UnreadableError

END = 1 << 16
"""Bytes that are read of either end: some hundred records."""
SHORT = 4 * END
"""Bytes of a file that is fetched at once, rather than asked for its ends."""

Steps = tuple[int | None, int | None]
Reach = tuple[int, int]

_known: dict[tuple[str, Original], Reach | None] = {}


def within(runs: Mapping[str, Sequence[RemoteFile]], steps: Steps) -> dict[str, list[RemoteFile]]:
    """The files of each run that hold any of the steps, or may."""
    files = [file for several in runs.values() for file in several]
    with using():
        _look(files)
    return {run: _chosen(several, steps) for run, several in runs.items()}


def reach_of(beginning: bytes, end: bytes) -> Reach | None:
    """The first and the last step that stand in the two ends of a file; None where either says nothing."""
    first = list(_steps(beginning, 0))
    start = next_record(end, 0, len(end))
    last = list(_steps(end, start)) if start is not None else []
    return (min(first + last), max(first + last)) if first and last else None


def _chosen(files: Sequence[RemoteFile], steps: Steps) -> list[RemoteFile]:
    reaches = [_known.get((file.key, file.original)) for file in files]
    known = [reach for reach in reaches if reach is not None]
    if len(known) < len(files) or any(later[0] <= before[1] for before, later in pairwise(known)):
        return list(files)
    first, last = steps
    return [
        file
        for file, (begin, end) in zip(files, known, strict=True)
        if (last is None or begin <= last) and (first is None or end >= first)
    ]


def _look(files: Sequence[RemoteFile]) -> None:
    """Reads the ends of files that were not looked at yet."""
    new = [file for file in files if (file.key, file.original) not in _known]
    short = [file for file in new if file.original.size <= SHORT]
    if short:
        bring(short)
    several = all(opened(file.root).several_at_once for file in new)
    with ThreadPoolExecutor(AT_ONCE if several else 1, thread_name_prefix="insight-reach") as crew:
        for file, reach in zip(new, crew.map(_reach, new), strict=True):
            _known[file.key, file.original] = reach


def _reach(file: RemoteFile) -> Reach | None:
    size = file.original.size
    try:
        if size <= SHORT or file.copies.original(file.key) == file.original:
            with Path(file).open("rb") as copy:
                beginning = copy.read(END if size > SHORT else SHORT)
                copy.seek(max(0, size - END))
                return reach_of(beginning, copy.read() if size > SHORT else beginning)
        return reach_of(*read(file, [(0, END), (size - END, size)]))
    except (OSError, UnreadableError):
        return None


def _steps(data: bytes, at: int) -> Iterator[int]:
    """Steps of the whole records from a place on, as far as nothing is damaged."""
    while at + HEAD_BYTES <= len(data):
        length = int.from_bytes(data[at : at + 8], "little")
        end = at + HEAD_BYTES + length
        if end + 4 > len(data):
            return
        record = data[at + HEAD_BYTES : end]
        if masked_crc32c(record) != int.from_bytes(data[end : end + 4], "little"):
            return
        try:
            event = walk_event(record)
        except Unusual:
            return
        plain = (HISTO, SCALAR)
        if any(v.kind in plain or (v.kind == TENSOR and v.plugin in (None, HISTOGRAMS, SCALARS)) for v in event.values):
            yield event.step
        at = end + 4

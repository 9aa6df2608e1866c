"""One history out of many records: restarted jobs, repeated steps, and the ranks of a distributed job.

A record replaces what was written before it at its step and later, as in TensorBoard's data server: a job that was
restarted from a checkpoint writes those steps again. Ranks of one job that write the same tag into one folder at the
same time are not a history; the first one's records are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tb_histinsight.core.histogram import FloatArray, IntArray

_FILE_NAME = re.compile(r"tfevents\.(?P<time>\d+)\.(?P<host>.+?)\.(?P<pid>\d+)\.(?P<number>\d+)(\.|$)")


@dataclass(frozen=True)
class Merged:
    """Which records of a tag make its history."""

    kept: IntArray
    """Indices of the records, steps strictly ascending"""
    restarts: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """Steps at which the log went back"""
    repeated: tuple[tuple[int, int], ...] = ()
    """Pairs of records of one step in one file, the later one second: a collision where they differ"""
    other_ranks: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """Numbers of the files that another rank of the job wrote, whose records are left out"""


def writers_of(names: Sequence[str]) -> list[int]:
    """Which process wrote each of these event files: equal numbers for equal host and process id.

    The name says it: `events.out.tfevents.<time>.<host>.<pid>.<number>`. A file whose name does not, is taken to be of
    the same process as the others like it.
    """
    known: dict[tuple[str, str], int] = {}
    writers = []
    for name in names:
        match = _FILE_NAME.search(name)
        writers.append(known.setdefault((match["host"], match["pid"]) if match else ("", ""), len(known)))
    return writers


def merge(steps: IntArray, wall_times: FloatArray, files: IntArray, writers: Sequence[int]) -> Merged:
    """Chooses the records of one tag that make its history.

    Args:
      steps, wall_times, files: of the records in the order in which they lie in the run's files.
      writers: process that wrote each of the run's files.
    """
    if len(steps) < 2 or (np.diff(steps) > 0).all():
        return Merged(np.arange(len(steps)))
    index = np.arange(len(steps))
    strangers = _other_ranks(steps, wall_times, files, writers)
    if len(strangers):
        index = index[~np.isin(files, strangers)]
    kept: list[int] = []
    restarts: list[int] = []
    repeated: list[tuple[int, int]] = []
    for record in index.tolist():
        step = steps[record]
        if kept and step <= steps[kept[-1]]:
            if step == steps[kept[-1]]:
                if files[record] == files[kept[-1]]:
                    repeated.append((kept[-1], record))
            else:
                restarts.append(int(step))
            while kept and steps[kept[-1]] >= step:
                kept.pop()
        kept.append(record)
    return Merged(np.array(kept, np.int64), np.array(restarts, np.int64), tuple(repeated), strangers)


def _other_ranks(steps: IntArray, wall_times: FloatArray, files: IntArray, writers: Sequence[int]) -> IntArray:
    """Numbers of the files that another process wrote while the first one was writing the same steps."""
    writer = np.asarray(writers)[files]
    processes = np.unique(writer)
    if len(processes) < 2:
        return np.empty(0, np.int64)
    first, *others = sorted(processes.tolist(), key=lambda process: int(np.argmax(writer == process)))
    own = [writer == first]
    strange: list[int] = []
    for process in others:
        theirs = writer == process
        ours = np.logical_or.reduce(own)
        if _overlap(steps[ours], steps[theirs]) and _overlap(wall_times[ours], wall_times[theirs]):
            strange.append(process)
        else:
            own.append(theirs)
    return np.unique(files[np.isin(writer, strange)]).astype(np.int64)


def _overlap(ours: FloatArray | IntArray, theirs: FloatArray | IntArray) -> bool:
    """Whether two ranges have more than an end in common."""
    return bool(min(ours.max(), theirs.max()) > max(ours.min(), theirs.min()))

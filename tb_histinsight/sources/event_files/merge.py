"""One history out of many records: restarted jobs, repeated steps, and the ranks of a distributed job.

A record replaces what was written before it at its step and later, as in TensorBoard's data server: a job that was
restarted from a checkpoint writes those steps again. Files that were written at the same time and hold the same steps
of a tag are no restart (ranks of a distributed job): the first one's history is kept, and goes on in the files of
later sessions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tb_histinsight.core.histogram import FloatArray, IntArray

FileNumbers = IntArray

_FILE_NAME = re.compile(r"tfevents\.\d+\.(?P<host>.+?)(\.\d+\.\d+)?(\.v2)?$")


@dataclass(frozen=True)
class Merged:
    """Which records of a tag make its history."""

    kept: IntArray
    """Indices of the records, steps strictly ascending"""
    restarts: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    """Steps at which the log went back, ascending"""
    repeated: tuple[tuple[int, int], ...] = ()
    """Pairs of records of one step in one file, the later one second: a collision where they differ"""
    other_ranks: Mapping[int, int] = field(default_factory=dict)
    """Numbers of the files whose records are left out, since another file (the value) was written at the same time"""

    def between(self, steps: IntArray, first: int | None, last: int | None) -> Merged:
        """Only what lies between two steps, both included. (Restarts have to be seen in the whole log first.)"""
        if first is None and last is None:
            return self
        low = np.iinfo(np.int64).min if first is None else first
        high = np.iinfo(np.int64).max if last is None else last
        chosen = steps[self.kept]
        kept = self.kept[(chosen >= low) & (chosen <= high)]
        restarts = self.restarts[(self.restarts >= low) & (self.restarts <= high)]
        repeated = tuple(pair for pair in self.repeated if low <= steps[pair[1]] <= high)
        return Merged(kept, restarts, repeated, self.other_ranks)


def merge(steps: IntArray, files: FileNumbers, spans: FloatArray, hosts: Sequence[str]) -> Merged:
    """Chooses the records of one tag that make its history.

    Args:
      steps: int64 [m], in the order in which the records lie in the run's files.
      files: int64 [m], number of the file of each record, ascending.
      spans: float64 [files, 2], see `file_spans`.
      hosts: machine that wrote each of the run's files, see `host_of`.
    """
    if (steps[1:] > steps[:-1]).all():
        return Merged(np.arange(len(steps)))
    index = np.arange(len(steps))
    others: dict[int, int] = {}
    if files[0] != files[-1]:
        others = _files_of_others(steps, files, spans, hosts)
        if others:
            index = index[~np.isin(files, list(others))]
    kept: list[int] = []
    restarts: set[int] = set()
    repeated: list[tuple[int, int]] = []
    for record, step, file in zip(index.tolist(), steps[index].tolist(), files[index].tolist(), strict=True):
        if kept and step <= steps[kept[-1]]:
            if step == steps[kept[-1]] and file == files[kept[-1]]:
                repeated.append((kept[-1], record))
            else:
                restarts.add(step)
            while kept and steps[kept[-1]] >= step:
                kept.pop()
        kept.append(record)
    return Merged(np.array(kept, np.int64), np.array(sorted(restarts), np.int64), tuple(repeated), others)


def _files_of_others(steps: IntArray, files: FileNumbers, spans: FloatArray, hosts: Sequence[str]) -> dict[int, int]:
    numbers, starts = np.unique(files, return_index=True)
    lowest, highest = np.minimum.reduceat(steps, starts), np.maximum.reduceat(steps, starts)
    reach = {int(n): (int(low), int(high)) for n, low, high in zip(numbers, lowest, highest, strict=True)}
    kept: list[int] = []
    others: dict[int, int] = {}
    for number, covered in reach.items():
        rivals = [file for file in kept if _written_at_once(spans[file], spans[number], reach[file], covered)]
        if not rivals:
            kept.append(number)
            continue
        # In a later session the machine that wrote the history so far goes on with it, whatever its file is called.
        place = kept.index(rivals[0])
        own = hosts[kept[place - 1]] if place else ""
        if len(rivals) == 1 and own and hosts[number] == own != hosts[rivals[0]]:
            kept[place] = number
            others[rivals[0]] = number
        else:
            others[number] = rivals[0]
    return others


def _written_at_once(
    span: FloatArray, other_span: FloatArray, steps: tuple[int, int], other_steps: tuple[int, int]
) -> bool:
    """Whether two files were written at the same time and hold the same stretch of steps."""
    together = max(span[0], other_span[0]) < min(span[1], other_span[1])
    return bool(together) and max(steps[0], other_steps[0]) <= min(steps[1], other_steps[1])


def file_spans(columns: Iterable[tuple[FloatArray, FileNumbers]], files: int) -> FloatArray:
    """When the first and the last value of each file was written; float64 [files, 2], NaN where nobody knows.

    Args:
      columns: wall times and file numbers (ascending) of the records of every tag.
      files: number of files.
    """
    spans = np.full((files, 2), np.nan)
    for wall_times, numbers in columns:
        if len(numbers):
            found, starts = np.unique(numbers, return_index=True)
            spans[found, 0] = np.fmin(spans[found, 0], np.fmin.reduceat(wall_times, starts))
            spans[found, 1] = np.fmax(spans[found, 1], np.fmax.reduceat(wall_times, starts))
    return spans


def host_of(name: str) -> str:
    """Machine that wrote a file, as its name says: `events.out.tfevents.<time>.<host>[.<pid>.<number>][.v2]`."""
    match = _FILE_NAME.search(name)
    return match["host"] if match else ""

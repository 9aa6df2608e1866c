"""Many runs on a disk: what was found of each is written when it is there, and read again when it is asked for."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

import msgspec

from tb_histinsight.api.digest import Comparable, Digest
from tb_histinsight.core.run import TagAnalysis
from tb_histinsight.differences.summary import RunSummary, TagsElsewhere
from tb_histinsight.ranking import ManyRuns
from tb_histinsight.report import OutcomeEntry, RunEntry, TagEntry

IN_MEMORY = 32 << 20
"""Bytes up to which no file is made."""

_HEAD = msgspec.msgpack.Decoder(RunEntry)
_TAGS = msgspec.msgpack.Decoder(list[TagEntry])


@dataclass(frozen=True)
class _Place:
    """Where a digest's parts lie in the file."""

    start: int
    head: int
    """Bytes"""
    tags: int
    series: int
    comparable: Comparable | None


class Store:
    """Digests of runs; most of each is in a file without a name, which goes when this goes."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY, prefix="tb-histinsight-")  # noqa: SIM115
        self._end = 0
        self._places: dict[str, _Place] = {}
        self._known: dict[Comparable, Comparable] = {}

    def add(self, digest: Digest) -> None:
        """Keeps a digest.

        Raises:
          OSError: the disk is full.
        """
        self._file.seek(self._end)
        comparable = digest.comparable
        if comparable is not None:  # the runs of a sweep have the same tags: one tuple is enough
            comparable = self._known.setdefault(comparable, comparable)
        parts = digest.head, digest.tags, digest.series
        for part in parts:
            self._file.write(part)
        self._places[digest.run] = _Place(self._end, len(parts[0]), len(parts[1]), len(parts[2]), comparable)
        self._end += sum(map(len, parts))

    def head(self, run: str) -> RunEntry:
        """What was found of a run, without its tags."""
        place = self._places[run]
        return _HEAD.decode(self._read(place.start, place.head))

    def tags(self, run: str) -> list[TagEntry]:
        """The tags of a run."""
        place = self._places[run]
        return _TAGS.decode(self._read(place.start + place.head, place.tags))

    def series(self, run: str) -> Sequence[TagAnalysis]:
        """The tags of a run as it is compared."""
        place = self._places[run]
        found: list[TagAnalysis] = pickle.loads(self._read(place.start + place.head + place.tags, place.series))
        return found

    def compared(self, runs: Sequence[str]) -> list[str]:
        """Those of the runs that are to be compared with others."""
        return [run for run in runs if self._places[run].comparable is not None]

    def summaries(self, runs: Sequence[str]) -> list[RunSummary]:
        """The runs as they are compared; their tags are fetched when they are looked at."""
        found = []
        for number, run in enumerate(runs):
            comparable = self._places[run].comparable
            if comparable is not None:
                tags = TagsElsewhere(comparable.heads, lambda run=run: self.series(run))  # type: ignore[misc]
                found.append(RunSummary(run, number, comparable.troubles, tags, comparable.sizes))
        return found

    def _read(self, start: int, size: int) -> bytes:
        self._file.seek(start)
        return self._file.read(size)


class StoredRuns(ManyRuns):
    """The runs of a report, in a store."""

    def __init__(self, store: Store, runs: Sequence[str], outcomes: Mapping[str, OutcomeEntry]) -> None:
        """These runs, in this order.

        Args:
          outcomes: by run, an outcome that takes the place of the one of the same rule.
        """
        self._store, self._runs, self._outcomes = store, runs, outcomes

    def __len__(self) -> int:
        return len(self._runs)

    def head(self, place: int) -> RunEntry:
        """A run without its tags."""
        run = self._runs[place]
        entry = self._store.head(run)
        if (outcome := self._outcomes.get(run)) is not None:
            entry.outcomes = [outcome if old.rule == outcome.rule else old for old in entry.outcomes]
        return entry

    def whole(self, place: int) -> RunEntry:
        """A run with its tags."""
        entry = self.head(place)
        entry.tags = self._store.tags(self._runs[place])
        return entry

"""Analyses runs, in this process or in several; the result is the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tb_histinsight.analysis import analyse_tags, conclude, names_of
from tb_histinsight.api import OnProgress
from tb_histinsight.api.cores import available_cores
from tb_histinsight.core.names import TagName
from tb_histinsight.core.run import RunAnalysis, ScalarSeries, Skipped, TagAnalysis
from tb_histinsight.settings import DEFAULTS, Settings
from tb_histinsight.sources import HistogramSource, RunReader

PATIENCE = 0.3
"""Seconds that one process works alone before others are started: about what starting them costs."""
TAGS_AT_ONCE = 8
"""How many tags are analysed between two looks at the clock."""


@dataclass(frozen=True)
class Part:
    """What one task found: some tags of a run, in the log's order, and what belongs to the run as a whole."""

    tags: list[TagAnalysis]
    scalars: Sequence[ScalarSeries]
    skipped: Sequence[Skipped]


class Work:
    """A log, and what is set for each of its runs; goes to other processes as it is."""

    def __init__(self, source: HistogramSource, settings: Mapping[str, Settings] | None = None) -> None:
        """The work on a log.

        Args:
          settings: by run; a run that is not there has the defaults.
        """
        self._source = source
        self._settings = settings or {}
        self._open: RunReader | None = None
        self._names: tuple[str, dict[str, TagName]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """What goes to a process that is not forked: an open file stays here."""
        return {**self.__dict__, "_open": None}

    def reader(self, run: str) -> RunReader:
        """The reader of a run; the last one stays open, since its tags are often asked for in several parts."""
        if self._open is None or self._open.run != run:
            self._open = self._source.open_run(run)
        return self._open

    def part(self, run: str, tags: Sequence[str] | None = None, on_tag: Callable[[str], None] | None = None) -> Part:
        """Analyses some tags of a run (default: all)."""
        reader = self.reader(run)
        if self._names is None or self._names[0] != run:
            self._names = run, names_of(reader, self._settings.get(run, DEFAULTS).names)
        found = analyse_tags(reader, tags, on_tag, names=self._names[1])
        return Part(found, reader.scalars(), reader.skipped())

    def whole(self, run: str, parts: Iterable[Part]) -> RunAnalysis:
        """Puts a run together from its parts, given in the log's order, and lets the rules judge it."""
        parts = list(parts)
        tags = [tag for part in parts for tag in part.tags]
        skipped = dict.fromkeys(entry for part in parts for entry in part.skipped)
        scalars = parts[0].scalars if parts else ()
        settings = self._settings.get(run, DEFAULTS)
        return conclude(
            run,
            tags,
            scalars,
            list(skipped),
            select=settings.select,
            ignore=settings.ignore,
            adjustments=settings.rules,
            told=settings.names,
        )


class Tally:
    """Counts what is done, for whoever shows progress."""

    def __init__(self, runs: int, on_progress: OnProgress | None) -> None:
        self._runs = runs
        self._tags_done = self._runs_done = 0
        self._on_progress = on_progress

    def tags(self, count: int) -> None:
        """Notes that so many tags more are done."""
        self._tags_done += count
        self._tell()

    def run(self, tags: int = 0) -> None:
        """Notes that a run is done, with so many tags that were not counted yet."""
        self._runs_done += 1
        self._tags_done += tags
        self._tell()

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(self._tags_done, self._runs_done, self._runs)


def analyse_runs(
    work: Work,
    names: Sequence[str],
    jobs: int | None = None,
    on_progress: OnProgress | None = None,
) -> list[RunAnalysis]:
    """Analyses the named runs; results in the order of the names.

    Args:
      jobs: number of processes; None: as many as there are cores, once one has worked for `PATIENCE` seconds.
    """
    tally = Tally(len(names), on_progress)
    workers = available_cores() if jobs is None else jobs
    alone_until = time.monotonic() + (PATIENCE if jobs is None else 0.0) if workers > 1 else float("inf")
    done: list[RunAnalysis] = []
    for place, name in enumerate(names):
        tags = list(work.reader(name).tags())
        parts: list[Part] = []
        while tags and time.monotonic() < alone_until:
            parts.append(work.part(name, tags[:TAGS_AT_ONCE]))
            tally.tags(len(tags[:TAGS_AT_ONCE]))
            tags = tags[TAGS_AT_ONCE:]
        if tags:
            from tb_histinsight.api.parallel import analyse_rest

            return done + analyse_rest(work, names[place:], parts, tags, workers=workers, tally=tally)
        done.append(work.whole(name, parts))
        tally.run()
    return done

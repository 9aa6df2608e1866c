"""The work on a log, in tasks that any process can do: a run, or some of its tags. How they are shared out, `sharing`
says."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from tb_histinsight.analysis import analyse_tags, conclude, names_of
from tb_histinsight.api.digest import Digest, Digester
from tb_histinsight.api.packed import PackedTags, Seen
from tb_histinsight.core.errors import InsightError
from tb_histinsight.core.names import TagName
from tb_histinsight.core.run import RunAnalysis, Skipped, TagAnalysis
from tb_histinsight.settings import DEFAULTS, Settings
from tb_histinsight.sources.event_files import REPLACED, EventFileRun, EventFileSource

BYTES_AT_ONCE = 10 << 20
"""Bytes of histograms that are read, analysed and packed together, or a little more: each time costs some 15 ms that do
not depend on their number, in calls of functions. (How a run is divided depends on its files alone, not on the number
of processes.)"""
LARGE, BYTES_OF_LARGE = 256 << 20, 1 << 22
"""Of a run that is larger than this, so many bytes are worked on at a time: what is kept of all of its steps needs the
memory."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """A run, or some of its tags."""

    run: str
    tags: tuple[str, ...] | None = None
    """None: the whole run, rules included"""


@dataclass(frozen=True)
class Part:
    """What is known of some tags of a run, in the log's order, and which of them had to be left out."""

    tags: PackedTags
    skipped: Sequence[Skipped]


@dataclass(frozen=True)
class Whole:
    """What is known of a run; goes from process to process in its parts."""

    run: RunAnalysis
    parts: Sequence[Part]
    silent: bool
    """Whether there is no histogram in it, and only `run.skipped` says something"""

    def __reduce__(self) -> tuple[Any, ...]:
        names = [tag.name for tag in self.run.tags]
        return _whole, (replace(self.run, tags=()), self.parts, names, self.silent)


def _whole(run: RunAnalysis, parts: Sequence[Part], names: Sequence[TagName], silent: bool) -> Whole:
    found = {tag.tag: tag for tag in _tags_of(parts)}
    tags = tuple(replace(found[name.tag], name=name) for name in names)
    return Whole(replace(run, tags=tags), parts, silent)


@dataclass(frozen=True)
class Failed:
    """A run that could not be read, and why."""

    run: str
    reason: str
    """Key of the sentence (`sources.reasons`)"""
    detail: str = ""

    def told(self) -> Skipped:
        """What a report says of it."""
        return Skipped(self.reason, where=self.run, detail=self.detail)


Result: TypeAlias = "Part | Whole | Digest | Failed"
OnTag: TypeAlias = Callable[[str], None]


class Work:
    """A log, and what is set for each of its runs; goes to other processes as it is."""

    def __init__(
        self,
        source: EventFileSource,
        settings: Mapping[str, Settings] | None = None,
        digest: Digester | None = None,
    ) -> None:
        """The work on a log.

        Args:
          settings: by run; a run that is not there has the defaults.
          digest: makes what is kept of a run, where there are too many to keep all that is known of them.
        """
        self._source = source
        self._settings = settings or {}
        self._digest = digest
        self._open: dict[str, tuple[EventFileRun, dict[str, TagName]]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What goes to a process that is not forked: it scans for itself the runs in which it has a part."""
        return {**self.__dict__, "_open": {}}

    def do(self, task: Task, on_tag: OnTag | None = None) -> Result:
        """Does a task, or says why that is not possible.

        Raises:
          InsightError: not even another run could be read.
        """
        try:
            if task.tags is not None:
                return self._part(task, on_tag)
            return self._kept(self.whole(task.run, on_tag))
        except InsightError:
            raise
        except Exception as error:
            return self._failed(task.run, error)

    def done(self, run: str, parts: Sequence[Part]) -> Result:
        """A run whose tags were shared out, as `do` gives it."""
        try:
            return self._kept(self.together(run, parts))
        except Exception as error:
            return self._failed(run, error)

    def only(self, runs: Sequence[str]) -> Work:
        """The same work on some of the runs, for a process that is told of no others."""
        settings = {run: self._settings[run] for run in runs if run in self._settings}
        digest = None if self._digest is None else self._digest.only(runs)
        return Work(self._source.only(runs), settings, digest)

    def sizes(self) -> dict[str, int]:
        """Bytes of every run's files."""
        return self._source.sizes()

    def close(self, run: str) -> None:
        """Forgets what was scanned of a run."""
        self._open.pop(run, None)

    def _kept(self, whole: Whole) -> Whole | Digest:
        if self._digest is None or whole.silent:
            return whole
        return self._digest(whole.run)

    def _failed(self, run: str, error: Exception) -> Failed:
        self.close(run)
        if isinstance(error, (OSError, MemoryError)):
            return Failed(run, "run_failed", getattr(error, "strerror", None) or type(error).__name__)
        _log.info("Run %s", run, exc_info=error)
        return Failed(run, "run_failed", f"{type(error).__name__}: {error}")

    def whole(self, run: str, on_tag: OnTag | None = None) -> Whole:
        """Analyses a run, its tags in parts."""
        return self.together(run, [self._part(part, on_tag) for part in self.divided(run)])

    def divided(self, run: str) -> list[Task]:
        """The tags of a run in tasks of about the same size; scans its files."""
        tasks: list[Task] = []
        tags: list[str] = []
        size = 0
        sizes = self._opened(run)[0].sizes()
        enough = BYTES_OF_LARGE if sum(sizes.values()) > LARGE else BYTES_AT_ONCE
        for tag, one in sizes.items():
            tags.append(tag)
            size += one
            if size >= enough:
                tasks.append(Task(run, tuple(tags)))
                tags, size = [], 0
        return [*tasks, Task(run, tuple(tags))] if tags else tasks

    def together(self, run: str, parts: Sequence[Part]) -> Whole:
        """A run from its parts, in the log's order, judged by the rules; the run is closed."""
        reader, _ = self._opened(run)
        of_tags = [entry for part in parts for entry in part.skipped]
        skipped = list(dict.fromkeys([*(entry for entry in reader.skipped() if entry.tag is None), *of_tags]))
        if parts:
            tags = _tags_of(parts)
            settings = self._settings.get(run, DEFAULTS)
            analysis = conclude(
                run,
                tags,
                reader.scalars(),
                skipped,
                select=settings.select,
                ignore=settings.ignore,
                adjustments=settings.rules,
                told=settings.names,
            )
        else:
            analysis = RunAnalysis(run, (), {}, skipped=tuple(skipped))
        del self._open[run]
        return Whole(analysis, parts, silent=not parts)

    def _part(self, task: Task, on_tag: OnTag | None) -> Part:
        assert task.tags is not None
        reader, names = self._opened(task.run)
        packed = PackedTags(analyse_tags(reader, task.tags, on_tag, names=names))
        return Part(packed, [e for e in reader.skipped() if e.tag in task.tags or e.reason == REPLACED])

    def _opened(self, run: str) -> tuple[EventFileRun, dict[str, TagName]]:
        if run not in self._open:
            reader = self._source.open_run(run)
            self._open[run] = reader, names_of(reader, self._settings.get(run, DEFAULTS).names)
        return self._open[run]


def _tags_of(parts: Sequence[Part]) -> list[TagAnalysis]:
    seen = Seen()
    return [tag for part in parts for tag in part.tags.unpacked(seen)]

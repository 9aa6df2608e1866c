"""The Python interface: `analyze(logdir)` gives the report that the command line writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tb_histinsight.core.errors import InsightError, NothingToReadError, UsageError

if TYPE_CHECKING:
    from tb_histinsight.report import Report

OnProgress: TypeAlias = Callable[[int, int, int], None]
"""Is told how many tags are done, how many runs, and how many runs there are."""


@dataclass(frozen=True)
class Selection:
    """Which part of a log is looked at, and by which rules; everything unless told otherwise."""

    run: re.Pattern[str] | None = None
    """Only runs in whose name this finds a match"""
    tag: re.Pattern[str] | None = None
    """Only tags in whose name this finds a match; rules see no others"""
    first_step: int | None = None
    last_step: int | None = None
    """Included"""
    select: tuple[str, ...] | None = None
    """Ids of the rules to run"""
    ignore: tuple[str, ...] = ()
    """Ids of rules to leave out"""


EVERYTHING = Selection()


def analyze(
    logdir: str | Path,
    selection: Selection = EVERYTHING,
    *,
    language: str = "en",
    jobs: int | None = None,
    on_progress: OnProgress | None = None,
) -> Report:
    """The report on a log.

    The report does not depend on the number of processes.

    Args:
      logdir: a folder, one event file, or "name1:path1,name2:path2".
      jobs: how many processes work on it (default: as many as there are cores, one for small logs).

    Raises:
      NothingToReadError: there is no histogram that could be read.
      UsageError: no such rule, language or run.
    """
    from tb_histinsight.api.work import analyse_runs
    from tb_histinsight.explain import explain
    from tb_histinsight.locales import catalogue
    from tb_histinsight.sources.event_files import EventFileSource

    catalogue(language)  # a wrong language shall not wait for the analysis
    source = EventFileSource(
        logdir,
        run_filter=None if selection.run is None else _Finds(selection.run),
        tag_filter=None if selection.tag is None else _Finds(selection.tag),
        steps=(selection.first_step, selection.last_step),
    )
    names = source.runs()
    if not names:
        raise _nothing(logdir, selection, language)
    runs = analyse_runs(source, names, selection, jobs, on_progress)
    if not any(run.tags for run in runs):
        raise NothingToReadError(f"No histogram in {logdir} can be read.")
    return explain(runs, language, source.skipped())


@dataclass(frozen=True)
class _Finds:
    """Whether a pattern finds a match in a name (a function of its own could not be sent to another process)."""

    pattern: re.Pattern[str]

    def __call__(self, name: str) -> bool:
        return self.pattern.search(name) is not None


def _nothing(logdir: str | Path, selection: Selection, language: str) -> InsightError:
    """Why there is no histogram: there is none at all, none that can be read, or none that was asked for."""
    from tb_histinsight.explain import explain
    from tb_histinsight.sources.event_files import EventFileSource

    source = EventFileSource(logdir)
    everything = source.runs()
    if not everything:
        left_out = explain([], language, source.skipped()).skipped
        if left_out:
            return NothingToReadError(f"No histograms in {logdir}. {left_out[0].reason}")
        return NothingToReadError(
            f"No histograms in {logdir}. Log some with add_histogram() or tf.summary.histogram()."
        )
    if selection.run is not None and not any(map(_Finds(selection.run), everything)):
        return UsageError(f"No run's name matches {selection.run.pattern!r}. There are: {_some(everything)}.")
    return UsageError(f"No histogram in {logdir} fits --run, --tag and --steps together.")


def _some(names: Sequence[str], at_most: int = 8) -> str:
    more = f" and {len(names) - at_most} more" if len(names) > at_most else ""
    return ", ".join(names[:at_most]) + more

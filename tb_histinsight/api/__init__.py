"""The Python interface: `analyze(logdir)` gives the report that the command line writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tb_histinsight.core.errors import InsightError, NothingToReadError, UsageError

if TYPE_CHECKING:
    from tb_histinsight.api.few import FewRuns
    from tb_histinsight.api.many import ManyFound
    from tb_histinsight.api.results import Report
    from tb_histinsight.core.run import Skipped
    from tb_histinsight.notes import Notes
    from tb_histinsight.settings import Settings
    from tb_histinsight.sources.event_files import EventFileSource

OnProgress: TypeAlias = Callable[[int, int, int], None]
"""Is told how many tags are done, how many runs, and how many runs there are."""

MOST_REASONS = 3
"""Sentences that say why nothing can be read; more would hide the first."""


def analyze(
    logdir: str | Path,
    *,
    run: str | None = None,
    tag: str | None = None,
    steps: tuple[int | None, int | None] = (None, None),
    select: Collection[str] | None = None,
    ignore: Collection[str] = (),
    settings: Mapping[str, Any] | None = None,
    names: str | Path | None = None,
    language: str = "en",
    jobs: int | None = None,
    scheduler: str | None = None,
    on_progress: OnProgress | None = None,
) -> Report:
    """The report on a log. It does not depend on the number of processes, nor on where they are.

    Args:
      logdir: a folder, one event file, an address of either (docs/remote.md), or "name1:path1,name2:path2".
      run: only runs in whose name this regular expression finds a match.
      tag: only tags in whose name this regular expression finds a match; rules see no others.
      steps: only steps from the first to the second number, both included; None: no limit.
      select: ids of the rules to run (default: what the settings select, and all where they select none).
      ignore: ids of rules to leave out, besides those that the settings ignore.
      settings: as `tb-histinsight.toml` has them (docs/settings.md); None: those of the files that there are.
      names: a file that says which layer, role and place tags have (docs/settings.md).
      language: code of the sentences' language; labels, keys and numbers are the same in every one.
      jobs: how many processes work on it (default: as many as there are cores, one for small logs).
      scheduler: address of a Dask cluster whose workers do it instead (docs/clusters.md).
      on_progress: is told what is done, for a display.

    Raises:
      NothingToReadError: there is no histogram that could be read.
      UsageError: no such rule, setting or language, no regular expression, or nothing fits it.
      ClusterError: the cluster is not there, or of no use.
    """
    report = report_of(
        logdir,
        run=run,
        tag=tag,
        steps=steps,
        select=select,
        ignore=ignore,
        settings=settings,
        names=names,
        language=language,
        jobs=jobs,
        scheduler=scheduler,
        on_progress=on_progress,
    )
    report.runs = list(report.runs)
    return report


def report_of(
    logdir: str | Path,
    *,
    run: str | None,
    tag: str | None,
    steps: tuple[int | None, int | None],
    select: Collection[str] | None,
    ignore: Collection[str],
    names: str | Path | None,
    language: str,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    on_progress: OnProgress | None = None,
    on_bytes: Callable[[int, int], None] | None = None,
) -> Report:
    """As `analyze`; but of many runs (`ranking.ManyRuns`) each is in memory only while it is looked at."""
    from tb_histinsight.api.beginning import Beginning
    from tb_histinsight.sources.event_files import EventFileSource

    if scheduler is not None and jobs is not None:
        raise UsageError("The work is done by processes here (--jobs) or by a cluster (--scheduler), not by both.")
    run_filter, tag_filter = _filter(run), _filter(tag)
    beginning = Beginning(
        lambda: EventFileSource(logdir, run_filter=run_filter, tag_filter=tag_filter, steps=steps),
        here=scheduler is None,
        on_bytes=on_bytes,
    )
    from tb_histinsight.api.few import FewRuns
    from tb_histinsight.api.results import Report
    from tb_histinsight.api.sharing import MANY, analyse_runs
    from tb_histinsight.api.work import Work
    from tb_histinsight.explain import explain
    from tb_histinsight.locales import catalogue
    from tb_histinsight.rules import rule
    from tb_histinsight.sources.reasons import RUN_LOST
    from tb_histinsight.sources.remote.address import shown

    # What is wrong with the question shall not wait for the answer.
    catalogue(language)
    for rule_id in (*(select or ()), *ignore):
        rule(rule_id)
    source = beginning.source()
    sizes = source.sizes()
    told = _settings_of(source, sizes, settings, names)
    told = {one: of_run.overruled(select, ignore) for one, of_run in told.items()}
    found: FewRuns | ManyFound
    if scheduler is None and len(sizes) <= MANY:
        found = FewRuns(analyse_runs(Work(source, told), sizes, jobs, on_progress), told)
    else:
        from tb_histinsight.api.many import find_many

        notes, _ = _notes_of(source, list(sizes))
        found = find_many(source, told, notes, language, jobs=jobs, scheduler=scheduler, on_progress=on_progress)
    if not found.runs and not any(entry.reason in RUN_LOST for entry in found.skipped):
        everything = EventFileSource(logdir)
        # Nothing more is fetched from another machine only to say more exactly why there is nothing.
        there = list(everything.sizes()) if everything.elsewhere else everything.runs()
        if run_filter is not None and there and not any(map(run_filter, there)):
            raise UsageError(f"No run's name matches {run!r}. There are: {_some(there)}.")
        if everything.elsewhere and (run, tag, steps) != (None, None, (None, None)):
            raise _nothing_fits(logdir)
        raise _nothing(logdir, everything, language)
    if not found.has_tags:
        left_out = explain([], language, found.left_out[:MOST_REASONS]).skipped
        why = " ".join(entry.reason for entry in left_out)
        raise NothingToReadError(f"No histogram in {shown(logdir)} can be read. {why}".rstrip())
    notes, unread = _notes_of(source, found.runs)
    whole = run is None and tag is None and steps == (None, None)
    skipped = [*source.unopened(), *found.skipped, *unread]
    report = found.report(language, skipped, found.unused() if whole else (), notes)
    return Report.of(report, partial(_pictures, logdir, steps))


def _pictures(logdir: str | Path, steps: tuple[int | None, int | None], report: Report) -> Iterator[dict[str, Any]]:
    """The histograms of the report's tags, read once more: only some formats draw them."""
    from tb_histinsight.api.pictures import pictures
    from tb_histinsight.sources.event_files import EventFileSource

    wanted = {run.run for run in report.runs}
    return pictures(EventFileSource(logdir, run_filter=wanted.__contains__, steps=steps), report)


def _settings_of(
    source: EventFileSource,
    runs: Collection[str],
    given: Mapping[str, Any] | None,
    names: str | Path | None,
) -> dict[str, Settings]:
    """What is set for each run: that of the folder it came from."""
    from tb_histinsight.settings import load

    folders = {run: source.home(run).folder for run in runs}
    of_folder = {folder: load(folder, given=given, names=names) for folder in set(folders.values())}
    return {run: of_folder[folder] for run, folder in folders.items()}


def _notes_of(source: EventFileSource, runs: Sequence[str]) -> tuple[dict[str, Notes], list[Skipped]]:
    """What is said of each run in the folder that it came from, and what could not be understood of it."""
    from tb_histinsight.core.run import Skipped
    from tb_histinsight.notes import FILE_NAME, read_notes

    homes = {run: source.home(run) for run in runs}
    files = {folder: read_notes(folder) for folder in dict.fromkeys(home.folder for home in homes.values())}
    problems = [problem for file in files.values() for problem in file.problems]
    unread = [Skipped("bad_note", FILE_NAME, detail=problem) for problem in problems]
    return {run: files[home.folder].of_run(home.run) for run, home in homes.items()}, unread


@dataclass(frozen=True)
class _Finds:
    """Whether a pattern finds a match in a name (a function within a function could not go to another process)."""

    pattern: re.Pattern[str]

    def __call__(self, name: str) -> bool:
        return self.pattern.search(name) is not None


def _filter(pattern: str | None) -> _Finds | None:
    if pattern is None:
        return None
    try:
        return _Finds(re.compile(pattern))
    except re.error as error:
        raise UsageError(f"{pattern!r} is no regular expression ({error}).") from None


def _nothing(logdir: str | Path, source: EventFileSource, language: str) -> InsightError:
    """Why there is no histogram: none was asked for, none can be read, or there is none at all."""
    from tb_histinsight.explain import explain
    from tb_histinsight.sources.remote.address import shown

    where = shown(logdir)
    if source.runs():
        return _nothing_fits(logdir)
    left_out = explain([], language, source.skipped()).skipped
    if left_out:
        return NothingToReadError(f"No histograms in {where}. {left_out[0].reason}")
    return NothingToReadError(f"No histograms in {where}. Log some with add_histogram() or tf.summary.histogram().")


def _nothing_fits(logdir: str | Path) -> UsageError:
    from tb_histinsight.sources.remote.address import shown

    return UsageError(f"No histogram in {shown(logdir)} fits what was asked for (--run, --tag, --steps).")


def _some(names: Sequence[str], at_most: int = 8) -> str:
    more = f" and {len(names) - at_most} more" if len(names) > at_most else ""
    return ", ".join(names[:at_most]) + more

"""Runs that are too many to be in memory: each is told as soon as it is read, and waits on a disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tb_histinsight.api import MOST_REASONS, OnProgress
from tb_histinsight.api.digest import Digest, Digester
from tb_histinsight.api.sharing import results
from tb_histinsight.api.stored import Store, StoredRuns
from tb_histinsight.api.work import Failed, Whole, Work
from tb_histinsight.core.run import Skipped
from tb_histinsight.core.told import Names, UnusedName, unused_names
from tb_histinsight.explain import explain, outcome_entry
from tb_histinsight.locales import catalogue
from tb_histinsight.notes import Notes
from tb_histinsight.report import Report
from tb_histinsight.rules.comparing import compare_summaries
from tb_histinsight.settings import Settings
from tb_histinsight.sources.event_files import EventFileSource

REASONS_KEPT = MOST_REASONS
"""Of what was left out of a run so much is kept, should none of them be readable."""


class ManyFound:
    """What was found in a log."""

    def __init__(
        self,
        found: Iterable[tuple[str, Whole | Digest | Failed]],
        order: Sequence[str],
        settings: Mapping[str, Settings],
    ) -> None:
        """Takes what is found of the runs, each as it comes.

        Args:
          order: all runs, in the log's order.
          settings: by run.
        """
        self._store, self._settings = Store(), settings
        self._tags: dict[str, tuple[str, ...]] = {}
        lost: dict[str, Sequence[Skipped]] = {}
        silent: dict[str, Sequence[Skipped]] = {}
        known: dict[tuple[str, ...], tuple[str, ...]] = {}
        for run, result in found:
            if isinstance(result, Digest):
                self._store.add(result)
                self._tags[run] = known.setdefault(result.tag_names, result.tag_names)
                if not result.tag_names:
                    silent[run] = result.skipped[:REASONS_KEPT]
            else:
                lost[run] = (result.told(),) if isinstance(result, Failed) else result.run.skipped
        self._of_runs = [entry for run in order for entry in silent.get(run, ())]
        self.runs: Sequence[str] = [run for run in order if run in self._tags]
        """Names of those that have histograms, in the log's order"""
        self.skipped: Sequence[Skipped] = [entry for run in order for entry in lost.get(run, ())]
        """What was left out of the other runs"""

    @property
    def has_tags(self) -> bool:
        """Whether any histogram could be read."""
        return any(self._tags.values())

    @property
    def left_out(self) -> Sequence[Skipped]:
        """What was left out of runs none of whose histograms could be read."""
        return [*self._of_runs, *self.skipped]

    def unused(self) -> list[UnusedName]:
        """What files of names say of tags that no run has."""
        tags: dict[Names, set[str]] = {}
        for run in self.runs:
            tags.setdefault(self._settings[run].names, set()).update(self._tags[run])
        return [unused for names, found in tags.items() for unused in unused_names(names, sorted(found))]

    def report(
        self, language: str, skipped: Iterable[Skipped], unused: Iterable[UnusedName], notes: Mapping[str, Notes]
    ) -> Report:
        """The report on the runs, which stay where they are. Notes on them are in it already."""
        names = self._store.compared(self.runs)
        adjustment = self._settings[self.runs[0]].rules.get("run-difference")
        comparisons, outcomes = compare_summaries(names, lambda: self._store.summaries(names), adjustment)
        words = catalogue(language)
        entries = {run: outcome_entry(outcome, words) for run, outcome in outcomes.items()}
        report = explain([], language, skipped, unused, comparisons)
        report.runs = StoredRuns(self._store, self.runs, entries)
        return report


def find_many(
    source: EventFileSource,
    settings: Mapping[str, Settings],
    notes: Mapping[str, Notes],
    language: str,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    on_progress: OnProgress | None = None,
) -> ManyFound:
    """Analyses all runs of a log, here or on a cluster.

    Args:
      settings: by run, as `notes`.
      jobs: number of processes; None: as many as there are cores.
      scheduler: address of a Dask cluster that does the work instead.

    Raises:
      ClusterError: the cluster is not there, or of no use.
    """
    work, sizes = Work(source, settings, Digester(language, notes)), source.sizes()
    if scheduler is None:
        return ManyFound(results(work, sizes, jobs, on_progress), list(sizes), settings)
    from tb_histinsight.api.cluster import connected

    with connected(scheduler, source) as cluster:
        return ManyFound(results(work, sizes, None, on_progress, cluster), list(sizes), settings)

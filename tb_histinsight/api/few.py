"""Runs that are all in memory, with all that is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tb_histinsight.api.sharing import Analysed
from tb_histinsight.core.run import Skipped
from tb_histinsight.core.told import Names, UnusedName, unused_names
from tb_histinsight.explain import explain
from tb_histinsight.notes import Notes
from tb_histinsight.report import Report
from tb_histinsight.rules.comparing import compare_runs
from tb_histinsight.settings import Settings


class FewRuns:
    """What was found in a log."""

    def __init__(self, analysed: Analysed, settings: Mapping[str, Settings]) -> None:
        self._analysed, self._settings = analysed, settings
        self.runs: Sequence[str] = [run.run for run in analysed.runs]
        """Names of those that have histograms, in the log's order"""
        self.skipped: Sequence[Skipped] = analysed.skipped
        """What was left out of the other runs"""

    @property
    def has_tags(self) -> bool:
        """Whether any histogram could be read."""
        return any(run.tags for run in self._analysed.runs)

    @property
    def left_out(self) -> Sequence[Skipped]:
        """What was left out of all runs."""
        return [*(entry for run in self._analysed.runs for entry in run.skipped), *self.skipped]

    def unused(self) -> list[UnusedName]:
        """What files of names say of tags that no run has."""
        tags: dict[Names, set[str]] = {}
        for run in self._analysed.runs:
            tags.setdefault(self._settings[run.run].names, set()).update(tag.tag for tag in run.tags)
        return [unused for names, found in tags.items() for unused in unused_names(names, sorted(found))]

    def report(
        self, language: str, skipped: Iterable[Skipped], unused: Iterable[UnusedName], notes: Mapping[str, Notes]
    ) -> Report:
        """The report on the runs, beside each other.

        Args:
          skipped: what was left out of the log.
          notes: what is said of each run.
        """
        runs = self._analysed.runs
        judged, comparisons = compare_runs(runs, self._settings[runs[0].run].rules.get("run-difference"))
        return explain(judged, language, skipped, unused, comparisons, notes=notes)

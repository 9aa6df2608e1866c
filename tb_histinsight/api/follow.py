"""A log that is still being written: what is new in it is looked at again and again."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tb_histinsight.api import _filter, _notes_of, _settings_of
from tb_histinsight.api.work import Work
from tb_histinsight.core.errors import NothingToReadError
from tb_histinsight.core.labels import Severity
from tb_histinsight.explain import explain
from tb_histinsight.locales import catalogue
from tb_histinsight.ranking import leads
from tb_histinsight.report import FindingEntry
from tb_histinsight.rules import rule
from tb_histinsight.sources.event_files import EventFileSource


class Follower:
    """Tells each finding of a log once, when it first holds; once more when it becomes graver.

    Only what was written since the last look is read from the files; a run with anything new is judged anew, as a
    whole. Files that rotate, restart or shrink, and runs that come and go, are noticed. No other file-system service
    than looking is needed.
    """

    def __init__(
        self,
        logdir: str | Path,
        *,
        run: str | None = None,
        tag: str | None = None,
        steps: tuple[int | None, int | None] = (None, None),
        select: Collection[str] | None = None,
        ignore: Collection[str] = (),
        names: str | Path | None = None,
        language: str = "en",
    ) -> None:
        """Nothing is read yet; arguments as those of `analyze`.

        Raises:
          UsageError: no such rule or language, or no regular expression.
        """
        catalogue(language)
        for rule_id in (*(select or ()), *ignore):
            rule(rule_id)
        self._logdir, self._language, self._names = logdir, language, names
        self._filters = {"run_filter": _filter(run), "tag_filter": _filter(tag)}
        self._steps, self._select, self._ignore = steps, select, ignore
        self._source: EventFileSource | None = None
        self._told: dict[str, int] = {}
        self.changed = False
        """Whether the last look found anything new in the log, findings or not"""

    def look(self) -> list[tuple[str, FindingEntry]]:
        """Findings that hold now and were not told yet, with their runs, worst first in each.

        Raises:
          NothingToReadError: there is no event file (yet, or any more). Looking again later is no mistake.
          UsageError: settings, or the file of names, cannot be understood.
        """
        self.changed = False
        runs = self._news()
        if not runs or self._source is None:
            return []
        self.changed = True
        source = self._source
        told = {
            run: settings.overruled(self._select, self._ignore)
            for run, settings in _settings_of(source, runs, None, self._names).items()
        }
        work = Work(source, told)
        analysed = [whole.run for whole in map(work.whole, runs) if not whole.silent]
        notes, _ = _notes_of(source, [one.run for one in analysed])
        found = []
        for entry in explain(analysed, self._language, notes=notes).runs:
            for finding in entry.findings:
                grave = Severity(finding.severity).rank
                if leads(finding) and grave > self._told.get(finding.id, -1):
                    self._told[finding.id] = grave
                    found.append((entry.run, finding))
        return found

    @property
    def remote(self) -> bool:
        """Whether the log is on another machine."""
        return self._source is not None and self._source.elsewhere

    def _news(self) -> list[str]:
        """Runs with anything new."""
        if self._source is not None:
            try:
                return self._source.refresh()
            except NothingToReadError:
                self._source = None  # deleted: another training may begin in its place
                raise
        self._source = EventFileSource(self._logdir, steps=self._steps, **self._filters)
        return list(self._source.runs())

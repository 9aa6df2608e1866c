"""Analyses of the runs that the tab asked for, redone only for what changed."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.core.told import NOTHING_TOLD, Names
from tb_histinsight.routes.shelf import Shelf
from tb_histinsight.routes.versioned import VersionedReader
from tb_histinsight.settings import DEFAULTS, Settings

TAG_BYTES = 8 << 10
"""Memory that the analysis of one tag holds whatever its number of steps."""
STEP_BYTES = 512
"""Memory that it holds per step: some thirty float64 statistics and bounds, and a label."""
STORE_BYTES = 256 << 20
"""Bound of the analyses kept: some 4000 tags of 100 steps."""
THREADS = max(2, min(4, os.cpu_count() or 1))
"""For the analysis of a run; more than four gain nothing, since only the work inside NumPy runs side by side."""


@dataclass(frozen=True)
class AnalysedRun:
    """A run's analysis, and what went into it."""

    analysis: RunAnalysis
    versions: dict[str, object]
    """Of every tag that was read, with or without success"""
    tags: dict[str, TagAnalysis]
    """As they were before the run was concluded"""
    names: Names
    """What had been said of tags"""

    @property
    def size(self) -> int:
        """Bytes held, roughly."""
        return sum(TAG_BYTES + STEP_BYTES * len(tag.steps) for tag in self.tags.values())


class AnalysisStore:
    """Analyses by experiment and run."""

    def __init__(self, budget: int = STORE_BYTES) -> None:
        self._shelf: Shelf[AnalysedRun] = Shelf(budget, lambda run: run.size)

    def run(self, experiment: str, reader: VersionedReader, settings: Settings = DEFAULTS) -> RunAnalysis:
        """The analysis of a run; tags without new data are not read again."""
        version = f"{reader.version} {settings.version}"
        found = self._shelf.get((experiment, reader.run), version, lambda old: _analyse(reader, old, settings))
        return found.analysis

    def tag(
        self, experiment: str, reader: VersionedReader, tag: str, names: Names = NOTHING_TOLD
    ) -> TagAnalysis | None:
        """The analysis of a tag if it is there and up to date; None otherwise."""
        run = self._shelf.peek((experiment, reader.run))
        if run is None or run.names != names or tag not in run.tags or run.versions[tag] != reader.tag_version(tag):
            return None
        return run.tags[tag]


def _analyse(reader: VersionedReader, old: AnalysedRun | None, settings: Settings) -> AnalysedRun:
    # With the first report, not with the first request: the page is there sooner.
    from tb_histinsight.analysis import analyse_tags, conclude, names_of

    if old is not None and old.names != settings.names:
        old = None  # what a tensor is, is part of what its histogram says
    versions = {tag: reader.tag_version(tag) for tag in reader.tags()}
    before = {} if old is None else old.versions
    same = {tag for tag, version in versions.items() if tag in before and before[tag] == version}
    changed = [tag for tag in versions if tag not in same]
    known = {} if old is None else {tag: found for tag, found in old.tags.items() if tag in same}
    with ThreadPoolExecutor(1, thread_name_prefix="insight-scalars") as pool:
        scalars = pool.submit(reader.scalars)  # waiting, most of it
        if changed:
            names = names_of(reader, settings.names)
            known.update({tag.tag: tag for tag in analyse_tags(reader, changed, threads=THREADS, names=names)})
    tags = {tag: known[tag] for tag in versions if tag in known}
    # What was said of a tag that was not read again still holds.
    earlier = () if old is None else tuple(entry for entry in old.analysis.skipped if entry.tag in same)
    analysis = conclude(
        reader.run,
        tags.values(),
        scalars.result(),
        (*earlier, *reader.skipped()),
        select=settings.select,
        ignore=settings.ignore,
        adjustments=settings.rules,
        told=settings.names,
    )
    return AnalysedRun(analysis, versions, tags, settings.names)

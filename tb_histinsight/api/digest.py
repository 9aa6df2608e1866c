"""What is kept of a run where there are too many to keep all that is known of them: bytes, to be put on a disk."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from tb_histinsight.core.labels import ShapeTimeline
from tb_histinsight.core.names import TagName
from tb_histinsight.core.run import RunAnalysis, Skipped, TagAnalysis
from tb_histinsight.core.stats import Bounded, SeriesStats
from tb_histinsight.differences.summary import summary_of
from tb_histinsight.explain import run_entry
from tb_histinsight.locales import catalogue
from tb_histinsight.notes import NOTHING_NOTED, Notes
from tb_histinsight.rules.comparing import is_compared

_NOTHING = np.empty(0)
_NO_STATISTIC = Bounded(_NOTHING, _NOTHING, _NOTHING)


@dataclass(frozen=True)
class Comparable:
    """What a run is compared by, without the series."""

    troubles: tuple[int, int]
    heads: tuple[TagName, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Digest:
    """A run, told and packed."""

    run: str
    head: bytes
    """MessagePack of its `RunEntry`, without the tags"""
    tags: bytes
    """MessagePack of the tags' entries"""
    tag_names: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    """What was left out of it; that is in its entry too"""
    comparable: Comparable | None
    """None: it is not to be compared with others"""
    series: bytes
    """The pickled tags with all that a comparison may need of them"""


@dataclass(frozen=True)
class Digester:
    """Makes digests; goes to other processes as it is."""

    language: str
    notes: Mapping[str, Notes]
    """By run"""

    def __call__(self, run: RunAnalysis) -> Digest:
        """What is kept of a run. Its outcome of `run-difference` is filled in when all runs are known."""
        entry = run_entry(run, catalogue(self.language), self.notes.get(run.run, NOTHING_NOTED))
        comparable, series = None, b""
        if is_compared(run):
            summary = summary_of(run, 0)
            comparable = Comparable(summary.troubles, summary.heads, summary.sizes)
            series = pickle.dumps([_compared(tag) for tag in summary.tags], pickle.HIGHEST_PROTOCOL)
        return Digest(
            run=run.run,
            head=msgspec.msgpack.encode(msgspec.structs.replace(entry, tags=[])),
            tags=msgspec.msgpack.encode(entry.tags),
            tag_names=tuple(tag.tag for tag in run.tags),
            skipped=run.skipped,
            comparable=comparable,
            series=series,
        )

    def only(self, runs: Sequence[str]) -> Digester:
        """The same for some of the runs."""
        return replace(self, notes={run: self.notes[run] for run in runs if run in self.notes})


def _compared(tag: TagAnalysis) -> TagAnalysis:
    """The tag with what a comparison looks at alone (`differences`, `rules.compared`, `rules.travel`)."""
    stats = SeriesStats(
        element_count=tag.stats.element_count[-1:],
        non_finite=tag.stats.non_finite,
        uncounted=_NOTHING,
        minimum=tag.stats.minimum,
        maximum=_NOTHING,
        mean=_NO_STATISTIC,
        std=_NO_STATISTIC,
        rms=tag.stats.rms,
        mean_abs=tag.stats.mean_abs,
        zero_share=_NO_STATISTIC,
    )
    change = replace(tag.change, reason=None, step_moves=_NOTHING)
    return replace(tag, stats=stats, change=change, wall_times=_NOTHING, shapes=ShapeTimeline((), ()), shape_values={})

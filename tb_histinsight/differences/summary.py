"""What a comparison needs of a run: the tensors of its network, with their scale at every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray
from tb_histinsight.core.labels import Role, Severity
from tb_histinsight.core.names import TagName
from tb_histinsight.core.run import RunAnalysis, TagAnalysis

FLUCTUATING = frozenset({Role.GRADIENT, Role.ACTIVATION, Role.UPDATE})
"""Roles of tensors that depend on the batch: one step alone says little of their scale."""


@dataclass(frozen=True)
class StepGroup:
    """Tensors of one run that were logged at the same steps."""

    steps: IntArray
    """int64 [n]"""
    rms: FloatArray
    """float64 [3, T, n]: value, lower and upper bound"""
    known: BoolArray
    """bool [T, n]: whether the step has finite values"""


@dataclass(frozen=True)
class RunSummary:
    """One run, as it is compared."""

    run: str
    place: int
    """Where it stands in the log's order"""
    troubles: tuple[int, int]
    """How many critical findings and how many warnings follow from no other one"""
    tags: Sequence[TagAnalysis]
    """In depth order; what belongs to no network, holds several tensors under one name or has no finite value is
    left out"""
    sizes: tuple[int, ...]
    """Number of values of each"""

    @cached_property
    def heads(self) -> tuple[TagName, ...]:
        """What the tags' names say."""
        return self.tags.heads if isinstance(self.tags, TagsElsewhere) else tuple(tag.name for tag in self.tags)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The tags' names."""
        return tuple(name.tag for name in self.heads)

    @cached_property
    def fluctuating(self) -> BoolArray:
        """bool [T]: whether a tag's scale depends on the batch."""
        return np.array([name.role in FLUCTUATING for name in self.heads], bool)

    @cached_property
    def movement(self) -> FloatArray:
        """float64 [T]: how far weights moved from their first histogram to their last ÷ mean |x| of the first; 0 for
        other tags, and where it is not known."""
        return np.array([(tag.change.movement or 0.0) if tag.name.role is Role.WEIGHT else 0.0 for tag in self.tags])

    @property
    def places(self) -> list[tuple[int, int]]:
        """For each tag its group, and its row in that."""
        return self._grouped[1]

    @property
    def groups(self) -> list[StepGroup]:
        """The tensors by the steps at which they were logged."""
        return self._grouped[0]

    def forget(self) -> None:
        """Drops what thousands of runs cannot all keep; it is made, or fetched, anew when it is asked for."""
        self.__dict__.pop("_grouped", None)
        if isinstance(self.tags, TagsElsewhere):
            self.tags.forget()

    @cached_property
    def _grouped(self) -> tuple[list[StepGroup], list[tuple[int, int]]]:
        members: dict[bytes, list[int]] = {}
        for i, tag in enumerate(self.tags):
            members.setdefault(tag.steps.tobytes(), []).append(i)
        places = [(0, 0)] * len(self.tags)
        groups = []
        for group, indices in enumerate(members.values()):
            for row, i in enumerate(indices):
                places[i] = group, row
            stats = [self.tags[i].stats.rms for i in indices]
            rows = [s.value for s in stats] + [s.lower for s in stats] + [s.upper for s in stats]
            rms = np.concatenate(rows).reshape(3, len(stats), -1)
            groups.append(StepGroup(self.tags[indices[0]].steps, rms, np.isfinite(rms[0])))
        return groups, places


class TagsElsewhere(Sequence[TagAnalysis]):
    """Tags of which only the names are in memory; the rest is fetched when it is asked for."""

    def __init__(self, heads: tuple[TagName, ...], fetch: Callable[[], Sequence[TagAnalysis]]) -> None:
        self.heads = heads
        self._fetch = fetch
        self._fetched: Sequence[TagAnalysis] | None = None

    def forget(self) -> None:
        """Drops what was fetched."""
        self._fetched = None

    def _here(self) -> Sequence[TagAnalysis]:
        if self._fetched is None:
            self._fetched = self._fetch()
        return self._fetched

    def __len__(self) -> int:
        return len(self.heads)

    def __iter__(self) -> Iterator[TagAnalysis]:
        return iter(self._here())

    @overload
    def __getitem__(self, index: int) -> TagAnalysis: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[TagAnalysis]: ...

    def __getitem__(self, index: int | slice) -> TagAnalysis | Sequence[TagAnalysis]:
        return self._here()[index]


def summarise(runs: Iterable[RunAnalysis]) -> list[RunSummary]:
    """The runs as they are compared, in their order."""
    return [summary_of(run, place) for place, run in enumerate(runs)]


def summary_of(run: RunAnalysis, place: int) -> RunSummary:
    """One run as it is compared.

    Args:
      place: where it stands in the log's order.
    """
    leading = [finding.severity for finding in run.findings if finding.cause is None]
    tags = tuple(
        tag for tag in run.tags if tag.name.role is not Role.OTHER and len(tag.first.count) and not len(tag.collisions)
    )
    return RunSummary(
        run=run.run,
        place=place,
        troubles=(leading.count(Severity.CRITICAL), leading.count(Severity.WARNING)),
        tags=tags,
        sizes=tuple(_size(tag) for tag in tags),
    )


def _size(tag: TagAnalysis) -> int:
    last = float(tag.stats.element_count[-1])
    return int(last) if last > 0 else tag.element_count


def quantiles(tags: Sequence[TagAnalysis], count: int = 32) -> FloatArray:
    """Quantiles of the last histogram of each tag, in the middle of `count` equal shares; float64 [T, count].

    The mean |difference| of two such rows is the Wasserstein-1 distance to within a few per cent, for all tags in
    a few calls. Values are taken as evenly spread within their bucket.
    """
    if not tags:
        return np.empty((0, count))
    lengths = np.array([len(tag.last.count) for tag in tags])
    counts = np.concatenate([tag.last.count for tag in tags])
    edges = np.stack(
        [np.concatenate([tag.last.left for tag in tags]), np.concatenate([tag.last.right for tag in tags])], axis=1
    )
    row = np.repeat(np.arange(len(tags)), lengths)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    total = np.add.reduceat(counts, starts)
    share = counts / total[row]
    end = np.cumsum(share)
    end -= np.repeat(end[starts] - share[starts], lengths)
    # One interpolation for all tags: tag t lives between 2t and 2t + 1.
    knots = np.stack([np.clip(end - share, 0.0, 1.0), np.clip(end, 0.0, 1.0)], axis=1) + 2.0 * row[:, None]
    wanted = (np.arange(count) + 0.5) / count + 2.0 * np.arange(len(tags))[:, None]
    found = np.interp(wanted.ravel(), knots.ravel(), edges.ravel())
    rows: FloatArray = found.reshape(wanted.shape)
    return rows

"""How a series changes over its steps: one file per kind of change, found because it is there."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from tb_histinsight.changes.base import CONFIDENCE, ChangeKind
from tb_histinsight.changes.evidence import Evidence, Facts
from tb_histinsight.changes.neighbours import Neighbours, neighbours_of
from tb_histinsight.changes.unknown import MIN_STEPS
from tb_histinsight.core.histogram import HistogramSeries, IntArray
from tb_histinsight.core.labels import Change, ChangeLabel, Reason
from tb_histinsight.core.stats import SeriesStats

__all__ = ["REASONS", "WORDS", "Neighbours", "change_kinds", "change_of", "changes_of", "neighbours_of"]


@lru_cache(maxsize=1)
def change_kinds() -> tuple[ChangeKind, ...]:
    """One of each kind of change, in the order of precedence."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    order = list(ChangeLabel)
    return tuple(sorted((kind() for kind in ChangeKind.__subclasses__()), key=lambda kind: order.index(kind.label)))


WORDS: Mapping[ChangeLabel, Mapping[str, str]] = {
    kind.label: {
        "name": kind.words.name,
        "about": kind.words.about,
        "sentence": kind.words.sentence,
        "bare": kind.words.bare or kind.words.sentence,
        **({"contrary": kind.words.contrary} if kind.words.contrary else {}),
    }
    for kind in change_kinds()
}
"""The English words of every kind of change: name, about, sentence, and the sentence without numbers."""

REASONS: Mapping[str, str] = {key: text for kind in change_kinds() for key, text in kind.words.reasons.items()}
"""Why a change is `unknown`, by key of `Reason`."""


def change_of(series: HistogramSeries, stats: SeriesStats, neighbours: Neighbours | None = None) -> Change:
    """The change of a series over the steps present.

    Steps without finite values are left out of every comparison.

    Args:
      neighbours: how each step differs from the one before, where that is known already.
    """
    (change,) = changes_of(series, stats, neighbours or neighbours_of(series), [series.steps])
    return change


def changes_of(
    series: HistogramSeries, stats: SeriesStats, neighbours: Neighbours, steps: Sequence[IntArray]
) -> list[Change]:
    """The changes of several series that were joined to one, given the steps of each; the same as one by one."""
    facts = Facts(series, stats, neighbours)
    starts = np.cumsum([0, *(len(one) for one in steps)])
    filled = np.flatnonzero(series.lengths > 0)
    bounds = np.searchsorted(filled, starts)
    # Series of equally many steps are worked on together; where there are none, why that is depends on all steps.
    alike: dict[tuple[int, int], list[int]] = {}
    for i, (finite, every) in enumerate(zip(np.diff(bounds).tolist(), np.diff(starts).tolist(), strict=True)):
        alike.setdefault((finite, every if finite < MIN_STEPS else 0), []).append(i)
    found: dict[int, Change] = {}
    with np.errstate(all="ignore"):  # what overflows or does not exist is inf or NaN, and then proves nothing
        for (finite, _), members in alike.items():
            own = np.array(members)
            index = filled[bounds[own][:, None] + np.arange(finite)] if finite else np.empty((len(own), 0), np.int64)
            evidence = Evidence(facts, index, starts[own], starts[own + 1])
            found.update(zip(members, _judged(evidence, [steps[i] for i in members]), strict=True))
    return [found[i] for i in range(len(steps))]


def _judged(evidence: Evidence, steps: Sequence[IntArray]) -> list[Change]:
    """The first kind that fits each series, and the numbers that go with it."""
    n = len(evidence)
    label = [ChangeLabel.STILL] * n
    confidence, direction = np.zeros(n, np.int64), np.zeros(n, np.int64)
    since: list[int | None] = [None] * n
    reasons: list[Reason | None] = [None] * n
    left, rows = evidence, np.arange(n)
    for kind in change_kinds():
        verdict = kind.judge(left)
        fits = np.flatnonzero(verdict.fits)
        confidence[rows[fits]], direction[rows[fits]] = verdict.confidence[fits], verdict.direction[fits]
        for i in fits.tolist():
            row = int(rows[i])
            label[row], reasons[row] = kind.label, verdict.reason
            if verdict.since[i] >= 0:
                since[row] = int(steps[row][int(verdict.since[i] - left.begin[i])])
        others = np.flatnonzero(~verdict.fits)
        if not len(others):
            break
        left, rows = left.part(others), rows[others]
    numbers = _numbers(evidence)
    distances = evidence.moved.tolist() if evidence.steps else [math.nan] * n
    neighbours = evidence.facts.neighbours
    return [
        Change(
            label=label[i],
            confidence=CONFIDENCE[confidence[i]],
            reason=reasons[i],
            since_step=since[i],
            direction=int(direction[i]),
            distance=distances[i],
            step_moves=neighbours.moves[begin : end - 1],
            identical=neighbours.identical[begin : end - 1],
            **numbers[i],
        )
        for i, (begin, end) in enumerate(zip(evidence.begin.tolist(), evidence.end.tolist(), strict=True))
    ]


def _numbers(evidence: Evidence) -> list[dict[str, float | None]]:
    """Movement, movement in spread, resolution and factor of each series; None where a number does not exist."""
    names = (
        "movement",
        "movement_in_spread",
        "proved_movement",
        "proved_movement_in_spread",
        "resolution",
        "factor",
    )
    if not evidence.steps:
        return [dict.fromkeys(names)] * len(evidence)
    stats, first, last = evidence.facts.stats, evidence.index[:, 0], evidence.index[:, -1]
    size, spread, start, end = (
        np.where(each > 0, each, np.nan)
        for each in (stats.mean_abs.value[first], stats.std.value[first], stats.rms.value[first], stats.rms.value[last])
    )
    moved, proved = evidence.moved, evidence.proved
    # Divided by the largest size and spread that there may be, what is proved stays proved.
    by_size, by_spread = size + evidence.size_error, evidence.most_spread
    columns = (moved / size, moved / spread, proved / by_size, proved / by_spread, evidence.resolution / size)
    table = np.stack([*columns, end / start], axis=1)
    return [
        {name: None if math.isnan(value) else value for name, value in zip(names, row, strict=True)}
        for row in table.tolist()
    ]

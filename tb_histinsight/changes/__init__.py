"""How a series changes over its steps: one file per kind of change, found because it is there."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from tb_histinsight.changes.base import ChangeKind
from tb_histinsight.changes.evidence import Evidence, Neighbours, neighbours_of
from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.core.labels import Change, ChangeLabel
from tb_histinsight.core.stats import SeriesStats

__all__ = ["REASONS", "WORDS", "Neighbours", "change_kinds", "change_of", "neighbours_of"]


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
    with np.errstate(all="ignore"):  # what overflows or does not exist is inf or NaN, and then proves nothing
        return _change_of(Evidence(series, stats, neighbours))


def _change_of(evidence: Evidence) -> Change:
    stats = evidence.stats
    for kind in change_kinds():
        verdict = kind.judge(evidence)
        if verdict is not None:
            break
    movement = movement_in_spread = factor = resolution = None
    if len(evidence.filled):
        first, last = int(evidence.filled[0]), int(evidence.filled[-1])
        distance = evidence.moved.distance
        size, spread = float(stats.mean_abs.value[first]), float(stats.std.value[first])
        movement = distance / size if size > 0 else None
        movement_in_spread = distance / spread if spread > 0 else None
        resolution = evidence.binning / size if size > 0 else None
        start, end = float(stats.rms.value[first]), float(stats.rms.value[last])
        factor = end / start if start > 0 and end > 0 else None
    assert verdict is not None
    return Change(
        label=kind.label,
        confidence=verdict.confidence,
        reason=verdict.reason,
        since_step=verdict.since_step,
        movement=movement,
        movement_in_spread=movement_in_spread,
        direction=verdict.direction,
        factor=factor,
        resolution=resolution,
        step_moves=np.asarray(evidence.step_moves, np.float64),
        identical=evidence.identical,
    )

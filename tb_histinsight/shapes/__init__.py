"""The shape of one histogram alone: one file per shape, found because it is there."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from tb_histinsight.core.histogram import HistogramSeries, IntArray
from tb_histinsight.core.joined import spans
from tb_histinsight.core.labels import Reason, Role, Shape, ShapeLabel, ShapeTimeline
from tb_histinsight.core.stats import SeriesStats
from tb_histinsight.shapes.apart import may_be_apart
from tb_histinsight.shapes.base import CONFIDENCE, SUSPECT, ShapeKind
from tb_histinsight.shapes.judgement import Judgement
from tb_histinsight.shapes.representatives import judge_by_representatives
from tb_histinsight.shapes.survey import survey
from tb_histinsight.shapes.timeline import settled, spans_of
from tb_histinsight.shapes.values import shape_values, shape_values_of
from tb_histinsight.shapes.view import view_of

__all__ = [
    "REASONS",
    "WORDS",
    "ShapeValues",
    "shape_kinds",
    "shape_timeline",
    "shape_timelines",
    "shape_values",
    "shape_values_of",
]


@lru_cache(maxsize=1)
def shape_kinds() -> tuple[ShapeKind, ...]:
    """One of each shape, in the order of precedence."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    order = list(Shape)
    return tuple(sorted((kind() for kind in ShapeKind.__subclasses__()), key=lambda kind: order.index(kind.shape)))


WORDS: Mapping[Shape, Mapping[str, str]] = {
    kind.shape: {"name": kind.words.name, "about": kind.words.about, "sentence": kind.words.sentence}
    for kind in shape_kinds()
}
"""The English words of every shape: name, about, sentence."""

REASONS: Mapping[str, str] = {key: text for kind in shape_kinds() for key, text in kind.words.reasons.items()}
"""Why a shape is `unresolved`, by key of `Reason`."""

_ORDER = list(Shape)
_UNRESOLVED = _ORDER.index(Shape.UNRESOLVED)


def shape_timeline(series: HistogramSeries, stats: SeriesStats, role: Role) -> ShapeTimeline:
    """The shape at every step of a series, with its confidence and, for `unresolved`, the reason.

    `role` matters in one place only: an activation whose ends are those of a squashing function may be `saturated`
    with nothing between its ends.
    """
    (timeline,) = shape_timelines(series, stats, [role], [series.steps])
    return timeline


def shape_timelines(
    series: HistogramSeries, stats: SeriesStats, roles: Sequence[Role], steps: Sequence[IntArray]
) -> list[ShapeTimeline]:
    """The shapes of several series that were joined to one, given role and steps of each; all of one layout."""
    lengths = [len(one) for one in steps]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    # Steps without a range give NaN in what is measured of them, and then fit no shape that asks for it.
    with np.errstate(all="ignore"):
        activation = np.repeat([role is Role.ACTIVATION for role in roles], lengths)
        view = view_of(series, stats, activation)
        features = survey(series, stats, view.values)
        found = Judgement(view, shape_kinds())
        found.by_data(may_be_apart(view.lengths, features.fullest, features.solid))
        judge_by_representatives(found, features, starts)
    return [_timeline(found, span, own) for span, own in zip(spans(lengths), steps, strict=True)]


def _timeline(found: Judgement, span: slice, steps: IntArray) -> ShapeTimeline:
    shape, code, reason = found.shape[span], found.code[span], found.reason[span]
    n = len(shape)
    if n and (shape == shape[0]).all() and shape[0] != _UNRESOLVED and (code == code[0]).all():
        label = ShapeLabel(_ORDER[int(shape[0])], CONFIDENCE[int(code[0])])
        return ShapeTimeline(labels=(label,) * n, spans=spans_of(shape, steps))
    if (shape[1:] != shape[:-1]).any():
        steady = settled(shape, code)
        code = np.where(steady == shape, code, SUSPECT)
        # A step that takes over a neighbour's undecided verdict takes over its reason.
        known = np.maximum.accumulate(np.where(reason >= 0, np.arange(len(reason)), 0))
        shape, reason = steady, np.where(steady == _UNRESOLVED, reason[known], -1)
    return ShapeTimeline(labels=_labels(shape, code, reason, found.reasons), spans=spans_of(shape, steps))


def _labels(shape: IntArray, code: IntArray, reason: IntArray, reasons: Sequence[Reason]) -> tuple[ShapeLabel, ...]:
    """One label per step; equal ones are one object."""
    keys = ((shape * (max(CONFIDENCE) + 1) + code) * (len(reasons) + 1) + reason + 1).tolist()
    labels = {}
    for key in set(keys):
        i = keys.index(key)
        why = reasons[reason[i]] if reason[i] >= 0 else None
        labels[key] = ShapeLabel(_ORDER[shape[i]], CONFIDENCE[int(code[i])], why)
    return tuple(map(labels.__getitem__, keys))

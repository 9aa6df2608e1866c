"""The shape of one histogram alone: one file per shape, found because it is there."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from tb_histinsight.core.histogram import HistogramSeries, IntArray
from tb_histinsight.core.joined import spans
from tb_histinsight.core.labels import Reason, Role, Shape, ShapeLabel, ShapeTimeline
from tb_histinsight.core.stats import SeriesStats
from tb_histinsight.shapes.base import CERTAIN, CONFIDENCE, SUSPECT, ShapeKind
from tb_histinsight.shapes.judgement import Judgement
from tb_histinsight.shapes.timeline import settled, spans_of
from tb_histinsight.shapes.values import shape_values
from tb_histinsight.shapes.view import view_of

__all__ = ["REASONS", "WORDS", "shape_kinds", "shape_timeline", "shape_timelines", "shape_values"]


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
    (timeline,) = shape_timelines(series, stats, role, [series.steps])
    return timeline


def shape_timelines(
    series: HistogramSeries, stats: SeriesStats, role: Role, steps: Sequence[IntArray]
) -> list[ShapeTimeline]:
    """The shapes of several series that were joined to one, given the steps of each.

    They must be alike in their layout, and in being activations or not.
    """
    n = len(series)
    shape = np.full(n, _UNRESOLVED)
    code = np.full(n, CERTAIN)
    reasons: dict[int, Reason] = {}
    layout = series.layout
    for start, part in series.chunks():
        # Steps without a range give NaN in what is measured of them, and then fit no shape that asks for it.
        with np.errstate(all="ignore"):
            judged = Judgement(view_of(part, stats, start, role, layout)).run(shape_kinds())
        rows = slice(start, start + len(part))
        shape[rows], code[rows] = judged.shape, judged.code
        reasons.update({start + i: reason for i, reason in judged.reasons.items()})
    timelines = []
    for span, own_steps in zip(spans([len(one) for one in steps]), steps, strict=True):
        own = {i: reasons[i + span.start] for i in range(len(own_steps)) if i + span.start in reasons}
        timelines.append(_timeline(shape[span], code[span], own, own_steps))
    return timelines


def _timeline(shape: IntArray, code: IntArray, reasons: dict[int, Reason], steps: IntArray) -> ShapeTimeline:
    steady = settled(shape, code)
    labels = _labels(steady, np.where(steady == shape, code, SUSPECT), reasons)
    return ShapeTimeline(labels=labels, spans=spans_of(steady, steps))


def _labels(shape: IntArray, code: IntArray, reasons: dict[int, Reason]) -> tuple[ShapeLabel, ...]:
    """One label per step; equal ones are mostly one object."""
    labels: list[ShapeLabel] = []
    shared: dict[tuple[int, int], ShapeLabel] = {}
    reason: Reason | None = next(iter(reasons.values()), None)
    cuts = np.flatnonzero((shape[1:] != shape[:-1]) | (code[1:] != code[:-1])) + 1
    for begin, end in pairwise([0, *cuts.tolist(), len(shape)]):
        if begin == end:
            continue
        kind, sure = int(shape[begin]), int(code[begin])
        if kind != _UNRESOLVED:
            if (kind, sure) not in shared:
                shared[kind, sure] = ShapeLabel(_ORDER[kind], CONFIDENCE[sure])
            labels += [shared[kind, sure]] * (end - begin)
            continue
        label: ShapeLabel | None = None
        for i in range(begin, end):
            reason = reasons.get(i, reason)
            if label is None or label.reason is not reason:
                label = ShapeLabel(Shape.UNRESOLVED, CONFIDENCE[sure], reason)
            labels.append(label)
    return tuple(labels)

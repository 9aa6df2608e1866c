"""The shape of one histogram alone: one file per shape, found because it is there."""

from __future__ import annotations

from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.core.labels import Role, ShapeTimeline
from tb_histinsight.core.stats import SeriesStats


def shape_timeline(series: HistogramSeries, stats: SeriesStats, role: Role) -> ShapeTimeline:
    """The shape at every step of a series, with its confidence and, for `unresolved`, the reason.

    `role` matters in one place only: an activation whose ends are those of a squashing function may be `saturated`
    with nothing between its ends.
    """
    raise NotImplementedError

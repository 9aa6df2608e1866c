"""How a series changes over its steps: one file per kind of change, found because it is there."""

from __future__ import annotations

from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.core.labels import Change
from tb_histinsight.core.stats import SeriesStats


def change_of(series: HistogramSeries, stats: SeriesStats) -> Change:
    """The change of a series over the steps present."""
    raise NotImplementedError

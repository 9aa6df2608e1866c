"""The numbers that stand in the sentences of shapes."""

from __future__ import annotations

import math

import numpy as np

from tb_histinsight.core.findings import Value
from tb_histinsight.core.histogram import Histogram, HistogramSeries
from tb_histinsight.core.labels import ShapeTimeline, Term
from tb_histinsight.core.percentiles import histogram_percentiles, share_within
from tb_histinsight.core.stats import SeriesStats
from tb_histinsight.shapes.models import soft_plateau
from tb_histinsight.shapes.peaks import find_peaks

SHARP = 1.03
"""Range / width of a plateau up to which its edges count as sharp; 1000 values of a uniform stay within 1.02."""
SHOWN_PEAKS = 8
"""Peaks that are named one by one."""


def shape_values(series: HistogramSeries, stats: SeriesStats, _shapes: ShapeTimeline) -> dict[str, Value]:
    """What the placeholders of the shapes' sentences stand for, at the last step that has finite values.

    Every placeholder of every shape is there, whatever the shape: a number that does not exist is NaN.
    """
    with np.errstate(all="ignore"):
        return _values(series, stats)


def _values(series: HistogramSeries, stats: SeriesStats) -> dict[str, Value]:
    filled = np.flatnonzero(series.lengths > 0)
    at = int(filled[-1]) if len(filled) else -1
    if at < 0:
        nothing: dict[str, Value] = dict.fromkeys(_NUMBERS, math.nan)
        return nothing | {"count": 0, "peaks": 0, "peak_positions": (), "longer_side": Term("larger")}
    histogram = series.at(at)
    mean, std = float(stats.mean.value[at]), float(stats.std.value[at])
    low, median, high = histogram_percentiles(histogram, (25, 50, 75))
    peaks = sorted(find_peaks(histogram), key=lambda peak: -peak.share)[:SHOWN_PEAKS]
    span = histogram.right[-1] - histogram.left[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        density = histogram.count / (histogram.right - histogram.left)
    plateau_low, plateau_high = _plateau(histogram)
    densest = int(np.argmax(np.nan_to_num(density))) if len(density) else 0
    return {
        "count": float(stats.element_count[at]),
        "min": float(stats.minimum[at]),
        "max": float(stats.maximum[at]),
        "mean": mean,
        "std": std,
        "median": float(median),
        "quartile_low": float(low),
        "quartile_high": float(high),
        "within_half_sigma": share_within(histogram, mean - 0.5 * std, mean + 0.5 * std),
        "zero_share": float(stats.zero_share.lower[at] or stats.zero_share.upper[at]),
        "plateau_low": plateau_low,
        "plateau_high": plateau_high,
        "low_end": share_within(histogram, histogram.left[0], histogram.left[0] + 0.05 * span),
        "high_end": share_within(histogram, histogram.right[-1] - 0.05 * span, histogram.right[-1]),
        "mode": float(0.5 * (histogram.left[densest] + histogram.right[densest])),
        "peaks": len(peaks),
        "peak_share": sum(peak.share for peak in peaks),
        "peak_positions": tuple(sorted(peak.position for peak in peaks)),
        "longer_side": Term("larger" if mean >= median else "smaller"),
    }


def _plateau(histogram: Histogram) -> tuple[float, float]:
    """Where a plateau falls to half its height at both sides; minimum and maximum where its edges are sharp."""
    low, high = float(histogram.left[0]), float(histogram.right[-1])
    if high <= low:
        return low, high
    middle = 0.5 * (histogram.left + histogram.right)
    share, width = histogram.count / histogram.total, histogram.right - histogram.left
    half, _ = soft_plateau(share[None], middle[None], width[None])
    if high - low <= SHARP * 2 * half[0]:
        return low, high
    mean = float(share @ middle)
    return max(low, mean - float(half[0])), min(high, mean + float(half[0]))


_NUMBERS = (
    "min",
    "max",
    "mean",
    "std",
    "median",
    "quartile_low",
    "quartile_high",
    "within_half_sigma",
    "zero_share",
    "plateau_low",
    "plateau_high",
    "low_end",
    "high_end",
    "mode",
    "peak_share",
)

"""The numbers that stand in the sentences of shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tb_histinsight.core.findings import Value
from tb_histinsight.core.histogram import FloatArray, HistogramSeries, IntArray
from tb_histinsight.core.labels import ShapeTimeline, Term
from tb_histinsight.core.percentiles import quantiles
from tb_histinsight.core.stats import SeriesStats
from tb_histinsight.shapes.cells import padded, rows_at
from tb_histinsight.shapes.models import soft_plateau
from tb_histinsight.shapes.peaks import find_peaks, gap_ends, peak_rows

SHARP = 1.03
"""Range / width of a plateau up to which its edges count as sharp; 1000 values of a uniform stay within 1.02."""
SHOWN_PEAKS = 8
"""Peaks that are named one by one."""
END = 0.05
"""The ends of a range, as a share of it; see `saturated`."""


def shape_values(series: HistogramSeries, stats: SeriesStats, _shapes: ShapeTimeline) -> dict[str, Value]:
    """What the placeholders of the shapes' sentences stand for, at the last step that has finite values.

    Every placeholder of every shape is there, whatever the shape: a number that does not exist is NaN.
    """
    (values,) = shape_values_of(series, stats, [len(series)])
    return values


def shape_values_of(series: HistogramSeries, stats: SeriesStats, lengths: Sequence[int]) -> list[dict[str, Value]]:
    """The same of several series that were joined to one, given how many steps each has."""
    ends = np.cumsum([0, *lengths])
    filled = np.append(np.flatnonzero(series.lengths > 0), -1)
    last = filled[np.searchsorted(filled[:-1], ends[1:]) - 1]
    there = last >= ends[:-1]
    with np.errstate(all="ignore"):
        found = iter(_values(series, stats, last[there]) if there.any() else ())
    return [next(found) if one else dict(_NOTHING) for one in there.tolist()]


def _values(series: HistogramSeries, stats: SeriesStats, at: IntArray) -> list[dict[str, Value]]:
    rows, offsets = rows_at(series, at)
    left, right, count = padded(rows, offsets)
    low, high, total = left[:, 0], right[:, -1], count.sum(axis=1)
    mean, std, span = stats.mean.value[at], stats.std.value[at], high - low
    width = right - left
    quartiles = quantiles(rows, offsets, np.array([0.25, 0.5, 0.75]))[0]
    densest = np.argmax(np.nan_to_num(count / width), axis=1)
    row = np.arange(len(at))
    share = count / total[:, None]
    plateau = _plateau(left, right, share)
    zeros = stats.zero_share.lower[at]

    def within(start: FloatArray, stop: FloatArray) -> FloatArray:
        covered = np.minimum(right, stop[:, None]) - np.maximum(left, start[:, None])
        one = ((left >= start[:, None]) & (left <= stop[:, None])).astype(np.float64)
        part = np.where(width > 0, covered / width, one)
        return np.asarray((np.clip(part, 0.0, 1.0) * share).sum(axis=1), np.float64)

    numbers = {
        "count": stats.element_count[at],
        "min": stats.minimum[at],
        "max": stats.maximum[at],
        "mean": mean,
        "std": std,
        "median": quartiles[:, 1],
        "quartile_low": quartiles[:, 0],
        "quartile_high": quartiles[:, 2],
        "within_half_sigma": within(mean - 0.5 * std, mean + 0.5 * std),
        "within_one_and_a_half": within(mean - 1.5 * std, mean + 1.5 * std),
        "zero_share": np.where(zeros == 0, stats.zero_share.upper[at], zeros),
        "plateau_low": plateau[0],
        "plateau_high": plateau[1],
        "low_end": within(low, low + END * span),
        "high_end": within(high - END * span, high),
        "mode": 0.5 * (left[row, densest] + right[row, densest]),
    }
    listed = {name: values.tolist() for name, values in numbers.items()}
    begins, sure = gap_ends(rows, offsets, peak_rows(rows, offsets))
    several = np.bincount(np.searchsorted(offsets, begins[sure], side="right") - 1, minlength=len(at)) > 0
    found: list[dict[str, Value]] = []
    for i, step in enumerate(at.tolist()):
        own: dict[str, Value] = {name: values[i] for name, values in listed.items()}
        found.append(own | _peaks(series, step, bool(several[i]), float(mean[i])))
        found[-1]["longer_side"] = Term("larger" if mean[i] >= quartiles[i, 1] else "smaller")
    return found


def _peaks(series: HistogramSeries, step: int, several: bool, mean: float) -> dict[str, Value]:
    if not several:
        return {"peaks": 1, "peak_share": 1.0, "peak_positions": (mean,)}
    peaks = sorted(find_peaks(series.at(step)), key=lambda peak: -peak.share)[:SHOWN_PEAKS]
    return {
        "peaks": len(peaks),
        "peak_share": sum(peak.share for peak in peaks),
        "peak_positions": tuple(sorted(peak.position for peak in peaks)),
    }


def _plateau(left: FloatArray, right: FloatArray, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where a plateau falls to half its height at both sides; minimum and maximum where its edges are sharp."""
    low, high = left[:, 0], right[:, -1]
    middle = 0.5 * (left + right)
    half, _ = soft_plateau(share, middle, right - left)
    soft = (high > low) & (high - low > SHARP * 2 * half)
    mean = np.einsum("ij,ij->i", share, middle)
    return np.where(soft, np.maximum(low, mean - half), low), np.where(soft, np.minimum(high, mean + half), high)


_NOTHING: dict[str, Value] = {
    **dict.fromkeys(
        (
            *("min", "max", "mean", "std", "median", "quartile_low", "quartile_high", "within_half_sigma"),
            "within_one_and_a_half",
            *("zero_share", "plateau_low", "plateau_high", "low_end", "high_end", "mode", "peak_share"),
        ),
        math.nan,
    ),
    "count": 0,
    "peaks": 0,
    "peak_positions": (),
    "longer_side": Term("larger"),
}
"""Of a series in which no step has finite values."""

"""Statistics of a series per step, each with the bounds that its buckets allow."""

from __future__ import annotations

from dataclasses import dataclass

from tb_histinsight.core.histogram import FloatArray, HistogramSeries


@dataclass(frozen=True)
class Bounded:
    """A statistic per step: an estimate, and the interval in which the true value must lie. float64 [n] each.

    NaN where the statistic does not exist (no finite value).
    """

    value: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True)
class SeriesStats:
    """Statistics of a series of n steps, over its finite values."""

    element_count: FloatArray
    """float64 [n]: values of the tensor, non-finite ones included as far as they are known."""
    non_finite: FloatArray
    """float64 [n]: as in HistogramSeries."""
    uncounted: FloatArray
    """float64 [n]: as in HistogramSeries."""
    minimum: FloatArray
    """float64 [n], exact."""
    maximum: FloatArray
    """float64 [n], exact."""
    mean: Bounded
    std: Bounded
    """Population standard deviation."""
    rms: Bounded
    """Root mean square, the scale of a tensor about zero."""
    mean_abs: Bounded
    """Mean of |x|."""
    l2_norm: Bounded
    zero_share: Bounded
    """Share of values that are zero: between what must be (exact-zero buckets) and what can be (the bucket that
    holds 0)."""

    def __len__(self) -> int:
        return len(self.element_count)


def series_stats(series: HistogramSeries) -> SeriesStats:
    """Statistics of every step of a series, block by block."""
    raise NotImplementedError

"""Everything that the tests of shapes look at, for many steps at once, computed when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, HistogramSeries, IntArray
from tb_histinsight.core.labels import Role
from tb_histinsight.core.percentiles import quantiles
from tb_histinsight.core.stats import SeriesStats
from tb_histinsight.shapes import models
from tb_histinsight.shapes.cells import Cells, cells_of

LEVELS = np.array([0.025, 0.05, 0.16, 0.25, 0.5, 0.75, 0.84, 0.95, 0.975])


@dataclass(frozen=True)
class View:
    """Some steps of a series, their statistics and cells; arrays have one row per step."""

    series: HistogramSeries
    stats: SeriesStats
    start: int
    """Index in `stats` of the first step."""
    role: Role

    def __len__(self) -> int:
        return len(self.series)

    def _of_stats(self, values: FloatArray) -> FloatArray:
        return values[self.start : self.start + len(self)]

    @cached_property
    def lengths(self) -> IntArray:
        """Buckets per step."""
        return self.series.lengths

    @cached_property
    def non_finite(self) -> FloatArray:
        """As in the series."""
        return self.series.non_finite

    @cached_property
    def minimum(self) -> FloatArray:
        """Smallest value."""
        return self.series.minimum

    @cached_property
    def maximum(self) -> FloatArray:
        """Largest value."""
        return self.series.maximum

    @cached_property
    def zero_low(self) -> FloatArray:
        """Share of exact zeros that the buckets prove."""
        return self._of_stats(self.stats.zero_share.lower)

    @cached_property
    def zero_high(self) -> FloatArray:
        """Share of values in buckets that hold or touch 0."""
        return self._of_stats(self.stats.zero_share.upper)

    @cached_property
    def cells(self) -> Cells:
        """Cells without exact zeros."""
        return cells_of(self.series)

    @cached_property
    def total(self) -> FloatArray:
        """Values that are not exact zeros."""
        return self.cells.total

    @cached_property
    def usable(self) -> BoolArray:
        """Steps with a range: at least one cell of positive width."""
        return (self.total > 0) & (self.high > self.low)

    @cached_property
    def _dense(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        rows, offsets = self.cells.rows, self.cells.offsets
        lengths = np.diff(offsets)
        k = max(1, int(lengths.max(initial=1)))
        if len(rows) == k * len(lengths):
            cube = rows.reshape(len(lengths), k, 3)
            return tuple(np.ascontiguousarray(cube[:, :, i]) for i in range(3))  # type: ignore[return-value]
        if not len(rows):
            empty = np.zeros((len(lengths), k))
            return empty, empty, empty
        column = np.arange(k)
        present = column < lengths[:, None]
        at = np.minimum(offsets[:-1, None] + column, np.maximum(offsets[1:] - 1, 0)[:, None])
        right = rows[at, 1]
        left = np.where(present, rows[at, 0], right)
        count = np.where(present, rows[at, 2], 0.0)
        nothing = lengths == 0
        left[nothing] = right[nothing] = count[nothing] = 0.0
        return left, right, count

    @property
    def left(self) -> FloatArray:
        """Left edges of the cells [m, k]; padding cells have width 0 at the right end."""
        return self._dense[0]

    @property
    def right(self) -> FloatArray:
        """Right edges of the cells [m, k]."""
        return self._dense[1]

    @property
    def count(self) -> FloatArray:
        """Values in the cells [m, k]."""
        return self._dense[2]

    @cached_property
    def width(self) -> FloatArray:
        """Widths of the cells [m, k]."""
        return self.right - self.left

    @cached_property
    def share(self) -> FloatArray:
        """Share of the non-zero values per cell [m, k]."""
        return self.count / np.maximum(self.total, 1.0)[:, None]

    @cached_property
    def below(self) -> FloatArray:
        """Distribution function at the right edges [m, k]."""
        return np.cumsum(self.share, axis=1)

    @cached_property
    def low(self) -> FloatArray:
        """Left end of the first cell."""
        return self.left[:, 0]

    @cached_property
    def high(self) -> FloatArray:
        """Right end of the last cell."""
        return self.right[:, -1]

    @cached_property
    def span(self) -> FloatArray:
        """Range of the cells; 1 where there is none."""
        span = self.high - self.low
        return np.where(span > 0, span, 1.0)

    @cached_property
    def width_share(self) -> FloatArray:
        """Widths as shares of the range [m, k]."""
        return self.width / self.span[:, None]

    @cached_property
    def quantiles(self) -> FloatArray:
        """Quantiles at LEVELS of the values that are not exact zeros [m, 9]; 0 where there are none."""
        return np.nan_to_num(quantiles(self.cells.rows, self.cells.offsets, LEVELS)[0])

    def quantile(self, level: float) -> FloatArray:
        """One of the quantiles in LEVELS."""
        return self.quantiles[:, int(np.argmin(np.abs(LEVELS - level)))]

    @cached_property
    def resolved_cells(self) -> FloatArray:
        """How many cells lie under the middle 95 % of the values."""
        low, high = self.quantile(0.025)[:, None], self.quantile(0.975)[:, None]
        with np.errstate(invalid="ignore"):
            return np.asarray(((self.right > low) & (self.left < high) & (self.width > 0)).sum(axis=1), np.float64)

    @cached_property
    def mean(self) -> FloatArray:
        """Mean of the values that are not exact zeros."""
        return np.asarray((self.share * 0.5 * (self.left + self.right)).sum(axis=1), np.float64)

    @cached_property
    def std(self) -> FloatArray:
        """Standard deviation with Sheppard's correction for the width of the cells, at least half of it uncorrected.

        Source: Kendall & Stuart (1977), The Advanced Theory of Statistics, vol. 1, section 3.18.
        """
        middle = 0.5 * (self.left + self.right) - self.mean[:, None]
        plain = (self.share * middle * middle).sum(axis=1)
        correction = (self.share * self.width * self.width).sum(axis=1) / 12
        return np.asarray(np.sqrt(np.maximum(plain - correction, 0.25 * plain)), np.float64)

    @cached_property
    def spread(self) -> FloatArray:
        """Half the distance of the quantiles 0.16 and 0.84: sigma for a normal, blind to outliers."""
        spread = 0.5 * (self.quantile(0.84) - self.quantile(0.16))
        return np.where(spread > 0, spread, np.maximum(self.std, 1e-300))

    # Fits -----------------------------------------------------------------------------------------------------

    @cached_property
    def cut(self) -> FloatArray:
        """Where a normal would be cut to have this std on this range, in its sigmas; near 0 for a uniform."""
        return models.truncation_point(self.std / (0.5 * self.span))

    def _masses(self, cdf_right: FloatArray, cdf_low: FloatArray) -> FloatArray:
        inside = np.maximum(cdf_right[:, -1] - cdf_low, 1e-300)
        return np.diff(cdf_right, axis=1, prepend=cdf_low[:, None]) / inside[:, None]

    def _fit(self, masses: FloatArray) -> tuple[FloatArray, FloatArray]:
        distance = np.abs(self.below - np.cumsum(masses, axis=1)).max(axis=1)
        return models.log_likelihood(self.share, masses, self.width_share), distance

    @cached_property
    def uniform_fit(self) -> tuple[FloatArray, FloatArray]:
        """Log likelihood per value and Kolmogorov distance of a uniform from minimum to maximum."""
        return self._fit(self.width_share)

    @cached_property
    def bell_fit(self) -> tuple[FloatArray, FloatArray]:
        """The same for a normal cut at minimum and maximum, its sigma from std and range (outliers ignored)."""
        cut = np.maximum(self.cut, 0.05)
        clipped = self.cut < 3
        sigma = np.where(clipped, 0.5 * self.span / cut, np.minimum(self.std, 1.15 * self.spread))
        centre = np.where(clipped | (self.std <= 1.15 * self.spread), self.mean, self.quantile(0.5))
        z = (self.right - centre[:, None]) / sigma[:, None]
        return self._fit(self._masses(models.normal_cdf(z), models.normal_cdf((self.low - centre) / sigma)))

    @cached_property
    def laplace_fit(self) -> tuple[FloatArray, FloatArray]:
        """The same for a Laplace distribution about the median."""
        centre = self.quantile(0.5)
        scale = self.spread / 1.1394  # -ln(2 * 0.16)
        z = (self.right - centre[:, None]) / scale[:, None]
        return self._fit(self._masses(models.laplace_cdf(z), models.laplace_cdf((self.low - centre) / scale)))

    @cached_property
    def student_fit(self) -> tuple[FloatArray, FloatArray]:
        """The same for Student's t with 4 degrees of freedom about the median."""
        centre = self.quantile(0.5)
        scale = self.spread / 1.1343  # its quantile 0.84
        z = (self.right - centre[:, None]) / scale[:, None]
        return self._fit(self._masses(models.student4_cdf(z), models.student4_cdf((self.low - centre) / scale)))

    @cached_property
    def asymmetry(self) -> FloatArray:
        """max |F(m + t) + F(m - t) - 1| over t, m the median: 0 where the two sides are alike.

        0.25 for an exponential, 0.18 for a half-normal; positive where the long tail is on the right.
        Source: Butler (1969), Ann. Math. Statist. 40, a test for symmetry.
        """
        m = len(self.count)
        centre = self.quantile(0.5)
        row = 2.0 * np.arange(m)[:, None]
        scale = np.maximum(np.maximum(self.high - centre, centre - self.low), 1e-300)[:, None] * 2.5
        knots = np.concatenate([self.low[:, None], self.right], axis=1)
        knots = np.clip((knots - centre[:, None]) / scale, -0.5, 0.5)
        below = np.concatenate([np.zeros((m, 1)), self.below], axis=1)
        mirrored = np.interp((-knots + row).ravel(), (knots + row).ravel(), below.ravel()).reshape(knots.shape)
        mirrored = np.where(-knots < knots[:, :1], 0.0, np.where(-knots > knots[:, -1:], 1.0, mirrored))
        skew = below + mirrored - 1
        at = np.argmax(np.abs(skew), axis=1)
        return np.asarray(-skew[np.arange(m), at], np.float64)

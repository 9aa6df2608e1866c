"""Everything that the tests of shapes look at, for many steps at once, computed when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tb_histinsight.core.columns import rows_of, running_sum
from tb_histinsight.core.histogram import BoolArray, FloatArray, HistogramSeries, IntArray, Layout, segment_sum
from tb_histinsight.core.stats import SeriesStats
from tb_histinsight.shapes.apart import separate_peaks
from tb_histinsight.shapes.cells import FINE, cells_of, padded, rows_at
from tb_histinsight.shapes.fits import Fits
from tb_histinsight.shapes.lattice import may_be_on_grid, on_grids
from tb_histinsight.shapes.one_hill import Hill, one_hill
from tb_histinsight.shapes.outliers import Core, core_of

_PER_STEP = {
    *("usable", "noise", "low", "high", "span", "filled_share", "resolved_cells", "mean", "std", "spread", "asymmetry"),
}
"""What a view of fewer steps takes over from the one that it is part of, where it is known already."""
FAINT, COARSE = 0.03, 0.15
"""Asymmetry from which on it matters where in its cell the median lies, and share of the values in one cell."""
LEVELS = (0.025, 0.05, 0.16, 0.5, 0.84, 0.95, 0.975)


@dataclass(frozen=True)
class Cut:
    """The cells of some steps, without exact zeros; one row per step. Matrices lie in memory column by column."""

    cells: IntArray
    """Cells per step"""
    left: FloatArray
    """Left edges of the cells [m, k]; padding cells have width 0 at the right end."""
    right: FloatArray
    """Right edges of the cells [m, k]"""
    count: FloatArray
    """Values in the cells [m, k]"""
    total: FloatArray
    """Values in the cells"""
    zeros: FloatArray
    """Share of values in the exact-zero bucket, or in a fine one at 0 that stands out of a broad rest"""
    quantiles: tuple[FloatArray, FloatArray, FloatArray]
    """Quantiles at LEVELS and the edges of the cell that each lies in [m, p] each; 0 where there are none."""
    apart: BoolArray
    """Whether the values stand in separate narrow peaks (exact zeros are one of them)"""

    def at(self, rows: IntArray) -> Cut:
        """The same of some of the steps, as wide as the widest of them."""
        value, low, high = self.quantiles
        cells = self.cells[rows]
        k = max(1, int(cells.max(initial=1)))
        return Cut(
            cells=cells,
            left=rows_of(self.left[:, :k], rows),
            right=rows_of(self.right[:, :k], rows),
            count=rows_of(self.count[:, :k], rows),
            total=self.total[rows],
            zeros=self.zeros[rows],
            quantiles=(value[rows], low[rows], high[rows]),
            apart=self.apart[rows],
        )


@dataclass(frozen=True)
class View:
    """Some steps of a series; every array has one row per step.

    What needs no buckets is there at once; cells are cut when they are first asked for.
    """

    series: HistogramSeries
    """All steps of the series, or of several that were joined"""
    rows: IntArray
    """Which of its steps these are"""
    layout: Layout
    lengths: IntArray
    """Buckets per step"""
    minimum: FloatArray
    maximum: FloatArray
    non_finite: FloatArray
    uncounted: FloatArray
    zero_low: FloatArray
    """Share of exact zeros that the buckets prove"""
    zero_high: FloatArray
    """Share of values in buckets that hold or touch 0"""
    values: FloatArray
    """All values in the buckets"""
    activation: BoolArray
    """Whether the tensor is an activation"""
    whole: tuple[View, IntArray] | None = None
    """The view of more steps that this one was taken from, and which of them these are"""

    def __len__(self) -> int:
        return len(self.rows)

    def subset(self, rows: IntArray) -> View:
        """The same of some of the steps."""
        if len(rows) == len(self):
            return self
        part = View(
            self.series,
            self.rows[rows],
            self.layout,
            self.lengths[rows],
            self.minimum[rows],
            self.maximum[rows],
            self.non_finite[rows],
            self.uncounted[rows],
            self.zero_low[rows],
            self.zero_high[rows],
            self.values[rows],
            self.activation[rows],
            (self, rows) if "cut" in self.__dict__ else None,
        )
        known, own = self.__dict__, part.__dict__
        for name in _PER_STEP & known.keys():
            own[name] = known[name][rows]
        if "hill" in known:
            own["hill"] = self.hill.at(rows)
        if "fits" in known:
            own["fits"] = self.fits.at(part, rows)
        return part

    @cached_property
    def cut(self) -> Cut:
        """The cells, and what is asked of them first."""
        if self.whole is not None:
            view, own = self.whole
            return view.cut.at(own)
        rows, offsets = rows_at(self.series, self.rows)
        cells = cells_of(rows, offsets, self.layout)
        left, right, count = padded(cells.rows, cells.offsets)
        # In cells peaks of few values show, in buckets such as stand close together.
        apart = separate_peaks(rows, offsets)
        wide = self.lengths > FINE
        if wide.any():
            apart |= separate_peaks(cells.rows, cells.offsets) & wide
        equal = self.layout is Layout.EQUAL and not wide.any()
        on_grid = np.flatnonzero(may_be_on_grid(left, right, count, equal=equal))
        if len(on_grid):
            stretches = on_grids(rows, offsets, on_grid, np.diff(cells.offsets)[on_grid])
            if stretches is not None:
                cells = cells_of(*stretches, self.layout)
                left, right, count = padded(cells.rows, cells.offsets)
        value, low, high = _quantiles(left, right, count, cells.total)
        return Cut(
            cells=np.diff(cells.offsets),
            left=left,
            right=right,
            count=count,
            total=cells.total,
            zeros=cells.zeros / np.maximum(cells.zeros + cells.total, 1e-300),
            quantiles=(value, low, high),
            apart=apart,
        )

    @property
    def cells(self) -> IntArray:
        """Cells per step."""
        return self.cut.cells

    @property
    def left(self) -> FloatArray:
        """Left edges of the cells [m, k]."""
        return self.cut.left

    @property
    def right(self) -> FloatArray:
        """Right edges of the cells [m, k]."""
        return self.cut.right

    @property
    def count(self) -> FloatArray:
        """Values in the cells [m, k]."""
        return self.cut.count

    @property
    def total(self) -> FloatArray:
        """Values in the cells."""
        return self.cut.total

    @property
    def zeros(self) -> FloatArray:
        """Share of values in the exact-zero bucket, or in a fine one at 0 that stands out of a broad rest."""
        return self.cut.zeros

    @property
    def apart(self) -> BoolArray:
        """Whether the values stand in separate narrow peaks (exact zeros are one of them)."""
        return self.cut.apart

    @property
    def quantiles(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Quantiles at LEVELS and the edges of the cell that each lies in [m, p] each."""
        return self.cut.quantiles

    @cached_property
    def noise(self) -> FloatArray:
        """1 / sqrt(total), the unit of counting noise of a distribution function."""
        return 1 / np.sqrt(np.maximum(self.total, 1.0))

    @cached_property
    def usable(self) -> BoolArray:
        """Steps with a range: at least one cell of positive width."""
        return (self.total > 0) & (self.high > self.low)

    @cached_property
    def width(self) -> FloatArray:
        """Widths of the cells [m, k]."""
        return self.right - self.left

    @cached_property
    def middle(self) -> FloatArray:
        """Middles of the cells [m, k]."""
        return 0.5 * (self.left + self.right)

    @cached_property
    def share(self) -> FloatArray:
        """Share of the non-zero values per cell [m, k]."""
        return self.count / np.maximum(self.total, 1.0)[:, None]

    @cached_property
    def below(self) -> FloatArray:
        """Distribution function at the right edges [m, k]."""
        return self.below_edges[:, 1:]

    @cached_property
    def below_edges(self) -> FloatArray:
        """Distribution function at all edges [m, k + 1]."""
        return running_sum(self.share, 0.0)

    @cached_property
    def edges(self) -> FloatArray:
        """All edges [m, k + 1]."""
        return np.concatenate([self.low[:, None], self.right], axis=1)

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
    def filled_share(self) -> FloatArray:
        """Share of the range that lies in cells with a value."""
        # Row by row: 18 of 30 equal buckets lie at a limit, and rounding must not depend on the steps beside.
        filled = np.ascontiguousarray(self.count > 0).astype(np.float64)
        return np.asarray(np.einsum("ij,ij->i", np.ascontiguousarray(self.width_share), filled), np.float64)

    def quantile(self, level: float) -> FloatArray:
        """One of the quantiles in LEVELS."""
        return np.asarray(self.quantiles[0][:, LEVELS.index(level)], np.float64)

    @cached_property
    def resolved_cells(self) -> FloatArray:
        """How many filled cells lie under the middle 95 % of the values."""
        low, high = self.quantile(0.025)[:, None], self.quantile(0.975)[:, None]
        return np.asarray(((self.right > low) & (self.left < high) & (self.count > 0)).sum(axis=1), np.float64)

    @cached_property
    def mean(self) -> FloatArray:
        """Mean of the values that are not exact zeros."""
        return np.asarray(np.einsum("ij,ij->i", self.share, self.middle), np.float64)

    @cached_property
    def std(self) -> FloatArray:
        """Standard deviation with Sheppard's correction for the width of the cells, at most half the variance.

        Source: Kendall & Stuart (1977), The Advanced Theory of Statistics, vol. 1, section 3.18.
        """
        apart = self.middle - self.mean[:, None]
        plain = np.einsum("ij,ij,ij->i", self.share, apart, apart)
        correction = np.einsum("ij,ij,ij->i", self.share, self.width, self.width) / 12
        return np.asarray(np.sqrt(np.maximum(plain - correction, 0.5 * plain)), np.float64)

    @cached_property
    def spread(self) -> FloatArray:
        """Half the distance of the quantiles 0.16 and 0.84: sigma for a normal, blind to outliers."""
        spread = 0.5 * (self.quantile(0.84) - self.quantile(0.16))
        return np.where(spread > 0, spread, np.maximum(self.std, 1e-300))

    @cached_property
    def fits(self) -> Fits:
        """Model distributions fitted to the cells."""
        return Fits(self)

    @cached_property
    def core(self) -> Core | None:
        """The steps with far outliers, without these."""
        return core_of(self)

    @cached_property
    def hill(self) -> Hill:
        """What kind of a single hill each step is."""
        return one_hill(self)

    @cached_property
    def asymmetry(self) -> FloatArray:
        """max |F(m + t) + F(m - t) - 1| over t, m the median: 0 where the two sides are alike.

        0.25 for an exponential, 0.18 for a half-normal; positive where the long tail is on the right.
        Source: Butler (1969), Ann. Math. Statist. 40, a test for symmetry; with the median estimated, its noise is
        that of a Brownian bridge (1 % point 1.63 / sqrt(n)).
        """
        out = self._lean(self.quantile(0.5))
        coarse = np.flatnonzero((np.abs(out) > FAINT) & (self.share.max(axis=1, initial=0.0) >= COARSE))
        if len(coarse):
            # Where in the fullest cell its values lie is not known, nor where the median, if it is there: the two
            # sides are as different as they are about the best centre, for what the other cells say of it.
            part, best = self.subset(coarse), out[coarse]
            low, high = (np.asarray(one[coarse, LEVELS.index(0.5)], np.float64) for one in self.quantiles[1:])
            fullest = np.argmax(part.share, axis=1)
            for centre in (self.quantile(0.5)[coarse], low, high, 0.5 * (low + high), np.clip(0.0, low, high)):
                lean = part._lean(centre, fullest)
                best = np.where(np.abs(lean) < np.abs(best), lean, best)
            out[coarse] = best
        return out

    def _lean(self, centre: FloatArray, unknown: IntArray | None = None) -> FloatArray:
        """The same about any centre; with cells, int64 [m], in which the values may lie anywhere."""
        m = len(self.count)
        row = 2.0 * np.arange(m)[:, None]
        unit = np.maximum(np.maximum(self.high - centre, centre - self.low), 1e-300)[:, None] * 2.5
        knots = (self.edges - centre[:, None]) / unit
        below = self.below_edges
        mirrored = np.interp((row - knots).ravel(), (row + knots).ravel(), below.ravel()).reshape(knots.shape)
        mirrored = np.where(-knots < knots[:, :1], 0.0, np.where(-knots > knots[:, -1:], 1.0, mirrored))
        skew = below + mirrored - 1
        if unknown is not None:
            here = np.arange(m)
            left, right, start = self.left[here, unknown], self.right[here, unknown], below[here, unknown]
            place = 2 * centre[:, None] - self.edges
            inside = (place > left[:, None]) & (place < right[:, None])
            least, most = (below + (start + gain)[:, None] - 1 for gain in (0.0, self.share[here, unknown]))
            skew = np.where(inside, np.clip(0.0, least, most), skew)
        at = np.argmax(np.abs(skew), axis=1)
        return np.asarray(-skew[np.arange(m), at], np.float64)


def _quantiles(
    left: FloatArray, right: FloatArray, count: FloatArray, total: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """As `core.percentiles.quantiles`, at LEVELS, for matrices of cells; 0 where there is no value."""
    ends = running_sum(count)
    target = total[:, None] * np.array(LEVELS)
    at = np.empty(target.shape, np.int64)
    for j in range(len(LEVELS)):
        at[:, j] = (ends < target[:, j, None]).sum(axis=1)
    place = np.minimum(at, count.shape[1] - 1) * len(total) + np.arange(len(total))[:, None]
    inside, reached, low, high = (np.take(matrix.T.ravel(), place) for matrix in (count, ends, left, right))
    part = np.where(inside > 0, np.clip(1 - (reached - target) / inside, 0.0, 1.0), 0.0)
    some = (total > 0)[:, None]
    value = low + part * (high - low)
    return np.where(some, value, 0.0), np.where(some, low, 0.0), np.where(some, high, 0.0)


def view_of(series: HistogramSeries, stats: SeriesStats, activation: BoolArray) -> View:
    """The view of all steps of a series, given which of them are activations."""
    return View(
        series=series,
        rows=np.arange(len(series)),
        layout=series.layout,
        lengths=series.lengths,
        minimum=series.minimum,
        maximum=series.maximum,
        non_finite=series.non_finite,
        uncounted=series.uncounted,
        zero_low=stats.zero_share.lower,
        zero_high=stats.zero_share.upper,
        values=segment_sum(series.buckets[:, 2], series.offsets),
        activation=activation,
    )

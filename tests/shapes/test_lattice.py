"""Values on a grid: integers, rounded and quantised ones, whose buckets hold one, two or no level."""

import numpy as np
import pytest

from benchmarks.accuracy.writers import series_of
from tb_histinsight.core.labels import Role, Shape
from tb_histinsight.core.stats import series_stats
from tb_histinsight.shapes import shape_timeline
from tb_histinsight.shapes.lattice import may_be_on_grid, stretched


def shape_of(values, encoding):
    series = series_of([values], encoding)
    return shape_timeline(series, series_stats(series), Role.WEIGHT).last.shape


def rows_of(values, encoding):
    return series_of([values], encoding).buckets


@pytest.mark.parametrize(("levels", "encoding"), [(21, "tf2"), (25, "tf2"), (41, "tf2"), (41, "old"), (27, "doane")])
def test_each_bucket_stands_for_its_levels(levels, encoding):
    rows = rows_of(np.random.default_rng(0).integers(0, levels, 20_000) + 5.0, encoding)
    found = stretched(rows, len(rows))
    assert found is not None
    # Half a level beyond the outermost ones, without gaps, and every stretch as long as it is full.
    assert found[0, 0] == pytest.approx(4.5)
    assert found[-1, 1] == pytest.approx(levels + 4.5)
    assert found[1:, 0] == pytest.approx(found[:-1, 1])
    assert found[:, 2].sum() == 20_000
    assert found[:, 2] / (found[:, 1] - found[:, 0]) == pytest.approx(20_000 / levels, rel=0.2)


@pytest.mark.parametrize("encoding", ["tf2", "old", "doane", "tf2-1000"])
@pytest.mark.parametrize("seed", range(3))
def test_hills_peaks_and_spikes_are_no_grid(encoding, seed):
    rng = np.random.default_rng(seed)
    hills = rng.normal(size=20_000) + rng.choice([0, 5, 10, 15], 20_000)
    spike = np.where(rng.random(20_000) < 0.2, 0.0, rng.normal(size=20_000))
    hole = rng.normal(size=40_000)
    for values in (hills, spike, hole[np.abs(hole) > 0.3], rng.standard_t(3, 20_000)):
        rows = rows_of(values, encoding)
        assert stretched(rows, min(len(rows), 60)) is None


def test_a_single_hill_is_no_grid():
    for seed in range(20):
        rows = rows_of(np.random.default_rng(seed).normal(size=5000), "tf2")
        assert not may_be_on_grid(*rows.T[:, None], equal=True).any() or stretched(rows, 30) is None


@pytest.mark.parametrize("encoding", ["tf2", "old", "doane", "tf2-1000"])
@pytest.mark.parametrize(("low", "high"), [(0, 100), (-20, 21), (0, 33), (3, 28)])
@pytest.mark.parametrize("count", [1000, 4000, 20_000])
def test_integers_that_are_equally_frequent_have_no_hills(low, high, count, encoding):
    for seed in range(3):
        values = np.random.default_rng([seed, count]).integers(low, high, count) * 1.0
        assert shape_of(values, encoding) in (Shape.UNIFORM, Shape.SPIKY, Shape.UNRESOLVED)


@pytest.mark.parametrize("encoding", ["tf2", "old", "tf2-1000"])
def test_a_quantised_bell_is_not_sparse_for_its_level_at_zero(encoding):
    values = np.round(np.random.default_rng(4).normal(size=20_000) * 4) / 4
    assert shape_of(values, encoding) in (Shape.GAUSSIAN, Shape.SPIKY, Shape.UNRESOLVED)


@pytest.mark.parametrize("encoding", ["tf2", "old", "tf2-1000"])
def test_zeros_beside_a_quantised_bell_are_sparse(encoding):
    rng = np.random.default_rng(4)
    values = np.round(rng.normal(size=20_000) * 9) / 9 * (rng.random(20_000) < 0.6)
    assert shape_of(values, encoding) in (Shape.SPARSE, Shape.SPIKY)

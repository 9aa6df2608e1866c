"""Patterns of trained tensors, and of values on a grid, that look like other shapes in buckets."""

import numpy as np
import pytest

from benchmarks.accuracy.writers import series_of
from tb_histinsight.core.labels import Role, Shape
from tb_histinsight.core.stats import series_stats
from tb_histinsight.shapes import shape_timeline

EQUAL, FINE, LADDER = "tf2", "tf2-1000", "old"
SEEDS = range(4)


def shape(values, encoding, role=Role.WEIGHT):
    series = series_of([values], encoding)
    return shape_timeline(series, series_stats(series), role).last.shape


def rng_of(seed):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("encoding", [EQUAL, FINE, LADDER])
@pytest.mark.parametrize("seed", SEEDS)
def test_adams_first_update_is_two_peaks_with_stragglers_between_them(seed, encoding):
    gradient = rng_of(seed).normal(size=5000)
    update = 1e-3 * gradient / (np.abs(gradient) + 1e-3)
    assert (np.abs(update) < 0.9e-3).sum() > 10
    assert shape(update, encoding, Role.UPDATE) is Shape.SPIKY


@pytest.mark.parametrize("encoding", [EQUAL, FINE, LADDER])
@pytest.mark.parametrize("levels", [16, 24, 32, 48])
def test_values_on_a_grid_are_no_hills(levels, encoding):
    values = np.round(rng_of(levels).uniform(0, levels - 1, 10_000))
    assert shape(values - (levels - 1) / 2, encoding) in {Shape.SPIKY, Shape.UNIFORM}


def test_two_bells_far_apart_are_hills_and_no_peaks():
    rng = rng_of(0)
    assert shape(rng.normal(size=3000) + rng.choice([0, 12], 3000), EQUAL) is Shape.MULTIMODAL


@pytest.mark.parametrize("encoding", [FINE, LADDER])
@pytest.mark.parametrize("size", [10, 100, 1000])
def test_a_plateau_with_an_outlier_is_no_bell(size, encoding):
    values = rng_of(size).uniform(-1, 1, 3000)
    values[0] = size
    assert shape(values, encoding) in {Shape.UNIFORM, Shape.UNRESOLVED}


@pytest.mark.parametrize("encoding", [EQUAL, FINE])
@pytest.mark.parametrize("share", [0.7, 0.9])
def test_a_spike_at_zero_is_seen_in_equal_buckets_however_few_values_are_beside_it(share, encoding):
    for seed in SEEDS:
        rng = rng_of(seed)
        values = rng.uniform(-1, 1, 1000) * (rng.random(1000) > share)
        assert shape(values, encoding) is Shape.SPARSE


@pytest.mark.parametrize("encoding", [EQUAL, LADDER])
def test_a_narrow_spike_beside_broad_wings_is_named(encoding):
    for seed in SEEDS:
        rng = rng_of(seed)
        values = rng.normal(size=6000) * np.where(rng.random(6000) < 0.6, 0.03, 1.0)
        assert shape(values, encoding) in {Shape.SPARSE, Shape.HEAVY_TAILED}


@pytest.mark.parametrize("encoding", [EQUAL, LADDER])
def test_a_plateau_that_leans_is_not_called_uniform(encoding):
    for seed in SEEDS:
        rng = rng_of(seed)
        values = np.where(rng.random(400) < 0.75, rng.uniform(-1, 0, 400), rng.uniform(0, 1, 400))
        assert shape(values, encoding) is not Shape.UNIFORM


def test_few_values_all_along_between_two_piles_make_them_saturated():
    values = np.tanh(rng_of(1).normal(0, 15, 1000))
    assert shape(values, EQUAL) is Shape.SATURATED

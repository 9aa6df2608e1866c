"""Percentiles against the raw values."""

import numpy as np
import pytest

from benchmarks.accuracy.writers import ENCODINGS, series_of
from tb_histinsight.core.histogram import Histogram
from tb_histinsight.core.percentiles import DISTRIBUTION_LINES, histogram_percentiles, percentiles, share_within


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_true_percentiles_lie_in_their_bucket(encoding):
    rng = np.random.default_rng(0)
    values = [rng.normal(3, 1, 999), rng.exponential(size=5001)]
    found = percentiles(series_of(values, encoding))
    for i, sample in enumerate(values):
        # The value at or below which the share lies, as the counts of buckets give it.
        true = np.percentile(sample, DISTRIBUTION_LINES, method="inverted_cdf")
        assert (found.lower[i] <= true + 1e-9).all()
        assert (found.upper[i] >= true - 1e-9).all()
        assert found.value[i, 0] == sample.min()
        assert found.value[i, -1] == sample.max()


def test_lines_of_the_distributions_dashboard_are_half_sigmas_of_a_normal():
    values = np.random.default_rng(1).normal(size=400_000)
    lines = percentiles(series_of([values], "tf2-1000")).value[0]
    assert lines[1:-1] == pytest.approx([-1.5, -1, -0.5, 0, 0.5, 1, 1.5], abs=0.02)


def test_values_are_spread_evenly_within_a_bucket():
    histogram = Histogram(np.array([0.0, 1.0]), np.array([1.0, 3.0]), np.array([10.0, 10.0]))
    assert histogram_percentiles(histogram, (25, 50, 75)).tolist() == [0.5, 1.0, 2.0]
    assert share_within(histogram, 0.5, 2.0) == 0.5


def test_nothing_has_no_percentiles():
    nothing = Histogram(np.empty(0), np.empty(0), np.empty(0))
    assert np.isnan(histogram_percentiles(nothing)).all()
    assert np.isnan(share_within(nothing, 0, 1))

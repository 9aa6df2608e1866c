"""Wasserstein-1 distances against the raw values and against a slow, obvious integral."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.accuracy.writers import ENCODINGS, series_of
from tb_histinsight.core.dense import dense_buckets
from tb_histinsight.core.distance import transport, transports, wasserstein
from tb_histinsight.core.histogram import Histogram
from tb_histinsight.core.neighbours import step_differences


def between_samples(a, b):
    """W1 of two samples of one size: mean distance of the sorted values."""
    return np.abs(np.sort(a) - np.sort(b)).mean()


def by_fine_sums(a, b):
    """Area between two distribution functions on a fine grid."""
    edges = [np.append(h.left, h.right[-1]) for h in (a, b)]
    below = [np.append(0, np.cumsum(h.count)) / h.total for h in (a, b)]
    grid = np.linspace(min(e[0] for e in edges), max(e[-1] for e in edges), 200_001)
    gap = np.interp(grid, edges[0], below[0]) - np.interp(grid, edges[1], below[1])
    return np.trapezoid(np.abs(gap), grid) if hasattr(np, "trapezoid") else np.trapz(np.abs(gap), grid)


@st.composite
def histograms(draw):
    count = draw(st.lists(st.integers(0, 50), min_size=1, max_size=8).filter(lambda c: c[0] > 0 and c[-1] > 0))
    start = draw(st.floats(-3, 3))
    widths = [draw(st.floats(0.1, 2)) for _ in count]
    edges = start + np.concatenate([[0], np.cumsum(widths)])
    return Histogram(edges[:-1], edges[1:], np.array(count, np.float64))


@given(a=histograms(), b=histograms())
@settings(max_examples=60, deadline=None)
def test_distance_is_the_area_between_the_distribution_functions(a, b):
    found = transport(a, b)
    assert found.distance == pytest.approx(by_fine_sums(a, b), abs=2e-4)
    assert found.least <= found.distance + 1e-12 <= found.most + 2e-12
    assert transport(b, a).distance == pytest.approx(found.distance, abs=1e-12)


@given(a=histograms())
@settings(max_examples=30, deadline=None)
def test_nothing_is_to_be_moved_between_equal_histograms(a):
    found = transport(a, a)
    assert found.distance == pytest.approx(0, abs=1e-12)
    assert found.least == 0


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("shift", [0.0, 0.1, 3.0])
def test_true_distance_lies_within_the_bounds(encoding, shift):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=3000), rng.normal(shift, 1.2, 3000)
    series = series_of([a, b], encoding)
    found = transport(series.at(0), series.at(1))
    true = between_samples(a, b)
    assert found.least <= true <= found.most
    assert found.distance == pytest.approx(true, abs=0.02)


def test_distance_of_single_values_is_how_far_they_are_apart():
    series = series_of([np.full(10, 1.0), np.full(10, 3.5)], "tf2")
    assert wasserstein(series.at(0), series.at(1)) == 2.5


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_steps_compare_like_pairs(encoding):
    rng = np.random.default_rng(1)
    samples = [rng.normal(0.3 * i, 1 + 0.2 * i, 4000) for i in range(6)]
    samples[3] = samples[2]
    series = series_of(samples, encoding)
    moves, gaps, _ = step_differences(series)
    pairs = [wasserstein(series.at(i), series.at(i + 1)) for i in range(5)]
    assert moves == pytest.approx(pairs, rel=0.08, abs=1e-12)
    assert moves[2] == pytest.approx(0, abs=1e-12) and gaps[2] == pytest.approx(0, abs=1e-12)
    assert (gaps[[0, 1, 3, 4]] > 0.02).all()


def test_a_step_without_values_has_no_distance():
    series = series_of([np.arange(10.0), np.full(4, np.nan), np.arange(10.0)], "tf2")
    moves, gaps, _ = step_differences(series)
    assert np.isnan(moves).all() and np.isnan(gaps).all()
    assert np.isnan(wasserstein(series.at(0), series.at(1)))


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(histograms(), histograms()), min_size=1, max_size=6))
def test_many_pairs_have_the_distances_that_each_has(pairs):
    one_by_one = [transport(a, b) for a, b in pairs]
    together = transports(*(dense([pair[side] for pair in pairs]) for side in (0, 1)))
    for name, found in zip(("distance", "least", "most"), together, strict=True):
        np.testing.assert_allclose(found, [getattr(one, name) for one in one_by_one], rtol=1e-12, atol=1e-15)


def dense(histograms):
    rows = [np.stack([h.left, h.right, h.count], axis=1) for h in histograms]
    return dense_buckets(np.concatenate(rows), np.cumsum([0, *map(len, rows)]))

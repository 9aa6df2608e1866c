"""Statistics against the raw values: the estimate is near, the truth lies within the bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.accuracy.writers import ENCODINGS, series_of
from tb_histinsight.core.histogram import RawHistograms, normalise
from tb_histinsight.core.stats import series_stats

TRUTH = {
    "mean": np.mean,
    "std": np.std,
    "rms": lambda x: np.sqrt(np.mean(x * x)),
    "mean_abs": lambda x: np.abs(x).mean(),
    "l2_norm": lambda x: np.sqrt(np.sum(x * x)),
}
SAMPLES = {
    "normal": lambda rng, n: rng.normal(size=n),
    "far from zero": lambda rng, n: rng.normal(100, 1, n),
    "heavy tails": lambda rng, n: rng.standard_t(2, n),
    "half zeros": lambda rng, n: np.maximum(rng.normal(size=n), 0),
    "tiny": lambda rng, n: rng.normal(size=n) * 1e-30,
    "one value": lambda rng, n: np.full(n, 0.7),
    "one outlier": lambda rng, n: np.append(rng.normal(size=n - 1), 1e6),
}


def rows_to_series(*steps):
    rows = [np.array(step, np.float64).reshape(-1, 3) for step in steps]
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in rows])]).astype(np.int64)
    index = np.arange(len(rows))
    return normalise(RawHistograms("run", "tag", index, index * 1.0, np.concatenate(rows), offsets))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_truth_lies_within_the_bounds(sample, encoding):
    rng = np.random.default_rng(1)
    values = [SAMPLES[sample](rng, n) for n in (2, 30, 5000)]
    stats = series_stats(series_of(values, encoding))
    for name, truth in TRUTH.items():
        bounded = getattr(stats, name)
        expected = np.array([truth(x) for x in values])
        room = 1e-9 * np.array([truth_scale(x) for x in values])  # rounding of the sums taken here
        if name == "l2_norm":
            room = room * np.sqrt([len(x) for x in values])
        assert (bounded.lower <= expected + room).all(), name
        assert (bounded.upper >= expected - room).all(), name
        assert (bounded.lower <= bounded.value).all() and (bounded.value <= bounded.upper).all(), name


def truth_scale(values):
    return np.abs(values).max()


def test_exact_sums_leave_a_point():
    values = np.random.default_rng(2).normal(0.3, 2, 10000)
    stats = series_stats(series_of([values], "old"))
    for name in ("mean", "std", "rms"):
        bounded = getattr(stats, name)
        assert bounded.upper[0] - bounded.lower[0] <= 1e-10 * abs(bounded.value[0])
        assert bounded.value[0] == pytest.approx(TRUTH[name](values), rel=1e-10)


def test_sums_that_contradict_the_buckets_are_left_aside():
    series = series_of([np.random.default_rng(2).normal(0, 1, 1000)], "old")
    series.moments.sum[:] = 1e9
    stats = series_stats(series)
    assert abs(stats.mean.value[0]) < 0.2


@pytest.mark.parametrize("shape, limit", [("normal", 0.012), ("laplace", 0.05)])
def test_thirty_equal_buckets_give_the_standard_deviation(shape, limit):
    values = getattr(np.random.default_rng(3), shape)(size=1_000_000)
    estimate = series_stats(series_of([values], "tf2")).std.value[0]
    assert abs(estimate / values.std() - 1) < limit


@given(power=st.integers(-200, 200), seed=st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_statistics_scale_exactly_with_powers_of_two(power, seed):
    values = np.random.default_rng(seed).normal(0.1, 1, 500)
    plain = series_stats(series_of([values], "tf2"))
    series = rows_to_series(*[series_of([values], "tf2").buckets * [2.0**power, 2.0**power, 1]])
    scaled = series_stats(series)
    for name in ("mean", "std", "rms", "mean_abs"):
        assert getattr(scaled, name).value[0] == getattr(plain, name).value[0] * 2.0**power


def test_zero_share_is_proved_by_exponential_buckets():
    values = np.concatenate([np.zeros(600), np.random.default_rng(4).normal(size=400)])
    share = series_stats(series_of([values], "old")).zero_share
    assert share.lower[0] == 0.6
    assert share.value[0] == 0.6
    assert 0.6 <= share.upper[0] < 0.61


def test_equal_buckets_bound_the_zero_share_from_above_only():
    values = np.concatenate([np.zeros(600), np.random.default_rng(4).normal(size=400)])
    share = series_stats(series_of([values], "tf2")).zero_share
    assert share.lower[0] == 0
    assert 0.6 <= share.upper[0] < 0.8


def test_all_zeros_are_all_zero():
    share = series_stats(series_of([np.zeros(50)], "tf2")).zero_share
    assert (share.lower[0], share.upper[0]) == (1, 1)


def test_a_step_without_values_has_no_statistics():
    stats = series_stats(rows_to_series([], [[0, 1, 5], [1, 2, 3]]))
    assert np.isnan(stats.mean.value[0]) and np.isnan(stats.rms.upper[0]) and np.isnan(stats.minimum[0])
    assert stats.element_count.tolist() == [0, 8]
    assert stats.mean.value[1] == pytest.approx((5 * 0.5 + 3 * 1.5) / 8)


def test_a_series_without_any_value_has_no_statistics_at_all():
    stats = series_stats(rows_to_series([], [], []))
    for name in ("mean", "std", "rms", "mean_abs", "l2_norm", "zero_share"):
        bounded = getattr(stats, name)
        assert np.isnan([bounded.value, bounded.lower, bounded.upper]).all()


def test_steps_without_values_in_a_block_of_their_own_have_no_statistics():
    """Blocks of many steps are worked on one by one."""
    stats = series_stats(rows_to_series(*[[]] * 70_000, [[0, 1, 5]]))
    assert np.isnan(stats.mean.value[:-1]).all() and stats.mean.value[-1] == 0.5
    assert np.isnan(stats.zero_share.upper[:-1]).all()


def test_values_near_the_largest_float_do_not_overflow():
    stats = series_stats(rows_to_series([[-1e300, 0, 5], [0, 1e300, 5]]))
    assert np.isfinite(stats.rms.value[0]) and stats.rms.value[0] == pytest.approx(1e300 / np.sqrt(3))

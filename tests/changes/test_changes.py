"""Every kind of change from series of which it is known how they came about."""

import numpy as np
import pytest

from benchmarks.accuracy.histories import FEW_STEPS, HISTORIES
from benchmarks.accuracy.writers import series_of
from tb_histinsight.changes import REASONS, WORDS, change_kinds, change_of
from tb_histinsight.core.labels import ChangeLabel, Confidence
from tb_histinsight.core.stats import series_stats

ENCODINGS = ("tf2", "old")


def change(samples, encoding="tf2"):
    series = series_of(samples, encoding)
    return change_of(series, series_stats(series))


def bell(seed=0, n=3000):
    return np.random.default_rng(seed).normal(0, 0.05, n)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("steps", [3, 12, 40])
@pytest.mark.parametrize("history", HISTORIES, ids=[history.name for history in HISTORIES])
def test_histories_are_called_what_they_are(history, steps, encoding):
    samples = history.draw(np.random.default_rng(3), 2000, steps)
    if encoding == "old" and any(np.isnan(sample).all() for sample in samples):
        pytest.skip("PyTorch writes nothing for a tensor without any finite value")
    found = change(samples, encoding)
    right = history.right if len(samples) >= FEW_STEPS else history.few
    assert found.label.value in right


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_one_bucket_that_differs_is_not_frozen(encoding):
    values = bell()
    moved = values.copy()
    moved[0] = values[1]
    assert change([values] * 4, encoding).label is ChangeLabel.FROZEN
    found = change([values, values, moved, values], encoding)
    assert found.label is not ChangeLabel.FROZEN
    assert found.identical.tolist() == [1, 0, 0]


def test_what_a_loader_rounds_to_float32_is_still_identical():
    values = bell()
    series = series_of([values, values, values], "tf2")
    rows = series.buckets[: series.offsets[1]]
    rows[:, :2] = rows[:, :2].astype(np.float32)
    found = change_of(series, series_stats(series))
    assert found.label is ChangeLabel.FROZEN


def test_a_constant_tensor_is_frozen_too():
    found = change([np.full(64, 0.1)] * 3)
    assert (found.label, found.confidence, found.movement) == (ChangeLabel.FROZEN, Confidence.CERTAIN, 0)
    assert found.movement_in_spread is None
    assert change([np.zeros(64)] * 3).movement is None


def test_a_shuffled_tensor_looks_frozen():
    rng = np.random.default_rng(0)
    assert change([rng.permutation(bell()) for _ in range(5)], "old").label is ChangeLabel.FROZEN


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_stall_has_its_first_step(encoding):
    values = bell()
    found = change([values * (1 + 0.01 * min(i, 6)) for i in range(20)], encoding)
    assert (found.label, found.since_step) == (ChangeLabel.STALLED, 60)


def test_a_tensor_that_is_logged_more_often_than_updated_does_not_stall():
    values = bell()
    found = change([values * (1 + 0.01 * (i // 3)) for i in range(21)])
    assert found.label is ChangeLabel.GROWING


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("rate", [1e-4, 1e-2, -1e-4, -1e-2])
def test_a_trend_is_found_however_small(rate, encoding):
    values = bell()
    found = change([values * (1 + rate * i) for i in range(30)], encoding)
    assert found.label is (ChangeLabel.GROWING if rate > 0 else ChangeLabel.SHRINKING)
    assert found.direction == np.sign(rate)
    assert found.factor == pytest.approx(1 + 29 * rate, rel=1e-3)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_change_of_shape_at_the_same_spread_is_no_trend_of_the_scale(encoding):
    rng = np.random.default_rng(1)
    normal, flat = np.sort(rng.normal(size=5000)), np.sort(rng.uniform(-1.732, 1.732, 5000))
    steps = [normal * (1 - t) + flat * t for t in np.linspace(0, 1, 24)]
    found = change([0.05 * (x - x.mean()) / x.std() for x in steps], encoding)
    assert found.label is ChangeLabel.CHANGING
    assert found.movement > 0.05


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_new_samples_of_one_distribution_are_steady(encoding):
    rng = np.random.default_rng(2)
    for _ in range(5):
        assert change([rng.normal(size=5000) for _ in range(40)], encoding).label is ChangeLabel.STEADY


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_values_that_explode_without_a_direction_are_not_steady(encoding):
    scales = [1, 1e2, 1e1, 1e5, 1e3, 1e8, 1e4, 1e10, 1e2, 1e9, 1e1, 1e3, 1e-3]
    found = change([bell(seed) * scale for seed, scale in enumerate(scales)], encoding)
    assert found.label is ChangeLabel.CHANGING


def test_gradients_tenfold_larger_at_some_batches_stay_steady():
    scales = np.random.default_rng(4).choice([1.0, 3.0, 10.0], 20)
    assert change([bell(seed) * scale for seed, scale in enumerate(scales)]).label is ChangeLabel.STEADY


def test_movement_is_the_distance_in_mean_size_and_in_spread():
    values = bell(n=20_000)
    found = change([values, values + 0.01, values + 0.02], "tf2-1000")
    assert found.movement == pytest.approx(0.02 / np.abs(values).mean(), rel=0.02)
    assert found.movement_in_spread == pytest.approx(0.02 / values.std(), rel=0.02)
    assert found.step_moves == pytest.approx([0.01, 0.01], rel=0.05)


def test_still_says_what_the_buckets_would_show():
    rng = np.random.default_rng(4)
    values, way = bell(), rng.normal(0, 1e-5, 3000)
    found = change([values + way * rng.choice([-1, 1]) * u for u in rng.random(20)])
    assert found.label is ChangeLabel.STILL
    assert found.movement < found.resolution < 0.1


def test_steps_without_finite_values_are_left_out():
    values = bell()
    found = change([values, values * 1.5, values * 2, values * 2.5, np.full(5, np.nan), np.full(5, np.nan)])
    assert found.label is ChangeLabel.GROWING
    assert found.factor == pytest.approx(2.5, rel=0.01)
    assert np.isnan(found.step_moves[3:]).all()


@pytest.mark.parametrize("finite", [0, 1, 2])
def test_fewer_than_three_finite_steps_are_unknown(finite):
    found = change([bell(i) for i in range(finite)] + [np.full(5, np.nan)] * 4)
    assert (found.label, found.confidence) == (ChangeLabel.UNKNOWN, Confidence.CERTAIN)
    assert REASONS[found.reason.key].format(**found.reason.values)


def test_a_sample_of_the_steps_does_not_contradict_all_of_them():
    rng = np.random.default_rng(6)
    grown = [bell() * (1 + 0.002 * i) for i in range(300)]
    fresh = [rng.normal(size=2000) for _ in range(300)]
    kept = np.sort(rng.choice(300, 60, replace=False))
    for samples in (grown, fresh):
        assert change(samples).label is change([samples[i] for i in kept]).label


def test_every_change_has_its_file_and_its_words():
    assert [kind.label for kind in change_kinds()] == list(ChangeLabel)
    values = dict.fromkeys(("steps", "since_step", "movement", "movement_in_spread", "factor", "resolution"), 1)
    for words in WORDS.values():
        assert words["name"] and words["about"].endswith(".")
        assert words["sentence"].format_map({**values, "reason": "…"})

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


@pytest.mark.parametrize("rounded", [[0], [1], [0, 1, 2]])
def test_what_a_loader_rounds_to_float32_is_still_identical(rounded):
    values = bell()
    series = series_of([values, values, values], "tf2")
    for step in rounded:
        rows = series.buckets[series.offsets[step] : series.offsets[step + 1]]
        rows[:, :2] = rows[:, :2].astype(np.float32)
    found = change_of(series, series_stats(series))
    assert found.label is ChangeLabel.FROZEN


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_differs_at_full_precision_moved_however_little(encoding):
    found = change([bell() * (1 + 1e-9 * i) for i in range(8)], encoding)
    assert found.label is not ChangeLabel.FROZEN
    assert found.identical.tolist() == [0] * 7


def test_identical_until_it_was_nan_is_identical_but_not_for_certain():
    found = change([bell()] * 5 + [np.full(3000, np.nan)] * 3)
    assert (found.label, found.confidence) == (ChangeLabel.FROZEN, Confidence.LIKELY)
    found = change([bell(), bell(), np.full(3000, np.nan), bell(), bell()])
    assert (found.label, found.confidence) == (ChangeLabel.FROZEN, Confidence.LIKELY)
    found = change([bell(), bell(), np.full(3000, np.nan), 2 * bell(), 2 * bell()])
    assert found.label is not ChangeLabel.FROZEN


@pytest.mark.parametrize(("step", "confidence"), [(1e-2, Confidence.CERTAIN), (1e-7, Confidence.LIKELY)])
def test_a_stall_after_hardly_any_movement_is_not_certain(step, confidence):
    found = change([bell() * (1 + step * min(i, 6)) for i in range(20)])
    assert (found.label, found.since_step, found.confidence) == (ChangeLabel.STALLED, 60, confidence)


def test_a_stall_before_nan_is_a_stall():
    values = bell()
    moving = [values * (1 + 0.01 * min(i, 6)) for i in range(20)]
    found = change([*moving, np.full(3000, np.nan)])
    assert (found.label, found.since_step, found.confidence) == (ChangeLabel.STALLED, 60, Confidence.LIKELY)


@pytest.mark.parametrize("encoding", [*ENCODINGS, "doane", "tf2-1000"])
@pytest.mark.parametrize("seed", range(4))
def test_separate_peaks_that_shrink_never_grow(seed, encoding):
    rng = np.random.default_rng(seed)
    places = np.sort(rng.uniform(-1, 1, 5))
    which, within = rng.integers(0, 5, 2000), rng.normal(0, 0.001, 2000)
    inner = np.abs(places) < np.abs(places).max()
    away = places - places[which].mean()
    samples = [(places - 0.05 * t * inner * away)[which] + within for t in np.linspace(0, 1, 12)]
    assert change(samples, encoding).label is not ChangeLabel.GROWING


def test_a_few_values_that_grow_by_a_third_in_twenty_new_samples_grow():
    labels = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        labels.append(change([rng.normal(0, 1 + 0.3 * t, 128) for t in np.linspace(0, 1, 20)]).label)
    assert labels.count(ChangeLabel.GROWING) >= 12
    assert set(labels) <= {ChangeLabel.GROWING, ChangeLabel.STEADY}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("growth", [-0.02, 0.02])
def test_what_moves_by_half_its_spread_and_hardly_changes_that_drifts(growth, encoding):
    values = bell()
    found = change([values * (1 + growth * t) + 0.025 * t for t in np.linspace(0, 1, 20)], encoding)
    assert (found.label, found.direction) == (ChangeLabel.DRIFTING, 1)
    only_scale = change([values * (1 + growth * t) for t in np.linspace(0, 1, 20)], encoding)
    assert only_scale.label is (ChangeLabel.GROWING if growth > 0 else ChangeLabel.SHRINKING)


def test_a_million_values_that_move_a_little_are_no_new_samples():
    values = bell(n=300_000)
    found = change([values * (1 + 0.002 * i) for i in range(8)])
    assert found.label is ChangeLabel.GROWING


@pytest.mark.parametrize("encoding", ["old", "doane"])
def test_a_spread_that_goes_up_and_down_is_seen_in_two_buckets(encoding):
    values = np.random.default_rng(0).normal(1, 0.01, 1000)
    found = change([1 + (values - 1) * (1 + 0.3 * np.sin(0.7 * i)) for i in range(60)], encoding)
    assert found.label in {ChangeLabel.STEADY, ChangeLabel.CHANGING}


@pytest.mark.parametrize("encoding", [*ENCODINGS, "doane", "tf2-1000"])
@pytest.mark.parametrize("n", [16, 300, 5000])
def test_movement_as_reported_never_exceeds_that_of_the_values(n, encoding):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        draw = [rng.normal, rng.laplace, rng.standard_exponential, rng.uniform][seed % 4]
        first = np.maximum(draw(size=n), -1) + seed % 3
        way = 10.0 ** rng.uniform(-6, 0.3) * rng.normal(0.5, 1, n)
        found = change([first, first + 0.5 * way, first + way], encoding)
        moved = np.abs(way).mean() * (1 + 1e-9)
        assert 0 <= found.proved_movement <= moved / np.abs(first).mean()
        assert 0 <= found.proved_movement_in_spread <= moved / first.std()


def test_movement_that_the_buckets_show_is_hardly_less_than_that_of_the_values():
    values = bell(n=20_000)
    found = change([values, values + 0.01, values + 0.02])
    assert 0.85 < found.proved_movement_in_spread / (0.02 / values.std()) < 1
    assert found.proved_movement + 2 * found.resolution >= 0.02 / np.abs(values).mean()


def test_a_constant_tensor_is_frozen_too():
    found = change([np.full(64, 0.1)] * 3)
    assert (found.label, found.confidence, found.movement) == (ChangeLabel.FROZEN, Confidence.CERTAIN, 0)
    assert found.movement_in_spread is None
    assert change([np.zeros(64)] * 3).movement is None


def test_identical_histograms_are_not_certain_where_exact_sums_say_that_values_moved():
    values = np.append(bell(), [-1.5, 1.5])
    inside = np.where(np.arange(len(values)) == int(np.argmin(np.abs(values - 0.0105))), 1.0, 0.0)
    found = change([values + 1e-6 * i * inside for i in range(6)], "old")
    assert (found.label, found.confidence) == (ChangeLabel.FROZEN, Confidence.LIKELY)
    assert change([values] * 6, "old").confidence is Confidence.CERTAIN


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


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "name", ["oscillates", "restarted", "grows to 2", "new samples", "stalled half-way", "batches"]
)
def test_a_hundred_of_five_hundred_steps_are_called_as_all_of_them(name, encoding):
    history = next(one for one in HISTORIES if one.name == name)
    rng = np.random.default_rng(7)
    series = series_of(history.draw(rng, 500, 500), encoding)
    whole = change_of(series, series_stats(series))
    for _ in range(3):
        part = series.take(np.sort(rng.choice(500, 100, replace=False)))
        found = change_of(part, series_stats(part))
        assert found.label is whole.label
        if whole.since_step is not None:
            # The first of the kept steps from which on nothing differs: not before that of all steps.
            assert whole.since_step <= found.since_step <= whole.since_step + 300

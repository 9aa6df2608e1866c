"""Every shape from samples of which it is known, in every encoding."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks.accuracy.families import FAMILIES
from benchmarks.accuracy.writers import ENCODINGS, series_of
from tb_histinsight.core.histogram import RawHistograms, normalise
from tb_histinsight.core.labels import Confidence, Role, Shape
from tb_histinsight.core.stats import series_stats
from tb_histinsight.locales import catalogue
from tb_histinsight.shapes import WORDS, shape_kinds, shape_timeline, shape_values


def label_of(values, encoding="tf2", role=Role.WEIGHT):
    series = series_of([values], encoding)
    return shape_timeline(series, series_stats(series), role).last


def rows_label(*rows):
    block = np.array(rows, np.float64).reshape(-1, 3)
    series = normalise(RawHistograms("run", "tag", np.zeros(1, int), np.zeros(1), block, np.array([0, len(block)])))
    return shape_timeline(series, series_stats(series), Role.WEIGHT).last


CLEAR = [family for family in FAMILIES if family.demanded_from <= 1024]


@pytest.mark.parametrize("encoding", ["tf2", "old", "tf2-1000"])
@pytest.mark.parametrize("family", CLEAR, ids=[family.name for family in CLEAR])
def test_ten_thousand_values_show_their_shape(family, encoding):
    values = family.draw(np.random.default_rng(7), 10_000)
    label = label_of(values * 1e-3 if family.role != "activation" else values, encoding, Role(family.role))
    if family.name == "log-normal 1" and label.shape is Shape.UNRESOLVED:
        return  # its largest values stretch 30 buckets too far
    assert label.shape.value in family.right
    assert label.reason is None


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("draw", ["normal", "uniform", "laplace", "exponential"])
@pytest.mark.parametrize("n", [2, 16, 72, 255])
def test_few_values_show_no_shape(draw, n, encoding):
    label = label_of(getattr(np.random.default_rng(n), draw)(size=n), encoding)
    assert label.shape is Shape.UNRESOLVED
    assert label.reason.key == "few_values"
    assert label.reason.values["count"] == n
    assert str(n) in catalogue().text("shape_reason.few_values", label.reason.values)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_few_values_show_what_is_overwhelming(encoding):
    assert label_of(np.zeros(3), encoding).shape is Shape.COLLAPSED
    assert label_of(np.full(3, -0.5), encoding).shape is Shape.CONSTANT
    assert label_of(np.repeat([0.0, 1.0], 60), encoding).shape is Shape.SPIKY


@pytest.mark.parametrize("encoding", ["tf2", "old"])
def test_peaks_at_the_limits_of_a_squashing_function_are_saturated_activations(encoding):
    values = np.repeat([-1.0, 1.0], 500)
    assert label_of(values, encoding, Role.ACTIVATION).shape is Shape.SATURATED
    assert label_of(values, encoding, Role.WEIGHT).shape is Shape.SPIKY
    assert label_of(values * 3, encoding, Role.ACTIVATION).shape is Shape.SPIKY


def test_one_exponential_bucket_cannot_show_a_bell():
    values = np.random.default_rng(0).normal(0.97, 0.005, 10_000)
    label = label_of(values, "old")
    assert (label.shape, label.reason.key) == (Shape.UNRESOLVED, "few_buckets")
    assert label_of(values, "tf2").shape is Shape.GAUSSIAN


@pytest.mark.parametrize("buckets", [8, 30, 50, 1000])
def test_exactly_equally_filled_buckets_are_a_plateau(buckets):
    edges = np.linspace(-1, 1, buckets + 1)
    label = rows_label(*([left, right, 40] for left, right in pairwise(edges)))
    assert (label.shape, label.reason) == (Shape.UNIFORM, None)


def test_an_outlier_that_squeezes_all_into_one_bucket_leaves_the_shape_open():
    values = np.append(np.random.default_rng(0).normal(size=9999), 1e4)
    label = label_of(values, "tf2")
    assert (label.shape, label.reason.key) == (Shape.UNRESOLVED, "outlier")
    assert label_of(values, "old").shape is Shape.GAUSSIAN


def test_a_tail_that_thins_out_over_many_buckets_is_heavy_even_if_it_squeezes_the_rest():
    values = np.random.default_rng(1).standard_t(3, 200_000)
    values = values[np.abs(values) < 40]  # no single outlier: the tail itself
    label = label_of(values, "tf2")
    assert (label.shape, label.confidence) == (Shape.HEAVY_TAILED, Confidence.SUSPECT)


def test_counts_of_exponential_buckets_are_no_density():
    # Two thirds of the counts of N(0, 1) lie in buckets that peak at |x| = 1.06: no two hills.
    assert label_of(np.random.default_rng(2).normal(size=100_000), "old").shape is Shape.GAUSSIAN


def test_many_zeros_collapse_a_tensor():
    values = np.zeros(10_000)
    values[:50] = np.random.default_rng(3).normal(size=50)
    assert label_of(values, "old").shape is Shape.COLLAPSED
    assert label_of(values, "old").confidence is Confidence.CERTAIN
    assert label_of(values, "tf2").shape is Shape.COLLAPSED
    assert label_of(values, "tf2").confidence is Confidence.SUSPECT


def test_degenerate_rows():
    nan, inf = np.nan, np.inf
    assert rows_label().shape is Shape.EMPTY
    assert rows_label([0, 0, 0], [0, 0, 0]).shape is Shape.EMPTY
    assert rows_label([nan, nan, 0], [nan, nan, 0]).shape is Shape.NON_FINITE
    assert rows_label([0, 1, 900], [nan, inf, 0]).shape is Shape.NON_FINITE
    assert rows_label([5, 5, 0], [5, 5, 77]).shape is Shape.CONSTANT
    assert rows_label([-1, 0, 5e6], [0, 1, 5e6]).shape is Shape.UNRESOLVED


def test_not_a_number_among_the_values_is_said_whatever_the_writer_keeps():
    values = np.append(np.random.default_rng(0).normal(size=2000), np.nan)
    for encoding in ("tf2", "old"):
        label = label_of(values, encoding)
        assert (label.shape, label.confidence) == (Shape.NON_FINITE, Confidence.CERTAIN)


def test_every_shape_has_its_file_and_its_words():
    assert [kind.shape for kind in shape_kinds()] == list(Shape)
    series = series_of([np.random.default_rng(0).normal(size=500)], "tf2")
    stats = series_stats(series)
    values = shape_values(series, stats, shape_timeline(series, stats, Role.WEIGHT))
    for shape, words in WORDS.items():
        assert words["name"] and words["about"].endswith(".")
        assert catalogue().text(f"shape.{shape.value}.sentence", {**values, "reason": "…"}).strip()


@pytest.mark.parametrize("samples", [[], [np.array([np.nan])], [np.zeros(5)], [np.arange(3.0)]])
def test_numbers_for_the_sentences_are_there_whatever_the_data(samples):
    series = series_of(samples, "tf2") if samples else series_of([np.zeros(2)], "tf2").select(0, 0)
    stats = series_stats(series)
    values = shape_values(series, stats, shape_timeline(series, stats, Role.WEIGHT))
    for shape in WORDS:
        assert catalogue().text(f"shape.{shape.value}.sentence", {**values, "reason": "…"}).strip()


def test_a_handful_of_values_beside_zeros_shows_no_shape():
    values = np.zeros(600)
    values[:9] = np.random.default_rng(3).normal(size=9)
    label = label_of(values, "old")
    assert (label.shape, label.reason.key, label.reason.values["count"]) == (Shape.UNRESOLVED, "few_values", 9)


@pytest.mark.parametrize("encoding", ["tf2", "old", "tf2-1000"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("count", [2000, 5000])
def test_99_of_100_zeros_are_collapsed_on_either_side_of_the_rest(count, sign, encoding):
    rng = np.random.default_rng(0)
    values = sign * np.abs(rng.normal(size=count))
    values[: int(np.ceil(0.992 * count))] = 0
    series = series_of([values], encoding)
    assert shape_timeline(series, series_stats(series), Role.WEIGHT).last.shape is Shape.COLLAPSED

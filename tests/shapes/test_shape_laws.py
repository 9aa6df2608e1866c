"""What a shape must not depend on: scale, sign, number of values, fineness and encoding of the buckets."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.accuracy.families import FAMILIES
from benchmarks.accuracy.writers import series_of
from tb_histinsight.core.histogram import Layout, RawHistograms, normalise
from tb_histinsight.core.joined import join
from tb_histinsight.core.labels import Role, Shape
from tb_histinsight.core.stats import series_stats
from tb_histinsight.shapes import shape_timeline, shape_timelines

DRAWN = [family for family in FAMILIES if family.role == "weight" and family.demanded_from <= 1024]
families = st.sampled_from(DRAWN)
seeds = st.integers(0, 20)
LIMITS = settings(max_examples=50, deadline=None)


def shape_of_rows(rows):
    series = normalise(RawHistograms("run", "tag", np.zeros(1, int), np.zeros(1), rows, np.array([0, len(rows)])))
    return shape_timeline(series, series_stats(series), Role.WEIGHT).last.shape


def rows_of(family, seed, n=4000, encoding="tf2"):
    return series_of([family.draw(np.random.default_rng(seed), n)], encoding).buckets


@given(family=families, seed=seeds, power=st.integers(-60, 60))
@LIMITS
def test_scale_does_not_matter(family, seed, power):
    rows = rows_of(family, seed)
    assert shape_of_rows(rows * [2.0**power, 2.0**power, 1]) == shape_of_rows(rows)


@given(family=families, seed=seeds)
@LIMITS
def test_a_mirror_does_not_matter(family, seed):
    rows = rows_of(family, seed)
    mirrored = np.stack([-rows[::-1, 1], -rows[::-1, 0], rows[::-1, 2]], axis=1)
    assert shape_of_rows(mirrored) == shape_of_rows(rows)


@given(family=families, seed=seeds, factor=st.integers(2, 1000))
@LIMITS
def test_more_values_of_the_same_shares_never_turn_one_shape_into_another(family, seed, factor):
    rows = rows_of(family, seed)
    before, after = shape_of_rows(rows), shape_of_rows(rows * [1, 1, factor])
    # With more values a gap, a valley or a lean is proved that could have been chance before.
    sharper = {Shape.SPIKY, Shape.MULTIMODAL, Shape.OTHER, Shape.SKEWED, Shape.HEAVY_TAILED, Shape.UNRESOLVED}
    assert after == before or before is Shape.UNRESOLVED or after in sharper


@given(family=st.sampled_from([f for f in DRAWN if "spiky" not in f.right]), seed=seeds)
@LIMITS
def test_halving_every_bucket_does_not_matter(family, seed):
    rows = rows_of(family, seed, n=20_000)
    middle = 0.5 * (rows[:, 0] + rows[:, 1])
    halves = np.empty((2 * len(rows), 3))
    halves[0::2] = np.stack([rows[:, 0], middle, rows[:, 2] / 2], axis=1)
    halves[1::2] = np.stack([middle, rows[:, 1], rows[:, 2] / 2], axis=1)
    before, after = shape_of_rows(rows), shape_of_rows(halves)
    assert after == before or Shape.UNRESOLVED in (before, after)


@given(family=families, seed=seeds)
@LIMITS
def test_empty_buckets_at_the_ends_do_not_matter(family, seed):
    rows = rows_of(family, seed)
    width = rows[0, 1] - rows[0, 0]
    below = [rows[0, 0] - width, rows[0, 0], 0]
    above = [rows[-1, 1], rows[-1, 1] + width, 0]
    assert shape_of_rows(np.concatenate([[below], rows, [above]])) == shape_of_rows(rows)


INTEGERS = next(family for family in DRAWN if family.name == "0 to 99")


@given(family=families, seed=seeds)
@example(family=INTEGERS, seed=122)  # cells of four and of five levels on the ladder look like a valley
@example(family=INTEGERS, seed=151)  # and so in a thousand buckets
@LIMITS
def test_equal_and_exponential_buckets_never_contradict_each_other(family, seed):
    values = family.draw(np.random.default_rng(seed), 4000)
    found = {shape_of_rows(series_of([values], encoding).buckets) for encoding in ("tf2", "old", "tf2-1000")}
    found.discard(Shape.UNRESOLVED)
    # What the truth leaves open, two encodings may answer differently.
    assert len(found) <= 1 or {shape.value for shape in found} <= family.right


@pytest.mark.parametrize("encoding", ["tf2", "old"])
def test_series_that_are_judged_together_get_the_labels_they_get_alone(encoding):
    rng = np.random.default_rng(5)
    series = [series_of([family.draw(rng, 700) for _ in range(4)], encoding) for family in DRAWN]
    alike = [one for one in series if one.layout is (Layout.EQUAL if encoding == "tf2" else Layout.EXPONENTIAL)]
    together = join(alike)
    joined = shape_timelines(together, series_stats(together), [Role.WEIGHT] * len(alike), [one.steps for one in alike])
    alone = [shape_timeline(one, series_stats(one), Role.WEIGHT) for one in alike]
    assert len(alike) > 10
    assert joined == alone

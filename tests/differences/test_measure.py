"""Steps that are compared, and distances of many histograms at once."""

from types import SimpleNamespace

import numpy as np
import pytest

from tb_histinsight.core.distance import wasserstein
from tb_histinsight.core.histogram import Histogram
from tb_histinsight.differences.measure import common_steps
from tb_histinsight.differences.summary import quantiles


def steps(first, second):
    one, two = np.array(first, np.int64), np.array(second, np.int64)
    i, j = common_steps(one, two)
    return list(zip(one[i].tolist(), two[j].tolist(), strict=True))


def test_common_steps_are_taken_as_they_are():
    assert steps([0, 5, 10, 15, 20], [0, 10, 20, 30]) == [(0, 0), (10, 10), (20, 20)]


def test_without_a_common_step_near_the_end_the_nearest_pairs_are_taken():
    assert steps([0, 100, 200, 300], [0, 99, 201, 298, 400]) == [(0, 0), (100, 99), (200, 201), (300, 298)]
    assert steps([0, 99, 201, 298, 400], [0, 100, 200, 300]) == [(0, 0), (99, 100), (201, 200), (298, 300)]


@pytest.mark.parametrize(("first", "second"), [([], [1]), ([1], []), ([], []), ([1], [2]), ([0, 1], [500, 1000])])
def test_nothing_near_is_nothing(first, second):
    assert steps(first, second) == []


def test_one_step_each_is_compared_where_it_is_the_same():
    assert steps([7], [7]) == [(7, 7)]
    assert steps([7], [0, 7, 14]) == [(7, 7)]


def test_quantiles_of_many_tags_give_their_distances():
    rng = np.random.default_rng(1)
    tensors = [
        rng.normal(size=2000),
        rng.uniform(-3, 1, 500),
        np.ones(5),
        np.where(rng.random(900) < 0.7, 0.0, rng.normal(size=900)),
        rng.normal(size=3000) ** 3,
    ]
    tags = []
    for values in tensors:
        counts, edges = np.histogram(values, 30 if np.ptp(values) else [1.0, 1.0])
        tags.append(SimpleNamespace(last=Histogram(edges[:-1], edges[1:], counts.astype(float))))
    rows = quantiles(tags, 400)
    for i, one in enumerate(tags):
        for j, other in enumerate(tags):
            exact = wasserstein(one.last, other.last)
            assert np.abs(rows[i] - rows[j]).mean() == pytest.approx(exact, rel=0.05, abs=0.02)

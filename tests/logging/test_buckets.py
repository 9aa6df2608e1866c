"""The buckets of our writer are those of the writers that it imitates."""

import warnings

import numpy as np
import pytest
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.util.tensor_util import make_ndarray
from tensorboardX.summary import make_histogram

from tb_histinsight.logging.buckets import equal_buckets, ladder, old_style_histogram

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=999),
        RNG.normal(size=(10, 10)).astype(np.float32),
        [3.0] * 4,
        [],
        [0, 1e-300],
        [1, np.nan, 2],
        [1, 2, np.inf],
        [1, 2, -np.inf],
        [np.inf, np.inf],
        [np.nan],
        [1e308, -1e308],
    ],
    ids=str,
)
def test_equal_buckets_are_those_of_tensorboards_own_function(values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = make_ndarray(histogram_pb("tag", values).value[0].tensor)
    np.testing.assert_array_equal(equal_buckets(values), expected)


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=999),
        np.zeros(5),
        np.array([0.0, 0.0, 1.0]),
        np.array([-3.0]),
        np.array([-1e-12, 0.0, 1e-12, 1.1e-12]),
        RNG.normal(size=50) * 1e-20,
        np.array([1.0, 1e25]),
    ],
    ids=str,
)
def test_old_style_buckets_are_those_of_tensorboardx(values):
    expected = make_histogram(values, ladder())
    ours = old_style_histogram(values)
    np.testing.assert_array_equal(ours.limits, expected.bucket_limit)
    np.testing.assert_array_equal(ours.counts, expected.bucket)
    assert (ours.minimum, ours.maximum, ours.num) == (expected.min, expected.max, expected.num)
    assert (ours.sum, ours.sum_squares) == (expected.sum, expected.sum_squares)


def test_the_ladder_is_that_of_tensorboardx():
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(write_to_disk=False)
    np.testing.assert_array_equal(ladder(), writer.default_bins)


def test_partly_nan_values_are_counted_as_far_as_they_are_finite():
    ours = old_style_histogram([1.0, np.nan, 2.0])
    assert ours.counts.sum() == 2
    assert ours.num == 3
    assert np.isnan([ours.minimum, ours.maximum, ours.sum]).all()


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [np.inf]], ids=str)
def test_nothing_to_count_raises_as_in_pytorch(values):
    with pytest.raises(ValueError, match="no finite value"):
        old_style_histogram(values)

"""The median is NumPy's, without its imports."""

import numpy as np
import pytest

from tb_histinsight.core.median import median, medians_along


@pytest.mark.parametrize(
    "values", [[3.0], [1.0, 2.0], [5.0, -1.0, 2.0], [1e300, 1e300, -1e300, 7.0], [np.inf, 1.0], [np.nan, 1.0, 2.0]]
)
def test_it_is_the_one_of_numpy(values: list[float]) -> None:
    np.testing.assert_array_equal(median(values), np.median(values))


def test_of_nothing_there_is_none() -> None:
    assert np.isnan(median([]))
    assert np.isnan(medians_along(np.empty((0, 3)), 0)).all()


@pytest.mark.parametrize("axis", [0, -1])
def test_along_an_axis_it_is_the_one_of_numpy(axis: int) -> None:
    values = np.random.default_rng(0).normal(size=(6, 5))
    values[2, 3] = np.nan
    np.testing.assert_array_equal(medians_along(values, axis), np.median(values, axis=axis))

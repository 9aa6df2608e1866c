"""Running sums and maxima along rows: the same for few steps and for many, which are done in different ways."""

import numpy as np
import pytest

from tb_histinsight.core.columns import LONG, rows_of, running_max, running_sum, steps


@pytest.mark.parametrize("m", [0, 1, LONG - 1, LONG, 3 * LONG])
def test_running_sums_and_maxima_are_those_of_numpy(m: int) -> None:
    values = np.random.default_rng(m).normal(size=(m, 7))
    np.testing.assert_array_equal(running_sum(values), np.cumsum(values, axis=1))
    np.testing.assert_array_equal(running_sum(values, 0.0)[:, 1:], np.cumsum(values, axis=1))
    np.testing.assert_array_equal(running_sum(values, 0.0)[:, 0], 0.0)
    np.testing.assert_array_equal(running_max(values), np.maximum.accumulate(values, axis=1))
    backwards = np.maximum.accumulate(values[:, ::-1], axis=1)[:, ::-1]
    np.testing.assert_array_equal(running_max(values, backwards=True), backwards)


def test_steps_and_rows_keep_their_order() -> None:
    values = np.array([[1.0, 4.0, 9.0], [2.0, 2.0, 0.0], [5.0, 6.0, 8.0]])
    np.testing.assert_array_equal(steps(values), [[3, 5], [0, -2], [1, 2]])
    np.testing.assert_array_equal(rows_of(values, np.array([2, 0])), values[[2, 0]])

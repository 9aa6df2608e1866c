"""Trends of a number over steps: found where there is one, not where there is none."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_histinsight.changes.trend import monotone_fits, trends_of


def trend(values, error=0.0):
    found = trends_of(np.asarray([values], np.float64), np.array([2 * error]))
    return SimpleNamespace(proven=found.proven[0], direction=found.direction[0])


@pytest.mark.parametrize("steps", [6, 8, 12, 20, 50, 400])
def test_fluctuation_is_no_trend(steps):
    rng = np.random.default_rng(steps)
    found = [trend(rng.normal(10, 1, steps)).proven for _ in range(400)]
    assert sum(found) <= 3  # one in 2000 is meant; more than 3 of 400 would happen once in 1e4


@pytest.mark.parametrize("steps", [6, 20, 400])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_steady_course_is_a_trend(steps, sign):
    found = trend(5 + sign * 1e-4 * np.arange(steps))
    assert found.proven and found.direction == sign


def test_a_slow_course_is_found_under_fluctuation():
    rng = np.random.default_rng(0)
    found = trend(np.linspace(1, 1.1, 500) + rng.normal(0, 0.05, 500))
    assert found.proven and found.direction == 1


def test_what_the_buckets_leave_open_is_no_trend():
    values = np.linspace(1, 1.01, 30)
    assert trend(values, error=0.001).proven
    assert not trend(values, error=0.01).proven


def test_rounding_is_no_trend():
    assert not trend(1 + 1e-8 * np.arange(20)).proven


def test_few_steps_must_be_strictly_monotone():
    assert trend([1, 2, 3]).proven
    assert not trend([1, 3, 2, 4]).proven
    assert not trend([1, 2]).proven


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_monotone_fit_is_monotone_keeps_the_mean_and_leaves_what_is_monotone(values):
    array = np.array(values)
    (fit,) = monotone_fits(array[None])
    assert (np.diff(fit) >= -1e-9).all()
    assert fit.mean() == pytest.approx(array.mean(), abs=1e-9)
    assert monotone_fits(np.sort(array)[None])[0] == pytest.approx(np.sort(array), abs=1e-9)

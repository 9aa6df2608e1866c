"""The root mean squares that the profile over depth is drawn from."""

from types import SimpleNamespace

import numpy as np
import pytest

from tb_histinsight.routes.answer import RequestError, to_json
from tb_histinsight.routes.rms import MOST_STEPS, rms_entries, rms_impl


def tag(name, steps, rms):
    bounded = SimpleNamespace(value=np.array(rms, np.float64))
    return SimpleNamespace(tag=name, steps=np.array(steps, np.int64), stats=SimpleNamespace(rms=bounded))


def test_tags_with_the_same_steps_share_one_list_of_them():
    answer = rms_entries([tag("a", [0, 5], [1, 2]), tag("b", [0], [3]), tag("c", [0, 5], [4, 5])])
    assert answer["steps"] == [(0, 5), (0,)]
    assert [entry["steps"] for entry in answer["tags"]] == [0, 1, 0]


def test_of_many_steps_a_sample_is_given_with_both_ends():
    steps = np.arange(0, 100_000, 10)
    answer = rms_entries([tag("a", steps, np.sqrt(steps))])
    (given,) = answer["steps"]
    assert (given[0], given[-1], len(given)) == (0, steps[-1], MOST_STEPS)
    assert answer["tags"][0]["rms"] == pytest.approx(np.sqrt(given), rel=1e-4)


def test_nothing_is_rounded_to_zero_and_what_does_not_exist_is_null():
    answer = rms_entries([tag("a", [0, 1, 2], [1.23456789e-30, np.nan, 0.0])])
    assert to_json(answer["tags"][0]["rms"]) == b"[1.2346e-30,null,0.0]"


def test_a_run_that_is_not_there_is_said():
    def open_run(run):
        raise KeyError(run)

    with pytest.raises(RequestError, match="'gone'"):
        rms_impl(None, SimpleNamespace(open_run=open_run), "gone")

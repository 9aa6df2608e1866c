"""Packed tags come out as they went in, bit for bit, and hold less memory."""

import pickle
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from event_logs import event, open_run, rows, version, write

from tb_histinsight.analysis import analyse_run
from tb_histinsight.api.packed import PackedTags

FILE = "events.out.tfevents.1.host"


def bits(value):
    """A value in a form that `==` compares bit for bit."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(bits(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, dict):
        return {key: bits(entry) for key, entry in value.items()}
    return repr(value)


def moving(step):
    return [[-1.0 - step, 0.0, 3.0 + step], [0.0, 2.0 + step, 1.0]]


@pytest.fixture
def tags(tmp_path):
    """Moving, constant, empty, non-finite, and of different lengths."""
    events = [version()]
    for step in range(5):
        values = [rows("moving", moving(step)), rows("constant", moving(0))]
        values += [rows("empty", np.empty((0, 3))), rows("nan", [[np.nan, np.nan, 0.0]] * 2)]
        values += [rows("minus zero", [[-0.0, -0.0, 4.0]])] if step % 2 else []
        values += [rows("once", moving(1))] if step == 3 else []
        events.append(event(step, *values, wall_time=1e9 + step))
    write(tmp_path / FILE, *events)
    return analyse_run(open_run(tmp_path)).tags


def test_what_comes_out_is_what_went_in(tags):
    assert len(tags) == 6
    for packed in (PackedTags(tags), pickle.loads(pickle.dumps(PackedTags(tags)))):
        assert len(packed) == 6
        assert [bits(tag) for tag in packed.unpacked()] == [bits(tag) for tag in tags]


def test_nothing_packed_is_nothing():
    assert PackedTags([]).unpacked() == []


def test_equal_steps_are_kept_once(tags):
    moving, constant = (tag for tag in PackedTags(tags).unpacked() if tag.tag in ("moving", "constant"))
    assert moving.steps is constant.steps


def test_what_never_changes_takes_the_room_of_one_number(tags):
    (constant,) = (tag for tag in PackedTags(tags).unpacked() if tag.tag == "constant")
    assert constant.stats.mean.value.strides == (0,)
    assert constant.stats.mean.value.tolist() == [constant.stats.mean.value[0]] * 5

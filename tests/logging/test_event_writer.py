"""TensorBoard's own reader finds in our event files what was written."""

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.util.tensor_util import make_ndarray

from tb_histinsight.logging.buckets import equal_buckets
from tb_histinsight.logging.event_writer import Encoding, EventWriter

VALUES = np.arange(12.0).reshape(3, 4)


def events(file):
    return [Event.FromString(record) for record in RawEventFileLoader(str(file)).Load()]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "run" / "events.out.tfevents.1.test"


def test_the_first_record_says_the_file_version(file):
    with EventWriter(file, clock=lambda: 12.5):
        pass
    (first,) = events(file)
    assert (first.file_version, first.wall_time) == ("brain.Event:2", 12.5)


def test_tf2_histograms_are_tensors_of_the_histograms_plugin(file):
    with EventWriter(file, Encoding.TF2) as writer:
        writer.histogram("dense/kernel", VALUES, 7)
    value = events(file)[1].summary.value[0]
    assert events(file)[1].step == 7
    assert value.tag == "dense/kernel"
    assert value.metadata.plugin_data.plugin_name == "histograms"
    np.testing.assert_array_equal(make_ndarray(value.tensor), equal_buckets(VALUES))


def test_old_style_histograms_carry_exact_sums(file):
    with EventWriter(file, Encoding.OLD_STYLE) as writer:
        writer.histogram("dense.weight", VALUES, 7)
    histo = events(file)[1].summary.value[0].histo
    assert (histo.min, histo.max, histo.num, histo.sum, histo.sum_squares) == (0, 11, 12, 66, 506)
    assert sum(histo.bucket) == 12


@pytest.mark.parametrize("number", [0.25, float("nan"), float("inf")])
def test_scalars_of_both_encodings(file, number):
    with EventWriter(file, Encoding.TF2) as writer:
        writer.scalar("loss", number, 1)
    value = events(file)[1].summary.value[0]
    assert value.metadata.plugin_data.plugin_name == "scalars"
    np.testing.assert_array_equal(make_ndarray(value.tensor), np.float32(number))
    with EventWriter(file, Encoding.OLD_STYLE) as writer:
        writer.scalar("loss", number, 1)
    np.testing.assert_array_equal(events(file)[1].summary.value[0].simple_value, number)


def test_names_that_are_not_ascii_and_large_steps_survive(file):
    with EventWriter(file) as writer:
        writer.histogram("層/<b>kernel</b>", VALUES, 2**40)
    event = events(file)[1]
    assert (event.summary.value[0].tag, event.step) == ("層/<b>kernel</b>", 2**40)


def test_an_earlier_file_of_the_same_name_is_replaced(file):
    for _ in range(2):
        with EventWriter(file) as writer:
            writer.scalar("loss", 1.0, 0)
    assert len(events(file)) == 2

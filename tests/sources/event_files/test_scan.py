"""A scan finds every record, whatever the rhythm in which they were written, and says what it left out."""

import struct

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from tb_histinsight.sources.event_files import EventFileRun
from tb_histinsight.sources.event_files.checksum import masked_crc32c
from tb_histinsight.sources.event_files.discovery import EventFile
from tb_histinsight.sources.event_files.index import RunIndex
from tb_histinsight.sources.event_files.scan import FileScanner

NAME = "events.out.tfevents.1700000000.host.1.0.v2"


def framed(data):
    head = struct.pack("<Q", len(data))
    return head + struct.pack("<I", masked_crc32c(head)) + data + struct.pack("<I", masked_crc32c(data))


def event(step, summary, wall_time=None):
    wall_time = 1.7e9 + step if wall_time is None else wall_time
    return Event(step=step, wall_time=wall_time, summary=summary).SerializeToString()


def training(steps, tags=5, seed=0):
    """A training loop that writes its tags in the same order at every step; gives records and what they hold."""
    rng = np.random.default_rng(seed)
    records, truth = [Event(wall_time=1.7e9, file_version="brain.Event:2").SerializeToString()], {}
    for step in steps:
        for number in range(tags):
            data = rng.normal(size=300)
            tag = f"layer{number}" + "x" * number
            records.append(event(step, histogram_pb(tag, data)))
            truth.setdefault(tag, []).append((step, data.min(), data.max()))
        loss = np.float32(rng.normal())
        records.append(event(step, scalar_pb("loss", loss)))
        truth.setdefault("loss", []).append((step, float(loss)))
    return records, truth


def write(folder, records):
    file = folder / NAME
    file.write_bytes(b"".join(map(framed, records)))
    return file


def run_of(file):
    return EventFileRun(".", [EventFile(file, file.name)])


def read(file):
    run = run_of(file)
    found = {
        series.tag: list(zip(series.steps.tolist(), series.minimum.tolist(), series.maximum.tolist(), strict=True))
        for series in run.read()
    }
    found.update({s.tag: list(zip(s.steps.tolist(), s.values.tolist(), strict=True)) for s in run.scalars()})
    return found, [(entry.reason, entry.count) for entry in run.skipped()]


@pytest.mark.parametrize(
    "steps",
    [
        range(40),
        range(0, 40_000, 100),  # the step's number grows from one byte to three
        [*range(100, 130), *range(200, 4000, 7)],
        [2**40 + step for step in range(30)],
    ],
    ids=["every step", "every hundredth", "a gap", "huge steps"],
)
def test_a_rhythm_is_read_completely(tmp_path, steps):
    records, truth = training(steps)
    assert read(write(tmp_path, records)) == (truth, [])


def test_most_of_a_rhythm_is_read_as_rows(tmp_path, monkeypatch):
    records, _ = training(range(130, 330))
    one_by_one = []
    take = FileScanner._take
    monkeypatch.setattr(FileScanner, "_take", lambda self, *args: one_by_one.append(1) or take(self, *args))
    FileScanner(write(tmp_path, records), 0, RunIndex()).advance()
    assert len(one_by_one) < 0.1 * len(records)


def test_a_rhythm_within_a_rhythm(tmp_path):
    """Scalars at every step, histograms at every tenth, an image now and then."""
    rng = np.random.default_rng(3)
    records, truth = [], {"loss": [], "w": [], "b": []}
    for step in range(300):
        loss = np.float32(rng.normal())
        records.append(event(step, scalar_pb("loss", loss)))
        truth["loss"].append((step, float(loss)))
        if step % 10 == 0:
            for tag in ("w", "b"):
                data = rng.normal(size=100)
                records.append(event(step, histogram_pb(tag, data)))
                truth[tag].append((step, data.min(), data.max()))
        if step % 37 == 0:
            image = summary_pb2.Summary.Image(encoded_image_string=rng.bytes(int(rng.integers(10, 500))))
            picture = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag="i", image=image)])
            records.append(event(step, picture))
    assert read(write(tmp_path, records)) == (truth, [])


@pytest.mark.parametrize("victim", [1, 2, 47, 200, 900])
@pytest.mark.parametrize("place", [13, 20, 24, 100, -5])
def test_one_damaged_record_costs_that_record_alone(tmp_path, victim, place):
    records, truth = training(range(200, 400))
    frames = [bytearray(framed(record)) for record in records]
    frame = frames[victim]
    frame[place if place < 0 else min(place, len(frame) - 1)] ^= 0x04
    (tmp_path / NAME).write_bytes(b"".join(frames))
    found, left_out = read(tmp_path / NAME)
    assert left_out == [("bad_checksum", 1)]
    assert sum(map(len, found.values())) == sum(map(len, truth.values())) - 1
    assert all(set(found[tag]) <= set(truth[tag]) for tag in truth)


def test_a_damaged_length_costs_one_record_and_is_said(tmp_path):
    records, _ = training(range(20))
    frames = [bytearray(framed(record)) for record in records]
    frames[60][0] ^= 0x01
    (tmp_path / NAME).write_bytes(b"".join(frames))
    found, left_out = read(tmp_path / NAME)
    assert left_out == [("damaged", 1)]
    assert sum(map(len, found.values())) == len(records) - 2  # the version holds no value


def test_a_damaged_length_in_the_last_record_ends_the_file_and_is_said(tmp_path):
    records, _ = training(range(20))
    frames = [bytearray(framed(record)) for record in records]
    frames[-1][0] ^= 0x01
    (tmp_path / NAME).write_bytes(b"".join(frames))
    found, left_out = read(tmp_path / NAME)
    assert left_out == [("bad_length", 1)]
    assert sum(map(len, found.values())) == len(records) - 2


@pytest.mark.parametrize("cut", [1, 3, 4, 15, 16, 400])
def test_a_record_that_is_still_being_written_is_left_for_later(tmp_path, cut):
    records, truth = training(range(150, 170))
    file = write(tmp_path, records)
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    index = RunIndex()
    scanner = FileScanner(file, 0, index)
    assert scanner.advance() == []
    assert len(index.scalars["loss"].steps) == 19
    file.write_bytes(whole)
    assert scanner.advance() == []
    assert len(index.scalars["loss"].steps) == 20
    assert {tag: len(columns) for tag, columns in index.histograms.items()} == {
        tag: len(truth[tag]) for tag in truth if tag != "loss"
    }
    assert scanner.advance() == []


def test_a_growing_file_is_read_on_from_where_the_last_look_ended(tmp_path):
    records, truth = training(range(128, 228))
    frames = [framed(record) for record in records]
    file = tmp_path / NAME
    file.write_bytes(b"")
    run = run_of(file)
    for end in (1, 2, 100, 101, 350, len(frames)):
        file.write_bytes(b"".join(frames[:end]))
        run.refresh()
    seen = {s.tag: list(zip(s.steps.tolist(), s.minimum.tolist(), s.maximum.tolist(), strict=True)) for s in run.read()}
    assert seen == {tag: told for tag, told in truth.items() if tag != "loss"}


def test_a_plain_text_file_is_no_event_file(tmp_path):
    (tmp_path / NAME).write_text("this is not an event file, whatever its name says")
    assert read(tmp_path / NAME) == ({}, [("no_events", 1)])


def test_a_record_that_claims_to_be_huge_is_not_believed(tmp_path):
    head = struct.pack("<Q", 1 << 60)
    (tmp_path / NAME).write_bytes(head + struct.pack("<I", masked_crc32c(head)) + b"abc")
    assert read(tmp_path / NAME) == ({}, [("no_events", 1)])


def test_a_record_that_is_no_event_is_said(tmp_path):
    records, truth = training(range(3))
    assert read(write(tmp_path, [*records, b"\xff\xff\xff"])) == (truth, [("bad_record", 1)])


def test_unusual_tensors_go_through_protobuf(tmp_path):
    data = np.array([[0.0, 0.5, 3.0], [0.5, 1.0, 4.0]])
    summary = histogram_pb("w", np.arange(10.0))
    value = summary.value[0]
    value.tensor.Clear()
    value.tensor.dtype = 1  # float32, and its numbers one by one
    value.tensor.tensor_shape.dim.add().size = 2
    value.tensor.tensor_shape.dim.add().size = 3
    value.tensor.float_val.extend(data.reshape(-1).tolist())
    (series,) = run_of(write(tmp_path, [event(1, summary)])).read()
    np.testing.assert_array_equal(series.buckets, data)


def test_a_tag_that_never_is_a_histogram_is_said(tmp_path):
    summary = histogram_pb("w", np.arange(10.0))
    summary.value[0].tensor.tensor_shape.dim[1].size = 4
    found, left_out = read(write(tmp_path, [event(1, summary), event(2, histogram_pb("ok", np.arange(3.0)))]))
    assert list(found) == ["ok"]
    assert left_out == [("not_a_histogram", 1)]


@pytest.mark.parametrize("image_first", [False, True])
@pytest.mark.parametrize("steps", [3, 400])
def test_images_under_the_tag_of_a_histogram_are_no_histograms(tmp_path, image_first, steps):
    # As Keras does it with write_images=True.
    rng = np.random.default_rng(1)
    records = [Event(wall_time=1.7e9, file_version="brain.Event:2").SerializeToString()]
    for step in range(steps):
        image = summary_pb2.Summary()
        value = image.value.add(tag="dense/kernel")
        value.metadata.plugin_data.plugin_name = "images"
        value.tensor.dtype = 7
        value.tensor.string_val.extend([b"5", b"5", rng.bytes(300 + step % 7)])
        both = [event(step, histogram_pb("dense/kernel", rng.normal(size=200))), event(step, image)]
        records += both[::-1] if image_first else both
    path = tmp_path / NAME
    path.write_bytes(b"".join(map(framed, records)))
    run = EventFileRun(".", [EventFile(path, NAME)])
    (series,) = run.read()
    assert series.steps.tolist() == list(range(steps))
    assert not len(series.collisions)
    assert run.skipped() == []


def test_several_values_in_one_event(tmp_path):
    summary = summary_pb2.Summary()
    for tag in ("a", "b"):
        summary.value.extend(histogram_pb(tag, np.arange(10.0)).value)
    summary.value.add(tag="loss", simple_value=2.5)
    found, _ = read(write(tmp_path, [event(step, summary) for step in range(1, 90)]))
    assert {tag: len(seen) for tag, seen in found.items()} == {"a": 89, "b": 89, "loss": 89}


def test_a_tag_that_occurs_twice_in_a_period(tmp_path):
    summary = summary_pb2.Summary()
    for tag in ("a", "a", "b"):
        summary.value.extend(histogram_pb(tag, np.arange(10.0)).value)
    for number in (2.5, 3.5):
        summary.value.add(tag="loss", simple_value=number)
    found, left_out = read(write(tmp_path, [event(step, summary) for step in range(1, 90)]))
    assert {tag: len(seen) for tag, seen in found.items()} == {"a": 89, "b": 89, "loss": 89}
    assert left_out == []


def test_fields_in_any_order_and_unknown_ones(tmp_path):
    usual = event_pb2.Event(step=5, wall_time=3.0, summary=histogram_pb("w", np.arange(10.0)))
    step = event_pb2.Event(step=5).SerializeToString()
    time = event_pb2.Event(wall_time=3.0).SerializeToString()
    body = event_pb2.Event(summary=usual.summary).SerializeToString()
    unknown = bytes([0xFA, 0x01, 3]) + b"abc"  # field 31
    for order in ((body, step, time), (step, time, body), (time, unknown, body, step)):
        (series,) = run_of(write(tmp_path, [b"".join(order)])).read()
        assert series.steps.tolist() == [5]
        assert series.wall_times.tolist() == [3.0]

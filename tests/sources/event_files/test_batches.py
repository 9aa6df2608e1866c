"""Logs without rhythm are read in batches of columns; what comes out is what reading record by record gives."""

import random
import struct

import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.histogram.summary_v2 import histogram_pb

from tb_histinsight.sources.event_files import EventFileRun, scan
from tb_histinsight.sources.event_files.checksum import masked_crc32c
from tb_histinsight.sources.event_files.discovery import EventFile
from tb_histinsight.sources.event_files.records import RecordReader
from tb_histinsight.sources.event_files.scan import FileScanner
from tb_histinsight.sources.event_files.walk import Unusual

NAME = "events.out.tfevents.1700000000.host.1.0"


def framed(data):
    head = struct.pack("<Q", len(data))
    return head + struct.pack("<I", masked_crc32c(head)) + data + struct.pack("<I", masked_crc32c(data))


def old_style(tag, rng, buckets):
    value = Summary.Value(tag=tag)
    limits = np.sort(rng.normal(size=buckets))
    value.histo.bucket_limit.extend(limits)
    value.histo.bucket.extend(rng.integers(0, 9, buckets))
    value.histo.num = sum(value.histo.bucket)
    value.histo.sum, value.histo.sum_squares = rng.normal(), rng.normal() ** 2
    if buckets and rng.random() < 0.8:  # else 0, which protobuf leaves out
        value.histo.min, value.histo.max = limits[0] - 0.1, limits[-1]
    return value


def new_style(tag, rng, metadata=True):
    value = histogram_pb(tag, rng.normal(size=50), buckets=int(rng.choice([4, 4, 30]))).value[0]
    if not metadata:
        value.ClearField("metadata")
    return value


def plain_scalar(tag, number):
    return Summary.Value(tag=tag, simple_value=number)


def tensor_scalar(tag, number, listed):
    value = Summary.Value(tag=tag)
    value.metadata.plugin_data.plugin_name = "scalars"
    value.tensor.dtype = 1
    if listed:
        value.tensor.float_val.append(number)
    else:
        value.tensor.tensor_content = np.float32(number).tobytes()
    return value


def picture(rng):
    return Summary.Value(tag="picture", image=Summary.Image(encoded_image_string=rng.bytes(int(rng.integers(1, 300)))))


def irregular_log(seed, *, steps=40):
    """Events of every kind that training loops write, single and several at once, with steps of any size."""
    rng = np.random.default_rng(seed)
    records = [Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString()]
    stride = int(rng.choice([1, 100, 10**6]))
    for step in range(steps):
        values = [
            new_style("conv/kernel", rng),
            old_style("層/bias", rng, int(rng.choice([0, 1, 3, 40]))),
            new_style("metadata once", rng, metadata=step == 0),
            plain_scalar("loss", float(rng.normal())),
            tensor_scalar("accuracy", float(rng.normal()), listed=bool(rng.random() < 0.5)),
            picture(rng),
        ]
        together = rng.random() < 0.5
        for group in [values] if together else [[value] for value in values]:
            event = Event(wall_time=float(rng.random()), step=step * stride)
            event.summary.value.extend(group)
            records.append(event.SerializeToString())
    return records


def mutated(record, chance):
    """The record with some bytes changed, put in, cut off or repeated."""
    data = bytearray(record)
    kind = chance.choice(["change", "change", "insert", "cut", "twice"])
    if kind == "change":
        for _ in range(chance.choice([1, 1, 3])):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif kind == "insert":
        place = chance.randrange(len(data))
        data[place:place] = chance.randbytes(chance.choice([1, 4]))
    elif kind == "cut":
        del data[chance.randrange(len(data)) :]
    else:
        data *= 2
    return bytes(data)


def is_event(record):
    try:
        return bool(Event.FromString(record).ByteSize() + 1)
    except Exception:
        return False


def snapshot(file):
    """Everything that a reader of the file gives, comparable."""
    run = EventFileRun(".", [EventFile(file, file.name)])
    series = [
        (
            s.tag,
            s.steps.tolist(),
            s.restarts.tolist(),
            s.collisions.tolist(),
            [part.tobytes() for part in (s.wall_times, s.buckets, s.offsets, s.non_finite, s.uncounted)],
            s.moments and [part.tobytes() for part in vars(s.moments).values()],
        )
        for s in run.read()
    ]
    scalars = [(s.tag, s.steps.tolist(), s.wall_times.tobytes(), s.values.tobytes()) for s in run.scalars()]
    return series, scalars, sorted((entry.reason, entry.count) for entry in run.skipped())


@pytest.fixture
def by_batch(monkeypatch):
    """Makes the scanner read everything in batches, from the second record on."""
    monkeypatch.setattr(scan, "LEAST_BATCH", 1)
    monkeypatch.setattr(scan, "RECORDS_PER_BATCH", 25)
    monkeypatch.setattr(FileScanner, "_old_style", property(lambda self: True, lambda self, value: None), raising=False)
    return monkeypatch


def one_by_one(monkeypatch):
    monkeypatch.setattr(scan, "LEAST_BATCH", 1 << 62)


def by_protobuf(monkeypatch):
    def refuse(self, record):
        raise Unusual

    one_by_one(monkeypatch)
    monkeypatch.setattr(RecordReader, "walked", refuse)


@pytest.mark.parametrize("reference", [one_by_one, by_protobuf])
@pytest.mark.parametrize("seed", range(6))
def test_batches_give_what_records_give(tmp_path, by_batch, reference, seed):
    file = tmp_path / NAME
    file.write_bytes(b"".join(map(framed, irregular_log(seed))))
    found = snapshot(file)
    assert len(found[0]) == 3
    assert len(found[1]) == 2
    reference(by_batch)
    assert found == snapshot(file)


@pytest.mark.parametrize("seed", range(40))
def test_batches_give_what_protobuf_gives_of_odd_events(tmp_path, by_batch, seed):
    """Mutated events that protobuf still takes for events."""
    chance = random.Random(seed)
    records = [record if chance.random() < 0.7 else mutated(record, chance) for record in irregular_log(seed, steps=6)]
    file = tmp_path / NAME
    file.write_bytes(b"".join(framed(record) for record in records if is_event(record)))
    found = snapshot(file)
    by_protobuf(by_batch)
    assert found == snapshot(file)


@pytest.mark.parametrize("seed", range(20))
def test_damage_costs_batches_what_it_costs_single_records(tmp_path, by_batch, seed):
    chance = random.Random(seed)
    records = [record if chance.random() < 0.9 else mutated(record, chance) for record in irregular_log(seed, steps=6)]
    data = bytearray(b"".join(map(framed, records)))
    for _ in range(chance.choice([0, 1, 4])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file = tmp_path / NAME
    file.write_bytes(data[: chance.choice([len(data), chance.randrange(len(data))])])
    found = snapshot(file)
    one_by_one(by_batch)
    assert found == snapshot(file)


def test_the_blocks_of_a_batch_lead_into_one_another(tmp_path, monkeypatch):
    """More records than fit one block, with zeros in them that look like lengths."""
    rng = np.random.default_rng(0)
    records = [Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString()]
    for step in range(5000):
        event = Event(wall_time=2.0 + step, step=step)
        event.summary.value.append(
            old_style("w", rng, int(rng.integers(1, 9))) if step % 3 else plain_scalar("l", step)
        )
        records.append(event.SerializeToString())
    file = tmp_path / NAME
    file.write_bytes(b"".join(map(framed, records)))
    batches = []
    read_batch = scan.read_batch
    monkeypatch.setattr(scan, "read_batch", lambda *of: batches.append(len(of[1])) or read_batch(*of))
    found = snapshot(file)
    assert len(found[0][0][1]) == 5000 - 1667
    assert sum(batches) > 4900
    one_by_one(monkeypatch)
    assert found == snapshot(file)


@pytest.mark.parametrize("reference", [one_by_one, by_protobuf])
def test_of_two_contents_the_last_one_holds(tmp_path, by_batch, reference):
    rng = np.random.default_rng(1)
    both = [(old_style("w", rng, 5), picture(rng)), (picture(rng), old_style("w", rng, 5)), (plain_scalar("w", 1.0),)]
    records = [Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString()]
    for step, parts in enumerate(both):
        value = b"".join(part.SerializeToString() for part in parts) + Summary.Value(tag="w").SerializeToString()
        summary = bytes([0x0A]) + _length(value) + value
        records.append(Event(wall_time=1.0, step=step).SerializeToString() + bytes([0x2A]) + _length(summary) + summary)
    file = tmp_path / NAME
    file.write_bytes(b"".join(map(framed, records)))
    found = snapshot(file)
    assert [series[:2] for series in found[0]] == [("w", [1])]
    reference(by_batch)
    assert found == snapshot(file)


def _length(data):
    return bytes([len(data) & 0x7F | 0x80, len(data) >> 7]) if len(data) > 127 else bytes([len(data)])

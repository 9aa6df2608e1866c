"""Whatever the bytes are: what can be read is read, the rest is said; no exception, no hang, no memory without end."""

import random
import struct
import tracemalloc

import numpy as np
import pytest
from damage import Maker, assert_normal, assert_read_alike, doubles, field, message, varint
from event_logs import EPOCH, count_of, event, file_bytes, frame, old_style, open_run, rows, scalar, tensor, version
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_reader import masked_crc32c
from tensorboard.util import tensor_util

FILE = "events.out.tfevents.1.host"


def examples(most):
    quiet = [HealthCheck.function_scoped_fixture]
    return settings(max_examples=most, deadline=None, suppress_health_check=quiet, derandomize=True)


@examples(400)
@given(seed=st.integers(0, 2**48))
def test_damaged_files_are_read_as_far_as_they_can_be(tmp_path, seed):
    path = tmp_path / FILE
    path.write_bytes(Maker(random.Random(seed).randrange).file())
    assert_read_alike(path)
    for series in open_run(path).read():
        assert_normal(series)


@examples(100)
@given(data=st.binary(max_size=200))
def test_any_bytes(tmp_path, data):
    path = tmp_path / FILE
    path.write_bytes(data)
    assert_read_alike(path)


@examples(100)
@given(body=st.binary(max_size=60), more=st.binary(max_size=60))
def test_any_bytes_as_records(tmp_path, body, more):
    path = tmp_path / FILE
    path.write_bytes(frame(body) + frame(more) + file_bytes(event(0, count_of("w", 1))))
    assert_read_alike(path)
    assert "w" in open_run(path).tags()


def good_file():
    return [
        version(),
        *(event(s, count_of("w", s + 1), count_of("v", 1), wall_time=EPOCH + s) for s in range(6)),
        *(event(s, scalar("loss", 1.0), wall_time=EPOCH + s) for s in range(3)),
    ]


@pytest.mark.parametrize("at_once", [1, 7])
def test_cut_anywhere_a_file_is_read_up_to_there(tmp_path, at_once):
    whole = file_bytes(*good_file())
    path = tmp_path / FILE
    for size in range(0, len(whole), at_once * 3):
        path.write_bytes(whole[:size])
        assert_read_alike(path)
        assert open_run(path).skipped() == []


def test_one_wrong_bit_anywhere_costs_one_record_or_is_said(tmp_path):
    whole = file_bytes(*good_file())
    path = tmp_path / FILE
    for bit in range(0, 8 * len(whole), 37):
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(bytes(data))
        reader = open_run(path)
        counts = [len(series) for series in reader.read()]
        scalars = sum(len(series.steps) for series in reader.scalars())
        if bit // 8 < 12:
            # Only the version is lost, and what was passed over is told in bytes.
            assert [(e.reason, e.count) for e in reader.skipped()] == [("bad_beginning", len(file_bytes(version())))]
            assert sum(counts) + scalars == 15
            continue
        first_record = bit // 8 < len(file_bytes(version()))
        assert sum(counts) + scalars >= 15 - 2 or first_record
        assert reader.skipped()


def test_records_after_a_stretch_of_garbage_are_found_again(tmp_path):
    first, *others = good_file()
    path = tmp_path / FILE
    path.write_bytes(file_bytes(first, *others[:2]) + b"\0garbage\xff" * 5000 + file_bytes(*others[2:]))
    reader = open_run(path)
    assert [series.steps.tolist() for series in reader.read()] == [list(range(6))] * 2
    assert [(entry.reason, entry.where) for entry in reader.skipped()] == [("damaged", FILE)]
    assert_read_alike(path)


@pytest.mark.parametrize("length", [2**31, 2**60, 2**63 - 1, 2**64 - 5])
def test_a_length_without_end_allocates_nothing(tmp_path, length):
    head = struct.pack("<Q", length)
    path = tmp_path / FILE
    bad = head + struct.pack("<I", masked_crc32c(head)) + bytes(50)
    path.write_bytes(file_bytes(*good_file()) + bad + file_bytes(event(9, count_of("w", 1))))
    peak = peak_of(lambda: assert_read_alike(path))
    assert peak < 8 << 20
    (series, _) = open_run(path).read()
    assert series.steps.tolist() == [0, 1, 2, 3, 4, 5, 9]


def test_a_file_of_heads_alone_is_done_in_no_time(tmp_path):
    """Each head is undamaged and claims all that follows."""
    heads = 20_000
    data = bytearray(file_bytes(version()) + b"damage")
    for i in range(heads):
        head = struct.pack("<Q", 12 * (heads - i - 1) + 2)
        data += head + struct.pack("<I", masked_crc32c(head))
    path = tmp_path / FILE
    path.write_bytes(bytes(data) + bytes(6))
    reader = open_run(path)
    assert reader.tags() == []
    assert {entry.reason for entry in reader.skipped()} == {"damaged", "bad_checksum"}
    assert sum(entry.count for entry in reader.skipped()) < 10  # one record was tried, not each


def test_zeros_after_a_crash_are_passed_over(tmp_path):
    first, *others = good_file()
    path = tmp_path / FILE
    path.write_bytes(file_bytes(first, *others[:2]) + bytes(1 << 20) + file_bytes(*others[2:]))
    assert [series.steps.tolist() for series in open_run(path).read()] == [list(range(6))] * 2


def peak_of(action):
    """Bytes that Python and NumPy held at most: the least of three times, since threads of other tests count too."""
    return min(_peak_of(action) for _ in range(3))


def _peak_of(action):
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "value",
    [
        tensor("w", shape=[10**9, 3], double_val=[1.0]),
        tensor("w", shape=[2**62, 2**62, 3], double_val=[1.0]),
        tensor("w", shape=[10**9, 3], tensor_content=bytes(24)),
        tensor("w", shape=[10**9, 3]),
        tensor("w", shape=[-1, 3], double_val=[1.0]),
        tensor("w", shape=[3], double_val=[1.0, 2.0, 3.0]),
        tensor("w", shape=[], double_val=[1.0]),
        tensor("w", shape=[1, 3], dtype=7, string_val=[b"a", b"b", b"c"]),
        tensor("w", shape=[1, 3], dtype=9999),
        tensor("w", shape=[1, 3], tensor_content=bytes(23)),
        tensor("w", shape=[1, 3], double_val=[1.0] * 4),
        old_style("w", [1.0, 2.0], [1.0, 2.0, 3.0], 0.0, 2.0),
    ],
    ids=lambda value: str(value.WhichOneof("value")),
)
def test_values_that_are_no_histograms_are_said(tmp_path, value):
    path = tmp_path / FILE
    good = count_of("v", 1)
    path.write_bytes(file_bytes(version(), event(0, value, good), event(1, value, good)))
    assert peak_of(lambda: assert_read_alike(path)) < 8 << 20
    reader = open_run(path)
    assert reader.tags() == ["w", "v"]
    assert [series.tag for series in reader.read()] == ["v"]
    assert [(e.reason, e.tag, e.count) for e in reader.skipped()] == [("not_a_histogram", "w", 2)]


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("order", [1, -1])
def test_limits_and_counts_in_any_encoding(tmp_path, packed, order):
    numbers = [field(i + 1, 1, struct.pack("<d", x)) for i, x in enumerate([-1.0, 2.0, 6.0, 3.0, 9.0])]
    parts = [*numbers, doubles(6, [-1.1, 0.0, 2.5], packed), doubles(7, [0.0, 2.0, 4.0], packed), message(99, b"new")]
    value = message(1, message(1, b"w") + message(5, b"".join(parts[::order])))
    record = field(1, 1, struct.pack("<d", EPOCH)) + field(2, 0, varint(3)) + message(5, value)
    path = tmp_path / FILE
    path.write_bytes(file_bytes(version(), record))
    (series,) = open_run(path).read()
    assert series.buckets.tolist() == [[-1.0, 0.0, 2.0], [0.0, 2.0, 4.0]]
    assert series.moments.sum.tolist() == [3.0]
    assert_read_alike(path)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "int64", "uint8"])
@pytest.mark.parametrize("listed", [True, False])
def test_tensors_of_any_type(tmp_path, dtype, listed):
    value = rows("w", [[0, 1, 3], [1, 2, 4]], dtype)
    if listed:
        table = tensor_util.make_ndarray(value.tensor)
        names = {"float16": "half_val", "float32": "float_val", "float64": "double_val", "int64": "int64_val"}
        flat = table.view(np.uint16) if dtype == "float16" else table
        for name in ("tensor_content", "half_val"):
            value.tensor.ClearField(name)
        getattr(value.tensor, names.get(dtype, "int_val")).extend(flat.reshape(-1).tolist())
    path = tmp_path / FILE
    path.write_bytes(file_bytes(version(), event(0, value)))
    (series,) = open_run(path).read()
    assert series.buckets.tolist() == [[0.0, 1.0, 3.0], [1.0, 2.0, 4.0]]
    assert_read_alike(path)


def test_messages_nested_without_end(tmp_path):
    deep = b""
    for _ in range(5000):
        deep = message(5, deep)
    path = tmp_path / FILE
    path.write_bytes(file_bytes(version(), deep, event(0, count_of("w", 1))))
    assert open_run(path).tags() == ["w"]
    assert_read_alike(path)

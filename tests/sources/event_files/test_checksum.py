"""Checksums of many records at once are those of each."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c as tensorboards_checksum

from tb_histinsight.sources.event_files.checksum import (
    advance,
    crc32c,
    expected_difference,
    fold_rows,
    masked_crc32c,
    unmasked,
)


def framed(data):
    head = struct.pack("<Q", len(data))
    return head + struct.pack("<I", masked_crc32c(head)) + data + struct.pack("<I", masked_crc32c(data))


@given(st.binary(max_size=200))
def test_the_masked_checksum_is_tensorboards(data):
    assert masked_crc32c(data) == tensorboards_checksum(data)


@given(st.binary(max_size=50))
def test_unmasking_gives_the_plain_checksum(data):
    assert unmasked(np.array([masked_crc32c(data)], np.uint32))[0] == crc32c(data)


@given(st.binary(max_size=50), st.integers(0, 300))
def test_zero_bytes_advance_the_register_as_appending_them_does(data, length):
    zeros = bytes(length)
    moved = advance(np.array([crc32c(data)], np.uint32), length)[0]
    assert int(moved) ^ crc32c(zeros) == crc32c(data + zeros)


@pytest.fixture
def rows():
    rng = np.random.default_rng(7)
    lengths = [50, 70, 3, 900]
    return [[rng.bytes(length) for length in lengths] for _ in range(5)]


def stored(row):
    return np.array([masked_crc32c(data) for data in row], np.uint32)


def test_the_checksum_of_a_row_follows_from_those_of_its_records(rows):
    frames = [len(data) + 16 for data in rows[0]]
    expected = expected_difference(np.array([stored(row) for row in rows]), stored(rows[0]), frames)
    whole = [crc32c(b"".join(map(framed, row))) for row in rows]
    assert [checksum ^ whole[0] for checksum in whole] == expected.tolist()
    block = b"".join(framed(data) for row in rows for data in row)
    period = b"".join(map(framed, rows[0]))
    assert crc32c(block) ^ crc32c(period * len(rows)) == fold_rows(expected[:, None], len(period))[0]


@pytest.mark.parametrize("place", [0, 11, 12, 40, 61, 62, 65, 1000])
def test_one_changed_bit_anywhere_in_a_row_is_noticed(rows, place):
    period = b"".join(map(framed, rows[0]))
    damaged = bytearray(b"".join(map(framed, rows[1])))
    damaged[place] ^= 0x10
    carried, at = [], 0
    for data in rows[1]:
        at += 12 + len(data)
        carried.append(struct.unpack_from("<I", damaged, at)[0])
        at += 4
    frames = [len(data) + 16 for data in rows[0]]
    expected = expected_difference(np.array([carried], np.uint32), stored(rows[0]), frames)[0]
    assert crc32c(bytes(damaged)) ^ crc32c(period) != expected

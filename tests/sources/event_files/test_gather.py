"""Gathered records are the bytes that stand in the files, in whatever order they are asked for."""

import numpy as np
import pytest

from tb_histinsight.sources.event_files import file_bytes
from tb_histinsight.sources.event_files.file_bytes import FileBytes
from tb_histinsight.sources.event_files.gather import gathered


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"file{number}" for number in range(3)]
    for path, size in zip(paths, (100_000, 5_000, 0), strict=True):
        path.write_bytes(rng.bytes(size))
    return paths


@pytest.mark.parametrize("seed", range(5))
def test_each_record_is_there(files, seed):
    rng = np.random.default_rng(seed)
    contents = [path.read_bytes() for path in files]
    numbers = rng.integers(0, 2, 200)
    sizes = rng.integers(0, 900, 200)
    offsets = np.array([rng.integers(0, len(contents[n]) - 900) for n in numbers])
    with gathered(files, numbers, offsets, sizes) as (buffer, places):
        got = [bytes(buffer.memory[p : p + s]) for p, s in zip(places.tolist(), sizes.tolist(), strict=True)]
    assert got == [contents[n][o : o + s] for n, o, s in zip(numbers, offsets, sizes, strict=True)]


def test_what_is_not_there_any_more_is_told(files):
    numbers = np.array([0, 0, 1, 1, 2])
    offsets = np.array([99_000, 99_990, 4_000, 10**6, 0])
    sizes = np.array([1_000, 11, 1_000, 5, 1])
    files[0].unlink()
    with gathered(files, numbers, offsets, sizes) as (_, places):
        assert (places >= 0).tolist() == [False, False, True, False, False]


def test_of_no_records_nothing_is_read(files):
    nothing = np.empty(0, np.int64)
    with gathered(files, nothing, nothing, nothing) as (buffer, places):
        assert (buffer.size, len(places)) == (0, 0)


@pytest.mark.parametrize("ahead", [1, 7, 1 << 18])
def test_the_bytes_of_a_file_are_those_that_stand_there(files, monkeypatch, ahead):
    monkeypatch.setattr(file_bytes, "READ_AHEAD", ahead)
    monkeypatch.setattr(file_bytes, "MOST_AT_ONCE", 1000)
    whole = files[0].read_bytes()
    rng = np.random.default_rng(1)
    with FileBytes(files[0]) as data:
        assert len(data) == len(whole)
        for _ in range(300):
            start, length = int(rng.integers(0, 110_000)), int(rng.integers(0, 3000))
            assert data[start : start + length] == whole[start : start + length]

"""A look at a log that is still being written: what is new is read, what was replaced is read anew, nothing breaks."""

import os
import pickle

import numpy as np
import pytest
from event_logs import (
    EPOCH,
    count_of,
    event,
    file_bytes,
    first_counts,
    history,
    old_style,
    only,
    open_run,
    reasons,
    version,
)

from tb_histinsight.core.errors import NothingToReadError
from tb_histinsight.sources.event_files import EventFileRun, EventFileSource
from tb_histinsight.sources.event_files.discovery import EventFile
from tb_histinsight.sources.event_files.file_bytes import FileBytes

FIRST, SECOND, THIRD = (f"events.out.tfevents.{number}.host.7.0" for number in (1, 2, 3))


def records(steps, first_count=1, tag="w"):
    return b"".join(
        file_bytes(event(step, count_of(tag, first_count + i), wall_time=EPOCH + i)) for i, step in enumerate(steps)
    )


@pytest.fixture
def source(tmp_path):
    history(tmp_path / "a" / FIRST, range(5))
    found = EventFileSource(tmp_path)
    assert found.runs() == ["a"]
    assert found.refresh() == []
    return found


def steps(source, run="a"):
    return [series.steps.tolist() for series in source.open_run(run).read()]


def test_what_was_appended_is_read(source, tmp_path):
    with (tmp_path / "a" / FIRST).open("ab") as stream:
        stream.write(records([5, 6], first_count=6))
    assert source.refresh() == ["a"]
    assert source.refresh() == []
    series = only(source.open_run("a"))
    assert (series.steps.tolist(), first_counts(series)) == ([0, 1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7])


def test_a_record_that_is_half_written_is_read_when_it_is_whole(source, tmp_path):
    new = records([5])
    for cut in (1, 11, 12, 50, len(new) - 4, len(new) - 1):
        whole = (tmp_path / "a" / FIRST).read_bytes()
        (tmp_path / "a" / FIRST).write_bytes(whole + new[:cut])
        assert source.refresh() == []
        assert steps(source) == [list(range(5))]
        assert source.open_run("a").skipped() == []
        (tmp_path / "a" / FIRST).write_bytes(whole)
        assert source.refresh() == ["a"]  # cut: read anew
    with (tmp_path / "a" / FIRST).open("ab") as stream:
        stream.write(new)
    assert source.refresh() == ["a"]
    assert steps(source) == [list(range(6))]


def test_a_file_that_was_cut_is_read_anew(source, tmp_path):
    path = tmp_path / "a" / FIRST
    path.write_bytes(path.read_bytes()[:-10])
    assert source.refresh() == ["a"]
    assert steps(source) == [[0, 1, 2, 3]]


@pytest.mark.parametrize("how", ["in place", "another file"])
@pytest.mark.parametrize("count", [2, 5, 9], ids=["shorter", "of the same size", "longer"])
def test_a_file_that_was_replaced_is_read_anew(source, tmp_path, how, count):
    path = tmp_path / "a" / FIRST
    new = file_bytes(version(EPOCH)) + records(range(count), first_count=100)
    if how == "another file":
        (tmp_path / "new").write_bytes(new)
        os.replace(tmp_path / "new", path)
    else:
        path.write_bytes(new)
    assert source.refresh() == ["a"]
    assert first_counts(only(source.open_run("a"))) == list(range(100, 100 + count))


def test_a_file_that_becomes_an_event_file_is_read(tmp_path):
    (tmp_path / FIRST).write_text("nothing yet, and this is longer than a head")
    source = EventFileSource(tmp_path)
    assert source.runs() == []
    history(tmp_path / FIRST, range(3))
    assert source.refresh() == ["."]
    assert (steps(source, "."), source.open_run(".").skipped()) == ([[0, 1, 2]], [])


def test_new_files_of_a_run_go_on_with_its_history(source, tmp_path):
    history(tmp_path / "a" / SECOND, [5, 6], start=EPOCH + 100)
    assert source.refresh() == ["a"]
    history(tmp_path / "a" / THIRD, [7], start=EPOCH + 200)
    assert source.refresh() == ["a"]
    assert steps(source) == [[0, 1, 2, 3, 4, 5, 6, 7]]


def test_a_new_file_that_comes_before_others_is_read_in_its_place(tmp_path):
    history(tmp_path / SECOND, [3, 4, 5], start=EPOCH + 100, first_count=4)
    source = EventFileSource(tmp_path)
    assert source.runs() == ["."]
    history(tmp_path / FIRST, [0, 1, 2])
    assert source.refresh() == ["."]
    assert first_counts(only(source.open_run("."))) == [1, 2, 3, 4, 5, 6]


def test_a_file_that_was_deleted_takes_its_records_with_it(source, tmp_path):
    history(tmp_path / "a" / SECOND, [5, 6], start=EPOCH + 100)
    assert source.refresh() == ["a"]
    (tmp_path / "a" / FIRST).unlink()
    assert source.refresh() == ["a"]
    assert steps(source) == [[5, 6]]


def test_new_runs_are_found_and_deleted_ones_forgotten(source, tmp_path):
    history(tmp_path / "b" / FIRST, range(3))
    assert source.refresh() == ["b"]
    assert source.runs() == ["a", "b"]
    (tmp_path / "a" / FIRST).unlink()
    assert source.refresh() == []
    assert source.runs() == ["b"]
    (tmp_path / "b" / FIRST).unlink()
    with pytest.raises(NothingToReadError):
        source.refresh()


def test_filters_hold_for_what_is_new(tmp_path):
    history(tmp_path / "a" / FIRST, range(3))
    source = EventFileSource(tmp_path, run_filter=lambda run: run != "b", tag_filter=lambda tag: tag != "v")
    assert source.runs() == ["a"]
    history(tmp_path / "b" / FIRST, range(3))
    history(tmp_path / "a" / SECOND, range(3), tag="v", start=EPOCH + 100)
    assert source.refresh() == ["a"]
    assert [series.tag for series in source.open_run("a").read()] == ["w"]


def test_what_was_left_out_is_said_once_however_often_one_looks(tmp_path):
    path = history(tmp_path / FIRST, range(5))
    path.write_bytes(path.read_bytes() + b"garbage" * 20)
    source = EventFileSource(tmp_path)
    source.runs()
    for _ in range(3):
        assert source.refresh() == []
        assert reasons(source.open_run(".").skipped()) == [("bad_length", FIRST)]


@pytest.mark.parametrize("kind", ["tensors", "old style"])
@pytest.mark.parametrize("left", [0, 1000, 100_000])
def test_a_file_that_is_cut_while_it_is_read_costs_what_is_gone(tmp_path, kind, left):
    """With the file mapped, this would end the process with SIGBUS."""
    value = count_of("w", 3) if kind == "tensors" else old_style("w", [0.0, 1.0], [0, 3], 0.5, 0.5)
    path = tmp_path / FIRST
    path.write_bytes(file_bytes(version(), *(event(step, value, wall_time=EPOCH + step) for step in range(2000))))
    reader = open_run(tmp_path)
    assert reader.tags() == ["w"]
    os.truncate(path, left)
    found = sum(len(series) for series in reader.read())
    (entry,) = reader.skipped()
    assert (entry.reason, entry.where, entry.tag) == ("replaced", FIRST, None)
    assert found == sum(len(series) for series in open_run(tmp_path).read())
    assert (found > 0) == (left > 0)


@pytest.mark.parametrize("how", ["in its place", "over it"])
def test_a_file_that_is_replaced_by_one_of_the_same_layout_is_not_read_at_the_old_places(tmp_path, how):
    """A training that was started again with the same file name writes records of the same lengths, step by step."""
    path = history(tmp_path / FIRST, range(50))
    reader = open_run(tmp_path)
    assert reader.tags() == ["w"]
    size = path.stat().st_size
    other = history(tmp_path / "other" / FIRST, range(50), start=EPOCH + 1000, first_count=100)
    if how == "over it":
        os.replace(other, path)
    else:
        path.write_bytes(other.read_bytes())
    assert path.stat().st_size == size
    assert list(reader.read()) == []
    assert [(entry.reason, entry.where) for entry in reader.skipped()] == [("replaced", FIRST)]
    assert reader.refresh()
    assert only(reader).buckets[0, 2] == 100
    assert not reader.skipped()


def test_a_file_that_only_grew_is_read_where_it_was_scanned(tmp_path):
    path = history(tmp_path / FIRST, range(5))
    reader = open_run(tmp_path)
    assert reader.tags() == ["w"]
    with path.open("ab") as stream:
        stream.write(records([5]))
    assert only(reader).steps.tolist() == list(range(5))
    assert not reader.skipped()


def test_a_file_that_is_cut_while_it_is_scanned_is_read_as_far_as_it_goes(tmp_path, monkeypatch):
    path = history(tmp_path / FIRST, range(3000))
    reads = []
    read_into = FileBytes.read_into

    def cut(self, block, start):
        if len(reads) == 1:
            os.truncate(path, 200_000)
        reads.append(start)
        return read_into(self, block, start)

    monkeypatch.setattr(FileBytes, "read_into", cut)
    reader = open_run(tmp_path)
    assert reader.tags() == ["w"]
    assert len(reads) > 1
    monkeypatch.undo()
    series = only(reader)
    assert series.steps.tolist() == list(range(len(series)))
    assert 0 < len(series) < 3000


def test_an_unopened_source_goes_to_another_process(tmp_path):
    history(tmp_path / "a" / FIRST, range(3))
    source = EventFileSource(tmp_path, steps=(1, None))
    there = pickle.loads(pickle.dumps(source))
    assert there.sizes() == source.sizes() == {"a": os.path.getsize(tmp_path / "a" / FIRST)}
    assert steps(there) == [[1, 2]]


def test_a_scanned_run_goes_to_another_process_and_reads_on_there(tmp_path):
    path = history(tmp_path / FIRST, range(3))
    reader = EventFileRun(".", [EventFile(path, FIRST)])
    assert reader.tags() == ["w"]
    there = pickle.loads(pickle.dumps(reader))
    with path.open("ab") as stream:
        stream.write(records([3]))
    assert there.refresh()
    np.testing.assert_array_equal(only(there).steps, [0, 1, 2, 3])
    assert only(reader).steps.tolist() == [0, 1, 2]

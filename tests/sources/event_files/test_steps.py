"""Which records of a tag hold."""

import numpy as np
import pytest
from event_logs import (
    EPOCH,
    count_of,
    event,
    first_counts,
    history,
    old_style,
    only,
    open_run,
    reasons,
    rows,
    scalar,
    version,
    write,
)

from tb_histinsight.sources.event_files.file_bytes import FileBytes

FILE = "events.out.tfevents.{time}.{host}.{pid}.0"


def name(time=1, host="host", pid=7):
    return FILE.format(time=time, host=host, pid=pid)


def test_every_step_is_kept(tmp_path):
    history(tmp_path / name(), range(0, 4000, 2))
    series = only(open_run(tmp_path))
    assert series.steps.tolist() == list(range(0, 4000, 2))
    assert first_counts(series) == list(range(1, 2001))
    assert (series.restarts.tolist(), series.collisions.tolist()) == ([], [])


@pytest.mark.parametrize("files", [1, 2])
def test_a_restart_replaces_the_records_from_its_step_on(tmp_path, files):
    if files == 1:
        history(tmp_path / name(), [0, 10, 20, 30, 20, 40])
    else:
        history(tmp_path / name(1), [0, 10, 20, 30])
        history(tmp_path / name(2), [20, 40], start=EPOCH + 1000, first_count=5)
    series = only(open_run(tmp_path))
    assert series.steps.tolist() == [0, 10, 20, 40]
    assert first_counts(series) == [1, 2, 5, 6]
    assert series.restarts.tolist() == [20]
    assert series.collisions.tolist() == []


def test_a_restart_that_came_less_far_leaves_nothing_of_the_future(tmp_path):
    history(tmp_path / name(1), range(100))
    history(tmp_path / name(2), range(50, 53), start=EPOCH + 1000)
    assert only(open_run(tmp_path)).steps.tolist() == list(range(53))


def test_restarts_are_seen_even_where_they_lie_outside_the_wanted_steps(tmp_path):
    history(tmp_path / name(1), range(100))
    history(tmp_path / name(2), range(50, 53), start=EPOCH + 1000)
    reader = open_run(tmp_path, steps=(52, 80))
    assert only(reader).steps.tolist() == [52]
    assert list(open_run(tmp_path, steps=(60, None)).read()) == []
    assert open_run(tmp_path, steps=(60, None)).tags() == []


def test_a_log_that_starts_anew_again_and_again_keeps_the_last_round(tmp_path):
    history(tmp_path / name(), [0, 1, 2] * 3)
    series = only(open_run(tmp_path))
    assert series.steps.tolist() == [0, 1, 2]
    assert first_counts(series) == [7, 8, 9]
    assert series.restarts.tolist() == [0]


def test_different_histograms_of_one_step_in_one_file_are_a_collision(tmp_path):
    write(
        tmp_path / name(),
        event(0, count_of("kernel", 10), count_of("kernel", 20)),
        event(1, count_of("kernel", 10)),
        event(1, count_of("kernel", 20)),
        event(2, count_of("kernel", 10)),
    )
    series = only(open_run(tmp_path))
    assert series.collisions.tolist() == [0, 1]
    assert series.restarts.tolist() == []
    assert first_counts(series) == [20, 20, 10]


def test_the_same_histogram_twice_is_no_collision(tmp_path):
    nothing = rows("v", [[np.nan, np.nan, 0.0]] * 3)
    old = old_style("w", [0.0, 1.0], [0, 3], 0.5, 0.5)
    write(tmp_path / name(), event(0, old), event(0, old), event(0, nothing, nothing), event(1, old))
    for series in open_run(tmp_path).read():
        assert series.collisions.tolist() == []
        assert series.restarts.tolist() == []


def test_a_restart_at_the_last_step_is_no_collision(tmp_path):
    history(tmp_path / name(1), [0, 1])
    history(tmp_path / name(2), [1, 2], start=EPOCH + 1000, first_count=8)
    series = only(open_run(tmp_path))
    assert series.collisions.tolist() == []
    assert series.restarts.tolist() == [1]
    assert first_counts(series) == [1, 8, 9]


def test_many_files_of_one_run_are_one_history_in_order_of_their_names(tmp_path):
    for i in range(61):
        history(tmp_path / name(1000 + i), [10 * i, 10 * i + 5], start=EPOCH + 100 * i, first_count=2 * i + 1)
    series = only(open_run(tmp_path))
    assert series.steps.tolist() == list(range(0, 610, 5))
    assert first_counts(series) == list(range(1, 123))


@pytest.mark.parametrize(
    "other",
    [{"host": "other"}, {"pid": 8}, {"host": "b.example.org"}, {"time": 2}],
    ids=["another host", "another process", "a host with dots", "another file of the process"],
)
def test_processes_that_write_at_once_are_not_mixed(tmp_path, other):
    """Two ranks that log the same steps at the same time, half a second apart."""
    history(tmp_path / name(), range(5))
    history(tmp_path / name(**other), range(5), start=EPOCH + 0.5, first_count=100)
    reader = open_run(tmp_path)
    series = only(reader)
    first, second = sorted([name(), name(**other)])
    assert first_counts(series) == ([1, 2, 3, 4, 5] if first == name() else [100, 101, 102, 103, 104])
    assert series.restarts.tolist() == series.collisions.tolist() == []
    (skipped,) = reader.skipped()
    assert (skipped.reason, skipped.where, skipped.detail, skipped.count) == ("other_rank", second, first, 1)


def test_ranks_at_different_steps_at_the_same_time_are_kept_apart_too(tmp_path):
    history(tmp_path / name(pid=1), range(0, 100, 10), seconds=10)
    history(tmp_path / name(pid=2), range(5, 105, 10), seconds=10, start=EPOCH + 3)
    assert only(open_run(tmp_path)).steps.tolist() == list(range(0, 100, 10))


def test_a_rank_goes_on_with_its_own_history_after_a_restart(tmp_path):
    history(tmp_path / name(1, "a"), [0, 1, 2])
    history(tmp_path / name(1, "b"), [0, 1, 2], first_count=100)
    history(tmp_path / name(2, "b"), [2, 3, 4], start=EPOCH + 1000, first_count=110)
    history(tmp_path / name(3, "a"), [2, 3, 4], start=EPOCH + 1000.5, first_count=10)
    reader = open_run(tmp_path)
    series = only(reader)
    assert first_counts(series) == [1, 2, 10, 11, 12]
    assert series.restarts.tolist() == [2]
    assert sorted(reasons(reader.skipped())) == [
        ("other_rank", name(1, "b")),
        ("other_rank", name(2, "b")),
    ]


def test_tags_that_only_another_process_writes_are_kept(tmp_path):
    """As with the parts of a network on different machines."""
    history(tmp_path / name(pid=1), range(3), tag="layer1")
    history(tmp_path / name(pid=2), range(3), tag="layer2")
    reader = open_run(tmp_path)
    assert [series.tag for series in reader.read()] == ["layer1", "layer2"]
    assert reader.skipped() == []


def test_a_restart_on_another_machine_is_a_restart(tmp_path):
    history(tmp_path / name(1, "a"), [0, 1, 2])
    history(tmp_path / name(2, "b"), [2, 3], start=EPOCH + 60, first_count=10)
    reader = open_run(tmp_path)
    assert first_counts(only(reader)) == [1, 2, 10, 11]
    assert reader.skipped() == []


def test_files_without_times_are_one_history(tmp_path):
    for i, part in enumerate([range(3), range(2, 5)]):
        write(tmp_path / name(i), *(event(step, count_of("w", i + 1), wall_time=0.0) for step in part))
    assert first_counts(only(open_run(tmp_path))) == [1, 1, 2, 2, 2]


def test_wall_times_that_are_no_numbers_do_no_harm(tmp_path):
    wall_times = [np.nan, np.inf, -np.inf]
    for i in (1, 2):
        write(tmp_path / name(i), *(event(s, count_of("w", i), wall_time=t) for s, t in enumerate(wall_times)))
    assert len(only(open_run(tmp_path))) == 3


def test_scalars_hold_by_the_same_rules(tmp_path):
    loss = [(0, 3.0), (1, 2.0), (2, 1.5), (1, 1.9), (2, 1.4)]
    write(tmp_path / name(), version(), *(event(step, scalar("loss", number)) for step, number in loss))
    (series,) = open_run(tmp_path).scalars()
    assert series.steps.tolist() == [0, 1, 2]
    assert series.values.tolist() == pytest.approx([3.0, 1.9, 1.4], rel=1e-6)


def test_negative_and_huge_steps(tmp_path):
    steps = [-(2**63), 2**63 - 2, 2**63 - 1]
    history(tmp_path / name(), steps)
    assert only(open_run(tmp_path)).steps.tolist() == steps


def test_training_and_validation_of_keras_are_two_runs(tmp_path):
    for part in ("train", "validation"):
        history(tmp_path / part / name(), range(3))
    assert open_run(tmp_path, "train").tags() == open_run(tmp_path, "validation").tags() == ["w"]


def test_of_the_steps_that_are_not_wanted_no_histogram_is_read(tmp_path, monkeypatch):
    path = history(tmp_path / name(), range(1000))
    reader = open_run(tmp_path, steps=(700, 709))
    assert reader.tags() == ["w"]  # scanned now
    read = []
    read_pieces = FileBytes.read_pieces

    def noted(self, block, *where):
        read.append(len(block))
        return read_pieces(self, block, *where)

    monkeypatch.setattr(FileBytes, "read_pieces", noted)
    assert only(reader).steps.tolist() == list(range(700, 710))
    assert 0 < sum(read) <= path.stat().st_size * 10 / 1000

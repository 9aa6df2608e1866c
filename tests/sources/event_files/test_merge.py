"""One history out of the records of restarted jobs, repeated steps and several ranks."""

import numpy as np
import pytest

from tb_histinsight.sources.event_files.merge import merge, writers_of


def merged(steps, files=None, wall_times=None, writers=(0, 0, 0)):
    steps = np.array(steps)
    files = np.zeros(len(steps), int) if files is None else np.array(files)
    wall_times = np.arange(len(steps), dtype=float) if wall_times is None else np.array(wall_times, float)
    return merge(steps, wall_times, files, writers)


@pytest.mark.parametrize("steps", [[], [3], [0, 1, 5]])
def test_ascending_steps_are_kept(steps):
    assert merged(steps).kept.tolist() == list(range(len(steps)))


def test_a_restart_replaces_what_it_writes_again():
    found = merged([0, 10, 20, 30, 20, 30, 40])
    assert found.kept.tolist() == [0, 1, 4, 5, 6]
    assert found.restarts.tolist() == [20]


def test_a_restart_from_scratch_leaves_nothing_of_the_first_attempt():
    assert merged([0, 10, 20, 0, 10], files=[0, 0, 0, 1, 1]).kept.tolist() == [3, 4]


def test_a_step_twice_in_one_file_is_a_possible_collision():
    found = merged([0, 0, 0, 1])
    assert found.kept.tolist() == [2, 3]
    assert found.repeated == ((0, 1), (1, 2))
    assert found.restarts.tolist() == []


def test_a_step_twice_in_two_files_of_one_process_is_none():
    assert merged([0, 1, 1, 2], files=[0, 0, 1, 1]).repeated == ()


def test_ranks_that_write_at_the_same_time_are_kept_apart():
    found = merged([0, 1, 2, 0, 1, 2], files=[0, 0, 0, 1, 1, 1], wall_times=[0, 1, 2, 0.1, 1.1, 2.1], writers=(0, 1))
    assert found.kept.tolist() == [0, 1, 2]
    assert found.other_ranks.tolist() == [1]


def test_a_restart_on_another_machine_is_one_history():
    found = merged([0, 1, 2, 1, 2, 3], files=[0, 0, 0, 1, 1, 1], writers=(0, 1))
    assert found.kept.tolist() == [0, 3, 4, 5]
    assert found.other_ranks.tolist() == []


@pytest.mark.parametrize(
    ("names", "writers"),
    [
        (["events.out.tfevents.1.hostA.11.0", "events.out.tfevents.2.hostA.11.1.v2"], [0, 0]),
        (["events.out.tfevents.1.hostA.11.0", "events.out.tfevents.1.hostB.11.0"], [0, 1]),
        (["events.out.tfevents.1.a.b-c.d.11.0.v2", "events.out.tfevents.1.a.b-c.d.12.0.v2"], [0, 1]),
        (["events.out.tfevents.1.host", "mytfevents"], [0, 0]),
    ],
)
def test_the_file_name_tells_the_process(names, writers):
    assert writers_of(names) == writers

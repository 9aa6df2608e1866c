"""One history out of the records of restarted jobs, repeated steps and several ranks."""

import numpy as np
import pytest

from tb_histinsight.sources.event_files.merge import file_spans, host_of, merge


def merged(steps, files=None, wall_times=None, hosts=("a", "b", "c")):
    steps = np.array(steps, np.int64)
    files = np.zeros(len(steps), np.int32) if files is None else np.array(files, np.int32)
    wall_times = np.arange(len(steps), dtype=float) if wall_times is None else np.array(wall_times, float)
    return merge(steps, files, file_spans([(wall_times, files)], len(hosts)), hosts)


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


def test_a_step_twice_in_two_files_is_a_restart():
    found = merged([0, 1, 1, 2], files=[0, 0, 1, 1])
    assert found.repeated == ()
    assert found.restarts.tolist() == [1]


def test_ranks_that_write_at_the_same_time_are_kept_apart():
    found = merged([0, 1, 2, 0, 1, 2], files=[0, 0, 0, 1, 1, 1], wall_times=[0, 1, 2, 0.1, 1.1, 2.1])
    assert found.kept.tolist() == [0, 1, 2]
    assert found.other_ranks == {1: 0}


def test_a_restart_on_another_machine_is_one_history():
    found = merged([0, 1, 2, 1, 2, 3], files=[0, 0, 0, 1, 1, 1])
    assert found.kept.tolist() == [0, 3, 4, 5]
    assert found.other_ranks == {}


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("events.out.tfevents.1.hostA.11.0", "hostA"),
        ("events.out.tfevents.2.hostA.11.1.v2", "hostA"),
        ("events.out.tfevents.1.a.b-c.d.11.0.v2", "a.b-c.d"),
        ("events.out.tfevents.1.10.0.0.7.11.0", "10.0.0.7"),
        ("events.out.tfevents.1.host", "host"),
        ("mytfevents", ""),
    ],
)
def test_the_file_name_tells_the_machine(name, host):
    assert host_of(name) == host


def test_spans_are_those_of_all_tags_together():
    spans = file_spans(
        [
            (np.array([5.0, 6.0, 20.0]), np.array([0, 0, 2], np.int32)),
            (np.array([4.0, np.nan]), np.array([0, 1], np.int32)),
            (np.empty(0), np.empty(0, np.int32)),
        ],
        3,
    )
    np.testing.assert_array_equal(spans, [[4.0, 6.0], [np.nan, np.nan], [20.0, 20.0]])

"""Several processes give what one gives, however they are started."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from event_logs import EPOCH, count_of, event, write

import tb_histinsight
from tb_histinsight.api import analyze, parallel, sharing, work
from tb_histinsight.core.errors import NothingToReadError, UsageError
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.logging.event_writer import EventWriter
from tb_histinsight.report import encode

SPAWNED = """
import sys, threading
from tb_histinsight.api import analyze
from tb_histinsight.report import encode
if __name__ == "__main__":
    waiting = threading.Event()
    threading.Thread(target=waiting.wait).start()  # another thread: forking would not be safe
    sys.stdout.buffer.write(encode(analyze(sys.argv[1], jobs=2)))
    waiting.set()
"""


@pytest.fixture
def forked(monkeypatch):
    """Has processes started by fork even where a test before has left threads: they then do what a test puts in."""
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system has no fork")
    monkeypatch.setattr(parallel, "_context", lambda: multiprocessing.get_context("fork"))


@pytest.fixture
def shared_out(monkeypatch):
    """The tasks that were shared out among processes; all are done by this one."""
    given = []

    class Here:
        def __init__(self, count):
            self.count = count

        def __call__(self, work, tasks, tally, *, again):
            given.extend(tasks)
            return enumerate(map(work.do, tasks))

    monkeypatch.setattr(parallel, "Processes", Here)
    return given


@pytest.fixture
def log(tmp_path):
    rng = np.random.default_rng(0)
    for run in ("a", "b"):
        with EventWriter(tmp_path / "log" / run / "events.out.tfevents.1", clock=lambda: 1e9) as writer:
            for step in range(4):
                writer.scalar("loss", 1 / (1 + step), step)
                for tag in ("dense_1/kernel", "dense_1/bias", "dense_2/kernel", "dense_2/bias"):
                    writer.histogram(tag, rng.normal(size=300), step)
    return tmp_path / "log"


def test_processes_that_are_not_forked_give_the_same_report(log, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(SPAWNED)
    root = str(Path(tb_histinsight.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, str(program), str(log)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == encode(analyze(log, jobs=1))


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_counts_every_tag_and_run(log, jobs):
    told = []
    analyze(log, jobs=jobs, on_progress=lambda *done: told.append(done))
    assert told[-1] == (8, 2, 2)
    assert told == sorted(told)


def test_wrong_questions_are_refused_before_the_log_is_read(tmp_path):
    for question in ({"language": "xx"}, {"select": ["no-such-rule"]}, {"ignore": ["no-such-rule"]}, {"run": "("}):
        with pytest.raises(UsageError):
            analyze(tmp_path / "nowhere", **question)


def test_a_limit_that_was_set_reaches_the_rules_in_every_process(log):
    (log / "tb-histinsight.toml").write_text(
        'select = ["missing-bias", "frozen-layer"]\n[rules.frozen-layer]\nsteps = 5\n'
    )
    alone, several = analyze(log, jobs=1), analyze(log, jobs=2)
    assert encode(alone) == encode(several)
    outcomes = {outcome.rule: outcome for outcome in several.runs[1].outcomes}
    assert set(outcomes) == {"missing-bias", "frozen-layer"}
    assert "4; 5 are needed" in outcomes["frozen-layer"].reason
    assert {outcome.rule for outcome in analyze(log, select=["step-size"], jobs=1).runs[0].outcomes} == {"step-size"}
    assert {outcome.rule for outcome in analyze(log, ignore=["missing-bias"], jobs=1).runs[0].outcomes} == {
        "frozen-layer"
    }
    assert len(analyze(log, settings={}, jobs=1).runs[0].outcomes) > 2


def test_settings_hold_in_processes_that_are_not_forked(log, tmp_path):
    (log / "tb-histinsight.toml").write_text("[rules.frozen-layer]\nsteps = 5\n")
    test_processes_that_are_not_forked_give_the_same_report(log, tmp_path)


def test_each_folder_of_several_has_its_own_settings(log):
    (log / "b" / "tb-histinsight.toml").write_text('select = ["step-size"]')
    first, second = analyze(f"one:{log}/a,two:{log}/b", jobs=1).runs
    assert len(first.outcomes) > 2
    assert [outcome.rule for outcome in second.outcomes] == ["step-size"]


def test_a_run_that_is_a_small_part_of_the_log_is_not_divided(log, shared_out):
    """Eleven runs for two processes: each is one task, in which a helper reads and judges it."""
    for number in range(9):
        shutil.copytree(log / "a", log / f"c{number}")
    analyze(log, jobs=2)
    assert [(task.run, task.tags) for task in shared_out] == [
        (run, None) for run in ["a", "b", *(f"c{n}" for n in range(9))]
    ]


def test_the_tags_of_a_large_run_are_shared_out(log, monkeypatch, shared_out):
    monkeypatch.setattr(work, "BYTES_AT_ONCE", 1)
    analyze(log, jobs=2)
    assert [task.run for task in shared_out] == ["a"] * 4 + ["b"] * 4
    assert all(len(task.tags) == 1 for task in shared_out)


@pytest.mark.parametrize("bytes_at_once", [1, 1 << 21])
@pytest.mark.parametrize("runs", [2, 11])
def test_the_report_is_the_same_for_every_number_of_processes(log, monkeypatch, runs, bytes_at_once):
    monkeypatch.setattr(work, "BYTES_AT_ONCE", bytes_at_once)
    for number in range(runs - 2):
        shutil.copytree(log / "a", log / f"c{number}")
    (log / "c0").mkdir(exist_ok=True)
    (log / "c0" / "notes.tfevents").write_text("These are my notes.")  # left out, and said so
    reports = [encode(analyze(log, jobs=jobs)) for jobs in (1, 2, 3)]
    assert reports[0] == reports[1] == reports[2]
    assert b"notes.tfevents is no event file" in reports[0]


def test_ranks_of_a_distributed_training_are_told_once_however_the_tags_are_shared_out(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "BYTES_AT_ONCE", 1)
    for rank, start in enumerate((EPOCH, EPOCH + 0.5)):
        tags = [count_of("kernel", 3 + rank), count_of("bias", 4 + rank)]
        events = [event(step, *tags, wall_time=start + step) for step in range(5)]
        write(tmp_path / f"events.out.tfevents.1.host{rank}.7.0", *events)
    for jobs in (1, 2):
        (run,) = analyze(tmp_path, jobs=jobs).runs
        assert [(entry.where, entry.count) for entry in run.skipped] == [("events.out.tfevents.1.host1.7.0", 2)]


def test_a_helper_that_is_killed_before_it_does_anything_is_not_missed(log, monkeypatch, forked):
    expected = encode(analyze(log, jobs=1))
    monkeypatch.setattr(parallel, "_help", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    assert encode(analyze(log, jobs=2)) == expected
    assert multiprocessing.active_children() == []


@pytest.fixture
def deadly(monkeypatch, forked):
    """Has the first run of each process but this end as it is told; this one waits until that one has a task."""

    def make(end):
        parent, do, met = os.getpid(), work.Work.whole, set()

        def whole(self, run, on_tag=None):
            first = os.getpid() not in met
            met.add(os.getpid())
            if os.getpid() == parent:
                time.sleep(0.3 * first)
            elif first:
                end()
            return do(self, run, on_tag)

        monkeypatch.setattr(work.Work, "whole", whole)

    return make


def test_what_a_process_had_in_hand_when_it_was_killed_is_told_and_the_rest_reported(log, deadly):
    """The helper dies of its first one, and so does the one that tries it again."""
    for number in range(9):
        shutil.copytree(log / "a", log / f"c{number}")
    deadly(lambda: os.kill(os.getpid(), signal.SIGKILL))
    report = analyze(log, jobs=2)
    (lost,) = report.skipped
    assert lost.reason == (
        f"Run “{lost.run}” could not be read: the process that read it was killed, perhaps for want of memory."
    )
    assert {run.run for run in report.runs} | {lost.run} == {"a", "b", *(f"c{number}" for number in range(9))}
    assert len(report.runs) == 10
    assert multiprocessing.active_children() == []


def test_what_breaks_in_a_helper_is_told_by_name(log, deadly):
    for number in range(9):
        shutil.copytree(log / "a", log / f"c{number}")

    def end():
        raise MemoryError

    deadly(end)
    report = analyze(log, jobs=2)
    assert {entry.reason for entry in report.skipped} == {
        f"Run “{entry.run}” could not be read: MemoryError." for entry in report.skipped
    }
    assert len(report.skipped) + len(report.runs) == 11
    assert report.skipped and report.runs


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_can_be_read_the_second_time_is_reported_like_any_other(log, monkeypatch, forked, tmp_path, jobs):
    expected = encode(analyze(log, jobs=1))
    do = work.Work.together

    def together(self, run, parts):
        if run == "b" and not (tmp_path / "tried").exists():
            (tmp_path / "tried").touch()
            raise OSError(5, "Input/output error", "/secret/place")
        return do(self, run, parts)

    monkeypatch.setattr(work.Work, "together", together)
    assert encode(analyze(log, jobs=jobs)) == expected
    assert (tmp_path / "tried").exists()


def test_a_run_that_never_can_be_read_is_told_without_its_path(log, monkeypatch):
    def together(self, run, parts):
        if run == "b":
            raise OSError(5, "Input/output error", "/secret/place")
        return do(self, run, parts)

    do = work.Work.together
    monkeypatch.setattr(work.Work, "together", together)
    (entry,) = analyze(log, jobs=1).skipped
    assert (entry.run, entry.reason) == ("b", "Run “b” could not be read: Input/output error.")


def test_a_log_of_which_no_run_can_be_read_is_an_error(log, monkeypatch):
    monkeypatch.setattr(work.Work, "whole", lambda *_: 1 // 0)
    with pytest.raises(NothingToReadError, match=r"can be read\. Run “a” could not be read: ZeroDivisionError"):
        analyze(log, jobs=1)


def test_interrupted_work_leaves_no_process_behind(log, monkeypatch, forked):
    parent = os.getpid()

    def interrupted(self, task, on_tag=None):
        if os.getpid() == parent:
            raise KeyboardInterrupt
        time.sleep(60)

    monkeypatch.setattr(work.Work, "do", interrupted)
    with pytest.raises(KeyboardInterrupt):
        analyze(log, jobs=2)
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("size", "processes"), [(0, 1), ((4 << 20) - 1, 1), (4 << 20, 2), (1 << 30, 2)])
def test_small_logs_are_read_by_one_process(monkeypatch, shared_out, size, processes):
    monkeypatch.setattr(sharing, "available_cores", lambda: 2)
    monkeypatch.setattr(work.Work, "divided", lambda self, run: [])
    monkeypatch.setattr(work.Work, "whole", lambda self, run, on_tag: work.Whole(RunAnalysis(run, (), {}), (), True))
    sharing.analyse_runs(work.Work(None), {"a": size})
    assert bool(shared_out) == (processes == 2)


KILLED = """
import os, time
from tb_histinsight.api.executor import Tally
from tb_histinsight.api.parallel import Processes
from tb_histinsight.api.work import Task

first = os.getpid()

class Slow:
    def do(self, task):
        if os.getpid() != first:
            print(os.getpid(), flush=True)
        time.sleep(60)

list(Processes(3)(Slow(), [Task(run) for run in "abc"], Tally(3, None), again=False))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere processes are spawned, from files alone")
def test_no_process_outlives_the_one_that_was_killed():
    process = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    helpers = [int(process.stdout.readline()) for _ in range(2)]
    process.kill()
    try:
        # All of them hold the pipe: it ends with the last one.
        assert process.communicate(timeout=30)[0] == ""
    except subprocess.TimeoutExpired:
        for helper in helpers:
            os.kill(helper, signal.SIGKILL)
        raise

"""Work on a Dask cluster: the same bytes, whoever dies meanwhile; a sentence where there is no cluster.

The tests that are marked `writers` start a real scheduler and two workers on this machine.
"""

import builtins
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import tb_histinsight
from tb_histinsight import cli
from tb_histinsight.api import analyze, cluster
from tb_histinsight.api.work import Task
from tb_histinsight.core.errors import ClusterError, UsageError
from tb_histinsight.logging.event_writer import EventWriter
from tb_histinsight.report import encode

PRELOADED = """
import os, signal
from pathlib import Path
from tb_histinsight.api.work import Work

Work.harmless = getattr(Work, "harmless", Work.whole)  # Dask may load this more than once

def deadly(self, run, on_tag=None):
    flag = Path(os.environ["DEADLY"]) / run
    if run == "kills_always" or (run == "kills_once" and not flag.exists()):
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return self.harmless(run, on_tag)

Work.whole = deadly
"""
START = 60.0
"""Seconds in which a process of Dask must be there; it takes some three."""


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    rng = np.random.default_rng(3)
    for number in range(6):
        with EventWriter(folder / f"trial_{number}" / "events.out.tfevents.1", clock=lambda: 1e9) as writer:
            for step in range(4):
                writer.scalar("loss", 1 / (1 + step), step)
                for tag in ("dense_1/kernel", "dense_2/kernel"):
                    writer.histogram(tag, rng.normal(0, 1 + number, 300), 0 if number == 2 else step)
    (folder / "broken").mkdir()
    (folder / "broken" / "notes.tfevents").write_text("These are my notes.")
    return folder


class _Dask:
    """A scheduler and workers on this machine."""

    def __init__(self, folder, workers, **environment):
        root = str(Path(tb_histinsight.__file__).parent.parent)
        self.environment = {**os.environ, "PYTHONPATH": root, "DEADLY": str(folder), **environment}
        self.file = folder / "scheduler.json"
        self.processes = []
        common = ["--scheduler-file", str(self.file), "--no-dashboard"]
        self.start("scheduler", "--host", "127.0.0.1", "--port", "0", *common)
        (folder / "preloaded.py").write_text(PRELOADED)
        for _ in range(workers):
            self.start("worker", *common, "--nthreads", "1", "--preload", str(folder / "preloaded.py"),
                       "--local-directory", str(folder))  # fmt: skip
        self.address = self._wait(workers)

    def start(self, *arguments):
        command = [sys.executable, "-m", "dask", *arguments]
        quiet = subprocess.DEVNULL
        self.processes.append(subprocess.Popen(command, env=self.environment, stdout=quiet, stderr=quiet))

    def _wait(self, workers):
        from distributed import Client

        deadline = time.monotonic() + START
        while not self.file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        with Client(scheduler_file=str(self.file), timeout=START, set_as_default=False) as client:
            if workers:
                client.wait_for_workers(workers, timeout=START)
            return client.scheduler.address

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    pytest.importorskip("distributed")
    # A task is given up with the first worker that dies of it, so that the test need not start so many.
    running = _Dask(tmp_path_factory.mktemp("dask"), 2, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    yield running
    running.stop()


@pytest.mark.writers
def test_a_cluster_gives_the_bytes_of_one_process(log, dask, monkeypatch, tmp_path):
    told = []
    found = analyze(log, scheduler=dask.address, on_progress=lambda *done: told.append(done))
    assert encode(found) == encode(analyze(log, jobs=1))
    assert told[-1] == (12, 7, 7)
    monkeypatch.chdir(log.parent)  # the workers are elsewhere
    for form in ("text", "json", "markdown"):
        for way, output in ((["--scheduler", dask.address], "there"), (["--jobs", "1"], "here")):
            assert cli.main(["report", log.name, "--format", form, "-o", str(tmp_path / output), *way]) == 0
        assert (tmp_path / "there").read_bytes() == (tmp_path / "here").read_bytes()


@pytest.mark.writers
def test_what_a_worker_died_of_is_told_and_nothing_else_is_lost(log, dask, tmp_path):
    for number, name in enumerate((*(f"trial_{n}" for n in range(6)), "kills_once", "kills_always")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "events.out.tfevents.1").symlink_to(log / f"trial_{number % 6}" / "events.out.tfevents.1")
    found = analyze(tmp_path, scheduler=dask.address)
    (entry,) = found.skipped
    assert entry.run == "kills_always"
    assert entry.reason.startswith("Run “kills_always” could not be read: the process that read it was killed")
    found.skipped = []
    (tmp_path / "kills_always" / "events.out.tfevents.1").unlink()
    assert encode(found) == encode(analyze(tmp_path, jobs=1))


@pytest.mark.writers
def test_a_cluster_without_workers_is_told_in_a_sentence(log, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "WORKERS", 0.5)
    running = _Dask(tmp_path, 0)
    try:
        with pytest.raises(ClusterError, match=r"has had no worker for 0\.5 s\. Start some with `dask worker tcp://"):
            analyze(log, scheduler=running.address)
    finally:
        running.stop()


@pytest.mark.writers
def test_a_scheduler_that_ends_is_told_in_a_sentence(log, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    running = _Dask(tmp_path, 1)
    monkeypatch.setattr(cluster.Cluster, "examine", lambda *_: os.kill(running.processes[0].pid, signal.SIGKILL))
    try:
        with pytest.raises(ClusterError, match=r"does not answer any more|has stopped"):
            analyze(log, scheduler=running.address)
    finally:
        running.stop()


@pytest.mark.writers
def test_a_scheduler_that_falls_silent_is_told_in_a_sentence(log, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    running = _Dask(tmp_path, 1)
    scheduler = running.processes[0].pid
    monkeypatch.setattr(cluster, "ANSWER", 1.0)
    monkeypatch.setattr(cluster.Cluster, "examine", lambda *_: os.kill(scheduler, signal.SIGSTOP))
    try:
        with pytest.raises(ClusterError, match="does not answer any more"):
            analyze(log, scheduler=running.address)
    finally:
        os.kill(scheduler, signal.SIGCONT)
        running.stop()


@pytest.mark.writers
@pytest.mark.parametrize("silent", [True, False])
def test_no_scheduler_is_an_error_in_words_and_in_time(log, monkeypatch, capsys, silent):
    """Nobody is there; or somebody who accepts the connection and says nothing."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if silent:
            server.listen()
            threading.Thread(target=lambda: _accept(server), daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert cli.main(["report", str(log), "--scheduler", address]) == 2
    assert capsys.readouterr().err.startswith(f"tb-histinsight: No Dask scheduler answers at {address} within 0.5 s.")


def _accept(server):
    held = []
    try:
        while True:
            held.append(server.accept())
    except OSError:
        pass


def test_without_dask_the_sentence_says_what_to_install(log, monkeypatch):
    def absent(name, *args):
        if name == "distributed":
            raise ImportError(name)
        return find(name, *args)

    find = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ClusterError, match=r"--scheduler needs Dask: pip install 'tb-histinsight\[dask\]'"):
        analyze(log, scheduler="tcp://127.0.0.1:1")


@pytest.mark.parametrize("address", ["", "nonsense", "tcp://", "tcp://host", "http://host:1", "host:1:2", "ho st:1"])
def test_what_is_no_address_is_refused_before_anything_is_tried(log, address):
    with pytest.raises(UsageError, match="is no address of a Dask scheduler"):
        analyze(log, scheduler=address)


def test_processes_here_and_a_cluster_exclude_each_other(log, capsys):
    with pytest.raises(UsageError, match="not by both"):
        analyze(log, jobs=2, scheduler="tcp://127.0.0.1:1")
    with pytest.raises(SystemExit) as exit:
        cli.main(["report", str(log), "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1"])
    assert exit.value.code == 2
    assert "not allowed with argument" in capsys.readouterr().err


class _Sizes:
    def __init__(self, sizes):
        self._sizes = sizes

    def sizes(self):
        return {f"run{number}": size for number, size in enumerate(self._sizes)}


@pytest.mark.parametrize(
    ("sizes", "threads", "bundles"),
    [
        ([1] * 16, 1, 8),  # a small log: shares for every thread
        ([1 << 30] * 3, 1, 3),
        ([100_000] * 1000, 2, 50),  # 20 fit into two megabytes
        ([10] * 10_000 + [1 << 34], 1, 314),  # 32 at most together, the large one apart
        ([0, 0], 4, 1),
    ],
)
def test_small_runs_are_bundled_and_none_is_forgotten(sizes, threads, bundles):
    tasks = [Task(f"run{number}") for number in range(len(sizes))]
    found = cluster._bundles(_Sizes(sizes), tasks, threads)
    assert sorted(number for bundle in found for number in bundle) == list(range(len(sizes)))
    assert len(found) == bundles
    assert all(len(bundle) <= cluster.BUNDLE_RUNS for bundle in found)
    assert found[0][0] == sizes.index(max(sizes))


def test_workers_that_could_not_do_the_work_are_told_apart():
    good = {"version": tb_histinsight.__version__, "numpy": np.__version__, "missing": []}
    assert cluster._problem(good) == ""
    assert "cannot import tb_histinsight" in cluster._problem(Exception("No module named 'tb_histinsight'"))
    assert "has tb-histinsight 0.0.1, here is" in cluster._problem({**good, "version": "0.0.1"})
    assert "has NumPy 1.2.3, here is" in cluster._problem({**good, "numpy": "1.2.3"})
    assert "cannot see a/events.tfevents" in cluster._problem({**good, "missing": ["a/events.tfevents"]})
    assert "cannot do the work (OSError: odd)" in cluster._problem(OSError("odd"))


def test_a_worker_sees_the_files_of_the_log(log):
    from tb_histinsight.sources.event_files import EventFileSource

    files = EventFileSource(log).some_files(3)
    assert len(files) == 3
    assert all(path.is_absolute() for _, path in files)
    assert cluster._examined(files)["missing"] == []
    assert cluster._examined([("gone", log / "gone")])["missing"] == ["gone"]

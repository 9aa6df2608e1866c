"""`tb-histinsight watch`: a training that is being written is followed, whatever happens to its files."""

import json
import shutil
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from tb_histinsight import NothingToReadError, UsageError, cli
from tb_histinsight.api.follow import Follower
from tb_histinsight.logging.event_writer import EventWriter

RNG = np.random.default_rng(8)


class Training:
    """Writes steps into an event file, as a training does, until told to stop."""

    def __init__(self, folder, name="events.out.tfevents.1.test"):
        self.writer = EventWriter(folder / name)
        self.step = 0

    def run(self, steps, bad=False):
        for _ in range(steps):
            values = RNG.normal(size=300)
            if bad:
                values[0] = np.nan
            self.writer.histogram("dense_1/kernel", values, self.step)
            self.writer.histogram("dense_2/kernel", RNG.normal(size=300), self.step)
            self.step += 1
        self.writer.flush()
        return self


def rules(found):
    return [finding.rule for _, finding in found if finding.severity != "info"]


def test_a_finding_is_told_when_it_first_holds_and_once(tmp_path):
    training = Training(tmp_path / "run").run(4)
    follower = Follower(tmp_path)
    assert rules(follower.look()) == []
    assert follower.changed
    assert follower.look() == []
    assert not follower.changed
    training.run(2, bad=True)
    ((run, finding),) = follower.look()
    assert (run, finding.rule, finding.first_step) == ("run", "non-finite", 4)
    training.run(3, bad=True)
    assert rules(follower.look()) == []
    assert follower.changed


def test_runs_that_come_later_are_followed(tmp_path):
    with pytest.raises(NothingToReadError):
        Follower(tmp_path / "later").look()
    follower = Follower(tmp_path)
    with pytest.raises(NothingToReadError):
        follower.look()
    Training(tmp_path / "one").run(4)
    assert rules(follower.look()) == []
    Training(tmp_path / "two").run(4, bad=True)
    assert rules(follower.look()) == ["non-finite"]


def test_files_that_rotate_shrink_and_vanish_are_survived(tmp_path):
    Training(tmp_path).run(4)
    follower = Follower(tmp_path)
    follower.look()
    Training(tmp_path, "events.out.tfevents.2.test").run(6)
    assert rules(follower.look()) == []
    file = tmp_path / "events.out.tfevents.1.test"
    file.write_bytes(file.read_bytes()[:500])
    assert rules(follower.look()) == []
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(NothingToReadError):
        follower.look()
    Training(tmp_path).run(5, bad=True)
    assert rules(follower.look()) == ["non-finite"]


def test_what_makes_no_sense_is_said_at_once(tmp_path):
    with pytest.raises(UsageError, match="non-finite"):
        Follower(tmp_path, select=["non-finit"])
    with pytest.raises(UsageError, match="no regular expression"):
        Follower(tmp_path, run="[")


def watch(*words):
    try:
        return cli.main(["watch", *map(str, words)])
    except SystemExit as end:
        return end.code


def test_it_ends_at_the_first_grave_finding(tmp_path, capsys):
    Training(tmp_path).run(4).run(3, bad=True)
    assert watch(tmp_path, "--fail-on", "critical", "--every", "0", "--format", "jsonl") == 1
    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert entries[0]["rule"] == "non-finite"
    assert entries[0]["run"] == "."


def test_it_ends_when_nothing_is_written_any_more(tmp_path, capsys):
    Training(tmp_path).run(4)
    assert watch(tmp_path, "--every", "0.01", "--idle", "0.05") == 0
    shutil.rmtree(tmp_path)
    assert watch(tmp_path, "--every", "0.01", "--idle", "0.05") == 0
    assert capsys.readouterr().err.count("Waiting for it.") == 1


def test_a_training_in_another_process_is_stopped_in_time(tmp_path):
    command = [
        sys.executable,
        "-m",
        "tb_histinsight",
        "watch",
        str(tmp_path),
        "--every",
        "0.1",
        "--fail-on",
        "critical",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watchdog = threading.Timer(100, process.kill)
    watchdog.start()
    training = Training(tmp_path)
    try:
        for _ in range(5):
            training.run(1)
            time.sleep(0.05)
        while process.poll() is None:
            training.run(1, bad=True)
            time.sleep(0.05)
    finally:
        watchdog.cancel()
        process.kill()
    out, err = process.communicate()
    assert process.returncode == 1, err
    assert "non-finite" in out


@pytest.mark.parametrize(
    ("words", "said"), [(["--every", "soon"], "'soon' is not a number of seconds"), (["--format", "json"], "jsonl")]
)
def test_wrong_usage_is_one_sentence(tmp_path, capsys, words, said):
    assert watch(tmp_path, *words) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_remote_log_is_followed_and_a_network_that_fails_now_and_then_is_survived(tmp_path, monkeypatch, capsys):
    fsspec = pytest.importorskip("fsspec")
    from elsewhere import forget_everything

    from tb_histinsight.commands import watch

    monkeypatch.setenv("TB_HISTINSIGHT_CACHE", str(tmp_path / "cache"))
    forget_everything()
    fs = fsspec.filesystem("memory")
    training = Training(tmp_path / "run")

    def upload():
        fs.pipe("/watched/run/events.out.tfevents.1.test", (tmp_path / "run/events.out.tfevents.1.test").read_bytes())

    def fails(*_, **__):
        raise ConnectionRefusedError

    def network_fails():
        monkeypatch.setattr(type(fs), "find", fails)

    def network_is_back():
        monkeypatch.setattr(type(fs), "find", find)
        training.run(3, bad=True)
        upload()

    find = type(fs).find
    happens = iter([network_fails, lambda: None, network_is_back])
    monkeypatch.setattr(watch.time, "sleep", lambda _: next(happens, sys.exit)())
    training.run(4)
    upload()
    try:
        assert cli.main(["watch", "memory://watched", "--fail-on", "critical"]) == 1
    finally:
        fs.rm("/watched", recursive=True)
        forget_everything()
    out, err = capsys.readouterr()
    assert out.count("non-finite") == 1
    assert err.count("No connection to memory://watched") == 1

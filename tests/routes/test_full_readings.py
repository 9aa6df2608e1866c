"""Reading event files in full beside TensorBoard: in another process, once, within bounds, for the tab's page alone."""

import json
import pickle
import time
from pathlib import Path

import numpy as np
import pytest
from tensorboards import Log

from tb_histinsight.api import analyze
from tb_histinsight.api.work import Work
from tb_histinsight.explain import explain
from tb_histinsight.report import encode
from tb_histinsight.routes.answer import RequestError
from tb_histinsight.routes.full import full_impl, read_fully_impl
from tb_histinsight.routes.reading import readings as module
from tb_histinsight.routes.reading.channel import RunDone, messages
from tb_histinsight.routes.reading.readings import FullReadings
from tb_histinsight.routes.reading.source import FullSource, FullStore
from tb_histinsight.routes.sender import Sender
from tb_histinsight.routes.series import series_impl
from tb_histinsight.routes.store import AnalysisStore
from tb_histinsight.settings import DEFAULTS
from tb_histinsight.sources.event_files import EventFileSource

PATIENCE = 30.0  # seconds for a process that reads a small log
TOKEN = "token"


def write_run(folder, steps=range(40), tags=("dense/kernel", "dense/bias")):
    rng = np.random.default_rng(1)
    with Log(folder) as log:
        for step in steps:
            for tag in tags:
                log.histogram(tag, step, rng.normal(size=300))
            log.scalar("loss", step, 1.0)


@pytest.fixture
def logs(tmp_path):
    write_run(tmp_path / "a")
    write_run(tmp_path / "b")
    return tmp_path


def readings(logdir, **options):
    return FullReadings(str(logdir), lambda run: DEFAULTS, **options)


def finished(reading):
    end = time.monotonic() + PATIENCE
    while reading.progress() is not None:
        assert time.monotonic() < end
        time.sleep(0.02)
    return reading


def post(reading, said, runs=("a", "b"), **changes):
    us = {"origin": "http://box", "host": "box", "media_type": "application/json", "token": TOKEN}
    body = said if said is None or isinstance(said, bytes) else json.dumps(said).encode()
    return json.loads(read_fully_impl(reading, runs, TOKEN, Sender(**{**us, **changes}), body))


def test_what_is_found_is_what_the_report_says(logs):
    reading = readings(logs)
    answer = post(reading, {"read": ["a", "b"]})
    assert answer["job"]["runs"] == ["a", "b"]
    finished(reading)
    both = explain([reading.found(run).analysis for run in ("a", "b")], "en")
    there = json.loads(encode(analyze(logs)))["runs"]
    here = json.loads(encode(both))["runs"]
    for mine, theirs in zip(here, there, strict=True):
        # Only the report compares the two.
        for entry in (mine, theirs):
            entry["outcomes"] = [outcome for outcome in entry["outcomes"] if outcome["rule"] != "run-difference"]
        assert mine == theirs
    state = json.loads(full_impl(reading, ["a", "b", "elsewhere"], TOKEN).make())
    assert set(state["read"]) == set(state["bytes"]) == {"a", "b"}
    assert (state["job"], state["trouble"]) == (None, None)
    assert not any(read["stale"] for read in state["read"].values())
    assert str(logs) not in json.dumps(state)


def test_a_second_request_joins_the_first_whatever_lies_in_the_working_directory(logs, monkeypatch):
    for name in ("pickle.py", "random.py", "numpy.py"):
        (logs / name).write_text("raise SystemExit('not this one')\n")
    monkeypatch.chdir(logs)
    started = []
    begin = module.start
    monkeypatch.setattr(module, "start", lambda work, runs: started.append(runs) or begin(work, runs))
    reading = readings(logs)
    post(reading, {"read": ["a"]})
    post(reading, {"read": ["a"]})
    post(reading, {"read": ["b", "a"]})
    finished(reading)
    assert sorted(run for runs in started for run in runs) == ["a", "b"]
    assert reading.found("a") is not None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells the priority of another process so")
def test_it_reads_at_the_lowest_priority_and_is_given_up_at_once(logs):
    write_run(logs / "a", steps=range(3000), tags=["w"])
    reading = readings(logs)
    post(reading, {"read": ["a", "b"]})
    end = time.monotonic() + PATIENCE
    while (process := reading._process) is None:
        assert time.monotonic() < end
    stat = Path(f"/proc/{process.pid}/stat")
    while stat.exists() and process.poll() is None and stat.read_text().rpartition(")")[2].split()[16] != "19":
        assert time.monotonic() < end
    assert process.poll() is None
    assert post(reading, {"cancel": True})["trouble"] is None
    finished(reading)
    assert process.poll() is not None
    assert reading.found("b") is None
    assert reading.trouble is None


def test_what_is_asked_for_right_after_giving_up_is_read(logs):
    first = []

    def settings_of(run):
        if not first:
            first.append(run)
            reading.cancel()
            reading.ask(["a"])
        return DEFAULTS

    reading = FullReadings(str(logs), settings_of)
    reading.ask(["a"])
    assert finished(reading).found("a") is not None


def test_a_run_that_breaks_the_analysis_leaves_the_others(logs):
    process = module.start(Work(EventFileSource(logs)), ["not there", "b"])
    said = []
    while message := messages(process.stdout):
        said.append(pickle.loads(message[0]))
    assert process.wait() == 0
    process.stdin.close()
    process.stdout.close()
    broken, whole = (one for one in said if isinstance(one, RunDone))
    assert (broken.run, broken.whole, broken.why) == ("not there", None, "KeyError")
    assert whole.whole.run.run == "b"


def test_a_process_that_is_killed_is_told(logs, monkeypatch):
    begin = module.start

    def doomed(work, runs):
        process = begin(work, runs)
        process.kill()
        return process

    monkeypatch.setattr(module, "start", doomed)
    reading = readings(logs)
    post(reading, {"read": ["a"]})
    finished(reading)
    assert json.loads(full_impl(reading, ["a"], TOKEN).make())["trouble"]["kind"] == "died"


def test_beyond_the_memory_set_aside_it_stops_and_keeps_what_it_has(logs):
    reading = readings(logs, budget=1)
    post(reading, {"read": ["a", "b"]})
    finished(reading)
    assert reading.found("a") is not None
    assert reading.found("b") is None
    assert reading.trouble[:2] == ("full", "b")
    post(reading, {"read": ["b"]})
    finished(reading)
    assert (reading.found("a"), reading.trouble) == (None, None)
    assert reading.found("b") is not None


def test_a_log_that_has_grown_or_gone_is_told(logs, monkeypatch):
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.0)
    reading = readings(logs)
    post(reading, {"read": ["a"]})
    finished(reading)
    before = reading.found("a").version
    write_run(logs / "a", steps=range(40, 50))
    assert reading.is_stale("a")
    post(reading, {"read": ["a"]})
    finished(reading)
    assert not reading.is_stale("a")
    assert reading.found("a").version != before
    assert [len(series) for series in reading.series("a", ["dense/kernel"])] == [50]
    for file in (logs / "a").iterdir():
        file.unlink()
    assert reading.is_stale("a")
    assert list(reading.series("a", ["dense/bias"])) == []
    with pytest.raises(RequestError, match="are not on this machine"):
        post(reading, {"read": ["a"]})


def test_a_run_of_a_named_folder_is_found_under_either_of_its_names(logs):
    reading = readings(f"x:{logs / 'a'},y:{logs / 'b'}")
    post(reading, {"read": ["x/."]}, runs=["x/.", "y/."])
    finished(reading)
    assert reading.found("x/.").analysis.run == "x/."
    assert next(reading.series("x/.", ["dense/bias"])).run == "x/."


def test_nothing_is_fetched_from_another_machine():
    assert readings("s3://bucket/runs").sizes() == {}
    assert readings("").sizes() == {}


def test_what_was_read_takes_the_place_of_the_sample_and_very_many_buckets_are_packed(logs, monkeypatch):
    reading = readings(logs)
    post(reading, {"read": ["a"]})
    finished(reading)
    sample = EventFileSource(logs, steps=(0, 3))
    shown, store = FullSource(sample, reading), FullStore(AnalysisStore())
    assert shown.open_run("a").last_step() == 39
    assert shown.open_run("b").tags() == ["dense/kernel", "dense/bias"]
    plain = json.loads(series_impl(store, shown, "a", "dense/bias").make())
    assert plain["steps"] == list(range(40))
    monkeypatch.setattr("tb_histinsight.routes.series.CELLS", 100)
    packed = json.loads(series_impl(store, shown, "a", "dense/bias").make())
    assert packed["steps"] == plain["steps"]
    assert packed["shapes"] == plain["shapes"]
    assert packed["edges"] == "equal"


@pytest.mark.parametrize(
    ("said", "changes", "status"),
    [
        ({"read": ["../a"]}, {}, 404),
        ({"read": ["/etc"]}, {}, 404),
        ({"read": [{"path": "/etc"}]}, {}, 404),
        ({"read": []}, {}, 400),
        ({"read": ["a"], "path": "/etc"}, {}, 400),
        ({"cancel": False}, {}, 400),
        (b"[", {}, 400),
        (None, {}, 413),
        ({"read": ["a"]}, {"origin": "http://evil.example"}, 403),
        ({"read": ["a"]}, {"token": "guess"}, 403),
        ({"read": ["a"]}, {"media_type": "text/plain"}, 415),
        ({"read": ["elsewhere"]}, {}, 409),
    ],
)
def test_nothing_else_is_read_and_nobody_else_can_ask(logs, said, changes, status):
    reading = readings(logs)
    with pytest.raises(RequestError) as refusal:
        post(reading, said, runs=["a", "b", "elsewhere"], **changes)
    assert refusal.value.status == status
    assert reading.progress() is None

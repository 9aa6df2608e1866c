"""A log on another machine says what its copy here says, and no more of it is read than that takes."""

import json
import os
import pickle
import threading
from pathlib import Path

import pytest
from elsewhere import forget_everything, put, training

from tb_histinsight import InsightError, NothingToReadError, UsageError, analyze, cli
from tb_histinsight.sources.event_files import EventFileSource
from tb_histinsight.sources.remote import fetch, transfer

FIRST, SECOND, THIRD = (f"events.out.tfevents.{n}.host" for n in (1, 2, 3))


@pytest.fixture
def here(tmp_path):
    """Two runs, and what it takes that one of them is read from several blocks."""
    folder = tmp_path / "logs"
    training(folder / "good" / FIRST, range(40))
    training(folder / "deep" / "bad" / FIRST, seed=1, bad=True)
    return folder


def report(logdir, tmp_path, *options):
    file = tmp_path / f"report{len(list(tmp_path.iterdir()))}.json"
    assert cli.main(["report", str(logdir), "-o", str(file), *options]) == 0
    return file.read_bytes()


def test_a_report_is_that_of_the_local_copy_to_the_byte(here, memory, tmp_path, monkeypatch):
    put(memory, here, "/logs")
    local = report(here, tmp_path)
    assert report("memory://logs", tmp_path) == local
    forget_everything()
    monkeypatch.setattr(transfer, "BLOCK", 10_000)
    monkeypatch.setenv("TB_HISTINSIGHT_CACHE", "off")
    assert report("memory://logs", tmp_path, "--jobs", "2") == local
    assert report("memory://logs/", tmp_path, "--format", "html") == report(here, tmp_path, "--format", "html")


def test_small_files_are_read_in_one_request_and_the_second_time_in_none(here, memory):
    put(memory, here, "/logs")
    first = analyze("memory://logs").to_dict()
    assert sorted(path for path, *_ in memory.asked) == [f"/logs/deep/bad/{FIRST}", f"/logs/good/{FIRST}"]
    memory.asked.clear()
    forget_everything()
    assert analyze("memory://logs").to_dict() == first
    assert memory.asked == []


def test_how_much_has_come_is_told(here, memory, monkeypatch):
    monkeypatch.setattr(transfer, "BLOCK", 10_000)
    put(memory, here, "/logs")
    told = []
    source = EventFileSource("memory://logs")
    source.bring(lambda *amounts: told.append(amounts))
    size = sum(source.sizes().values())
    assert told == sorted(told)
    assert told[-1] == (size, size)
    assert len(told) == len(memory.asked) > 4


def test_large_files_are_read_in_blocks_each_once(here, memory, monkeypatch):
    monkeypatch.setattr(transfer, "BLOCK", 10_000)
    put(memory, here, "/logs")
    analyze("memory://logs", run="good")
    size = (here / "good" / FIRST).stat().st_size
    assert sorted((start, end) for _, start, end in memory.asked) == [
        (start, min(size, start + 10_000)) for start in range(0, size, 10_000)
    ]


def test_a_file_that_is_another_one_is_read_again(here, memory):
    put(memory, here, "/logs")
    good = analyze("memory://logs", run="good").runs[0]
    size = len(memory.cat(f"/logs/good/{FIRST}"))
    forget_everything()
    other = training(here / "good" / FIRST, range(40), seed=5)
    assert len(other) == size
    memory.pipe(f"/logs/good/{FIRST}", other)
    memory.asked.clear()
    assert analyze("memory://logs", run="good").runs[0].tags[0].stats != good.tags[0].stats
    assert [path for path, *_ in memory.asked] == [f"/logs/good/{FIRST}"]


def test_what_changes_between_its_blocks_is_not_believed_later(here, memory, monkeypatch):
    monkeypatch.setattr(transfer, "BLOCK", 10_000)
    put(memory, here, "/logs")
    other = training(here / "good" / FIRST, range(40), seed=5)
    plain = type(memory).cat_file

    def cat_file(self, path, **options):
        data = plain(self, path, **options)
        if len(memory.asked) == 3:
            self.pipe(path, other)
        return data

    monkeypatch.setattr(type(memory), "cat_file", cat_file)
    analyze("memory://logs", run="good")
    forget_everything()
    first = len(memory.asked)
    for _ in range(2):
        assert analyze("memory://logs", run="good").to_dict() == analyze(here, run="good").to_dict()
    assert len(memory.asked) == 2 * first


def test_only_the_files_of_runs_that_are_wanted_are_read(here, memory):
    put(memory, here, "/logs")
    assert [run.run for run in analyze("memory://logs", run="bad").runs] == ["deep/bad"]
    assert {path for path, *_ in memory.asked} == {f"/logs/deep/bad/{FIRST}"}
    with pytest.raises(UsageError, match="There are: deep/bad, good"):
        analyze("memory://logs", run="neither")
    assert len(memory.asked) == 1


@pytest.fixture
def sessions(tmp_path):
    """A run of three files, one after the other."""
    folder = tmp_path / "sessions"
    for number, (name, steps) in enumerate([(FIRST, range(300)), (SECOND, range(300, 600)), (THIRD, range(600, 900))]):
        training(folder / name, steps, seed=number)
    return folder


@pytest.mark.parametrize(
    ("steps", "names"),
    [
        ("320:400", {SECOND}),
        (":299", {FIRST}),
        ("600:", {THIRD}),
        ("299:300", {FIRST, SECOND}),
    ],
)
def test_files_that_hold_none_of_the_steps_are_not_fetched(sessions, memory, tmp_path, *, cache, steps, names):
    put(memory, sessions, "/logs")
    assert report("memory://logs", tmp_path, "--steps", steps) == report(sessions, tmp_path, "--steps", steps)
    whole = {path for path, start, end in memory.asked if end - start > transfer.WITNESS}
    assert whole == {f"/logs/{name}" for name in names}
    assert len(list(cache.glob("*.copy"))) == len(names)


def test_of_a_restarted_training_every_file_is_fetched(sessions, memory, tmp_path):
    training(sessions / THIRD, range(500, 900), seed=2)
    put(memory, sessions, "/logs")
    assert report("memory://logs", tmp_path, "--steps", ":100") == report(sessions, tmp_path, "--steps", ":100")
    assert {path for path, start, end in memory.asked if end - start > transfer.WITNESS} == {
        f"/logs/{name}" for name in (FIRST, SECOND, THIRD)
    }


def test_what_has_come_since_is_read_and_no_more(tmp_path, memory, monkeypatch):
    monkeypatch.setattr(transfer, "WORTH_A_TAIL", 1 << 16)
    data = training(tmp_path / "logs" / FIRST, range(300))
    cut = 2 * len(data) // 3
    memory.pipe(f"/logs/{FIRST}", data[:cut])
    source = EventFileSource("memory://logs")
    assert list(source.runs()) == ["."]
    memory.asked.clear()
    assert source.refresh() == []
    assert memory.asked == []
    memory.pipe(f"/logs/{FIRST}", data)
    assert source.refresh() == ["."]
    assert sum(end - start for _, start, end in memory.asked) == len(data) - cut + 2 * transfer.WITNESS
    assert [len(series) for series in source.open_run(".").read()] == [300, 300]


@pytest.mark.parametrize("how", ["another one", "shorter", "longer, but another one"])
def test_a_file_that_does_not_go_on_is_read_anew(tmp_path, memory, monkeypatch, how):
    monkeypatch.setattr(transfer, "WORTH_A_TAIL", 1 << 16)
    data = training(tmp_path / "logs" / FIRST, range(300))
    memory.pipe(f"/logs/{FIRST}", data)
    source = EventFileSource("memory://logs")
    assert list(source.runs()) == ["."]
    steps = {"another one": 300, "shorter": 200, "longer, but another one": 400}[how]
    memory.pipe(f"/logs/{FIRST}", training(tmp_path / "logs" / FIRST, range(steps), seed=9))
    assert source.refresh() == ["."]
    remote = [series.at(0).count.tolist() for series in source.open_run(".").read()]
    local = [series.at(0).count.tolist() for series in EventFileSource(tmp_path / "logs").open_run(".").read()]
    assert remote == local


def test_one_event_file_and_several_places(here, memory, tmp_path):
    put(memory, here, "/logs")
    one = analyze(f"memory://logs/good/{FIRST}")
    assert [run.run for run in one.runs] == ["."]
    both = analyze(f"a:memory://logs/good,b:{here / 'deep'}")
    assert [run.run for run in both.runs] == ["a", "b/bad"]
    assert both.runs[0].tags[0].stats == one.runs[0].tags[0].stats


def test_settings_names_and_marks_beside_a_remote_log_hold(here, memory, tmp_path):
    (here / "tb-histinsight.toml").write_text('ignore = ["non-finite"]\nnames = "names.toml"\n')
    (here / "names.toml").write_text('[[tags]]\ntag = "dense_1/kernel"\nrole = "activation"\n')
    put(memory, here, "/logs")
    local = report(here, tmp_path)
    assert report("memory://logs", tmp_path) == local
    outcomes = {entry["rule"] for run in json.loads(local)["runs"] for entry in run["findings"]}
    assert "non-finite" not in outcomes
    memory.rm("/logs/tb-histinsight.toml")
    forget_everything()
    assert report("memory://logs", tmp_path) != local


def test_marks_beside_a_remote_log_hold_and_nothing_is_written_there(here, memory, tmp_path, capsys):
    mark = {"mark": "intended", "rule": "non-finite", "reason": "a test of NaN"}
    (here / "tb-histinsight.notes.jsonl").write_text(json.dumps(mark) + "\n")
    put(memory, here, "/logs")
    there = dict(memory.store)
    local = report(here, tmp_path)
    assert report("memory://logs", tmp_path) == local
    assert b"a test of NaN" in local
    assert cli.main(["check", "memory://logs"]) == cli.main(["check", str(here)]) == 0
    assert memory.store == there


def test_a_file_that_cannot_be_read_is_said_and_the_rest_read(here, memory, monkeypatch):
    put(memory, here, "/logs")
    plain = type(memory).cat_file

    def cat_file(self, path, **options):
        if "bad" in path:
            raise PermissionError("https://host/x?sig=SECRET")
        return plain(self, path, **options)

    monkeypatch.setattr(type(memory), "cat_file", cat_file)
    result = analyze("memory://logs")
    assert [run.run for run in result.runs] == ["good"]
    (left_out,) = [entry for entry in result.to_dict()["skipped"]]
    assert left_out["where"] == f"deep/bad/{FIRST}"
    assert "permission denied" in left_out["reason"]
    assert "SECRET" not in json.dumps(result.to_dict())
    forget_everything()
    with pytest.raises(InsightError, match="No permission to read memory://logs"):
        analyze("memory://logs", run="bad")


def test_one_file_needs_no_list_of_others(here, memory, monkeypatch):
    put(memory, here, "/logs")

    def find(*_, **__):
        raise PermissionError

    monkeypatch.setattr(type(memory), "find", find)
    assert [run.run for run in analyze(f"memory://logs/good/{FIRST}").runs] == ["."]
    with pytest.raises(InsightError, match="No permission"):
        analyze("memory://logs")


def test_an_address_that_was_made_a_path_is_said_to_be_one():
    with pytest.raises(NothingToReadError, match="Give an address as text"):
        analyze(Path("s3://bucket/logs"))


def test_nothing_there(memory, cache):
    with pytest.raises(NothingToReadError, match="memory://nowhere does not exist"):
        analyze("memory://nowhere")
    memory.pipe("/logs/readme.txt", b"x")
    with pytest.raises(NothingToReadError, match="No event files in memory://logs"):
        analyze("memory://logs")


def test_names_that_lead_elsewhere_are_not_followed(here, memory, tmp_path):
    put(memory, here, "/logs")
    memory.store["/logs/../../evil/events.out.tfevents.9"] = memory.store[f"/logs/good/{FIRST}"]
    assert {run.run for run in analyze("memory://logs").runs} == {"good", "deep/bad"}


def test_what_was_listed_here_is_found_by_another_process(here, memory):
    put(memory, here, "/logs")
    source = EventFileSource("memory://logs", run_filter="good".__eq__)
    source.bring()
    (file,) = source._files["good"]
    other = pickle.loads(pickle.dumps(file.path))
    forget_everything()
    memory.asked.clear()
    assert Path(os.fspath(other)).read_bytes() == (here / "good" / FIRST).read_bytes()
    assert memory.asked == []


def test_requests_are_in_flight_together(tmp_path, memory, monkeypatch):
    monkeypatch.setattr(transfer, "BLOCK", 5_000)
    together = threading.Barrier(fetch.AT_ONCE, timeout=20)
    plain = type(memory).cat_file

    def cat_file(self, path, **options):
        together.wait()  # breaks, and fails the test, unless so many are asked for at once
        return plain(self, path, **options)

    data = training(tmp_path / FIRST, range(120))
    blocks = fetch.AT_ONCE * 2
    memory.pipe(f"/logs/{FIRST}", data[: blocks * 5_000])
    monkeypatch.setattr(type(memory), "cat_file", cat_file)
    assert len(data) >= blocks * 5_000
    assert EventFileSource("memory://logs").runs() == ["."]


def test_a_display_of_progress_that_breaks_holds_nothing_up(here, memory):
    put(memory, here, "/logs")

    def broken(come, to_come):
        raise BrokenPipeError

    source = EventFileSource("memory://logs")
    source.bring(broken)
    memory.asked.clear()
    assert [run.tags() for run in map(source.open_run, source.runs())] == [["dense_1/kernel", "dense_2/kernel"]] * 2
    assert memory.asked == []


def test_who_gives_up_leaves_no_half_copies(here, memory, cache, monkeypatch):
    put(memory, here, "/logs")

    def interrupted(self):
        assert list(cache.glob("*.part"))
        raise KeyboardInterrupt

    monkeypatch.setattr(fetch._Crew, "work", interrupted)
    with pytest.raises(KeyboardInterrupt):
        analyze("memory://logs")
    assert not list(cache.glob("*.part"))

"""Which folders are runs, and what is said of files that cannot be read."""

import inspect
import os
import sys

import pytest
from event_logs import count_of, event, history, open_run, reasons, scalar, version, write

from tb_histinsight.core.errors import NothingToReadError, UsageError
from tb_histinsight.sources.event_files import EventFileSource
from tb_histinsight.sources.event_files.discovery import find_runs
from tb_histinsight.sources.reasons import REASONS

FILE = "events.out.tfevents.1.host"


@pytest.fixture
def forbidden(monkeypatch):
    """Folders and files that the system refuses to open, whoever runs the tests."""
    names = set()
    listdir, open_path = os.listdir, os.stat

    def list_folder(path):
        if os.fspath(path) in names:
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return listdir(path)

    def status(path, **options):
        if isinstance(path, (str, os.PathLike)) and os.fspath(path) + "!" in names:
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return open_path(path, **options)

    monkeypatch.setattr(os, "listdir", list_folder)
    monkeypatch.setattr(os, "stat", status)
    return names


def runs_of(logdir):
    return EventFileSource(logdir).runs()


def test_runs_are_named_after_their_folders_in_natural_order(tmp_path):
    for run in ["", "run10", "run2", "run2/inner/most", "Ünï code", "<script>alert(1)</script>", "a'b\"c & d"]:
        history(tmp_path / run / FILE, [0])
    runs = runs_of(tmp_path)
    assert set(runs) == {
        ".", "run2", "run2/inner/most", "run10", "Ünï code", "<script>alert(1)</script>", "a'b\"c & d",
    }  # fmt: skip
    assert [run for run in runs if "run" in run] == ["run2", "run2/inner/most", "run10"]


def test_the_run_names_are_those_of_tensorboard(tmp_path):
    from tensorboard.backend.event_processing import plugin_event_multiplexer

    for run in ["", "a/b", "a", "c d/..x", "train", "validation"]:
        history(tmp_path / run / FILE, [0])
    (tmp_path / "no events").mkdir()
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(tmp_path))
    assert set(runs_of(tmp_path)) == set(multiplexer.Runs())


def test_one_file(tmp_path):
    path = history(tmp_path / FILE, [0])
    history(tmp_path / "events.out.tfevents.2.host", [5])
    assert runs_of(path) == ["."]
    (series,) = open_run(path).read()
    assert series.steps.tolist() == [0]


def test_one_file_with_an_unusual_name(tmp_path):
    path = history(tmp_path / "downloaded.bin", [0])
    assert runs_of(path) == ["."]


def test_named_folders(tmp_path):
    history(tmp_path / "x" / FILE, [0])
    history(tmp_path / "x" / "inner" / FILE, [0])
    file = history(tmp_path / "y" / FILE, [0])
    source = EventFileSource(f"one:{tmp_path / 'x'},two:{file}")
    assert source.runs() == ["one", "one/inner", "two"]


def test_folders_without_names(tmp_path):
    history(tmp_path / "x" / "a" / FILE, [0])
    history(tmp_path / "y" / "b" / FILE, [0])
    assert runs_of(f"{tmp_path}/x,{tmp_path}/y") == ["a", "b"]


def test_a_folder_whose_name_looks_like_a_list_of_folders(tmp_path):
    history(tmp_path / "lr:0.1,wd:0" / FILE, [0])
    assert runs_of(tmp_path / "lr:0.1,wd:0") == ["."]


def test_two_runs_of_one_name_are_not_mixed(tmp_path):
    history(tmp_path / "x" / FILE, [0])
    history(tmp_path / "y" / FILE, [0])
    with pytest.raises(UsageError, match="a name of its own"):
        find_runs(f"{tmp_path}/x,{tmp_path}/y")
    with pytest.raises(UsageError, match="'a'"):
        find_runs(f"a:{tmp_path}/x,a:{tmp_path}/y")


def test_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    history(tmp_path / "logs" / FILE, [0])
    assert runs_of("~/logs") == ["."]
    assert runs_of("a:~/logs") == ["a"]


def test_linked_folders_are_runs_too(tmp_path):
    history(tmp_path / "elsewhere" / FILE, [0])
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "latest").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "logs" / "again").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert runs_of(tmp_path / "logs") == ["again", "latest"]


def test_links_in_a_circle_end(tmp_path):
    history(tmp_path / "a" / FILE, [0])
    history(tmp_path / "b" / FILE, [0])
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "b" / "self").symlink_to(tmp_path / "b", target_is_directory=True)
    source = EventFileSource(tmp_path)
    assert source.runs() == ["a", "b"]
    assert source.skipped() == []


def test_folders_that_all_link_to_each_other_end(tmp_path):
    names = [f"n{i}" for i in range(12)]
    for one in names:
        (tmp_path / one).mkdir()
    for one in names:
        for other in names:
            (tmp_path / one / other).symlink_to(tmp_path / other, target_is_directory=True)
    history(tmp_path / "n0" / FILE, [0])
    assert "n0" in find_runs(tmp_path).runs


def test_a_tower_of_folders(tmp_path):
    """Deeper than Python's calls may nest."""
    folder = tmp_path.joinpath(*["d"] * 200)
    folder.mkdir(parents=True)
    history(folder / FILE, [0])
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)
    try:
        assert len(find_runs(tmp_path).runs) == 1
    finally:
        sys.setrecursionlimit(limit)


def test_a_link_to_nothing_is_said(tmp_path):
    history(tmp_path / "a" / FILE, [0])
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / FILE).symlink_to(tmp_path / "gone")
    source = EventFileSource(tmp_path)
    assert source.runs() == ["a"]
    assert reasons(source.skipped()) == [("unreadable", f"b/{FILE}")]


def test_a_pipe_with_the_name_of_an_event_file_does_not_block(tmp_path):
    history(tmp_path / FILE, [0])
    os.mkfifo(tmp_path / "events.out.tfevents.2.host")
    assert len(find_runs(tmp_path).runs["."]) == 1


def test_a_folder_that_may_not_be_opened_is_said_and_the_rest_read(tmp_path, forbidden):
    history(tmp_path / "good" / FILE, [0])
    history(tmp_path / "closed" / FILE, [0])
    forbidden.add(os.fspath(tmp_path / "closed"))
    source = EventFileSource(tmp_path)
    assert source.runs() == ["good"]
    (skipped,) = source.skipped()
    assert (skipped.reason, skipped.where, skipped.detail) == ("unreadable", "closed", "Permission denied")


def test_nothing_but_closed_folders(tmp_path, forbidden):
    history(tmp_path / FILE, [0])
    forbidden.add(os.fspath(tmp_path))
    with pytest.raises(NothingToReadError, match="Permission denied"):
        find_runs(tmp_path)


def test_a_file_that_vanishes_is_said_and_the_rest_read(tmp_path):
    history(tmp_path / FILE, [0])
    gone = history(tmp_path / "events.out.tfevents.2.host", [1])
    reader = open_run(tmp_path)
    gone.unlink()
    (series,) = reader.read()
    assert series.steps.tolist() == [0]
    assert reasons(reader.skipped()) == [("unreadable", gone.name)]


@pytest.mark.parametrize("written", ["empty", "cut in its first record", "profile-empty", "only a version"])
def test_files_in_which_nothing_stands_yet_are_normal(tmp_path, written):
    path = tmp_path / "events.out.tfevents.2.host"
    if written == "empty":
        path.write_bytes(b"")
    elif written == "cut in its first record":
        path.write_bytes(write(path, version()).read_bytes()[:-5])
    elif written == "profile-empty":
        (tmp_path / "events.out.tfevents.2.host.profile-empty").write_bytes(b"")
    else:
        write(path, version())
    history(tmp_path / FILE, [0])
    reader = open_run(tmp_path)
    assert reader.tags() == ["w"]
    assert reader.skipped() == []


@pytest.mark.parametrize("content", [b"\x1f\x8b\x08\x00" + bytes(100), b"My notes on tfevents.\n", bytes(64)])
def test_other_files_with_such_a_name_are_said(tmp_path, content):
    history(tmp_path / "run" / FILE, [0])
    (tmp_path / "run" / "tfevents.gz").write_bytes(content)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "my.tfevents.txt").write_bytes(content)
    source = EventFileSource(tmp_path)
    assert source.runs() == ["run"]
    assert reasons(source.skipped()) == [("no_events", "notes/my.tfevents.txt")]
    reader = source.open_run("run")
    assert reader.tags() == ["w"]
    assert reasons(reader.skipped()) == [("no_events", "run/tfevents.gz")]


def test_a_file_without_a_version_is_read(tmp_path):
    write(tmp_path / FILE, event(0, count_of("w", 1)))
    assert open_run(tmp_path).tags() == ["w"]


def test_nothing_that_is_said_holds_an_absolute_path(tmp_path):
    history(tmp_path / "x" / FILE, [0])
    (tmp_path / "x" / "tfevents.txt").write_text("no events in here, only words")
    for logdir in (tmp_path, tmp_path / "x" / FILE, f"n:{tmp_path}/x,{tmp_path}/missing"):
        source = EventFileSource(logdir)
        said = list(source.skipped())
        for run in source.runs():
            reader = source.open_run(run)
            said += reader.skipped()
        assert not any(os.fspath(tmp_path) in entry.where + entry.detail for entry in said)


def test_a_missing_folder_beside_one_that_exists(tmp_path):
    history(tmp_path / "x" / FILE, [0])
    source = EventFileSource(f"a:{tmp_path}/x,b:{tmp_path}/gone")
    assert source.runs() == ["a"]
    assert reasons(source.skipped()) == [("missing", "b")]


def test_a_missing_folder(tmp_path):
    with pytest.raises(NothingToReadError, match=r"does not exist.*--logdir"):
        find_runs(tmp_path / "nowhere")


def test_a_name_that_no_file_can_have():
    with pytest.raises(NothingToReadError, match="does not exist"):
        find_runs("a\0b")


def test_an_empty_folder(tmp_path):
    with pytest.raises(NothingToReadError, match="empty folder"):
        find_runs(tmp_path)


def test_a_folder_of_other_files(tmp_path):
    (tmp_path / "model.ckpt").write_bytes(b"weights")
    with pytest.raises(NothingToReadError, match=r"No event files .*tfevents"):
        find_runs(tmp_path)


def test_a_log_without_histograms_has_no_runs(tmp_path):
    write(tmp_path / FILE, version(), event(0, scalar("loss", 1.0)))
    assert runs_of(tmp_path) == []


def test_every_reason_has_a_sentence(tmp_path):
    for sentence in REASONS.values():
        assert sentence.format(where="run/file", tag="w", step=3, count=2, detail="x").endswith(".")

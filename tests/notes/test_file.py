"""The file of notes: nothing is lost, whoever writes, and whoever is killed while writing."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tb_histinsight
from tb_histinsight.notes import FILE_NAME, NotesError, added, append, read_notes
from tb_histinsight.notes import file as notes_file

ROOT = Path(tb_histinsight.__file__).parent.parent

WRITER = """
import sys, time
from pathlib import Path
from tb_histinsight.notes import added, append
folder, name = Path(sys.argv[1]), sys.argv[2]
for number in range(int(sys.argv[3])):
    append(folder, [added({"text": f"{name} {number} " + "x" * 500, "author": name}, time.time())])
    print(number, flush=True)
    time.sleep(0.001)  # nobody writes without a pause
"""
"""Writes notes and says of each that it is kept, once it is."""


def texts(folder):
    return [entry.text for entry in read_notes(folder).entries]


def test_notes_are_kept_in_one_file_of_lines(tmp_path):
    append(tmp_path, [added({"text": "one"}, 1.0)])
    append(tmp_path, [added({"text": "two"}, 2.0), added({"text": "three"}, 3.0)])
    assert texts(tmp_path) == ["one", "two", "three"]
    assert os.listdir(tmp_path) == [FILE_NAME]
    assert (tmp_path / FILE_NAME).read_bytes().count(b"\n") == 3


def test_several_processes_write_while_some_are_killed_and_nothing_is_lost(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    writers = {
        name: subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), name, str(count)],
            stdout=subprocess.PIPE, text=True, env=environment,
        )
        for name, count in {"steady": 40, "other": 40, "doomed": 100_000, "also doomed": 100_000}.items()
    }  # fmt: skip
    told = {name: [writer.stdout.readline() for _ in range(5)] for name, writer in writers.items()}
    for name in ("doomed", "also doomed"):
        writers[name].send_signal(signal.SIGKILL)
    for name, writer in writers.items():
        told[name] += writer.communicate(timeout=60)[0].splitlines()
    assert writers["steady"].returncode == writers["other"].returncode == 0
    assert writers["doomed"].returncode == writers["also doomed"].returncode == -signal.SIGKILL
    kept = {" ".join(text.split()[:-1]) for text in texts(tmp_path)}
    for name, numbers in told.items():
        whole = [number.strip() for number in numbers if number.strip()]
        assert {f"{name} {number}" for number in whole} <= kept, name
    assert {f"{name} {number}" for name in ("steady", "other") for number in range(40)} <= kept
    append(tmp_path, [added({"text": "after"}, time.time())])  # no lock was left behind
    assert "after" in texts(tmp_path)


def test_half_a_line_of_somebody_killed_does_not_spoil_the_next(tmp_path):
    append(tmp_path, [added({"text": "one"}, 1.0)])
    with (tmp_path / FILE_NAME).open("ab") as file:
        file.write(b'{"text": "hal')
    assert (texts(tmp_path), read_notes(tmp_path).problems) == (["one"], ())  # perhaps it is being written just now
    append(tmp_path, [added({"text": "two"}, 2.0)])
    assert texts(tmp_path) == ["one", "two"]
    assert read_notes(tmp_path).problems == ("line 2: this is no JSON object",)


def test_a_last_line_without_its_end_counts_when_it_is_whole(tmp_path):
    (tmp_path / FILE_NAME).write_text('{"text": "by hand"}')
    assert texts(tmp_path) == ["by hand"]


def test_a_write_that_fails_in_the_middle_is_taken_back(tmp_path, monkeypatch):
    append(tmp_path, [added({"text": "one"}, 1.0)])
    before = (tmp_path / FILE_NAME).read_bytes()
    write = os.write

    room = [10]

    def full(descriptor, text):
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        room[0] = 0
        return write(descriptor, text[:10])

    monkeypatch.setattr(notes_file.os, "write", full)
    with pytest.raises(NotesError, match="disk is full"):
        append(tmp_path, [added({"text": "two"}, 2.0)])
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_file_that_was_replaced_while_we_waited_is_written_anew(tmp_path, monkeypatch):
    append(tmp_path, [added({"text": "old"}, 1.0)])
    path, got = tmp_path / FILE_NAME, notes_file._got
    calls = []

    def replaced(descriptor):
        calls.append(descriptor)
        if len(calls) == 1:
            (tmp_path / "new").write_text('{"text": "from git"}\n')
            os.replace(tmp_path / "new", path)
        return got(descriptor)

    monkeypatch.setattr(notes_file, "_got", replaced)
    append(tmp_path, [added({"text": "ours"}, 2.0)])
    assert texts(tmp_path) == ["from git", "ours"]


def test_who_waits_too_long_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(notes_file, "PATIENCE", 0.02)
    with notes_file._locked(tmp_path / FILE_NAME), pytest.raises(NotesError, match="held by another program"):
        append(tmp_path, ["{}"])


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_folder_that_is_read_only_is_said_so_without_its_path(tmp_path, monkeypatch, code):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(notes_file.os, "open", refuse)
    with pytest.raises(NotesError, match="read-only") as error:
        append(tmp_path, ["{}"])
    assert str(tmp_path) not in str(error.value)


def test_a_log_that_is_not_here_cannot_be_noted_on(tmp_path):
    with pytest.raises(NotesError, match="not on this machine"):
        append(tmp_path / "nowhere", ["{}"])
    assert read_notes(tmp_path / "nowhere").entries == ()


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_nothing_is_written_through_a_link_and_no_pipe_is_waited_for(tmp_path):
    (tmp_path / "victim").write_text("important")
    (tmp_path / FILE_NAME).symlink_to(tmp_path / "victim")
    with pytest.raises(NotesError, match="link"):
        append(tmp_path, ["{}"])
    assert (tmp_path / "victim").read_text() == "important"
    (tmp_path / FILE_NAME).unlink()
    os.mkfifo(tmp_path / FILE_NAME)
    assert read_notes(tmp_path).problems == ("this is no ordinary file",)
    with pytest.raises(NotesError):
        append(tmp_path, ["{}"])

"""The route for notes: who may write, where it goes, and what is said when it cannot be."""

import json

import pytest

from tb_histinsight.notes import FILE_NAME, read_notes
from tb_histinsight.routes.answer import RequestError
from tb_histinsight.routes.notes import READ_ONLY, NotesOfRuns, notes_impl, write_note_impl
from tb_histinsight.routes.sender import Sender
from tb_histinsight.sources.homes import home_of, roots_there


@pytest.fixture
def logs(tmp_path, monkeypatch):
    for folder in ("here/a", "there/a"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.delenv(READ_ONLY, raising=False)
    return tmp_path


@pytest.fixture
def notes(logs):
    logdir = f"x:{logs}/here,y:{logs}/there"
    return NotesOfRuns(lambda run: home_of(run, roots_there(logdir)))


RUNS = ["x/a", "y/a"]


def sender(notes, **changes):
    us = {"origin": "http://box:6006", "host": "box:6006", "media_type": "application/json", "token": notes.token}
    return Sender(**{**us, **changes})


def write(notes, said, **changes):
    body = said if isinstance(said, bytes) or said is None else json.dumps(said).encode()
    return json.loads(write_note_impl(notes, RUNS, sender(notes, **changes), body))


def test_a_note_is_kept_in_the_folder_that_its_run_came_from(logs, notes):
    answer = write(notes, {"run": "y/a", "tag": "w", "step": 3, "text": "looks odd", "author": "mk"})
    (entry,) = answer["entries"]
    assert (entry["kind"], entry["run"], entry["tag"], entry["step"]) == ("note", "y/a", "w", 3)
    assert not (logs / "here" / FILE_NAME).exists()
    (kept,) = read_notes(logs / "there").entries
    assert (kept.run, kept.text, kept.author) == ("a", "looks odd", "mk")
    assert json.loads(notes_impl(notes, RUNS, ["x/a"]).make())["entries"] == []


def test_a_note_is_changed_and_removed_by_later_lines(logs, notes):
    (entry,) = write(notes, {"run": "x/a", "mark": "intended", "rule": "exploding", "layer": None, "reason": "r"})[
        "entries"
    ]
    assert (entry["layer"], entry["tags"]) == (None, None)
    (entry,) = write(notes, {"run": "x/a", "edit": entry["id"], "mark": "dismissed", "author": "b"})["entries"]
    assert (entry["kind"], entry["text"], entry["edited_by"]) == ("dismissed", "r", "b")
    assert write(notes, {"run": "x/a", "remove": entry["id"]})["entries"] == []
    assert len((logs / "here" / FILE_NAME).read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"origin": None}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://box:6007"}, 403),
        ({"origin": "http://box:6006.evil.example"}, 403),
        ({"token": ""}, 403),
        ({"token": "ü"}, 403),
        ({"media_type": "text/plain"}, 415),
        ({"media_type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_nobody_but_the_page_itself_can_write(logs, notes, changes, status):
    with pytest.raises(RequestError) as refusal:
        write(notes, {"run": "x/a", "text": "from elsewhere"}, **changes)
    assert refusal.value.status == status
    assert not (logs / "here" / FILE_NAME).exists()


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ({"run": "nowhere", "text": "x"}, 404, "nowhere"),
        ({"text": "x"}, 404, "run"),
        ({"run": "../here", "text": "x"}, 404, "run"),
        ({"run": "x/a", "edit": "0", "text": "x"}, 404, "not there"),
        ({"run": "x/a", "edit": ["x"], "text": "x"}, 404, "not there"),
        ({"run": "x/a", "text": ""}, 400, "'text' is empty"),
        ({"run": "x/a", "txt": "x"}, 400, "none of the keys"),
        ({"run": "x/a", "text": "x", "path": "/etc"}, 400, "'path'"),
        (b'{"run": "x/a", "text": "\\ud800"}', 400, "half a character"),
        (b'{"run": "x/a", "text": "x", "step": NaN}', 400, "cannot be kept"),
        (b"{", 400, "JSON"),
        (b"[]", 400, "JSON object"),
        (None, 413, "at most"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(logs, notes, said, status, words):
    with pytest.raises(RequestError) as refusal:
        write(notes, said)
    assert refusal.value.status == status
    assert words in str(refusal.value)
    assert str(logs) not in str(refusal.value)
    assert not (logs / "here" / FILE_NAME).exists()


def test_reading_only_means_that(logs, notes, monkeypatch):
    monkeypatch.setenv(READ_ONLY, "1")
    with pytest.raises(RequestError) as refusal:
        write(notes, {"run": "x/a", "text": "x"})
    assert refusal.value.status == 403
    assert READ_ONLY in json.loads(notes_impl(notes, RUNS, []).make())["read_only"]


def test_a_log_that_is_not_here_says_so(logs):
    notes = NotesOfRuns(lambda run: None)
    with pytest.raises(RequestError, match="not on this machine") as refusal:
        write(notes, {"run": "x/a", "text": "x"})
    assert refusal.value.status == 409
    assert "not on this machine" in json.loads(notes_impl(notes, RUNS, []).make())["read_only"]


def test_notes_from_elsewhere_are_seen_and_what_is_not_understood_is_said(logs, notes):
    first = notes_impl(notes, RUNS, [])
    assert json.loads(first.make()) == {"entries": [], "problems": [], "read_only": None, "token": notes.token}
    (logs / "here" / FILE_NAME).write_text('{"text": "by hand"}\n{"txt": 1}\n')
    then = notes_impl(notes, RUNS, [])
    assert then.version != first.version
    answer = json.loads(then.make())
    assert [(entry["run"], entry["text"]) for entry in answer["entries"]] == [("x/a", "by hand")]
    assert answer["problems"] == ["line 2: it has none of the keys text, mark, edit and remove"]


def test_what_was_just_written_is_seen_at_once_however_patient(logs):
    patient = NotesOfRuns(lambda run: home_of(run, roots_there(f"x:{logs}/here")), patience=1e9)
    assert json.loads(notes_impl(patient, ["x/a"], []).make())["entries"] == []
    said = json.dumps({"run": "x/a", "text": "now"}).encode()
    assert json.loads(write_note_impl(patient, ["x/a"], sender(patient), said))["entries"][0]["text"] == "now"
    (logs / "here" / FILE_NAME).write_text("")
    assert patient.of("x/a").entries[0].text == "now"


def test_every_start_has_a_token_of_its_own(notes):
    assert NotesOfRuns(lambda run: None).token != notes.token
    assert len(notes.token) >= 32

"""Lines of the file of notes: what they say, and what is said of those that cannot be understood."""

import json

import pytest

from tb_histinsight.core.findings import Finding
from tb_histinsight.core.labels import Confidence, Severity
from tb_histinsight.notes import Accused, Entry, Kind, NotesError, added, edited, removed
from tb_histinsight.notes.history import fold
from tb_histinsight.notes.lines import LONGEST, parse, shown_time

NOW = 1_700_000_000.25


def test_a_mark_by_hand_needs_little():
    entry = parse('{"mark": "intended", "run": "a", "rule": "frozen-layer", "layer": "conv1", "reason": "a backbone"}')
    assert (entry.kind, entry.text, entry.run) == (Kind.INTENDED, "a backbone", "a")
    assert entry.accused == Accused("frozen-layer", "conv1")
    assert len(entry.id) == 16


def test_a_line_that_was_written_says_what_was_said():
    entry = parse(added({"text": "looks fine \u2028 改", "run": "a", "tag": "w", "step": 3, "author": "mk"}, NOW))
    assert entry == Entry(entry.id, Kind.NOTE, "looks fine \u2028 改", "mk", NOW, "a", "w", 3)
    about = {"mark": "dismissed", "rule": "exploding", "layer": None, "tags": ["b", "a"]}
    assert parse(added(about, NOW)).accused == Accused("exploding", None, tags=("b", "a"))


def test_no_line_break_of_a_text_breaks_the_line():
    assert "\n" not in added({"text": "one\ntwo\r\n"}, NOW)


WRONG = [
    ("nothing", "no JSON object"),
    ("[1]", "no JSON object"),
    ("[" * 100_000, "no JSON object"),
    ('{"run": "a"}', "none of the keys text, mark, edit and remove"),
    ('{"mark": "intended", "rule": "x", "resaon": "y"}', "no key 'resaon' beside 'mark'; did you mean 'reason'?"),
    ('{"mark": "meant", "rule": "x"}', "'mark' must be intended or dismissed"),
    ('{"mark": "intended"}', "a mark needs the key 'rule'"),
    ('{"text": "x", "layer": "y"}', "need the key 'rule'"),
    ('{"text": ""}', "'text' is empty"),
    ('{"text": 3}', "'text' must be text"),
    ('{"text": "\\ud800"}', "half a character"),
    ('{"text": "x", "rule": "y", "tags": ["\\ud800"]}', "half a character"),
    ('{"text": "x", "rule": "y", "tags": "z"}', "'tags' must be a list"),
    ('{"text": "x", "step": true}', "'step' must be a whole number"),
    ('{"text": "x", "time": "yesterday"}', "'time' must be like"),
    ('{"edit": "1"}', "it changes nothing"),
    ('{"edit": 1, "text": "x"}', "'edit' must be text"),
    (json.dumps({"text": "x" * (LONGEST + 1)}), "longer than"),
]


@pytest.mark.parametrize(("line", "clause"), WRONG, ids=[line[:60] for line, _ in WRONG])
def test_what_cannot_be_understood_is_said(line, clause):
    with pytest.raises(NotesError) as error:
        parse(line)
    assert clause in str(error.value)


NOT_KEPT = [{"text": "x", "step": float("nan")}, {"text": "\ud800"}, {"mark": "intended"}, {"edit": "a", "text": "b"}]


@pytest.mark.parametrize("said", NOT_KEPT, ids=repr)
def test_nothing_is_written_that_could_not_be_read(said):
    with pytest.raises(NotesError):
        added(said, NOW)


def folded(*lines):
    return fold(line.encode() for line in lines)


def test_later_lines_change_and_remove_earlier_ones_in_whatever_order_they_stand():
    first, second = (added({"text": text}, NOW + i) for i, text in enumerate(("one", "two")))
    ids = [parse(line).id for line in (first, second)]
    lines = [
        first, second, edited(ids[0], {"text": "better", "author": "b"}, NOW + 5),
        edited(ids[0], {"text": "best", "author": "c"}, NOW + 9), removed(ids[1], "b", NOW + 6),
    ]  # fmt: skip
    for order in (lines, lines[::-1], lines[2:] + lines[:2]):
        (entry,) = folded(*order).entries
        assert (entry.text, entry.edited_by, entry.edited_time) == ("best", "c", NOW + 9)
        assert entry.time == NOW


def test_the_same_line_twice_counts_once_as_after_a_merge():
    line = added({"text": "one"}, NOW)
    assert len(folded(line, line).entries) == 1
    assert folded(line, line).problems == ()
    other = line.replace("one", "other")
    assert "another entry has the id" in folded(line, other).problems[0]


def test_a_line_that_is_not_understood_is_said_with_its_number_and_hides_nothing():
    notes = folded('{"text": "x"}', "", "oops", '{"mark": "intended", "rule": "exploding", "layr": "a"}')
    assert len(notes.entries) == 1
    assert notes.problems == (
        "line 3: this is no JSON object",
        "line 4: there is no key 'layr' beside 'mark'; did you mean 'layer'?",
    )
    assert fold([b"\xff"]).problems == ("line 1: this is not UTF-8",)


def finding(rule="frozen-layer", layer="a", tags=("a.weight", "a.bias")):
    return Finding(rule, Severity.WARNING, Confidence.LIKELY, "m", {}, layer, tags, 0, 1)


@pytest.mark.parametrize(
    ("about", "fits"),
    [
        ({"rule": "frozen-layer"}, True),
        ({"rule": "exploding"}, False),
        ({"rule": "frozen-layer", "layer": "a"}, True),
        ({"rule": "frozen-layer", "layer": "b"}, False),
        ({"rule": "frozen-layer", "layer": None}, False),
        ({"rule": "frozen-layer", "tags": ["a.bias", "a.weight"]}, True),
        ({"rule": "frozen-layer", "tags": ["a.weight"]}, False),
    ],
)
def test_what_a_mark_does_not_say_fits_any(about, fits):
    notes = folded(added({"mark": "intended", **about}, NOW))
    assert (notes.mark_of(finding()) is not None) is fits


def test_a_note_on_a_finding_is_no_mark_and_the_latest_mark_holds():
    lines = [
        added({"mark": "intended", "rule": "frozen-layer", "reason": "old"}, NOW),
        added({"mark": "dismissed", "rule": "frozen-layer", "reason": "new"}, NOW + 1),
        added({"text": "hm", "rule": "frozen-layer"}, NOW + 2),
    ]
    assert folded(*lines[::-1]).mark_of(finding()).text == "new"
    assert folded(lines[2]).mark_of(finding()) is None


def test_entries_are_about_the_run_that_they_name_or_about_all():
    about = ({"text": "a", "run": "a"}, {"text": "b", "run": "b"}, {"text": "all"})
    notes = folded(*(added(said, NOW) for said in about))
    assert [entry.text for entry in notes.of_run("a").entries] == ["a", "all"]


def test_times_are_written_in_utc_and_read_in_any_zone():
    assert shown_time(NOW) == "2023-11-14T22:13:20.250Z"
    assert parse('{"text": "x", "time": "2023-11-14T23:13:20.250+01:00"}').time == NOW
    assert parse('{"text": "x", "time": "2023-11-14T22:13:20.250"}').time == NOW

"""A log that is not as it should be: a sentence that helps, and everything else still reported."""

import json

import numpy as np
import pytest
from event_logs import count_of, event, file_bytes, frame, history, rows, scalar, tensor, version, write

from tb_histinsight.api import analyze
from tb_histinsight.core.errors import NothingToReadError

FILE = "events.out.tfevents.1.host"
NO_HISTOGRAM = tensor("w", shape=[3], double_val=[1.0, 2.0, 3.0])


def tags_of(report):
    return {run.run: [tag.tag for tag in run.tags] for run in report.runs}


def said(report):
    """Every sentence on what was left out."""
    return [entry.reason for holder in (report, *report.runs) for entry in holder.skipped]


def broken(how, whole):
    """A file with damage of one kind, from the bytes of a good one."""
    half = len(whole) // 2
    return {
        "cut in the middle": whole[:half],
        "a wrong checksum": whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :],
        "garbage between records": whole + b"garbage" * 20 + file_bytes(event(9, count_of("w", 1))),
        "a record that is no event": whole + frame(b"\xff\xff\xff") + file_bytes(event(9, count_of("w", 1))),
        "garbage at the end": whole + b"garbage" * 20,
        "no event file": b"These are my notes on tfevents, and nothing else.",
        "compressed": b"\x1f\x8b\x08\x00" + bytes(range(200)),
        "nothing": b"",
    }[how]  # fmt: skip


@pytest.mark.parametrize(
    ("how", "sentence", "steps"),
    [
        ("cut in the middle", None, 3),
        ("a wrong checksum", "damaged", 7),
        ("garbage between records", "damaged", 9),
        ("a record that is no event", "no events", 9),
        ("garbage at the end", "damaged", 8),
        ("no event file", "no event file", 0),
        ("compressed", "no event file", 0),
        ("nothing", None, 0),
    ],
)
def test_a_bad_file_is_said_and_the_rest_is_reported(tmp_path, how, sentence, steps):
    history(tmp_path / "good" / FILE, range(4))
    path = history(tmp_path / "bad" / FILE, range(8))
    path.write_bytes(broken(how, path.read_bytes()))
    report = analyze(tmp_path, jobs=1)
    assert tags_of(report)["good"] == ["w"]
    found = [tag for run in report.runs if run.run == "bad" for tag in run.tags]
    assert [tag.step_count for tag in found] == ([steps] if steps else [])
    assert [sentence in text and f"bad/{FILE}" in text for text in said(report)] == ([True] if sentence else [])


def test_no_file_that_can_be_read_is_an_error_with_the_reason(tmp_path):
    (tmp_path / "notes.tfevents.txt").write_text("These are my notes.")
    with pytest.raises(NothingToReadError, match=r"notes\.tfevents\.txt is no event file"):
        analyze(tmp_path)


def test_no_tag_that_can_be_read_is_an_error_with_the_reason(tmp_path):
    write(tmp_path / FILE, version(), event(0, NO_HISTOGRAM))
    with pytest.raises(NothingToReadError, match="w: what is logged as a histogram but is none"):
        analyze(tmp_path)


def test_a_log_without_histograms_is_an_error_that_says_how_to_log_some(tmp_path):
    write(tmp_path / FILE, version(), event(0, scalar("loss", 1.0)))
    with pytest.raises(NothingToReadError, match=r"Log some with add_histogram\(\)"):
        analyze(tmp_path)


def test_no_tag_is_silently_missing(tmp_path):
    """Whatever a tag's records are, the tag is reported or said to be left out."""
    odd = {
        "NaN edges": rows("NaN edges", [[np.nan, np.nan, 0]] * 30),
        "NaN counts": rows("NaN counts", [[0, 1, np.nan]] * 2),
        "negative": rows("negative", [[0, 1, -5]] * 2),
        "no rows": rows("no rows", np.empty((0, 3))),
        "infinite": rows("infinite", [[-np.inf, np.inf, 3]]),
        "backwards": rows("backwards", [[3, 2, 1], [2, 1, 1]]),
        "four columns": rows("four columns", np.zeros((3, 4))),
        "words": tensor("words", shape=[1], dtype=7, string_val=[b"no numbers"]),
        "too large": tensor("too large", shape=[10**9, 3], double_val=[1.0]),
    }
    write(tmp_path / FILE, version(), *(event(step, *odd.values()) for step in range(3)))
    report = analyze(tmp_path, jobs=1)
    reported = {tag.tag for run in report.runs for tag in run.tags}
    left_out = {tag for tag in odd if any(text.startswith(f"{tag}:") for text in said(report))}
    assert reported | left_out == set(odd)
    assert left_out == {"four columns", "words", "too large", "negative"}


@pytest.mark.parametrize("name", ["..x", "<script>alert(1)</script>", "a&b'\"", "層", "%2e%2e", "-o", "a\tb", "$(x)"])
def test_names_of_any_kind_are_reported_as_they_are(tmp_path, name):
    run = name.replace("/", "⁄")
    history(tmp_path / run / FILE, range(3), tag=name)
    report = analyze(tmp_path, jobs=1)
    assert tags_of(report) == {run: [name]}


def test_a_run_that_is_given_the_name_of_a_folder_above(tmp_path):
    history(tmp_path / "log" / FILE, range(3))
    assert tags_of(analyze(f"../x:{tmp_path / 'log'}", jobs=1)) == {"../x": ["w"]}


def test_the_bytes_of_a_name_need_not_be_text(tmp_path):
    import os

    folder = os.fsencode(tmp_path) + b"/run\xff"
    try:
        os.mkdir(folder)
    except OSError:
        pytest.skip("this file system has names in Unicode only")
    history(tmp_path / os.fsdecode(b"run\xff") / FILE, range(3))
    report = analyze(tmp_path, jobs=1)
    assert tags_of(report) == {"run\ufffd": ["w"]}


def test_nothing_exported_holds_the_place_of_the_log(tmp_path):
    from tb_histinsight.report import encode

    history(tmp_path / "good" / FILE, range(4))
    (tmp_path / "good" / "notes.tfevents").write_text("These are my notes.")
    text = encode(analyze(tmp_path, jobs=1)).decode()
    assert str(tmp_path) not in text
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))

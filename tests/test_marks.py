"""Findings that somebody marked: listed apart, not counted, wherever a log is judged."""

import json

import numpy as np
import pytest

from tb_histinsight import cli
from tb_histinsight.api import analyze
from tb_histinsight.logging.event_writer import EventWriter
from tb_histinsight.notes import FILE_NAME


@pytest.fixture
def log(tmp_path):
    """Two runs in which the first of two layers is identical at every step."""
    rng = np.random.default_rng(0)
    frozen = rng.normal(size=(40, 40))
    for run in ("a", "b"):
        with EventWriter(tmp_path / "log" / run / "events.out.tfevents.1", clock=lambda: 1e9) as writer:
            for step in range(5):
                writer.histogram("conv1/kernel", frozen, step)
                for layer in ("conv2", "conv3"):
                    writer.histogram(f"{layer}/kernel", rng.normal(scale=1 + step, size=900), step)
    return tmp_path / "log"


def mark(folder, **said):
    with (folder / FILE_NAME).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"mark": "intended", "rule": "frozen-layer", "reason": "a backbone", **said}) + "\n")


def frozen(log, **options):
    report = analyze(log, jobs=1, **options)
    return {run.run: next(f for f in run.findings if f.rule == "frozen-layer") for run in report.runs}


def test_a_mark_holds_for_the_run_that_it_names(log):
    mark(log, run="a", layer="conv1", author="mk", time="2026-01-31T12:00:00Z")
    found = frozen(log)
    assert found["b"].mark is None
    assert (found["a"].mark.mark, found["a"].mark.reason, found["a"].mark.author) == ("intended", "a backbone", "mk")
    assert found["a"].mark.time == "2026-01-31T12:00:00.000Z"


def test_a_mark_is_known_by_run_rule_layer_and_tags(log):
    mark(log, run="a", layer="conv1", tags=["conv1/kernel"])
    mark(log, run="b", layer="conv1", tags=["conv1/kernel", "conv1/bias"])
    found = frozen(log)
    assert found["a"].mark is not None
    assert found["b"].mark is None


def test_the_id_of_a_finding_is_the_same_in_every_invocation_and_part_of_the_log(log):
    everything = {run: finding.id for run, finding in frozen(log).items()}
    assert {run: f.id for run, f in frozen(log, run="a", steps=(1, None)).items()} == {"a": everything["a"]}
    mark(log, run="a")
    assert {run: finding.id for run, finding in frozen(log).items()} == everything


def test_a_marked_finding_is_listed_apart_and_neither_the_verdict_nor_top_counts_it(log, capsys):
    mark(log, layer="conv1")
    a = analyze(log, jobs=1).runs[0]
    assert [f.rule for f in a.findings][-1] == "frozen-layer"
    assert a.verdict.endswith("One more finding is marked as intended or dismissed.")
    assert "Layer not updated" not in a.verdict
    assert cli.main(["report", str(log), "--top", "0", "--jobs", "1"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.count("Marked as intended or dismissed; not counted") == 2
    assert "intended: Layer not updated (frozen-layer), conv1. Reason: a backbone" in text
    assert cli.main(["report", str(log), "--format", "markdown", "--jobs", "1"]) == 0
    assert "### Marked as intended or dismissed; not counted" in capsys.readouterr().out


def check(log, *words):
    return cli.main(["check", str(log), "--select", "frozen-layer", "--fail-on", "warning", "--jobs", "1", *words])


def test_check_does_not_fail_on_what_is_intended_and_says_how_much_that_is(log, capsys):
    assert check(log) == 1
    mark(log, run="a", layer="conv1")
    assert check(log) == 1
    mark(log, run="b", layer="conv1", mark="dismissed")
    assert check(log) == 0
    assert "2 findings are marked as intended or dismissed." in " ".join(capsys.readouterr().out.split())
    for form in ("json", "junit", "sarif", "github"):
        assert check(log, "--format", form) == 0
    with (log / FILE_NAME).open("a") as file:
        file.write('{"mark": "intended", "rule": "frozen-layer", "id": "1"}\n{"remove": "1"}\n')
    assert check(log) == 0


def test_what_follows_from_an_intended_finding_does_not_count_either(log):
    mark(log, layer="conv1")
    report = analyze(log, jobs=1)
    for run in report.runs:
        leading = [f for f in run.findings if f.cause is None and f.mark is None]
        marked = {f.id for f in run.findings if f.mark is not None}
        assert not any(f.cause in marked for f in leading)


def test_a_line_that_cannot_be_understood_hides_nothing_and_is_said(log, capsys):
    mark(log, layer="conv1", raeson="x")
    assert check(log) == 1
    assert cli.main(["report", str(log), "--jobs", "1"]) == 0
    assert "line 1: there is no key 'raeson' beside 'mark'; did you mean 'reason'?" in " ".join(
        capsys.readouterr().out.split()
    )


def test_marks_lie_in_the_folder_that_the_run_came_from(log):
    mark(log / "a", run=".", layer="conv1")
    found = frozen(f"one:{log}/a,two:{log}/b")
    assert found["one"].mark is not None
    assert found["two"].mark is None
    assert frozen(log / "a" / "events.out.tfevents.1")["."].mark is not None
    assert frozen(log)["a"].mark is None  # each logdir has its own file


def test_notes_stand_in_the_reports_with_who_wrote_them(log, tmp_path, capsys):
    lines = [
        {"text": "from here on\nwith warm-up", "run": "a", "tag": "conv2/kernel", "step": 3, "author": "mk"},
        {"text": "no wonder", "run": "a", "rule": "frozen-layer", "layer": "conv1", "time": "2026-01-31T12:00:00Z"},
    ]
    (log / FILE_NAME).write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    noted = {run.run: run.notes for run in analyze(log, jobs=1).runs}
    assert noted["b"] == []
    assert [(note.tag, note.step, note.rule, note.any_layer) for note in noted["a"]] == [
        ("conv2/kernel", 3, None, False),
        (None, None, "frozen-layer", False),
    ]
    for form in ("text", "markdown"):
        assert cli.main(["report", str(log), "--format", form]) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert "conv2/kernel, step 3: from here on with warm-up (mk)" in shown
        assert "frozen-layer, conv1: no wonder (2026-01-31)" in shown

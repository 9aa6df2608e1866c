"""More runs than anybody reads: an overview first, details where they are asked for, and an end of every list."""

import io
import json
import xml.etree.ElementTree as ET

import pytest

from tb_histinsight.core.labels import Severity
from tb_histinsight.formats import Options, by_name, checks, html
from tb_histinsight.formats.checks import github, sarif
from tb_histinsight.gate import judge
from tb_histinsight.overview import overview
from tb_histinsight.report import ComparisonEntry, SkippedEntry


def written(form, report, **options):
    stream = io.StringIO()
    by_name(form).write(report, stream, Options(**options))
    return stream.getvalue()


def checked(form, report, fail_on=Severity.WARNING):
    stream = io.StringIO()
    checks.by_name(form).write(judge(report, fail_on), stream, Options(width=80))
    return stream.getvalue()


@pytest.fixture
def sweep(make):
    """300 runs: 3 dead of NaN, which are also frozen; 20 frozen, one of these marked; 7 that nothing could check."""
    runs = []
    for number in range(300):
        name = f"trial_{number:03d}"
        findings = []
        if number in (11, 22, 33):
            findings.append(make.finding(f"nan{number}", rule="non-finite", title="NaN", severity="critical"))
        if number % 15 == 0 or number == 22:
            findings.append(make.finding(f"frozen{number}", confidence="likely" if number == 15 else "certain"))
        if number == 22:
            findings[1].cause = "nan22"
        runs.append(make.run(name, findings, outcomes=[] if number >= 293 else None))
    lost = SkippedEntry(reason="Run “lost” could not be read: it is odd.", where="lost", run="lost")
    return make.report(*runs, skipped=[lost])


def test_it_counts_how_runs_are_and_what_follows_from_something_else_only_once(sweep):
    seen = overview(sweep)
    assert seen.kinds == {"critical": 3, "warning": 20, "fine": 270, "unknown": 7}
    assert [(count.rule, count.runs) for count in seen.rules] == [("non-finite", 3), ("frozen-layer", 20)]


def test_the_worst_runs_come_first_whatever_their_place_in_the_log(sweep):
    seen = overview(sweep, worst=5)
    assert [name for _, name, _ in seen.worst] == ["trial_011", "trial_022", "trial_033", "trial_000", "trial_030"]
    assert seen.more == 18
    (nan, frozen) = seen.rules
    assert [name for _, name in frozen.examples] == [
        "trial_000",
        "trial_030",
        "trial_045",
    ]  # one is only likely
    assert [name for _, name in nan.examples] == ["trial_011", "trial_022", "trial_033"]


def test_with_far_more_bad_runs_than_are_named_it_is_still_the_worst_that_are(make):
    runs = [make.run(f"run{i}", [make.finding(f"f{i}")]) for i in range(600)]
    runs[599].findings[0].severity = "critical"
    seen = overview(make.report(*runs), worst=2)
    assert [name for _, name, _ in seen.worst] == ["run599", "run0"]
    assert seen.more == 598


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_many_runs_are_told_in_about_a_screen(sweep, form):
    lines = written(form, sweep).splitlines()
    assert len(lines) < 45
    text = " ".join(" ".join(lines).split())
    assert text.startswith(
        "300 runs: 3 with critical findings, 20 with warnings, 270 in which nothing looks wrong, 7 that could not be "
        "checked."
    )
    assert "NaN (non-finite): 3 runs, such as" in text
    assert text.index("trial") < text.index("Verdict on trial")
    assert "Message of" not in text  # details are for who asks
    assert "Run “lost” could not be read" in text


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_the_worst_findings_are_told_in_full_where_they_are_asked_for(sweep, form):
    text = written(form, sweep, top=4)
    told = [
        name for name in ("nan11", "nan22", "nan33", "frozen0", "frozen22", "frozen30") if f"Message of {name}." in text
    ]
    assert told == ["nan11", "nan22", "nan33", "frozen0", "frozen22"]  # with what follows from one of them
    assert "First this." in text


def test_a_sweep_in_which_nothing_is_wrong_names_nobody(make):
    text = written("text", make.report(*(make.run(f"run{i}") for i in range(500))))
    assert text == "500 runs: 500 in which nothing looks wrong.\n"


def test_a_page_holds_the_worst_runs_in_their_order_and_says_so(make, monkeypatch):
    monkeypatch.setattr(html, "MOST_RUNS", 3)
    runs = [make.run(f"run{i}", [make.finding(f"f{i}")] if i in (7, 8) else []) for i in range(9)]
    apart = [
        ComparisonEntry(
            run="run8", other=other, layer="", tags=[], step=0, quantity="rms", ratio=1.0, distance=None, message=""
        )
        for other in ("run7", "run5")
    ]
    report = make.report(*runs, comparisons=apart)
    told = []
    kept = html.worst_runs(report)
    assert [run.run for run in kept.runs] == ["run0", "run7", "run8"]
    assert [one.other for one in kept.comparisons] == ["run7"]
    page = written("html", report, tell=told.append)
    assert "run8" in page
    assert "run5" not in page
    assert told == ["This page holds 3 of 9 runs, the worst ones. A page of others: --run with a part of their names."]


def test_a_page_has_no_more_tags_than_a_browser_can_show_but_always_a_run(make, monkeypatch):
    monkeypatch.setattr(html, "MOST_TAGS", 5)
    runs = [make.run(f"run{i}", tags=[make.tag(f"layer{k}/kernel") for k in range(2)]) for i in range(4)]
    assert [run.run for run in html.worst_runs(make.report(*runs)).runs] == ["run0", "run1"]
    large = make.run("large", tags=[make.tag(f"layer{k}/kernel") for k in range(9)])
    assert [run.run for run in html.worst_runs(make.report(large)).runs] == ["large"]


def test_a_check_of_many_runs_has_an_overview_and_some_failures_in_full(make):
    runs = [make.run(f"run{i}", [make.finding(f"f{i}")] if i % 2 else []) for i in range(100)]
    text = checked("text", make.report(*runs))
    assert text.startswith("100 runs: 50 with warnings, 50 in which nothing looks wrong.\n")
    assert text.count("Message of f") == 20
    assert "and 30 more findings are not listed here" in text
    assert "The check fails: 50 findings at “warning” or above." in text


def test_a_check_that_could_not_see_every_run_does_not_pass(sweep, make):
    blind = make.report(make.run("a"), skipped=sweep.skipped)
    decided = judge(blind, Severity.WARNING).check
    assert (decided.passed, decided.failing, decided.unread) == (False, [], ["lost"])
    assert checked("text", blind).startswith("✖ The check cannot pass: one run could not be read.")
    both = checked("text", sweep)
    assert "The check fails: 23 findings" in both
    assert "1 run could not be read." in both
    suites = ET.fromstring(checked("junit", blind))
    assert [(suite.get("name"), suite.get("errors")) for suite in suites] == [("a", "0"), ("lost", "1")]
    assert suites.get("errors") == "1"
    (run,) = json.loads(checked("sarif", blind))["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["invocations"][0]["toolExecutionNotifications"][0]["level"] == "error"
    assert "::error::Run “lost” could not be read" in checked("github", blind)


def test_sarif_and_annotations_end_and_say_that_there_is_more(make, monkeypatch):
    monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
    monkeypatch.setattr(github, "MOST", 2)
    runs = [make.run(f"run{i}", [make.finding(f"f{i}")]) for i in range(5)]
    runs[4].findings[0].severity = "critical"
    (run,) = json.loads(checked("sarif", make.report(*runs)))["runs"]
    assert [result["partialFingerprints"]["finding/v1"] for result in run["results"]] == ["f4", "f0"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("and 3 more findings are not listed here")
    lines = checked("github", make.report(*runs)).splitlines()
    assert sum(line.startswith("::") for line in lines) == 2
    assert "The check fails: 5 findings" in lines[-1]


def test_the_suites_of_junit_are_written_one_by_one_into_one_document(make):
    text = checked("junit", make.report(make.run("a", [make.finding()]), make.run("b")))
    suites = ET.fromstring(text)
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")
    ET.indent(suites)
    whole = '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"
    assert text == whole


def test_json_that_is_written_run_by_run_is_that_of_the_whole(make):
    import msgspec

    from tb_histinsight.report import encode

    for report in (make.report(), make.report(make.run("a\n“b”", [make.finding()]), make.run("c", tags=[]))):
        assert written("json", report) == msgspec.json.format(encode(report), indent=2).decode() + "\n"

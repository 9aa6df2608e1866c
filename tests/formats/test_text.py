"""The report for a terminal."""

import io

import pytest

from tb_histinsight.formats import Options, text
from tb_histinsight.report import ComparisonEntry, EvidenceEntry, OutcomeEntry, SkippedEntry


def written(report, **options):
    stream = io.StringIO()
    text.write(report, stream, Options(**options))
    return stream.getvalue()


def test_the_worst_run_and_its_worst_finding_come_first(make):
    report = make.report(
        make.run("calm"),
        make.run("odd", [make.finding("remark", severity="info")]),
        make.run("broken", [make.finding("disaster", severity="critical"), make.finding("trouble")]),
    )
    shown = written(report)
    names = ["broken", "odd", "calm"]
    assert [line.split()[1] for line in shown.splitlines()[:3]] == names
    assert shown.index("Message of disaster") < shown.index("Message of trouble") < shown.index("Message of remark")


def test_the_verdicts_stay_below_each_other_beside_a_long_name(make):
    long = "long_" * 12
    verdict = "As good as can be."
    shown = written(make.report(make.run("short", verdict=verdict), make.run(long, verdict=verdict)), width=80)
    first, name, second = shown.splitlines()[:3]
    assert name.split()[1:] == [long]
    assert first.index(verdict) == second.index(verdict)


def test_a_finding_shows_its_sentence_numbers_advice_and_when_it_is_harmless(make):
    shown = written(make.report(make.run(findings=[make.finding()])))
    for part in (
        "Layer not updated",
        "frozen-layer",
        "steps 0–20",
        "Message of one.",
        "identical steps: 3 steps (limit 3; a book)",
        "1. First this.",
        "it is meant",
    ):
        assert part in shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.97, "share", "97 % (limit 95 %; a book)"),
        (3.0, "steps", "3 steps (limit 0.95; a book)"),
        (1234.5678, "ratio", "1230 (limit 0.95; a book)"),
        (None, "values", "unknown (limit 0.95; a book)"),
    ],
)
def test_numbers_stand_with_their_units(make, value, unit, shown):
    evidence = EvidenceEntry(name="what", value=value, threshold=0.95, unit=unit, source="a book")
    assert f"what: {shown}" in written(make.report(make.run(findings=[make.finding(evidence=[evidence])])))


def test_what_follows_from_a_finding_stands_under_it(make):
    cause = make.finding("cause", severity="critical")
    effect = make.finding("effect", cause="cause", severity="critical")
    shown = written(make.report(make.run(findings=[cause, effect])))
    assert "From this follows: Layer not updated (frozen-layer). Message of effect." in shown
    assert shown.count("What to try") == 1


def test_the_same_finding_on_several_layers_gives_its_advice_once(make):
    findings = [make.finding(name, layer=name) for name in ("dense_1", "dense_2")]
    effects = [make.finding(f"effect of {name}", cause=name, layer=name) for name in ("dense_1", "dense_2")]
    shown = written(make.report(make.run(findings=[*findings, *effects])), width=200)
    assert "- Message of dense_1." in shown
    assert "- Message of dense_2." in shown
    assert shown.count("First this.") == 1
    assert "Message of effect of dense_1. The same of: dense_2." in shown


def test_the_layer_table_marks_what_is_accused(make):
    tags = [make.tag("dense/kernel"), make.tag("dense/bias", shape="unresolved")]
    lines = written(make.report(make.run(findings=[make.finding()], tags=tags))).splitlines()
    (kernel,) = (line for line in lines if "dense/kernel  " in line)
    (bias,) = (line for line in lines if "dense/bias  " in line)
    assert kernel.split()[0] == "▲"
    assert kernel.split()[-3:] == ["25", "%", "0.5"]
    assert bias.split()[0] == "dense/bias"


@pytest.mark.parametrize(
    ("movement", "shown"),
    [(None, "–"), (0.0, "0 %"), (0.00123, "0.12 %"), (0.999, "100 %"), (3.3, "330 %"), (2.7e23, "×2.7e23")],
)
def test_movement_is_readable_at_every_size(make, movement, shown):
    tag = make.tag()
    tag.change.movement = movement
    (line,) = (line for line in written(make.report(make.run(tags=[tag]))).splitlines() if "dense/kernel" in line)
    assert line.split("growing")[1].rsplit(maxsplit=1)[0].strip() == shown


def test_colours_only_where_they_are_wanted(make):
    report = make.report(make.run(findings=[make.finding()]))
    assert "\x1b[" in written(report, colour=True)
    assert "\x1b" not in written(report, colour=False)


def test_ascii_only_where_nothing_else_can_be_shown(make):
    report = make.report(make.run(findings=[make.finding(first_step=None)]))
    assert written(report, symbols=False).isascii()


@pytest.mark.parametrize("width", [40, 60, 80, 110])
def test_no_line_is_wider_than_the_terminal(make, width):
    tags = [make.tag("a/very/long/name/of/a/layer/in/a/deep/network/kernel"), make.tag("dense/bias")]
    finding = make.finding(message="Many short words make a long sentence. " * 10)
    report = make.report(make.run("one", [finding], tags), make.run("another", tags=tags, verdict="Words. " * 30))
    for line in written(report, width=width).splitlines():
        assert len(line) <= max(width, 60), line  # a table needs sixty


def test_control_characters_of_a_hostile_log_are_shown_not_obeyed(make):
    evil = "\x1b[2Jkernel\n\u202egnp.exe\x9b31m"
    finding = make.finding(message=f"{evil} is odd.", tags=[evil], title=evil, advice=[evil], innocent=[evil])
    report = make.report(
        make.run(evil, [finding], [make.tag(evil)], verdict=evil),
        make.run("other"),
        skipped=[SkippedEntry(reason=evil, where=evil)],
    )
    shown = written(report, width=200)
    assert not set("\x1b\u202e\x9b") & set(shown)
    assert "\\x1b[2Jkernel\\x0a\\u202egnp.exe\\x9b31m" in shown


def test_top_keeps_the_worst_of_all_runs_and_says_how_many_are_not_shown(make):
    report = make.report(
        make.run("a", [make.finding("a1"), make.finding("a2", severity="info")]),
        make.run("b", [make.finding("b1", severity="critical")]),
    )
    shown = written(report, top=1)
    assert "Message of b1" in shown
    assert "Message of a1" not in shown
    assert "2 more findings" in shown


def test_differences_between_runs_are_listed_the_first_of_them(make):
    differences = [
        ComparisonEntry(
            run="a",
            other="b",
            layer=None,
            tags=[],
            step=0,
            quantity="rms",
            ratio=2.0,
            distance=1.0,
            message=f"No. {i}.",
        )
        for i in range(5)
    ]
    shown = written(make.report(make.run("a"), make.run("b"), comparisons=differences), top=2)
    assert "No. 1." in shown
    assert "No. 2." not in shown
    assert "and 3 more" in shown


def test_what_could_not_be_checked_is_said_once_for_all_runs(make):
    skipped = [OutcomeEntry(rule="step-size", title="", status="skipped", reason="No updates are logged.")]
    shown = written(make.report(make.run("a", outcomes=skipped), make.run("b", outcomes=skipped), make.run("c")))
    assert shown.count("step-size: No updates are logged. (2 of 3 runs)") == 1


def test_a_run_that_nothing_could_check_does_not_look_fine(make):
    report = make.report(make.run("a", outcomes=[]), make.run("b"))
    lines = written(report).splitlines()
    assert {line[0] for line in lines[:2]} == {"?", "✓"}


def test_several_runs_give_a_line_each_and_no_tables(make):
    runs = [make.run(f"run{i}") for i in range(20)] + [make.run("bad", [make.finding()])]
    shown = written(make.report(*runs))
    assert shown.splitlines()[0].startswith("▲ bad")
    assert shown.count("Verdict on bad") == 2  # in the summary, and over its finding
    assert "dense/kernel  " not in shown


def test_a_run_whose_findings_are_beyond_top_does_not_look_fine(make):
    report = make.report(
        make.run("a", [make.finding("a1", severity="critical")]), make.run("b", [make.finding("b1")]), make.run("c")
    )
    assert [line[:3] for line in written(report, top=1).splitlines()[:3]] == ["✖ a", "▲ b", "✓ c"]


def test_runs_in_which_nothing_is_wrong_are_counted_not_named(make):
    runs = [make.run(f"run{i}", verdict="All well.") for i in range(29)] + [make.run("bad", [make.finding()])]
    lines = written(make.report(*runs)).splitlines()
    assert lines[0].startswith("▲ bad")
    assert lines[10].startswith("✓ run9")
    assert lines[11].split() == ["✓", "and", "19", "more", "All", "well."]
    assert lines[12] == ""


def test_a_run_of_many_tags_shows_those_that_are_accused(make):
    tags = [make.tag(f"layer{i}/kernel") for i in range(200)]
    report = make.report(make.run(findings=[make.finding(tags=["layer7/kernel"])], tags=tags))
    shown = written(report)
    assert "layer7/kernel" in shown
    assert "layer8/kernel" not in shown
    assert "199 more tags" in shown

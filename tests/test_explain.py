"""From facts to words: the verdict on a run, and which finding stands first."""

import numpy as np
import pytest
from tensorboards import Log

from tb_histinsight.api import analyze
from tb_histinsight.core.findings import Finding, RuleOutcome
from tb_histinsight.core.labels import Confidence, Severity, Status
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.explain import run_entry
from tb_histinsight.locales import catalogue
from tb_histinsight.sources.event_files import EventFileSource


@pytest.fixture(scope="module")
def tags(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    rng = np.random.default_rng(0)
    with Log(folder) as log:
        for step in range(4):
            log.histogram("dense_1/kernel", step, rng.normal(size=300))
            log.histogram("dense_2/kernel", step, rng.normal(size=300))
    from tb_histinsight.analysis import analyse_run

    return analyse_run(EventFileSource(folder).open_run(".")).tags


def finding(severity, confidence=Confidence.LIKELY, layer="dense_1", first_step=0, cause=None):
    return Finding(
        rule="missing-bias",
        severity=severity,
        confidence=confidence,
        message="none",
        values={"count": 2, "first_layer": "dense_1", "last_layer": "dense_2", "layer": "dense_1"},
        layer=layer,
        tags=(f"{layer}/kernel",),
        first_step=first_step,
        last_step=3,
        cause=cause,
    )


def entry(tags, *findings, status=Status.FIRED):
    outcome = RuleOutcome("missing-bias", status, None, tuple(findings))
    return run_entry(RunAnalysis(".", tuple(tags), {}, (outcome,)), catalogue())


def test_the_worst_finding_gives_the_verdict(tags):
    critical, warning, info = (finding(severity) for severity in reversed(Severity))
    assert entry(tags, info, critical).verdict == "Something is seriously wrong: Kernels without a bias."
    assert entry(tags, critical, critical).verdict.startswith("2 things are seriously wrong")
    assert entry(tags, info, warning).verdict == "One thing looks wrong: Kernels without a bias."
    assert entry(tags, info, info).verdict.startswith("Nothing looks wrong; 2 remarks.")


def test_silence_is_worth_as_much_as_could_be_checked(tags):
    assert entry(tags, status=Status.PASSED).verdict == "Nothing looks wrong in the 1 of 1 checks that could be made."
    unchecked = RunAnalysis(".", tuple(tags), {}, ())
    assert run_entry(unchecked, catalogue()).verdict.startswith("Cannot tell")
    assert entry([]).verdict == "This run has no histogram that can be read."


def test_what_follows_from_another_finding_counts_for_nothing_in_the_verdict(tags):
    effect = finding(Severity.CRITICAL, cause="another")
    assert entry(tags, effect, finding(Severity.INFO)).verdict.startswith("Nothing looks wrong; one remark.")


def test_findings_stand_worst_first_then_surest_then_earliest_then_nearest_to_the_input(tags):
    told = [
        finding(Severity.WARNING, layer="dense_2"),
        finding(Severity.CRITICAL, cause="another"),
        finding(Severity.WARNING),
        finding(Severity.INFO, Confidence.CERTAIN),
        finding(Severity.WARNING, Confidence.CERTAIN, first_step=2),
        finding(Severity.WARNING, Confidence.CERTAIN, first_step=1),
    ]
    order = [(f.severity, f.confidence, f.first_step, f.layer, f.cause) for f in entry(tags, *told).findings]
    assert order == [
        ("warning", "certain", 1, "dense_1", None),
        ("warning", "certain", 2, "dense_1", None),
        ("warning", "likely", 0, "dense_1", None),
        ("warning", "likely", 0, "dense_2", None),
        ("info", "certain", 0, "dense_1", None),
        ("critical", "likely", 0, "dense_1", "another"),
    ]


def test_many_earlier_shapes_are_summed_up_in_a_sentence(tmp_path):
    rng = np.random.default_rng(0)
    with Log(tmp_path) as log:
        for step in range(40):
            values = rng.normal(size=5000) if step // 5 % 2 else rng.uniform(-1, 1, 5000)
            log.histogram("dense_1/kernel", step, values)
    (run,) = analyze(tmp_path).runs
    (tag,) = run.tags
    assert len(tag.timeline) > 4
    assert "Before that (steps 0–34), by turns: uniform, Gaussian." in tag.text

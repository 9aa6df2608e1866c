"""A changed limit reaches the rule and its evidence; a severity holds, but makes no alarm of a suspicion by the way."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from run_builders import healthy, run_of, still

from tb_histinsight.core.findings import Finding
from tb_histinsight.core.labels import Confidence, Severity, Status
from tb_histinsight.rules import all_rules, rule, run_rules
from tb_histinsight.rules.adjustment import COUNTS, SHARES, Adjustment, Limit

FROZEN = healthy(**{"fc2.weight": still(np.linspace(-1, 1, 400))})


def finding(severity, confidence):
    return Finding("frozen-layer", severity, confidence, "m", {}, "a", ("a.weight",), 0, 10)


def outcome(tensors, rule_id, adjustment=None):
    adjustments = {} if adjustment is None else {rule_id: adjustment}
    (found,) = run_rules(run_of(tensors), [rule_id], adjustments=adjustments)
    return found


def test_a_changed_limit_decides_and_stands_in_the_evidence():
    (found,) = outcome(FROZEN, "frozen-layer").findings
    assert found.evidence[0].threshold == 3
    (found,) = outcome(FROZEN, "frozen-layer", Adjustment({"steps": Limit(6, "here.toml")})).findings
    assert found.evidence[0].threshold == 6
    assert found.evidence[0].source == "here.toml; default 3, SageMaker Debugger, UnchangedTensor"
    assert outcome(FROZEN, "frozen-layer", Adjustment({"steps": Limit(7, "here")})).status is Status.SKIPPED
    assert rule("frozen-layer").threshold("steps") == 3


def test_a_layer_with_too_few_steps_is_not_judged_though_others_have_more():
    long = {tag: [*tensors, *(tensors[-1] + 0.01 * step for step in range(1, 4))] for tag, tensors in FROZEN.items()}
    mixed = {**long, "fc2.weight": FROZEN["fc2.weight"]}
    assert outcome(mixed, "frozen-layer", Adjustment({"steps": Limit(6, "here")})).status is Status.FIRED
    assert outcome(mixed, "frozen-layer", Adjustment({"steps": Limit(7, "here")})).status is Status.PASSED


@pytest.mark.parametrize("one", all_rules(), ids=lambda one: one.id)
def test_every_limit_is_read_through_the_rule_by_its_name(one):
    source = Path(sys.modules[type(one).__module__].__file__).read_text("utf-8")
    body = source.partition("def check(")[2]
    for name in one.thresholds:
        assert f'"{name}"' in body, name
    assert not re.search(rf"{type(one).__name__}\.thresholds", source)


@pytest.mark.parametrize(
    ("told", "own", "confidence", "expected"),
    [
        ({"severity": "critical"}, "warning", "likely", "critical"),
        ({"severity": "info"}, "critical", "certain", "info"),
        ({"severity": "critical"}, "info", "suspect", "info"),
        ({"severity": "info"}, "warning", "suspect", "info"),
        ({"suspect_severity": "critical"}, "info", "suspect", "critical"),
        ({"suspect_severity": "critical"}, "info", "likely", "info"),
        ({"severity": "info", "suspect_severity": "warning"}, "info", "suspect", "warning"),
    ],
)
def test_a_suspicion_becomes_an_alarm_only_when_asked_by_name(told, own, confidence, expected):
    adjustment = Adjustment(**{key: Severity(value) for key, value in told.items()})
    judged = adjustment.finding(finding(Severity(own), Confidence(confidence)))
    assert judged.severity is Severity(expected)


def test_severities_are_set_before_causes_are_linked():
    """A remark hides nothing: what followed from it stands by itself."""
    tensors = healthy(
        **{f"fc{i}.{kind}": still(np.linspace(-1, 1, 400)) for i in (1, 2) for kind in ("weight", "bias")}
    )

    def causes(adjustments):
        outcomes = run_rules(run_of(tensors), ["frozen-layer", "only-last-layer-learns"], adjustments=adjustments)
        return {f.rule: f.cause is not None for o in outcomes for f in o.findings}

    before = causes({})
    followers = [rule_id for rule_id, follows in before.items() if follows]
    assert followers
    leaders = {rule_id: Adjustment(severity=Severity.INFO) for rule_id in before if rule_id not in followers}
    assert not any(causes(leaders)[rule_id] for rule_id in followers)


EXAMPLES = [one for one in all_rules() if one.thresholds and not one.example().other]


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.id)
def test_the_evidence_shows_the_limit_that_was_set(one):
    """On the rule's own example, whose findings each changed limit must either undo or be seen in."""
    run = run_of(dict(one.example().tensors))
    (before,) = run_rules(run, [one.id])
    for name, threshold in one.thresholds.items():
        what = threshold.value, threshold.source
        shown = [e for f in before.findings for e in f.evidence if (e.threshold, e.source) == what]
        alike = [other for other in one.thresholds.values() if (other.value, other.source) == what]
        if not shown or len(alike) > 1 or threshold.unit in COUNTS:
            continue
        value = threshold.value * (0.999 if threshold.unit in SHARES else 1.001)
        (after,) = run_rules(run, [one.id], adjustments={one.id: Adjustment({name: Limit(value, "here")})})
        seen = [e for f in after.findings for e in f.evidence if e.threshold == value]
        assert not after.findings or (seen and all(e.source.startswith("here; default ") for e in seen)), name


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.id)
def test_a_limit_that_is_set_far_off_changes_what_the_rule_says_of_its_example(one):
    run = run_of(dict(one.example().tensors))
    (before,) = run_rules(run, [one.id])
    if not before.findings:
        pytest.skip("this example needs what a table of tensors cannot give")

    def said(outcome):
        return [(finding.message, finding.severity, finding.tags) for finding in outcome.findings]

    def same(name, value):
        (after,) = run_rules(run, [one.id], adjustments={one.id: Adjustment({name: Limit(value, "here")})})
        assert after.status is not Status.FAILED, after.reason
        return said(after) == said(before)

    values = {"share": (1.0, 1e-12), "count": (1e9, 1.0), "other": (1e12, 1e-12)}

    def kind(unit):
        return "share" if unit in SHARES else "count" if unit in COUNTS else "other"

    assert not all(same(name, value) for name, t in one.thresholds.items() for value in values[kind(t.unit)])

"""How the benchmark of the rules judges a report: what is right, late, missed, wrong, and wrongly certain."""

import copy

import numpy as np
import pytest

from benchmarks.diagnosis.score import score, text_of
from benchmarks.diagnosis.truth import Recorder, apart, jumps, squeezed, step_of_size, stops

STEPS = list(range(0, 100, 10))
FROZEN = {
    "rule": "frozen-layer",
    "layer": "fc1",
    "tags": ["fc1.weight"],
    "first_step": 0,
    "last_step": 90,
    "severity": "warning",
    "confidence": "certain",
    "message": "…",
    "mark": None,
}


def report(*findings, comparisons=()):
    tags = [{"tag": "fc1.weight", "layer": "fc1"}, {"tag": "fc2.weight", "layer": "fc2"}]
    return {"runs": [{"findings": list(findings), "outcomes": [], "tags": tags}], "comparisons": list(comparisons)}


def training(sick=True, rule="frozen-layer", tag="fc1.weight", first_step=0, also=()):
    expected = [{"rule": rule, "tag": tag, "first_step": first_step}] if sick else []
    return {"name": "t", "family": "f", "sick": sick, "expected": expected, "also": list(also), "steps": STEPS}


def truth(folder, moves=False):
    recorder = Recorder(folder)
    for step in STEPS:
        recorder.keep("fc1.weight", step, np.arange(5.0) + (step if moves else 0))
    return recorder.as_dict()


def judged(folder, one, *findings, moves=False, **rest):
    return score([one], {"t": report(*findings, **rest)}, {"t": truth(folder, moves)})


def test_the_right_rule_on_the_right_layer_from_the_right_step_is_right(tmp_path):
    result = judged(tmp_path, training(), FROZEN)
    assert (result.right, result.sick, result.certain, result.false_alarms) == (1, 1, 1, 0)
    assert not result.uncertain and not any(result.missed.values())


@pytest.mark.parametrize(("step", "right"), [(20, 1), (30, 0)])
def test_two_logged_steps_off_is_near_and_three_are_late(tmp_path, step, right):
    result = judged(tmp_path, training(first_step=0), {**FROZEN, "first_step": step})
    assert (result.right, len(result.late)) == (right, 1 - right)


def test_another_layer_or_another_rule_is_a_miss(tmp_path):
    elsewhere = {**FROZEN, "layer": "fc2", "tags": ["fc2.weight"]}
    assert judged(tmp_path, training(), elsewhere).missed["frozen-layer"]
    assert judged(tmp_path, training(rule="exploding"), FROZEN).missed["exploding"]


def test_what_is_called_certain_and_moved_is_told(tmp_path):
    assert len(judged(tmp_path, training(), FROZEN, moves=True).uncertain) == 1


def test_a_warning_on_a_healthy_training_is_a_false_alarm_unless_it_was_marked_as_meant(tmp_path):
    assert judged(tmp_path, training(sick=False), FROZEN).false_alarms == 1
    marked = {**copy.deepcopy(FROZEN), "mark": {"mark": "intended", "reason": "frozen"}}
    assert judged(tmp_path, training(sick=False), marked).false_alarms == 0
    remark = {**FROZEN, "severity": "info", "confidence": "likely"}
    result = judged(tmp_path, training(sick=False), remark)
    assert (result.false_alarms, result.remarks["frozen-layer"]) == (0, 1)


def test_runs_that_differ_are_looked_for_among_the_comparisons(tmp_path):
    one = {"run": "a", "other": "b", "tags": ["fc1.weight", "fc1.weight"]}
    assert judged(tmp_path, training(rule="run-difference", tag="b/fc1.weight"), comparisons=[one]).right == 1
    assert judged(tmp_path, training(rule="run-difference", tag="c/fc1.weight"), comparisons=[one]).right == 0


def test_the_words_say_the_numbers(tmp_path):
    text = text_of(judged(tmp_path, training(sick=False), FROZEN))
    assert "Warnings or worse on healthy trainings: 1" in text and "HEALTHY t: [warning]" in text


def test_proofs_come_from_the_raw_tensors(tmp_path):
    recorder = Recorder(tmp_path)
    values = np.random.default_rng(0).normal(size=1000)
    wild = np.append(values, 1e4)
    for i in range(16):
        recorder.keep("stopped", i, values * min(i, 8))
        recorder.keep("jumped", i, values + 0.001 * i + (1.0 if i > 10 else 0.0))
        recorder.keep("update", i, values * 1e-7)
        recorder.keep("wild", i, wild if i > 3 else values)
        recorder.of_run("b").keep("g.grad", i, values * 1e-3)
        recorder.of_run("a").keep("g.grad", i, values)
    facts = recorder.facts
    assert (stops(facts, "stopped"), stops(facts, "jumped")) == (8, None)
    assert (jumps(facts, "jumped"), jumps(facts, "stopped")) == (10, None)
    assert step_of_size("jumped")(facts, "update") == 8
    assert (squeezed(facts, "wild"), squeezed(facts, "stopped")) == (4, None)
    assert apart("a/g.grad", 100)(facts, "b/g.grad") == 8 and apart("a/g.grad", 1e4)(facts, "b/g.grad") is None

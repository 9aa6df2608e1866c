from dataclasses import replace

import numpy as np
from run_builders import drifting, findings_of, glorot, run_of, still

from tb_histinsight.core.labels import Confidence, Severity
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.rules import run_rules


def collided(tag: str, *others: str, steps: tuple[int, ...] = (0, 10, 20)) -> RunAnalysis:
    run = run_of({name: still(glorot(20, 20)) for name in (tag, *others)} | {"fc9.weight": drifting(glorot(20, 20))})
    tags = tuple(replace(t, collisions=np.array(steps)) if t.tag == tag else t for t in run.tags)
    return replace(run, tags=tags)


def test_fires_and_no_other_rule_speaks_of_the_tag() -> None:
    run = collided("kernel/histogram")
    (finding,) = findings_of("tag-collision", run)
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.CERTAIN)
    assert finding.values["steps"] == 3
    others = [f for outcome in run_rules(run) for f in outcome.findings if f.rule != "tag-collision"]
    assert not any("kernel/histogram" in f.tags for f in others)


def test_the_same_tag_alone_is_judged() -> None:
    run = collided("kernel/histogram", steps=())
    assert not findings_of("tag-collision", run)
    assert findings_of("frozen-layer", run)


def test_is_a_remark_where_the_name_is_no_networks() -> None:
    (finding,) = findings_of("tag-collision", collided("Environment/Reward_hist"))
    assert finding.severity is Severity.INFO


def test_restarts_are_no_collisions() -> None:
    run = collided("fc1.weight", steps=())
    tags = tuple(replace(tag, restarts=np.array([10])) for tag in run.tags)
    assert not findings_of("tag-collision", replace(run, tags=tags))


def test_a_step_that_stands_still_is_one_remark_on_all_its_tags() -> None:
    tensors = {name: [glorot(20, 20)] for name in ("conv1/weight", "conv2/weight")}
    run = run_of(tensors)
    tags = tuple(replace(tag, collisions=np.array([0])) for tag in run.tags)
    (finding,) = findings_of("tag-collision", replace(run, tags=tags))
    assert (finding.severity, finding.message) == (Severity.INFO, "standing")
    assert finding.tags == ("conv1/weight", "conv2/weight")


def test_layers_under_one_name_at_the_only_step_are_a_warning() -> None:
    run = run_of({"kernel/histogram": [glorot(20, 20)]})
    tags = tuple(replace(tag, collisions=np.array([0])) for tag in run.tags)
    (finding,) = findings_of("tag-collision", replace(run, tags=tags))
    assert (finding.severity, finding.message) == (Severity.WARNING, "collision")


def test_several_tags_are_one_finding_and_those_that_are_no_networks_another() -> None:
    names = ["kernel/histogram", "bias/histogram", "Environment/Reward_hist"]
    run = run_of({name: still(glorot(20, 20)) for name in names})
    tags = tuple(replace(tag, collisions=np.array([10, 20])[i % 2 :]) for i, tag in enumerate(run.tags))
    network, other = findings_of("tag-collision", replace(run, tags=tags))
    assert (network.severity, network.message, network.values["tags"]) == (Severity.WARNING, "collisions", 2)
    assert set(network.tags) == {"kernel/histogram", "bias/histogram"}
    assert (network.values["step"], network.values["steps"]) == (10, 2)
    assert (other.severity, other.message, other.tags) == (Severity.INFO, "collision", ("Environment/Reward_hist",))

import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, healthy, run_of, status_of, still

from tb_histinsight.core.labels import Confidence, Severity, Status
from tb_histinsight.rules import run_rules

LAYOUTS = pytest.mark.parametrize("layout", ["equal", "exponential", "lossy"])


def last_alone(**extra: list[np.ndarray]) -> dict[str, list[np.ndarray]]:
    tensors = {f"fc{i}.weight": still(glorot(50, 50, i)) for i in (1, 2, 3)}
    return tensors | {"fc4.weight": drifting(glorot(50, 10, 4), 0.8)} | extra


@LAYOUTS
def test_fires_where_all_kernels_but_the_last_are_identical(layout: str) -> None:
    (finding,) = findings_of("only-last-layer-learns", run_of(last_alone(), layout=layout))
    assert (finding.message, finding.severity, finding.values["others"]) == ("identical", Severity.WARNING, 3)
    assert finding.confidence is (Confidence.CERTAIN if layout == "exponential" else Confidence.LIKELY)


def test_frozen_layers_follow_from_it() -> None:
    outcomes = run_rules(run_of(last_alone()))
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    leader = next(finding for finding in findings if finding.rule == "only-last-layer-learns")
    frozen = [finding for finding in findings if finding.rule == "frozen-layer"]
    assert len(frozen) == 3
    assert {finding.cause for finding in frozen} == {leader.key("run")}
    alarms = [finding for finding in findings if finding.cause is None and finding.severity is not Severity.INFO]
    assert alarms == [leader]


@LAYOUTS
@pytest.mark.parametrize(
    "extra",
    [
        {"fc2.weight": drifting(glorot(50, 50, 2), 0.01)},
        {"fc2.bias": drifting(np.linspace(-1, 1, 50))},  # then the biases learn as well
        {"embed.weight": drifting(glorot(50, 50, 7))},
        {"fc4.weight": still(glorot(50, 10))},
    ],
)
def test_stays_quiet_where_another_layer_moves_or_none(layout: str, extra: dict[str, list[np.ndarray]]) -> None:
    alarms = [
        finding
        for finding in findings_of("only-last-layer-learns", run_of(last_alone(**extra), layout=layout))
        if finding.severity is not Severity.INFO
    ]
    assert not alarms


def test_statistics_that_go_on_in_a_frozen_backbone_do_not_hide_it() -> None:
    moving = drifting(np.linspace(-1, 1, 50))
    assert findings_of("only-last-layer-learns", run_of(last_alone(**{"bn1.running_mean": moving})))


def test_stays_quiet_on_a_moving_first_layer() -> None:
    tensors = {f"fc{i}.weight": still(glorot(50, 50, i)) for i in (2, 3)}
    tensors = {"fc1.weight": drifting(glorot(50, 50)), **tensors}
    assert not findings_of("only-last-layer-learns", run_of(tensors))


def test_kernels_that_hardly_move_are_a_remark_that_claims_nothing() -> None:
    tensors = {f"fc{i}.weight": drifting(glorot(200, 200, i), 1e-4) for i in (1, 2)}
    tensors["fc3.weight"] = drifting(glorot(200, 10, 4), 0.8)
    (finding,) = findings_of("only-last-layer-learns", run_of(tensors))
    assert (finding.message, finding.severity, finding.confidence) == ("hardly", Severity.INFO, Confidence.SUSPECT)


def test_identical_kernels_under_a_moving_bias_are_no_matter_of_resolution() -> None:
    tensors = {f"fc{i}.weight": still(glorot(200, 200, i)) for i in (1, 2)}
    tensors["fc2.bias"] = drifting(np.random.default_rng(5).normal(0, 0.1, 200))
    tensors["fc3.weight"] = drifting(glorot(200, 10, 4), 0.8)
    assert not findings_of("only-last-layer-learns", run_of(tensors))


def test_stays_quiet_on_a_network_that_learns() -> None:
    assert not findings_of("only-last-layer-learns", run_of(healthy()))


@pytest.mark.parametrize(
    "tensors",
    [
        {"fc1.weight": drifting(glorot(50, 50))},
        {tag: values[:2] for tag, values in last_alone().items()},
    ],
)
def test_says_what_is_missing(tensors: dict[str, list[np.ndarray]]) -> None:
    assert status_of("only-last-layer-learns", run_of(tensors)) is Status.SKIPPED

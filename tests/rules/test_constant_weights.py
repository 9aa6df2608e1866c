import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, healthy, run_of, still

from tb_histinsight.core.labels import Severity

LAYOUTS = pytest.mark.parametrize("layout", ["equal", "exponential"])
W = glorot(20, 20)


@LAYOUTS
@pytest.mark.parametrize(
    ("weights", "message", "severity"),
    [
        (still(np.full((100, 100), 0.5)), "throughout", Severity.CRITICAL),
        ([np.full((100, 100), 0.1 * i) for i in range(1, 7)], "throughout", Severity.CRITICAL),
        (still(np.zeros((100, 100))), "zero_throughout", Severity.CRITICAL),
        ([*drifting(W, steps=4), *still(np.full((20, 20), 0.25), 2)], "became", Severity.CRITICAL),
        ([np.full((20, 20), 0.5), *drifting(W, steps=5)], "started", Severity.INFO),
        ([np.zeros((20, 20)), *drifting(W, steps=5)], "started", Severity.INFO),
    ],
)
def test_fires(weights: list[np.ndarray], message: str, severity: Severity, layout: str) -> None:
    (finding,) = findings_of("constant-weights", run_of(healthy(**{"fc2.weight": weights}), layout=layout))
    assert (finding.layer, finding.message, finding.severity) == ("fc2", message, severity)


@LAYOUTS
@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"fc3.weight": [np.zeros((100, 10)), *drifting(glorot(100, 10), steps=5)]},  # last layer, starts at 0
        {"fc2.lora_b.weight": [np.zeros((8, 10)), *drifting(glorot(8, 10), steps=5)]},
        {"fc2.bias": still(np.zeros(100))},
        {"bn1.weight": still(np.ones(100))},
        {"scale.weight": still(np.ones(1))},  # one element
        {"fc2.weight": still(np.append(np.zeros(999), 1e-7))},
        {"fc2_activations": still(np.zeros(100))},
        {"fc2.weight.grad": still(np.zeros(100))},
    ],
)
def test_stays_quiet(extra: dict[str, list[np.ndarray]], layout: str) -> None:
    assert not findings_of("constant-weights", run_of(healthy(**extra), layout=layout))


@pytest.mark.parametrize(("value", "severity"), [(0.0, Severity.INFO), (0.5, Severity.WARNING)])
def test_one_step_alone_is_never_critical(value: float, severity: Severity) -> None:
    run = run_of({"fc1.weight": [np.full((20, 20), value)], "fc2.weight": [W]})
    (finding,) = findings_of("constant-weights", run)
    assert (finding.message, finding.severity) == ("one_step", severity)


def test_a_last_layer_that_never_leaves_zero_is_a_warning() -> None:
    (finding,) = findings_of("constant-weights", run_of(healthy(**{"fc3.weight": still(np.zeros((100, 10)))})))
    assert finding.severity is Severity.WARNING


@LAYOUTS
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (still(np.zeros((20, 20))), "several"),
        (still(np.full((20, 20), 0.5)), "several"),
        ([*drifting(W, steps=4), *still(np.full((20, 20), 0.25), 2)], "several_became"),
        ([np.full((20, 20), 0.5), *drifting(W, steps=5)], "several_started"),
    ],
)
def test_layers_of_one_fate_are_one_finding_that_leads(weights: list[np.ndarray], message: str, layout: str) -> None:
    tensors = healthy(**{"fc1.weight": weights, "fc2.weight": weights})
    findings = findings_of("constant-weights", run_of(tensors, layout=layout))
    (leader,) = [f for f in findings if f.rule == "constant-weights" and f.cause is None]
    followers = [f for f in findings if f.rule == "constant-weights" and f.cause is not None]
    assert (leader.message, leader.layer, leader.values["layers"]) == (message, None, 2)
    assert {(f.layer, f.cause) for f in followers} == {("fc1", leader.key("run")), ("fc2", leader.key("run"))}


def test_layers_of_different_fates_are_not_summed_up() -> None:
    started = [np.full((20, 20), 0.5), *drifting(W, steps=5)]
    run = run_of(healthy(**{"fc1.weight": still(np.full((20, 20), 0.5)), "fc2.weight": started}))
    assert {f.message for f in findings_of("constant-weights", run)} == {"throughout", "started"}

import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, run_of, status_of

from tb_histinsight.core.labels import Severity, Status
from tb_histinsight.rules import run_rules


def run_with(ratio: float, layout: str = "exponential"):
    weights = glorot(50, 50)
    rng = np.random.default_rng(0)
    updates = [rng.normal(0, ratio * weights.std(), weights.shape) for _ in range(6)]
    return run_of({"fc1.weight": drifting(weights), "updates/fc1.weight": updates}, layout=layout)


@pytest.mark.parametrize(
    ("ratio", "message", "severity"),
    [
        (3e-6, "small", Severity.INFO),
        (3e-9, "small", Severity.WARNING),
        (0.3, "large", Severity.INFO),
        (30.0, "large", Severity.WARNING),
    ],
)
def test_fires_outside_the_bands(ratio: float, message: str, severity: Severity) -> None:
    (finding,) = findings_of("step-size", run_with(ratio))
    assert (finding.message, finding.severity) == (message, severity)
    assert finding.values["ratio"] == pytest.approx(ratio, rel=0.1)


@pytest.mark.parametrize("layout", ["equal", "exponential"])
@pytest.mark.parametrize("ratio", [2e-5, 1e-4, 1e-3, 1e-2, 8e-2, 0.0])
def test_stays_quiet(ratio: float, layout: str) -> None:
    assert not findings_of("step-size", run_with(ratio, layout))


def test_no_updates_is_no_pass() -> None:
    assert status_of("step-size", run_of({"fc1.weight": drifting(glorot(50, 50))})) is Status.SKIPPED


@pytest.mark.parametrize(("ratio", "message"), [(3e-6, "several_small"), (0.3, "several_large")])
def test_several_layers_are_one_finding_that_leads(ratio: float, message: str) -> None:
    rng = np.random.default_rng(0)
    tensors = {}
    for i in (1, 2, 3):
        weights = glorot(50, 50, seed=i)
        tensors[f"fc{i}.weight"] = drifting(weights)
        tensors[f"updates/fc{i}.weight"] = [rng.normal(0, ratio * weights.std(), weights.shape) for _ in range(6)]
    findings = findings_of("step-size", run_of(tensors, layout="exponential"))
    (leader,) = [finding for finding in findings if finding.cause is None]
    assert (leader.message, leader.layer, leader.values["layers"]) == (message, None, 3)
    assert {finding.cause for finding in findings} == {None, leader.key("run")}


def test_a_layer_whose_updates_are_too_small_is_one_trouble() -> None:
    """Its weights barely move, and their gradient is tiny: that is said, and does not count again."""
    rng = np.random.default_rng(0)
    tensors = {f"fc{i}.weight": drifting(glorot(50, 50, seed=i)) for i in (1, 2, 3)}
    weights = glorot(50, 50, seed=2)
    tensors["fc2.weight"] = drifting(weights, 1e-6)
    tensors["updates/fc2.weight"] = [rng.normal(0, 1e-7 * weights.std(), weights.shape) for _ in range(6)]
    tensors["fc2.weight.grad"] = [rng.normal(0, 1e-9, weights.shape) for _ in range(6)]
    select = ["step-size", "barely-moves", "gradient-underflow", "untrained-initialisation"]
    outcomes = run_rules(run_of(tensors, layout="exponential"), select=select)
    findings = [f for outcome in outcomes for f in outcome.findings if f.layer == "fc2"]
    assert {finding.rule for finding in findings} == set(select)
    assert [finding.rule for finding in findings if finding.cause is None] == ["step-size"]

import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, healthy, run_of, status_of, still

from tb_histinsight.core.labels import Severity, Status

W = glorot(100, 100)
LAYOUTS = pytest.mark.parametrize("layout", ["equal", "exponential"])


def shrinking(to: float, steps: int = 6) -> list[np.ndarray]:
    return [W * to ** (i / (steps - 1)) for i in range(steps)]


def emptied(share: float, rest: float = 1.0) -> list[np.ndarray]:
    """A share of the weights goes to exact zero in six steps, the others go to `rest` of their size."""
    rng = np.random.default_rng(1)
    order = rng.random(W.shape)
    return [np.where(order < share * i / 5, 0.0, W * rest ** (i / 5)) for i in range(6)]


@LAYOUTS
@pytest.mark.parametrize(
    ("weights", "message", "severity"),
    [
        (shrinking(0.0088), "scale", Severity.WARNING),
        (shrinking(0.0008), "scale", Severity.CRITICAL),
        ([W * 0.5, W * 2, W * 0.01], "scale", Severity.WARNING),  # against its largest, not its first
    ],
)
def test_fires_on_weights_that_lost_their_scale(
    weights: list[np.ndarray], message: str, severity: Severity, layout: str
) -> None:
    tensors = {tag: values[: len(weights)] for tag, values in healthy(**{"fc2.weight": weights}).items()}
    (finding,) = findings_of("collapsed-weights", run_of(tensors, layout=layout))
    assert (finding.layer, finding.message, finding.severity) == ("fc2", message, severity)


@pytest.mark.parametrize(
    ("weights", "severity"),
    [(emptied(0.97), Severity.INFO), (emptied(0.97, rest=0.1), Severity.WARNING)],
)
def test_fires_on_weights_that_went_to_zero(weights: list[np.ndarray], severity: Severity) -> None:
    (finding,) = findings_of("collapsed-weights", run_of(healthy(**{"fc2.weight": weights}), layout="exponential"))
    assert (finding.message, finding.severity) == ("near_zero", severity)


@LAYOUTS
@pytest.mark.parametrize(
    "weights",
    [
        shrinking(0.012),
        shrinking(1.0),
        emptied(0.75),  # an L1 network with 75 % zeros trained to 0.96
        emptied(0.94),
        still(W * 1e-6),  # small from the start is not collapsed
        drifting(W * 1e-6),
        [W * 1e-6 * 3.0**i for i in range(6)],  # grows
        still(np.zeros((100, 100))),
    ],
)
def test_stays_quiet(weights: list[np.ndarray], layout: str) -> None:
    assert not findings_of("collapsed-weights", run_of(healthy(**{"fc2.weight": weights}), layout=layout))


def test_stays_quiet_about_what_is_no_kernel() -> None:
    fall = [np.ones(100) * 10.0**-i for i in range(6)]
    extra = {"fc2.bias": fall, "bn1.weight": fall, "fc2.weight.grad": fall, "fc2_activations": fall, "loss": fall}
    assert not findings_of("collapsed-weights", run_of(healthy(**extra)))


def test_stays_quiet_where_the_buckets_leave_it_open() -> None:
    outlier = [np.append(W.ravel() * scale, 1.0) for scale in (1.0, 0.5, 1e-3)]
    assert not findings_of("collapsed-weights", run_of({"fc1.weight": outlier}))


def test_one_step_has_no_past() -> None:
    assert status_of("collapsed-weights", run_of({"fc1.weight": [W]})) is Status.SKIPPED


def test_it_is_dated_from_where_the_scale_was_lost_not_from_where_it_was_largest() -> None:
    scales = [1, 1, 0.5, 0.1, 0.005, 0.004]
    (finding,) = findings_of(
        "collapsed-weights", run_of(healthy(**{"fc2.weight": [glorot(100, 100) * s for s in scales]}))
    )
    assert finding.first_step == 40


def test_layers_that_collapsed_together_are_one_finding_that_leads() -> None:
    scales = [1, 1, 0.5, 0.1, 0.0005, 0.0004]
    tensors = {f"fc{i}.weight": [glorot(100, 100, seed=i) * s for s in scales] for i in (1, 2)}
    findings = findings_of("collapsed-weights", run_of(healthy(**tensors)))
    (leader,) = [finding for finding in findings if finding.cause is None]
    assert (leader.message, leader.severity, leader.first_step) == ("several", Severity.CRITICAL, 40)
    assert (leader.values["layers"], leader.values["kernels"]) == (2, 3)
    assert {(f.layer, f.cause) for f in findings} == {(None, None), *((fc, leader.key("run")) for fc in ("fc1", "fc2"))}


def test_of_weights_that_are_all_zero_no_share_is_given() -> None:
    scales = [1, 1, 0.5, 0.1, 0, 0]
    tensors = {f"fc{i}.weight": [glorot(100, 100, seed=i) * s for s in scales] for i in (1, 2)}
    findings = findings_of("collapsed-weights", run_of(healthy(**tensors)))
    assert [finding.message for finding in findings if finding.cause is None] == ["several_gone"]

import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, run_of, status_of

from tb_histinsight.core.labels import Severity, Status

RNG = np.random.default_rng(0)


def network(std: float | None, *, names: str = "fc{}.weight", last: float | None = None, by: float = 1e-3, **extra):
    """Two layers of 64 units and a last one; the first two start with this standard deviation (None: Glorot)."""
    tensors = {}
    for i, scale in ((1, std), (2, std), (3, last)):
        start = glorot(64, 64, i) if scale is None else RNG.normal(0, scale, (64, 64))
        tensors[names.format(i)] = drifting(start, by, 4)
        tensors[f"fc{i}.bias"] = [np.zeros(64)] * 4
    return tensors | extra


@pytest.mark.parametrize("layout", ["equal", "exponential"])
@pytest.mark.parametrize(("std", "message"), [(1e-3, "small"), (10.0, "large")])
def test_fires_far_from_every_initialiser(std: float, message: str, layout: str) -> None:
    found = findings_of("initial-scale", run_of(network(std), layout=layout))
    assert {(finding.layer, finding.message, finding.severity) for finding in found} == {
        ("fc1", message, Severity.WARNING),
        ("fc2", message, Severity.WARNING),
    }
    assert found[0].values["fan_in"] == 64


def test_weights_that_have_moved_since_are_a_remark() -> None:
    found = findings_of("initial-scale", run_of(network(1e-3, by=0.5)))
    assert {finding.severity for finding in found} == {Severity.INFO}


def test_a_smaller_distance_is_a_remark() -> None:
    found = findings_of("initial-scale", run_of(network(0.01)))
    assert {finding.severity for finding in found} == {Severity.INFO}


def test_normalisation_makes_it_a_remark() -> None:
    found = findings_of("initial-scale", run_of(network(1e-3, **{"bn1.weight": [np.ones(64)] * 4})))
    assert {finding.severity for finding in found} == {Severity.INFO}


@pytest.mark.parametrize(
    "tensors",
    [
        network(None),
        network(np.sqrt(2 / 64)),
        network(1 / np.sqrt(3 * 64)),
        network(0.1),  # what a well-known tutorial uses throughout
        network(None, last=1e-4),  # the last layer may start small
    ],
)
def test_stays_quiet(tensors) -> None:
    assert not findings_of("initial-scale", run_of(tensors))


@pytest.mark.parametrize(
    "run",
    [
        run_of(network(1e-3), steps=[1, 2, 3, 4]),  # no step 0
        run_of(network(1e-3, names="fc{}/kernel_0")),  # Keras logs at the end of an epoch
        run_of({"fc1.weight": drifting(glorot(9, 9)), "fc2.weight": drifting(glorot(9, 9))}),  # no fan-in
    ],
)
def test_says_what_is_missing(run) -> None:
    assert status_of("initial-scale", run) is Status.SKIPPED

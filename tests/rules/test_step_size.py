import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, run_of, status_of

from tb_histinsight.core.labels import Severity, Status


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

import numpy as np
import pytest
from run_builders import findings_of, run_of, status_of

from tb_histinsight.core.labels import Confidence, Severity, Status

TAG = "fc1/activations"


def relu(*zero_shares: float, size: int = 2000) -> list[np.ndarray]:
    """Activations of which these shares are zero, step by step."""
    rng = np.random.default_rng(0)
    return [np.where(np.arange(size) < share * size, 0.0, np.abs(rng.normal(size=size))) for share in zero_shares]


def judge(*zero_shares: float, **extra: list[np.ndarray]):
    return findings_of("dead-activations", run_of({TAG: relu(*zero_shares)} | extra, layout="exponential"))


@pytest.mark.parametrize("layout", ["equal", "exponential"])
def test_fires_for_certain_where_all_are_zero(layout: str) -> None:
    run = run_of({TAG: relu(0.5, 1, 1, 1)}, layout=layout)
    (finding,) = findings_of("dead-activations", run)
    assert (finding.message, finding.severity, finding.confidence) == ("silent", Severity.WARNING, Confidence.CERTAIN)
    assert finding.values["steps"] == 3
    assert finding.first_step == run.tags[0].steps[1]  # not the first step, at which it spoke


def test_is_critical_where_the_gradient_is_zero_too() -> None:
    (finding,) = judge(1, 1, 1, **{"fc1.weight.grad": [np.zeros(100)] * 3})
    assert (finding.message, finding.severity) == ("silent_no_gradient", Severity.CRITICAL)


def test_one_silent_batch_is_a_remark() -> None:
    (finding,) = judge(0.5, 0.5, 0.5, 1)
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    ("shares", "message", "severity"),
    [
        ((0.5, 0.96, 0.96, 0.96), "nearly", Severity.WARNING),
        ((0.97, 0.97, 0.97, 0.97), "sparse", Severity.INFO),
        ((0.5, 0.55, 0.6, 0.7, 0.75, 0.8), "rising", Severity.INFO),
    ],
)
def test_fires_on_nearly_all(shares: tuple[float, ...], message: str, severity: Severity) -> None:
    (finding,) = judge(*shares)
    assert (finding.message, finding.severity) == (message, severity)


@pytest.mark.parametrize(
    "shares",
    [
        (0.5, 0.5, 0.5, 0.5),
        (0.87, 0.87, 0.87, 0.87),
        (0.5, 0.94, 0.5, 0.94),
        (0.9, 0.93, 0.94, 0.94),  # rises by less than batches differ
        (0.0, 0.0, 0.0),
    ],
)
def test_stays_quiet(shares: tuple[float, ...]) -> None:
    assert not judge(*shares)


def test_zeros_elsewhere_are_none_of_its_business() -> None:
    zeros = [np.zeros(100)] * 4
    tensors = {"fc1.weight.grad": zeros, "fc1.bias": zeros, "x": zeros, TAG: relu(0.5, 0.5, 0.5, 0.5)}
    assert not findings_of("dead-activations", run_of(tensors, layout="exponential"))


def test_equal_buckets_cannot_tell_zeros_from_small_values() -> None:
    assert status_of("dead-activations", run_of({TAG: relu(0.97, 0.97, 0.97)})) is Status.SKIPPED


def test_no_activations_is_no_pass() -> None:
    assert status_of("dead-activations", run_of({"fc1.weight": relu(0.5)})) is Status.SKIPPED

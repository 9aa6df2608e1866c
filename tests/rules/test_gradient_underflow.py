import numpy as np
import pytest
from run_builders import findings_of, run_of, status_of

from tb_histinsight.core.labels import Severity, Status

HALF = {"train/loss_scale": [65536.0] * 6}


def gradients(scale: float, zeros: float = 0.0) -> dict[str, list[np.ndarray]]:
    rng = np.random.default_rng(0)
    made = [rng.normal(0, scale, 2000) * (rng.random(2000) >= zeros) for _ in range(6)]
    return {"fc1.weight.grad": made, "fc1.weight": [rng.normal(size=2000)] * 6}


def test_fires_in_half_precision() -> None:
    (finding,) = findings_of("gradient-underflow", run_of(gradients(3e-7), layout="exponential", scalars=HALF))
    assert (finding.message, finding.severity) == ("fp16", Severity.WARNING)
    assert 0.05 < finding.values["share"] < 0.16  # 15.8 % in truth


def test_is_a_remark_without_a_sign_of_half_precision() -> None:
    (finding,) = findings_of("gradient-underflow", run_of(gradients(3e-9), layout="exponential"))
    assert (finding.message, finding.severity) == ("epsilon", Severity.INFO)


@pytest.mark.parametrize("layout", ["equal", "exponential"])
@pytest.mark.parametrize(
    ("tensors", "scalars"),
    [
        (gradients(1e-4), HALF),
        (gradients(3e-7), {}),
        (gradients(1e-3, zeros=0.9), HALF),  # sparse is not small
        (gradients(0.0), HALF),
        ({"fc1.bias.grad": [np.full(100, 1e-12)] * 3} | gradients(1e-3), {}),
    ],
)
def test_stays_quiet(tensors: dict[str, list[np.ndarray]], scalars: dict[str, list[float]], layout: str) -> None:
    assert not findings_of("gradient-underflow", run_of(tensors, layout=layout, scalars=scalars))


def test_no_gradients_is_no_pass() -> None:
    run = run_of({"fc1.weight": [np.linspace(-1, 1, 99)] * 3})
    assert status_of("gradient-underflow", run) is Status.SKIPPED


def test_it_is_dated_from_where_the_gradients_became_so_small() -> None:
    rng = np.random.default_rng(3)
    gradients = [rng.normal(0, scale, (50, 50)) for scale in (1e-3, 1e-3, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9)]
    (finding,) = findings_of("gradient-underflow", run_of({"fc1.weight.grad": gradients}))
    assert (finding.message, finding.first_step) == ("epsilon", 20)

import numpy as np
import pytest
from run_builders import findings_of, run_of, status_of

from tb_histinsight.core.labels import Severity, Status

RNG = np.random.default_rng(0)


def tanh(scale: float, steps: int = 4) -> list[np.ndarray]:
    return [np.tanh(RNG.normal(0, scale, 3000)) for _ in range(steps)]


def sigmoid(scale: float, steps: int = 4) -> list[np.ndarray]:
    return [1 / (1 + np.exp(-RNG.normal(0, scale, 3000))) for _ in range(steps)]


@pytest.mark.parametrize("layout", ["equal", "exponential"])
@pytest.mark.parametrize("activations", [tanh(8), sigmoid(100)])
def test_fires_at_the_ends_of_a_squashing_function(activations: list[np.ndarray], layout: str) -> None:
    (finding,) = findings_of("saturated-activations", run_of({"fc1/activations": activations}, layout=layout))
    assert (finding.layer, finding.severity) == ("fc1", Severity.INFO)
    middle, half = (finding.values["low"] + 1) / 2, (1 - finding.values["low"]) / 2
    truth = [np.abs(step - middle).mean() / half for step in activations[-3:]]
    assert 0.85 < finding.values["saturation"] <= min(truth) + 1e-6


def test_is_a_warning_where_the_gradient_suffers() -> None:
    tensors = {
        "fc1/activations": tanh(8),
        "fc1.weight.grad": [RNG.normal(0, 1e-6, 900) for _ in range(4)],
        "fc2.weight.grad": [RNG.normal(0, 1e-2, 900) for _ in range(4)],
    }
    (finding,) = findings_of("saturated-activations", run_of(tensors))
    assert (finding.message, finding.severity) == ("suffers", Severity.WARNING)


@pytest.mark.parametrize("layout", ["equal", "exponential"])
@pytest.mark.parametrize(
    "tensors",
    [
        {"fc1/activations": tanh(1)},
        {"fc1/activations": sigmoid(2)},
        {"fc1/activations": [*tanh(1, 2), *tanh(8, 2)]},  # two steps only
        {"fc1/activations": [np.maximum(RNG.normal(0, 0.3, 3000), 0) for _ in range(4)]},  # ReLU that ends near 1
        {"fc1/activations": [RNG.normal(0, 1, 3000) for _ in range(4)]},
        {"fc1/activations": [np.where(RNG.random(3000) < 0.5, -3.0, 3.0) for _ in range(4)]},
        {"output/activations": tanh(8)},
        {"lstm/gate_activation": sigmoid(30)},
        {"fc1.weight": tanh(8)},
        {"x": tanh(8)},
    ],
)
def test_stays_quiet(tensors: dict[str, list[np.ndarray]], layout: str) -> None:
    assert not findings_of("saturated-activations", run_of(tensors, layout=layout))


def test_no_activations_is_no_pass() -> None:
    assert status_of("saturated-activations", run_of({"fc1.weight": tanh(1)})) is Status.SKIPPED


def test_it_is_dated_from_where_it_began() -> None:
    values = np.linspace(-3, 3, 600)
    outputs = [np.tanh(values * scale) for scale in (0.2, 0.5, 30, 30, 30, 30, 30)]
    (finding,) = findings_of("saturated-activations", run_of({"fc1_activations": outputs}))
    assert finding.first_step == 20


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def test_a_sigmoid_far_down_is_saturated_though_its_end_shares_a_bucket_with_zero() -> None:
    rng = np.random.default_rng(9)
    outputs = [sigmoid(rng.normal(0, 28, 3000)) for _ in range(5)]
    (finding,) = findings_of("saturated-activations", run_of({"fc1_activations": outputs}, layout="exponential"))
    assert finding.first_step == 0


def test_pictures_of_zeros_and_ones_are_not_saturated() -> None:
    rng = np.random.default_rng(10)
    pictures = [np.where(rng.random(3000) < 0.8, 0.0, rng.choice([0.5, 1.0, 1.0], 3000)) for _ in range(5)]
    assert not findings_of("saturated-activations", run_of({"layer1/X": pictures}, layout="exponential"))
    assert not findings_of("saturated-activations", run_of({"fc1_activations": pictures}, layout="exponential"))

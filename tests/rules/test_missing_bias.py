import numpy as np
import pytest
from run_builders import findings_of, glorot, healthy, run_of, status_of, still

from tb_histinsight.core.labels import Confidence, Severity, Status


def kernels(*layers: str) -> dict[str, list[np.ndarray]]:
    return {f"{layer}.weight": still(glorot(20, 10, i)) for i, layer in enumerate(layers)}


def biases(*layers: str) -> dict[str, list[np.ndarray]]:
    return {f"{layer}.bias": still(np.zeros(10)) for layer in layers}


def test_fires_on_the_kernels_that_have_none() -> None:
    run = run_of(kernels("fc1", "fc2", "fc3") | biases("fc1", "fc3"))
    (finding,) = findings_of("missing-bias", run)
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.LIKELY)
    assert finding.tags == ("fc2.weight",)


def test_is_less_sure_where_no_layer_has_one() -> None:
    (finding,) = findings_of("missing-bias", run_of(kernels("fc1", "fc2")))
    assert (finding.message, finding.confidence) == ("none", Confidence.SUSPECT)


@pytest.mark.parametrize(
    "tensors",
    [
        healthy(),
        kernels("conv1") | {"bn1.weight": still(np.ones(10))} | kernels("fc") | biases("fc"),
        kernels("conv1") | {"bn1.weight": still(np.ones(10))} | kernels("conv2"),
        kernels("q_proj", "k_proj", "fc1") | biases("fc1"),
        kernels("embed", "fc1", "fc2") | biases("fc1", "fc2"),
        {"W1": still(glorot(20, 10)), "b1": still(np.zeros(10)), "W2": still(glorot(9, 9)), "b2": still(np.zeros(9))},
    ],
)
def test_stays_quiet(tensors: dict[str, list[np.ndarray]]) -> None:
    assert not findings_of("missing-bias", run_of(tensors))


@pytest.mark.parametrize("tensors", [kernels("fc1"), kernels("h1", "h2") | biases("b1", "b2")])
def test_says_what_is_missing(tensors: dict[str, list[np.ndarray]]) -> None:
    assert status_of("missing-bias", run_of(tensors)) is Status.SKIPPED

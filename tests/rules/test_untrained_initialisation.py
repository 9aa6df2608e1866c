import math

import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, run_of, series_of, status_of, still

from tb_histinsight.core.labels import Confidence, Severity, Status
from tb_histinsight.locales import catalogue
from tb_histinsight.rules import rule
from tb_histinsight.rules.initialisers import CUT_STD, Match, match_initialiser


def uniform(limit: float, size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-limit, limit, size).astype(np.float32)


def cut_normal(std: float, size: int, seed: int) -> np.ndarray:
    """A normal cut at two standard deviations, `std` before the cut."""
    values = np.random.default_rng(seed).normal(size=3 * size)
    return (values[np.abs(values) < 2][:size] * std).astype(np.float32)


def match(values: np.ndarray, bias_size: int | None = None, layout: str = "equal") -> Match | None:
    return match_initialiser(series_of("w", [values], layout=layout).at(0), values.size, bias_size)


RECOVERED = [
    ("Glorot uniform (60 + 200)", lambda s: uniform(math.sqrt(6 / 260), 60 * 200, s), None),
    ("Glorot uniform (200 + 200)", lambda s: uniform(math.sqrt(6 / 400), 200 * 200, s), None),
    ("Glorot uniform (784 + 128)", lambda s: uniform(math.sqrt(6 / 912), 784 * 128, s), 128),
    ("Glorot uniform (288 + 576)", lambda s: uniform(math.sqrt(6 / 864), 9 * 32 * 64, s), 64),
    ("PyTorch's default (784)", lambda s: uniform(math.sqrt(1 / 784), 784 * 128, s), 128),
    ("PyTorch's default (784)", lambda s: uniform(math.sqrt(1 / 784), 784 * 128, s), None),
    ("PyTorch's default (576)", lambda s: uniform(math.sqrt(1 / 576), 576 * 64, s), None),
    ("He uniform (256)", lambda s: uniform(math.sqrt(6 / 256), 256 * 100, s), 100),
    ("LeCun uniform (256)", lambda s: uniform(math.sqrt(3 / 256), 256 * 100, s), 100),
    ("Glorot normal (60 + 200)", lambda s: cut_normal(math.sqrt(2 / 260) / CUT_STD, 60 * 200, s), 200),
    ("He normal (256)", lambda s: cut_normal(math.sqrt(2 / 256) / CUT_STD, 256 * 256, s), 256),
    ("a normal cut at ±0.2", lambda s: cut_normal(0.1, 25 * 32 * 64, s), 64),
]


@pytest.mark.parametrize("layout", ["equal", "exponential"])
@pytest.mark.parametrize(("name", "draw", "bias_size"), RECOVERED, ids=[case[0] for case in RECOVERED])
def test_recovers_the_initialiser_from_ends_and_sizes(name, draw, bias_size, layout: str) -> None:
    found = [match(draw(seed), bias_size, layout) for seed in range(10)]
    assert sum(one is not None and catalogue().phrase(one.names[0]) == name for one in found) >= 9


def test_a_random_limit_is_hardly_ever_taken_for_an_initialiser() -> None:
    rng = np.random.default_rng(9)
    found = [match(uniform(rng.uniform(0.05, 0.3), 12000, seed)) for seed in range(100)]
    assert sum(one is not None and one.chance <= 0.03 for one in found) <= 5
    found = [match(uniform(rng.uniform(0.05, 0.3), 12000, seed), 200) for seed in range(100)]
    assert sum(one is not None and one.chance <= 0.03 for one in found) <= 2


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).normal(0, 0.1, 12000),
        np.random.default_rng(0).laplace(0, 0.1, 12000),
        np.random.default_rng(0).uniform(0, 0.1519, 12000),
        np.append(uniform(math.sqrt(6 / 260), 11999, 0), 0.2),
        uniform(math.sqrt(6 / 260), 12000, 0) + 0.02,
        np.zeros(12000),
    ],
)
def test_recovers_nothing_from_other_distributions(values: np.ndarray) -> None:
    assert match(values) is None


def run_with(weights: list[np.ndarray]):
    return run_of({"fc1.weight": weights, "fc2.weight": drifting(np.random.default_rng(1).normal(size=(200, 10)))})


def test_says_identical_and_the_units() -> None:
    (finding,) = findings_of("untrained-initialisation", run_with(still(glorot(60, 200))))
    assert (finding.severity, finding.message) == (Severity.INFO, "identical")
    assert [catalogue().phrase(name) for name in finding.values["initialiser"]] == ["Glorot uniform (60 + 200)"]
    assert finding.values["limit"] == pytest.approx(0.1519, abs=1e-4)


def test_says_moved_where_the_weights_moved_under_the_same_histogram() -> None:
    """A quarter of the spread in raw values hardly shows in the histogram."""
    (finding,) = findings_of("untrained-initialisation", run_with(drifting(glorot(60, 200), 0.25)))
    assert finding.message in ("moved", "hardly")
    assert "is compatible with learning" in rule(finding.rule).words.messages[finding.message]
    assert (finding.severity, finding.cause) == (Severity.INFO, None)


def test_knows_fan_in_from_the_bias() -> None:
    tensors = {"fc1.weight": still(glorot(60, 200)), "fc1.bias": drifting(np.linspace(0, 0.1, 200))}
    (finding,) = findings_of("untrained-initialisation", run_of(tensors))
    assert finding.confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    "weights",
    [
        drifting(glorot(60, 200), 1.0),  # the plateau is gone
        [glorot(60, 200) * (1 + 0.1 * i) for i in range(6)],  # another limit at the end
        [glorot(60, 200) + 0.02 * i for i in range(6)],
        still(np.random.default_rng(0).normal(0, 0.1, (60, 200))),
    ],
)
def test_stays_quiet_where_the_last_histogram_is_another(weights: list[np.ndarray]) -> None:
    assert not [f for f in findings_of("untrained-initialisation", run_with(weights)) if f.layer == "fc1"]


def test_weights_that_were_trained_before_they_were_first_logged_are_none_of_its_business() -> None:
    """Keras' callback logs at the end of an epoch."""
    moved = drifting(glorot(60, 200), 0.1)
    assert findings_of("untrained-initialisation", run_of({"dense/kernel": moved}))
    assert not findings_of("untrained-initialisation", run_of({"dense/kernel_0": moved}))
    assert findings_of("untrained-initialisation", run_of({"dense/kernel_0": still(glorot(60, 200))}))


@pytest.mark.parametrize("tensors", [{"fc1.weight": [glorot(60, 200)]}, {"fc1.weight": still(glorot(5, 5))}])
def test_says_what_is_missing(tensors: dict[str, list[np.ndarray]]) -> None:
    assert status_of("untrained-initialisation", run_of(tensors)) is Status.SKIPPED

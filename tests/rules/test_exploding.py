import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, healthy, run_of, status_of

from tb_histinsight.core.labels import Severity, Status
from tb_histinsight.rules import run_rules

W = glorot(30, 30)
LAYOUTS = pytest.mark.parametrize("layout", ["exponential", "equal"])


def scaled(*factors: float) -> list[np.ndarray]:
    return [W * factor for factor in factors]


@LAYOUTS
@pytest.mark.parametrize("tag", ["fc1.weight", "fc1.weight.grad", "fc1/activations"])
def test_fires_on_doubling_up_to_the_end(tag: str, layout: str) -> None:
    run = run_of({tag: scaled(9, 9, 9, 9, 27, 81, 243, 729)}, layout=layout)
    (finding,) = findings_of("exploding", run)
    assert (finding.severity, finding.tags, finding.first_step) == (Severity.WARNING, (tag,), 30)
    assert 60 < finding.values["growth"] < 90


@LAYOUTS
@pytest.mark.parametrize(
    "factors",
    [
        (1, 1, 1, 1, 1.9, 3.6, 6.9, 13),  # less than doubling
        (1, 1, 1, 1, 1, 3, 9, 27),  # three times only
        (1, 3, 9, 27, 81, 81, 81, 81),  # grew and settled: a small start
        (1, 3, 9, 27, 81, 40, 20, 10),
        (0, 0, 0, 0, 1, 3, 9, 27),  # from zero
        (1, 1, 1, 1, 1, 1, 1, 1),
        (9, 9, 1, 1, 3, 9, 27, 50),  # back to what it was
        (0.01, 0.01, 0.01, 0.01, 0.03, 0.09, 0.27, 0.81),  # wakes up
    ],
)
def test_stays_quiet(factors: tuple[float, ...], layout: str) -> None:
    assert not findings_of("exploding", run_of({"fc1.weight": scaled(*factors)}, layout=layout))


def test_a_gradient_that_wakes_up_does_not_explode() -> None:
    tiny = {"fc1.weight.grad": scaled(*(1e-9 * 10.0**i for i in range(8)))}
    assert not findings_of("exploding", run_of(tiny))


def test_a_loss_that_falls_makes_growth_learning() -> None:
    tensors = {"fc1.weight.grad": scaled(1, 1, 1, 1, 3, 9, 27, 81)}
    falling = {"train/loss": list(np.linspace(2, 0.1, 20))}
    assert not findings_of("exploding", run_of(tensors, scalars=falling))
    assert findings_of("exploding", run_of(tensors, scalars={"train/loss": list(np.linspace(2, 9, 20))}))


@LAYOUTS
def test_growth_without_doubling_fires_where_the_loss_rises_with_it(layout: str) -> None:
    """Every step makes 1.6 of the weights: too slow for doublings, and 700 times in the end."""
    series = {"fc1.weight": scaled(*(9 * 1.6**i for i in range(15)))}
    rising = {"train/loss": list(np.geomspace(1, 50, 15))}
    (finding,) = findings_of("exploding", run_of(series, scalars=rising, layout=layout))
    assert (finding.message, finding.severity) == ("with_loss", Severity.WARNING)
    assert finding.values["loss_ratio"] > 2
    assert finding.first_step in {60, 70}  # ten times what it is at the second step
    level = {"train/loss": [1.0, 1.1, 0.9] * 5}
    assert not findings_of("exploding", run_of(series, scalars=level, layout=layout))
    settled = {"fc1.weight": scaled(*(9 * 1.6 ** min(i, 8) for i in range(15)))}
    assert not findings_of("exploding", run_of(settled, scalars=rising, layout=layout))


def test_biases_and_what_is_no_network_may_grow() -> None:
    grow = [np.linspace(0.1, 1, 50) * 3.0**i for i in range(8)]
    assert not findings_of("exploding", run_of({"fc1.bias": grow, "loss_hist": grow, "W": drifting(W, steps=8)}))


def test_values_beyond_what_the_writer_counts_are_critical() -> None:
    tensors = healthy(**{"fc2.weight.grad": [np.append(np.linspace(-1, 1, 99), 10.0 ** (17 + i)) for i in range(6)]})
    (finding,) = findings_of("exploding", run_of(tensors, layout="exponential"))
    assert (finding.message, finding.severity, finding.first_step) == ("uncounted", Severity.CRITICAL, 30)


def test_follows_from_the_nan_it_ends_in() -> None:
    series = [*scaled(1, 1, 1, 1, 3, 9, 27, 81), np.full(W.shape, np.nan)]
    outcomes = {outcome.rule: outcome for outcome in run_rules(run_of({"fc1.weight": series}))}
    (nan,) = outcomes["non-finite"].findings
    (explosion,) = outcomes["exploding"].findings
    assert explosion.cause == nan.key("run")


def test_few_steps_are_no_pass() -> None:
    assert status_of("exploding", run_of({"fc1.weight": scaled(1, 3, 9, 27)})) is Status.SKIPPED

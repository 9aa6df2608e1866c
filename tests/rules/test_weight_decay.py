import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, healthy, run_of, status_of

from tb_histinsight.core.labels import Severity, Status

W = glorot(60, 60)
LAYOUTS = pytest.mark.parametrize("layout", ["equal", "exponential"])


def decayed(rate: float, steps: int = 6) -> list[np.ndarray]:
    """Weights under a decay alone, `rate` per step, logged every 10 steps."""
    return [W * np.exp(-rate * 10 * i) for i in range(steps)]


@LAYOUTS
@pytest.mark.parametrize("rate", [1e-3, 1e-2, 4e-2])
def test_a_decay_alone_is_a_warning_that_gives_its_rate(rate: float, layout: str) -> None:
    (finding,) = findings_of("weight-decay", run_of(healthy(**{"fc2.weight": decayed(rate)}), layout=layout))
    assert (finding.layer, finding.message, finding.severity) == ("fc2", "only_decay", Severity.WARNING)
    assert finding.values["rate"] == pytest.approx(rate, rel=0.01)
    assert finding.values["factor"] == pytest.approx(np.exp(-50 * rate), rel=0.01)


def test_gives_the_penalty_with_and_without_the_half() -> None:
    (finding,) = findings_of("weight-decay", run_of({"fc1.weight": decayed(1e-3)}, layout="exponential"))
    squares = float((W.astype(float) ** 2).sum()) * np.exp(-0.1)
    assert finding.values["squares"] == pytest.approx(squares, rel=1e-3)
    assert finding.values["half_squares"] == pytest.approx(squares / 2, rel=1e-3)


def test_a_decay_among_other_movement_is_a_remark() -> None:
    noise = drifting(W, 0.05)
    mixed = [(w * np.exp(-0.02 * 10 * i)) for i, w in enumerate(noise)]
    found = findings_of("weight-decay", run_of({"fc1.weight": mixed}, layout="exponential"))
    assert [finding.severity for finding in found] in ([], [Severity.INFO])


@LAYOUTS
@pytest.mark.parametrize(
    "weights",
    [
        decayed(0.0),
        decayed(-1e-2),  # grows
        decayed(1e-4),  # 0.5 % in all: rounding and noise
        [W * factor for factor in (1, 0.99, 0.98, 0.5, 0.49, 0.48)],  # one step, no steady rate
        [np.sign(W) * np.abs(W) ** (1 + 0.2 * i) for i in range(6)],  # shrinks, another shape
        [np.where(np.abs(W) > 0.02 * i, W, 0.3 * W) for i in range(6)],
        drifting(W, 0.4),
    ],
)
def test_stays_quiet(weights: list[np.ndarray], layout: str) -> None:
    assert not findings_of("weight-decay", run_of(healthy(**{"fc2.weight": weights}), layout=layout))


def test_few_steps_are_no_pass() -> None:
    assert status_of("weight-decay", run_of({"fc1.weight": decayed(1e-2, 4)})) is Status.SKIPPED


def decaying_and_pushed(steps: int = 12) -> list[np.ndarray]:
    """To 2 % in all, with noise of the batches on top: no exact decay, and nothing that is learned."""
    rng = np.random.default_rng(3)
    tensors = [W.astype(float)]
    for _ in range(steps - 1):
        tensors.append((tensors[-1] + rng.normal(0, 0.01 * tensors[-1].std(), W.shape)) * 0.02 ** (1 / (steps - 1)))
    return tensors


@LAYOUTS
@pytest.mark.parametrize("name", ["loss", "cost", "cross_entropy_1"])
def test_weights_that_decay_to_next_to_nothing_while_no_loss_falls_are_a_warning(layout: str, name: str) -> None:
    tensors = {f"fc{i}.weight": decaying_and_pushed() for i in (1, 2)}
    stands = [1.0986 + 0.001 * (-1) ** i for i in range(40)]
    falls = [1.0986 * 0.9**i for i in range(40)]
    found = findings_of("weight-decay", run_of(tensors, layout=layout, scalars={name: stands}))
    assert [(f.message, f.severity) for f in found] == [("shrinks_unlearned", Severity.WARNING)] * 2
    fell_early = [1.0986, *([0.3] * 39)]
    for scalars in ({name: falls}, {name: fell_early}, {}):
        found = findings_of("weight-decay", run_of(tensors, layout=layout, scalars=scalars))
        assert {(f.message, f.severity) for f in found} == {("shrinks", Severity.INFO)}


def test_weights_that_decay_to_a_half_while_no_loss_falls_are_a_remark() -> None:
    half = [w / 0.02 ** (i / 11) * 0.5 ** (i / 11) for i, w in enumerate(decaying_and_pushed())]
    run = run_of({"fc1.weight": half}, layout="exponential", scalars={"loss": [1.1] * 40})
    assert [f.severity for f in findings_of("weight-decay", run)] in ([], [Severity.INFO])


def test_a_decay_in_front_of_a_normalisation_is_a_remark_whatever_the_loss_does() -> None:
    norms = {"bn1.weight": [np.ones(60)] * 12, "bn1.running_mean": drifting(np.ones(60), steps=12)}
    run = run_of({"fc1.weight": decaying_and_pushed(), **norms}, layout="exponential", scalars={"loss": [1.1] * 40})
    assert [finding.severity for finding in findings_of("weight-decay", run)] == [Severity.INFO]


def all_decaying() -> dict[str, list[np.ndarray]]:
    """A network of which nothing but the decay goes on: kernels of several sizes, and a bias of one sign."""
    tensors = {f"fc{i}.weight": [glorot(60, 60, i) * np.exp(-0.01 * 10 * t) for t in range(6)] for i in (1, 2)}
    return tensors | {"fc2.bias": [np.linspace(0.1, 0.4, 60) * np.exp(-0.01 * 10 * t) for t in range(6)]}


LATE = [500 + 10 * i for i in range(6)]
START = [10 * i for i in range(6)]


@LAYOUTS
def test_a_decay_alone_after_all_was_learned_is_a_remark(layout: str) -> None:
    for scalars in ({"loss": [1.4] * 10 + [1e-6] * 60}, {"loss": [1.4 * 0.9**i for i in range(51)]}, {}):
        run = run_of(all_decaying(), layout=layout, steps=LATE, scalars=scalars)
        found = findings_of("weight-decay", run)
        assert [(f.message, f.severity) for f in found] == [("only_decay_learned", Severity.INFO)] * 2


@pytest.mark.parametrize(
    ("tensors", "steps", "scalars"),
    [
        (all_decaying(), START, {}),  # nothing can have been learned yet
        (all_decaying(), START, {"loss": [1.4 * 0.8**i for i in range(60)]}),  # learned later, by others
        (all_decaying(), LATE, {"loss": [1.4] * 60}),  # nothing was learned
        (all_decaying() | {"fc3.weight": drifting(glorot(60, 60, 3), 3.0, steps=6)}, LATE, {}),  # others learn
    ],
)
def test_a_decay_alone_where_others_learn_or_nothing_was_learned_stays_a_warning(
    tensors: dict[str, list[np.ndarray]], steps: list[int], scalars: dict[str, list[float]]
) -> None:
    found = findings_of("weight-decay", run_of(tensors, layout="exponential", steps=steps, scalars=scalars))
    assert [(f.layer, f.message, f.severity) for f in found] == [
        (layer, "only_decay", Severity.WARNING) for layer in ("fc1", "fc2")
    ]

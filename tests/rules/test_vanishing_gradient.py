import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, run_of, status_of, still

from tb_histinsight.core.labels import Confidence, Severity, Status

STEPS = 6


def noise(scale: float, size: int, seed: int) -> list[np.ndarray]:
    """A gradient: new at every step, of one scale."""
    rng = np.random.default_rng(seed)
    return [rng.normal(0, scale, size) for _ in range(STEPS)]


def network(
    scales: list[float],
    moves: list[float] | None,
    bias_scale: float | None = None,
    *,
    size: int = 40,
    loss=(),
    bias_moved: float = 0.025,
):
    """Kernels with gradients of these scales, input first, that move by these shares of their spread."""
    tensors = {}
    for i, scale in enumerate(scales):
        if moves is not None:
            tensors[f"fc{i}.weight"] = drifting(glorot(size, size, i), moves[i], STEPS, seed=i)
        tensors[f"fc{i}.weight.grad"] = noise(scale, size * size, i)
    if bias_scale is not None:
        last = len(scales) - 1
        tensors[f"fc{last}.bias"] = [np.linspace(0, 0.4 * bias_moved * i, size) for i in range(STEPS)]
        tensors[f"fc{last}.bias.grad"] = noise(bias_scale, size, 99)
    return run_of(tensors, layout="exponential", scalars={"loss": loss} if loss else None)


FALL = [1e-5 * 8.0**i for i in range(5)]  # 4096 from first to last
MILD = [1e-5 * 4.0**i for i in range(5)]  # 256
EFFECT = [1e-5, 1e-4, 1e-2, 0.1, 0.5]


@pytest.mark.parametrize(("scales", "severity"), [(FALL, Severity.CRITICAL), (MILD, Severity.WARNING)])
def test_fires_on_a_steady_fall_with_effect(scales: list[float], severity: Severity) -> None:
    (finding,) = findings_of("vanishing-gradient", network(scales, EFFECT))
    assert (finding.severity, finding.confidence, finding.layer) == (severity, Confidence.LIKELY, "fc0")
    assert finding.tags[:2] == ("fc0.weight.grad", "fc4.weight.grad")
    assert finding.values["ratio"] == pytest.approx(scales[-1] / scales[0], rel=0.3)
    assert finding.evidence[0].lower <= finding.evidence[0].value <= finding.evidence[0].upper


def test_without_weights_the_effect_is_unknown_and_the_alarm_is_no_more_than_a_warning() -> None:
    (finding,) = findings_of("vanishing-gradient", network(FALL, None))
    assert (finding.message, finding.severity) == ("depth_no_weights", Severity.WARNING)


@pytest.mark.parametrize(
    ("scales", "moves"),
    [
        (FALL, [0.3, 0.3, 0.3, 0.3, 0.3]),  # Adam makes up for the scale
        ([1e-5 * 3.0**i for i in range(5)], EFFECT),  # 81 only
        ([1e-2, 1e-2, 1e-2, 1e-2, 1e-2], EFFECT),
        ([1e-5, 1e-2, 1e-2, 1e-2, 1e-2], EFFECT),  # the first alone: an embedding, a frozen backbone
        ([1e-2, 1e-5, 1e-2, 1e-5, 10.0], EFFECT),  # no steady fall
        (FALL[::-1], EFFECT[::-1]),  # falls towards the output
        ([1e-8] * 5, EFFECT),  # small everywhere: late in a converged run
    ],
)
def test_stays_quiet(scales: list[float], moves: list[float]) -> None:
    assert not findings_of("vanishing-gradient", network(scales, moves))


@pytest.mark.parametrize(("end", "alarms"), [(1.6, 1), (0.5, 0)])
def test_weights_that_move_are_an_alarm_only_where_the_loss_does_not_fall(end: float, alarms: int) -> None:
    run = network(FALL, [0.3, 0.3, 0.3, 0.3, 0.3], loss=list(np.linspace(1.6, end, 20)))
    found = findings_of("vanishing-gradient", run)
    assert [finding.message for finding in found] == ["depth_loss"] * alarms


def test_fires_where_only_the_last_bias_gets_a_gradient() -> None:
    """Story: three layers of tiny weights; all kernels suffer alike, so that their own ratio says nothing."""
    run = network([4e-7, 4e-7, 2e-5], [1e-4, 1e-4, 1e-3], bias_scale=0.25)
    (finding,) = findings_of("vanishing-gradient", run)
    assert (finding.message, finding.severity) == ("everywhere", Severity.CRITICAL)
    assert finding.tags[:2] == ("fc0.weight.grad", "fc2.bias.grad")


def test_kernels_far_behind_the_last_one_do_not_hide_it() -> None:
    """Story: the first of three layers moved by 3 % of its size, the last by 65 %."""
    run = network([1.6e-6, 4e-7, 4e-4], [0.2, 1e-3, 1.0], bias_scale=0.25, bias_moved=50.0)
    (finding,) = findings_of("vanishing-gradient", run)
    assert (finding.message, finding.severity) == ("everywhere", Severity.CRITICAL)


@pytest.mark.parametrize(
    ("moves", "bias_moved"),
    [
        ([0.03, 1e-3, 0.6], 0.1),  # Adam moves biases and weights alike
        ([1.0, 1e-3, 3.0], 50.0),  # the first moves as well
        ([0.03, 1e-3, 0.1], 50.0),  # the last lags too
    ],
)
def test_kernels_a_little_behind_are_healthy(moves: list[float], bias_moved: float) -> None:
    run = network([1.6e-6, 4e-7, 4e-4], moves, bias_scale=0.25, bias_moved=bias_moved)
    assert not findings_of("vanishing-gradient", run)


@pytest.mark.parametrize(
    ("scales", "moves"),
    [
        ([1.2e-4, 1.3e-4], [0.03, 0.05]),  # story: the healthy two layers, 2000 times below the last bias
        ([4e-7, 4e-7, 2e-5], [0.05, 0.05, 0.1]),  # the weights move all the same
        ([4e-7, 4e-7, 2e-3], [1e-4, 1e-4, 1e-3]),  # the last kernel has its share
    ],
)
def test_a_small_ratio_to_the_last_bias_alone_is_healthy(scales: list[float], moves: list[float]) -> None:
    assert not findings_of("vanishing-gradient", network(scales, moves, bias_scale=0.25))


def kernels_that_move(*moves: float):
    return run_of({f"fc{i}.weight": drifting(glorot(100, 100, i), move, seed=i) for i, move in enumerate(moves)})


def test_without_gradients_it_only_suspects() -> None:
    (finding,) = findings_of("vanishing-gradient", kernels_that_move(1e-3, 3e-3, 0.2, 0.5, 1.0))
    assert (finding.message, finding.severity, finding.confidence) == ("movement", Severity.INFO, Confidence.SUSPECT)


@pytest.mark.parametrize("moves", [(0.3, 0.4, 0.5, 0.6), (1.0, 0.5, 0.2, 1e-3), (1e-3, 1e-3, 1e-3, 2e-3), (0.5, 1.0)])
def test_without_gradients_stays_quiet(moves: tuple[float, ...]) -> None:
    assert not findings_of("vanishing-gradient", kernels_that_move(*moves))


def test_identical_kernels_are_another_matter() -> None:
    tensors = {f"fc{i}.weight": still(glorot(50, 50, i)) for i in range(4)}
    tensors["fc4.weight"] = drifting(glorot(50, 50, 9))
    assert status_of("vanishing-gradient", run_of(tensors)) is Status.SKIPPED


@pytest.mark.parametrize(("end", "alarms"), [(0.03, 0), (1.6, 1)])
def test_a_first_layer_that_learns_less_than_the_last_is_healthy_where_the_loss_falls(end: float, alarms: int) -> None:
    run = network(MILD, [0.6, 1.0, 1.5, 2.5, 5.0], loss=list(np.linspace(1.7, end, 20)))
    found = findings_of("vanishing-gradient", run)
    assert [finding.message for finding in found] == ["depth"] * alarms
    first, last = run.kernels()[0].change.movement, run.kernels()[-1].change.movement
    assert first is not None and last is not None and 0.06 <= first <= 0.1 * last


@pytest.mark.parametrize(
    ("start", "loss", "alarms"),
    [
        (500, [1.4] * 20 + [1e-7] * 120, 0),
        (500, [], 0),
        (500, [1.4] * 140, 1),  # nothing was learned
        (0, [], 1),  # nothing can have been learned before
    ],
)
def test_what_is_left_of_the_gradients_after_all_was_learned_is_no_alarm(
    start: int, loss: list[float], alarms: int
) -> None:
    tensors = {f"fc{i}.weight.grad": noise(10.0 ** (i - 16), 1600, i) for i in range(4)}
    tensors |= {f"fc{i}.weight": drifting(glorot(40, 40, i), 1e-4 * (i == 3), STEPS) for i in range(4)}
    run = run_of(
        tensors,
        layout="exponential",
        steps=[start + 10 * i for i in range(STEPS)],
        scalars={"loss": loss} if loss else None,
    )
    assert len(findings_of("vanishing-gradient", run)) == alarms

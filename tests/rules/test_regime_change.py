from dataclasses import replace

import numpy as np
import pytest
from run_builders import findings_of, glorot, run_of, status_of

from tb_histinsight.core.labels import Confidence, Severity, Shape, Status
from tb_histinsight.core.run import RunAnalysis


def walk(paces: list[float], seed: int = 0) -> list[np.ndarray]:
    """Weights that grow at these paces per interval, a share of their size each."""
    scale = np.cumprod([1.0, *(1 + pace for pace in paces)])
    return [glorot(40, 40, seed) * s for s in scale]


CALM = [0.003] * 12


def test_fires_at_the_step_at_which_the_kernels_jump() -> None:
    jump = [0.003] * 9 + [0.1] + [0.003] * 2
    run = run_of({f"fc{i}.weight": walk(jump, i) for i in (1, 2, 3)})
    (finding,) = findings_of("regime-change", run)
    assert (finding.severity, finding.first_step, finding.last_step) == (Severity.INFO, 90, 100)
    assert finding.values["affected"] == 3


@pytest.mark.parametrize(
    "paces",
    [
        CALM,
        [0.003] * 9 + [0.02] + [0.003] * 2,  # seven times
        [0.0003] * 9 + [0.005] + [0.0003] * 2,  # too little to see
        [0.003] * 5 + [0.1] + [0.003] * 6,  # too early to know what is usual
        [0.1 / (i + 1) for i in range(12)],
    ],
)
def test_stays_quiet(paces: list[float]) -> None:
    assert not findings_of("regime-change", run_of({f"fc{i}.weight": walk(paces, i) for i in (1, 2, 3)}))


def test_one_layer_alone_is_no_event() -> None:
    tensors = {f"fc{i}.weight": walk(CALM, i) for i in (1, 2)} | {"fc3.weight": walk([0.003] * 9 + [0.1] + [0.003] * 2)}
    assert not findings_of("regime-change", run_of(tensors))


def test_uneven_sampling_is_no_jump() -> None:
    steps = [*range(0, 100, 10), 400, 410, 420]
    run = run_of({"fc1.weight": walk([0.003] * 9 + [0.1] + [0.003] * 2)}, steps=steps)
    assert not findings_of("regime-change", run)


def test_a_restart_is_dated() -> None:
    run = run_of({"fc1.weight": walk(CALM)})
    run = replace(run, tags=tuple(replace(tag, restarts=np.array([50])) for tag in run.tags))
    (finding,) = findings_of("regime-change", run)
    assert (finding.message, finding.first_step, finding.confidence) == ("restart", 50, Confidence.CERTAIN)


def test_few_steps_are_no_pass() -> None:
    assert status_of("regime-change", run_of({"fc1.weight": walk(CALM[:8])})) is Status.SKIPPED


def test_a_peak_that_creeps_over_the_edge_of_a_bucket_is_no_jump() -> None:
    # The third peak passes the edge of a bucket at 1/3.
    kernels = [np.repeat([-1.0, 0.0, 0.3322 + 0.0001 * step, 1.0 + 1e-6 * step], 200) for step in range(16)]
    run = run_of({"fc1.weight": kernels})
    assert run.tags[0].shapes.last.shape is Shape.SPIKY
    moves = run.tags[0].change.step_moves
    assert moves.max() > 10 * np.median(moves)  # in the histogram it jumps
    assert not findings_of("regime-change", run)


@pytest.mark.parametrize("values", [5, 10, 63])
def test_kernels_of_a_few_values_date_nothing(values: int) -> None:
    tensors = [w.ravel()[:values] for w in walk([0.003] * 9 + [0.1] + [0.003] * 2)]
    run = run_of({"fc1.weight": tensors, "fc2.weight": tensors}, layout="exponential")
    assert status_of("regime-change", run) is Status.SKIPPED


def twice(names: tuple[str, str], *, later: float = 100.0, start: int = 0) -> RunAnalysis:
    """A network of two layers that is trained twice, the second time under other names."""
    layers = [f"{name}{suffix}/kernel" for suffix in names for name in ("dense", "out")]
    run = run_of({layer: walk(CALM, i % 2)[:6] for i, layer in enumerate(layers)})
    tags = {tag.tag: tag for tag in run.tags}
    for layer in layers[2:]:
        tags[layer] = replace(tags[layer], wall_times=tags[layer].wall_times + later, steps=tags[layer].steps + start)
    return replace(run, tags=tuple(tags.values()))


def test_another_training_of_the_same_network_in_the_same_folder_is_told() -> None:
    (finding,) = findings_of("regime-change", twice(("", "_28")))
    assert (finding.message, finding.severity, finding.advice) == ("another", Severity.INFO, ("folder",))
    assert (finding.values["first_layer"], finding.values["layer"]) == ("dense", "dense_28")


@pytest.mark.parametrize("changes", [{"later": 0.0}, {"start": 1000}])
def test_layers_that_are_logged_together_or_added_later_are_one_training(changes: dict[str, float]) -> None:
    assert not findings_of("regime-change", twice(("", "_28"), **changes))

import pytest
from run_builders import drifting, findings_of, glorot, run_of, status_of, still

from tb_histinsight.core.labels import Confidence, Severity, Status


def kernels(*moves: float, steps: int = 6):
    """Kernels that move by these shares of their spread; 0 is identical."""
    tensors = {}
    for i, move in enumerate(moves):
        start = glorot(150, 150, i)
        tensors[f"fc{i}.weight"] = drifting(start, move, steps, seed=i) if move else still(start, steps)
    return run_of(tensors)


def test_fires_as_a_remark_on_the_kernel_that_stays_behind() -> None:
    (finding,) = findings_of("barely-moves", kernels(0.5, 1e-4, 0.5))
    assert (finding.layer, finding.severity, finding.confidence) == ("fc1", Severity.INFO, Confidence.SUSPECT)


@pytest.mark.parametrize("moves", [(0.5, 0.5, 0.5), (1e-4, 1e-4, 1e-4), (0.5, 0.0, 0.5), (0.5, 0.3, 0.2)])
def test_stays_quiet(moves: tuple[float, ...]) -> None:
    assert not findings_of("barely-moves", kernels(*moves))


@pytest.mark.parametrize("run", [kernels(0.5, 1e-4), kernels(0.5, 1e-4, 0.5, steps=4)])
def test_says_what_is_missing(run) -> None:
    assert status_of("barely-moves", run) is Status.SKIPPED

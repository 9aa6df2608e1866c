import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, healthy, run_of, status_of, still

from tb_histinsight.core.labels import Confidence, Severity, Status
from tb_histinsight.rules import run_rules

FROZEN = {f"fc{i}.weight": still(glorot(60, 60, i)) for i in (1, 2, 3)}


@pytest.mark.parametrize("layout", ["equal", "exponential", "lossy"])
def test_fires_where_every_kernel_is_identical_and_a_bias_moves(layout: str) -> None:
    (finding,) = findings_of("only-biases-learn", run_of(healthy(**FROZEN), layout=layout))
    assert (finding.severity, finding.message, finding.layer) == (Severity.WARNING, "identical", None)
    assert finding.confidence is (Confidence.CERTAIN if layout == "exponential" else Confidence.LIKELY)


def test_frozen_layers_follow_from_it() -> None:
    outcomes = {outcome.rule: outcome for outcome in run_rules(run_of(healthy(**FROZEN)))}
    (leader,) = outcomes["only-biases-learn"].findings
    assert leader.cause is None
    assert {finding.cause for finding in outcomes["frozen-layer"].findings} == {leader.key("run")}


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"fc1.weight": FROZEN["fc1.weight"], "fc2.weight": FROZEN["fc2.weight"]},  # the last kernel moves
        FROZEN | {f"fc{i}.bias": still(np.zeros(60)) for i in (1, 2, 3)},
        FROZEN | {f"fc{i}.bias": drifting(np.linspace(-1, 1, 60) * 1e-6) for i in (1, 2, 3)},  # next to nothing
        FROZEN | {"embed.weight": drifting(glorot(60, 60, 9))},
    ],
)
def test_raises_no_alarm_elsewhere(extra: dict[str, list[np.ndarray]]) -> None:
    assert not findings_of("only-biases-learn", run_of(healthy(**extra)))


def test_kernels_that_move_too_little_to_see_are_a_remark_with_both_distances() -> None:
    """Story: the weights move more than the biases in absolute terms, and less than a bucket shows."""
    slow = {f"fc{i}.weight": drifting(glorot(200, 200, i), 3e-4, seed=i) for i in (1, 2, 3)}
    (finding,) = findings_of("only-biases-learn", run_of(healthy(**slow)))
    assert (finding.message, finding.severity, finding.confidence) == (
        "unresolved",
        Severity.INFO,
        Confidence.SUSPECT,
    )
    assert finding.values["bias_moved"] > finding.values["kernel_moved"] > 0


@pytest.mark.parametrize(
    "tensors",
    [
        {"fc1.weight": FROZEN["fc1.weight"]},
        {tag: values[:2] for tag, values in healthy(**FROZEN).items()},
    ],
)
def test_says_what_is_missing(tensors: dict[str, list[np.ndarray]]) -> None:
    assert status_of("only-biases-learn", run_of(tensors)) is Status.SKIPPED

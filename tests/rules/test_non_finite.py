import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, run_of, status_of

from tb_histinsight.core.labels import Confidence, Severity, Status

LAYOUTS = pytest.mark.parametrize("layout", ["equal", "exponential"])


def tensors(**bad: dict[int, float]) -> dict[str, list[np.ndarray]]:
    """Three layers; `bad` gives, per tag, the steps at which one value is spoilt, and by what."""
    found = {}
    for i in (1, 2, 3):
        for kind in ("weight", "grad"):
            tag = f"fc{i}.weight" + (".grad" if kind == "grad" else "")
            found[tag] = [step.copy() for step in drifting(glorot(20, 20, seed=i), seed=i)]
            for at, value in bad.get(f"{kind}{i}", {}).items():
                found[tag][at].flat[0] = value
    return found


@LAYOUTS
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_fires_once_on_the_first_step_and_the_first_tag_in_depth_order(layout: str, value: float) -> None:
    run = run_of(tensors(weight3={3: value, 4: value, 5: value}, weight2={4: value, 5: value}), layout=layout)
    (finding,) = findings_of("non-finite", run)
    assert (finding.severity, finding.confidence) == (Severity.CRITICAL, Confidence.CERTAIN)
    assert finding.tags == ("fc3.weight", "fc2.weight")
    assert (finding.layer, finding.first_step, finding.last_step) == ("fc3", 30, 50)


@LAYOUTS
def test_names_the_layer_nearest_to_the_input_where_several_begin_together(layout: str) -> None:
    run = run_of(tensors(weight3={3: np.nan}, weight1={3: np.nan}), layout=layout)
    (finding,) = findings_of("non-finite", run)
    assert finding.tags[0] == "fc1.weight"


def test_tells_of_growth_before() -> None:
    series = [glorot(20, 20) * 3.0**i for i in range(5)]
    series.append(np.full((20, 20), np.nan))
    (finding,) = findings_of("non-finite", run_of({"fc1.weight": series}))
    assert finding.message == "first_after_growth"
    assert 60 < finding.values["growth"] < 82  # 81 in truth, as far as the buckets prove it


def test_gradients_that_overflow_and_recover_are_a_warning() -> None:
    (finding,) = findings_of("non-finite", run_of(tensors(grad1={2: np.inf})))
    assert (finding.severity, finding.message) == (Severity.WARNING, "recovered")


def test_gradients_that_stay_infinite_are_critical() -> None:
    (finding,) = findings_of("non-finite", run_of(tensors(grad1={4: np.inf, 5: np.inf})))
    assert finding.severity is Severity.CRITICAL


def test_is_a_remark_where_the_name_is_no_networks() -> None:
    (finding,) = findings_of("non-finite", run_of({"Environment/Reward_hist": [np.array([1.0, np.nan])]}))
    assert finding.severity is Severity.INFO


def test_a_loss_that_is_nan_explains_histograms_that_end() -> None:
    loss = [1.0] * 6 + [np.nan] * 5
    (finding,) = findings_of("non-finite", run_of(tensors(), scalars={"train/loss": loss}))
    assert (finding.message, finding.first_step, finding.severity) == ("stopped", 60, Severity.WARNING)


@pytest.mark.parametrize(
    "scalars",
    [
        {"train/loss": [1.0] * 6 + [np.nan] + [1.0] * 4},  # recovers
        {"rollout/reward": [np.nan] * 11},  # not yet defined
        {"train/loss": [1.0] * 3 + [np.nan] * 8},  # histograms go on and are finite
    ],
)
def test_stays_quiet_about_other_scalars(scalars: dict[str, list[float]]) -> None:
    assert not findings_of("non-finite", run_of(tensors(), scalars=scalars))


@LAYOUTS
@pytest.mark.parametrize(
    "quiet",
    [
        {"fc1.weight": [np.empty(0)] * 4},  # empty is not NaN
        {"fc1.weight": [np.zeros(100)] * 4},
        {"fc1.weight": [np.full(100, 1e19)] * 4},
        tensors(),
    ],
)
def test_stays_quiet(layout: str, quiet: dict[str, list[np.ndarray]]) -> None:
    assert not findings_of("non-finite", run_of(quiet, layout=layout))


def test_values_beyond_the_last_limit_are_not_infinite() -> None:
    values = np.append(np.linspace(-1, 1, 99), 1e21)
    assert not findings_of("non-finite", run_of({"fc1.weight": [values] * 3}, layout="exponential"))


def test_nothing_to_look_at_is_no_pass() -> None:
    assert status_of("non-finite", run_of({})) is Status.SKIPPED

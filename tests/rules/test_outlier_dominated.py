import numpy as np
import pytest
from run_builders import findings_of, run_of, series_of, status_of

from tb_histinsight.core.labels import Severity, Status
from tb_histinsight.rules.outlier_dominated import share_of_squares

RNG = np.random.default_rng(0)
BELL = RNG.normal(size=5000)


def judge(values: np.ndarray, layout: str, tag: str = "fc1.weight"):
    return findings_of("outlier-dominated", run_of({tag: [values] * 4}, layout=layout))


@pytest.mark.parametrize("layout", ["exponential"])
def test_fires_where_few_values_carry_the_norm(layout: str) -> None:
    values = np.append(BELL, [200.0, -180.0])
    (finding,) = judge(values, layout)
    assert (finding.message, finding.severity) == ("carried", Severity.INFO)
    top = np.sort(values**2)[-5:].sum() / (values**2).sum()
    assert 0.5 < finding.values["share"] <= top


def test_the_share_is_never_more_than_the_truth() -> None:
    for seed in range(20):
        values = np.random.default_rng(seed).standard_t(2, 4000)
        top = np.sort(values**2)[-4:].sum() / (values**2).sum()
        assert share_of_squares(series_of("w", [values], layout="exponential").at(0), 1e-3) <= top + 1e-9


def test_fires_where_one_bucket_holds_all_but_an_outlier() -> None:
    found = judge(np.append(BELL + 3, 4000.0), "equal")
    assert [finding.message for finding in found] in (["squeezed"], [])


@pytest.mark.parametrize("layout", ["equal", "exponential"])
@pytest.mark.parametrize(
    ("values", "tag"),
    [
        (BELL, "fc1.weight"),
        (RNG.laplace(size=5000), "fc1.weight.grad"),
        (np.zeros(5000), "fc1.weight.grad"),
        (np.maximum(BELL, 0), "fc1/activations"),
        (np.append(BELL, 1e4), "fc1.bias"),
        (np.append(BELL, 1e4), "Environment/Reward_hist"),
    ],
)
def test_stays_quiet(values: np.ndarray, tag: str, layout: str) -> None:
    assert not judge(values, layout, tag)


def test_few_values_are_no_pass() -> None:
    assert status_of("outlier-dominated", run_of({"fc1.weight": [BELL[:900]] * 3})) is Status.SKIPPED


@pytest.mark.parametrize(("first_too", "step"), [(True, 0), (False, 50)])
def test_what_the_first_histogram_shows_as_well_is_dated_from_there(first_too: bool, step: int) -> None:
    rng = np.random.default_rng(8)
    ruled = np.append(rng.normal(0, 0.01, 4999), 30.0)
    first = ruled if first_too else rng.normal(0, 0.01, 5000)
    (finding,) = findings_of("outlier-dominated", run_of({"fc1.weight": [first, *[ruled] * 5]}))
    assert finding.first_step == step

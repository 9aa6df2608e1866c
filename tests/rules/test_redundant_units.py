import numpy as np
import pytest
from run_builders import findings_of, glorot, run_of, status_of, still

from tb_histinsight.core.labels import Confidence, Severity, Status


def peaks(*centres: float, per_peak: int = 200, width: float = 0.01) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(centre, width, per_peak) for centre in centres])


@pytest.mark.parametrize("layout", ["equal", "exponential"])
def test_fires_on_separate_peaks_and_says_where_they_are(layout: str) -> None:
    run = run_of({"fc1.weight": still(peaks(-0.1, 0.05, 0.25, width=0.002))}, layout=layout)
    (finding,) = findings_of("redundant-units", run)
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.SUSPECT)
    assert finding.values["peaks"] == 3
    assert np.allclose(finding.values["positions"], [-0.1, 0.05, 0.25], atol=0.01)


@pytest.mark.parametrize("seed", range(10))
def test_stays_quiet_on_few_values_that_look_spiky_by_chance(seed: int) -> None:
    few = np.random.default_rng(seed).normal(size=72)
    assert status_of("redundant-units", run_of({"fc1.weight": [few] * 4})) is Status.SKIPPED


@pytest.mark.parametrize(
    "weights",
    [
        glorot(100, 100),
        np.random.default_rng(1).normal(size=300),
        np.random.default_rng(2).standard_t(2, 1000),  # outliers stand alone
        np.append(np.random.default_rng(3).normal(size=500), 40.0),
        np.append(np.zeros(1000), np.random.default_rng(4).normal(size=50)),
        np.full(1000, 0.5),
    ],
)
def test_stays_quiet_on_one_hill_or_outliers(weights: np.ndarray) -> None:
    assert not findings_of("redundant-units", run_of({"fc1.weight": [weights] * 4}))


def test_it_is_dated_from_where_the_peaks_began() -> None:
    rng = np.random.default_rng(7)
    broad = rng.normal(size=4000)
    peaks = rng.choice([-1.0, 0.2, 0.9], 4000) + rng.normal(0, 1e-3, 4000)
    (finding,) = findings_of("redundant-units", run_of({"fc1.weight": [broad, broad, peaks, peaks, peaks]}))
    assert finding.first_step == 20

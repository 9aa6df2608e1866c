"""Every rule over inputs in which something is missing: it may say so, it must not break or cry wolf."""

import warnings

import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, healthy, run_of, still

from tb_histinsight.core.labels import Severity
from tb_histinsight.rules import all_rules

RNG = np.random.default_rng(3)
NAN = np.full(100, np.nan)
DEGENERATE = {
    "no tags": {},
    "empty tensors": {"fc1.weight": still(np.empty(0)), "fc2.weight": still(np.empty(0))},
    "one element": {"fc1.weight": [np.array([float(i)]) for i in range(5)], "fc1.bias": still(np.ones(1))},
    "one step": {"fc1.weight": [RNG.normal(size=300)], "fc2.weight": [RNG.normal(size=300)]},
    "two steps": {f"fc{i}.weight": drifting(RNG.normal(size=300), steps=2) for i in (1, 2)},
    "huge": {"fc1.weight": drifting(RNG.normal(size=300) * 1e15), "fc2.weight": drifting(RNG.normal(size=300) * 1e15)},
    "tiny": {"fc1.weight": drifting(RNG.normal(size=300) * 1e-30), "fc2.weight": drifting(RNG.normal(size=300))},
    "not a network": {"Environment/Cumulative Reward_hist": drifting(RNG.normal(size=300)), "x": still(np.zeros(9))},
    "gradients only": {"fc1.weight.grad": drifting(RNG.normal(size=300)), "fc2.weight.grad": still(np.ones(1))},
}


@pytest.mark.parametrize("layout", ["equal", "exponential", "lossy"])
@pytest.mark.parametrize("case", DEGENERATE)
def test_no_rule_breaks_or_warns_on_degenerate_input(case: str, layout: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        run = run_of(DEGENERATE[case], layout=layout)
        for rule in all_rules():
            for finding in findings_of(rule.id, run):
                assert finding.severity is Severity.INFO, (rule.id, finding)


@pytest.mark.parametrize("layout", ["equal", "exponential"])
@pytest.mark.parametrize("case", ["all", "one step", "last step", "one value"])
def test_nan_breaks_no_rule(case: str, layout: str) -> None:
    tensors = {f"fc{i}.weight": list(drifting(glorot(20, 20, seed=i), seed=i)) for i in (1, 2, 3)}
    spoilt = {"all": range(6), "one step": [2], "last step": [5], "one value": [4]}[case]
    for at in spoilt:
        tensors["fc2.weight"][at] = tensors["fc2.weight"][at].copy()
        if case == "one value":
            tensors["fc2.weight"][at].flat[0] = np.nan
        else:
            tensors["fc2.weight"][at][:] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        run = run_of(tensors, layout=layout)
        for rule in all_rules():
            for finding in findings_of(rule.id, run):
                assert rule.id == "non-finite" or finding.severity is Severity.INFO, finding


@pytest.mark.parametrize("layout", ["equal", "exponential", "lossy"])
def test_a_healthy_run_raises_no_alarm(layout: str) -> None:
    run = run_of(healthy(), layout=layout)
    for rule in all_rules():
        for finding in findings_of(rule.id, run):
            assert finding.severity is Severity.INFO, finding

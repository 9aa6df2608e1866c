"""Weights near 0: collapsed against their own past, sparse, simply small, or grown since."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))

from run_builders import run_of

from tb_histinsight.core.near_zero import near_zero, usual_scales

NORMAL = np.random.default_rng(0).normal(size=(400, 50))
BIAS = [np.zeros(50)] * 5
USUAL = np.sqrt(2 / 400)


def kind(kernel: list[np.ndarray], *, bias: bool = True) -> str | None:
    tensors = {"fc.weight": kernel} | ({"fc.bias": BIAS} if bias else {})
    found = near_zero(run_of(tensors))
    return found[0].kind if found else None


@pytest.mark.parametrize(
    ("scales", "expected"),
    [
        ([1.0, 0.6, 0.3, 0.1, 0.05], "collapsed"),
        ([0.02, 0.02, 0.02, 0.02, 0.02], "small"),
        ([0.02, 0.05, 0.1, 0.3, 0.5], "grown"),
        ([1.0, 1.0, 1.0, 0.9, 0.8], None),
        ([1.0, 0.8, 0.6, 0.5, 0.4], None),  # a decay of the usual size
    ],
)
def test_scale_tells_against_its_past_and_its_fan_in(scales: list[float], expected: str | None) -> None:
    assert kind([USUAL * scale * NORMAL for scale in scales]) == expected


def test_mostly_zeros_are_sparse_and_counted() -> None:
    sparse = USUAL * NORMAL * (np.random.default_rng(1).random(NORMAL.shape) < 0.25)
    (found,) = near_zero(run_of({"fc.weight": [USUAL * NORMAL, *[sparse] * 4], "fc.bias": BIAS}, layout="exponential"))
    assert found.kind == "sparse"
    assert found.zero_least == pytest.approx((sparse == 0).mean(), abs=1e-9)
    assert (found.fan_in, found.least, found.most) == (400, *usual_scales(400, 50))


def test_without_a_bias_beside_it_nothing_is_called_small() -> None:
    assert kind([0.02 * USUAL * NORMAL] * 5, bias=False) is None
    assert kind([USUAL * NORMAL, *[0.01 * USUAL * NORMAL] * 4], bias=False) == "collapsed"


@pytest.mark.parametrize("kernel", [[np.full((400, 50), np.nan)] * 5, [np.zeros((400, 50))] * 5])
def test_what_has_no_scale_does_not_break_it(kernel: list[np.ndarray]) -> None:
    assert kind(kernel) in (None, "sparse", "small")

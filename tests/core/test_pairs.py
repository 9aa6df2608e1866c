"""Kernels beside their biases: how far each moved, in three units."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))

from run_builders import drifting, glorot, run_of, still

from tb_histinsight.core.pairs import pairs_of

KERNEL = glorot(100, 50)
BIAS = [np.full(50, 0.1) + 0.002 * step * np.linspace(-1, 1, 50) for step in range(6)]


@pytest.mark.parametrize("layout", ["equal", "exponential"])
def test_movement_is_told_as_it_is_in_spread_and_in_buckets(layout: str) -> None:
    kernel = [KERNEL + 0.002 * step for step in range(6)]
    (pair,) = pairs_of(run_of({"fc.weight": kernel, "fc.bias": BIAS}, layout=layout))
    assert pair.kernel_moved.distance == pytest.approx(0.01, rel=0.1)
    assert pair.kernel_moved.in_spread == pytest.approx(0.01 / KERNEL.std(), rel=0.1)
    assert pair.bias_moved.distance == pytest.approx(0.005, rel=0.1)
    if layout == "equal":
        assert pair.kernel_moved.in_buckets == pytest.approx(0.01 / (np.ptp(KERNEL) / 30), rel=0.1)
        assert pair.bias_moved.in_buckets == pytest.approx(0.005 / (0.02 / 30), rel=0.1)


def test_only_the_bias_is_visible_where_the_kernel_moves_less_than_a_bucket() -> None:
    (pair,) = pairs_of(run_of({"fc.weight": drifting(KERNEL, 0.1), "fc.bias": BIAS}))
    assert pair.only_bias_visible


@pytest.mark.parametrize(
    ("kernel", "bias"),
    [
        (still(KERNEL), BIAS),  # identical is another matter
        ([KERNEL * (1 + step) for step in range(6)], BIAS),
        (drifting(KERNEL, 0.1), still(np.linspace(0, 1, 50))),
    ],
)
def test_elsewhere_it_is_not(kernel: list[np.ndarray], bias: list[np.ndarray]) -> None:
    (pair,) = pairs_of(run_of({"fc.weight": kernel, "fc.bias": bias}))
    assert not pair.only_bias_visible


@pytest.mark.parametrize(
    "tensors",
    [
        {"fc.weight": drifting(KERNEL)},
        {"fc.weight": drifting(KERNEL), "fc.bias": still(np.zeros(50))},  # no spread to compare with
        {"fc.weight": [np.full(9, np.nan)] * 3, "fc.bias": BIAS[:3]},
        {"fc.weight": [KERNEL], "fc.bias": [BIAS[0]]},
    ],
)
def test_what_cannot_be_compared_is_no_pair(tensors: dict[str, list[np.ndarray]]) -> None:
    assert pairs_of(run_of(tensors)) == []

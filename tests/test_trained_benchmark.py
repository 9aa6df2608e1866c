"""The truth of the benchmark on trained networks: what raw numbers say of samples whose distribution is known."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from benchmarks.accuracy.trained.raw import facts_of
from benchmarks.accuracy.trained.right_changes import right_changes
from benchmarks.accuracy.trained.right_shapes import right_shapes

RNG = np.random.default_rng(5)
KNOWN = {
    "gaussian": RNG.normal(size=20000),
    "uniform": RNG.uniform(-1, 1, 20000),
    "heavy_tailed": RNG.laplace(size=20000),
    "skewed": RNG.exponential(size=20000),
    "sparse": np.maximum(RNG.normal(size=20000), 0),
    "spiky": RNG.choice([-1.0, 1.0, 3.0], 20000),
    "multimodal": RNG.normal(size=20000) + RNG.choice([-3, 3], 20000),
    "saturated": np.tanh(RNG.normal(0, 3, 20000)),
    "constant": np.full(300, 0.3),
    "collapsed": np.zeros(300),
    "non_finite": np.array([1.0, np.nan]),
    "empty": np.zeros(0),
}


@pytest.mark.parametrize("shape", KNOWN)
def test_a_clear_sample_allows_its_own_shape_alone(shape):
    role = "activation" if shape == "saturated" else "weight"
    assert right_shapes(facts_of(KNOWN[shape]), role, "old") == ({shape}, True)


def test_few_values_demand_nothing():
    assert not right_shapes(facts_of(RNG.normal(size=100)), "weight", "old")[1]


def rows_of(tensors):
    first, before, rows = np.sort(tensors[0]), None, []
    for tensor in tensors:
        flat = np.sort(tensor)
        moved = None if before is None else float(np.abs(flat - before).mean())
        rows.append({**facts_of(tensor), "moved": moved, "from_first": float(np.abs(flat - first).mean())})
        before = flat
    return rows


@pytest.mark.parametrize(
    ("change", "tensors"),
    [
        ("frozen", [RNG.permutation(KNOWN["gaussian"]) for _ in range(8)]),
        ("stalled", [KNOWN["gaussian"] * (1 + min(t, 4)) for t in range(8)]),
        ("growing", [KNOWN["gaussian"] * (1 + 0.1 * t) for t in range(8)]),
        ("shrinking", [KNOWN["gaussian"] * (1 - 0.1 * t) for t in range(8)]),
        ("unknown", [KNOWN["gaussian"]] * 2),
    ],
)
def test_a_clear_course_allows_its_own_change_alone(change, tensors):
    assert right_changes(rows_of(tensors), 0.01)[0] == {change}


def test_a_drift_of_a_tensor_of_one_spread_is_neither_still_nor_growth():
    right, _ = right_changes(rows_of([KNOWN["gaussian"] + 0.1 * t for t in range(8)]), 0.01)
    assert "drifting" in right
    assert not right & {"still", "steady", "growing", "shrinking"}

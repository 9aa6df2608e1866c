"""What different ways to read one histogram must have in common."""

import numpy as np

ROUNDING = 4e-7
"""Relative; edges and counts that went through float32 are off by 6e-8, and rungs found from them by some more."""
SMALLEST = 1e-37
"""Below this, float32 has no full precision."""


def assert_agree(one, other, where=""):
    """Two series hold the same histograms, float32 rounding and what it merges allowed for."""
    assert one.steps.tolist() == other.steps.tolist(), where
    for i in range(len(one)):
        assert_same_histogram(one.at(i), other.at(i), f"{where} step {one.steps[i]}")


def assert_same_histogram(one, other, where=""):
    one, other = sorted((one, other), key=lambda histogram: len(histogram.count))
    assert bool(len(one.count)) == bool(len(other.count)), where
    if not len(one.count):
        return
    assert close(one.total, other.total), where
    assert close(one.left[0], other.left[0]), where
    assert close(one.right[-1], other.right[-1]), where
    # Each edge of the one with fewer buckets is an edge of the other, with as many values below it.
    edges, below = other.right, np.cumsum(other.count)
    for edge, count in zip(one.right[:-1], np.cumsum(one.count)[:-1], strict=True):
        assert any(close(count, found) for found in below[close(edges, edge)]), f"{where}: {count} values below {edge}"


def close(one, other):
    return np.abs(one - other) <= ROUNDING * np.maximum(np.abs(one), np.abs(other)) + SMALLEST

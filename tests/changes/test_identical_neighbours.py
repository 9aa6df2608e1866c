"""Steps that are equal to the one before, in series of more buckets than are compared at once."""

import numpy as np

from tb_histinsight.changes.neighbours import BLOCK_ROWS, identical_neighbours
from tb_histinsight.core.histogram import HistogramSeries


def _series(lengths: list[int], changed: int) -> HistogramSeries:
    """Steps of 1 ... buckets [0, 1], [1, 2], ... with one value each; two in the last bucket of one step."""
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    place = np.concatenate([np.arange(length) for length in lengths]).astype(np.float64)
    buckets = np.stack([place, place + 1, np.ones(len(place))], axis=1)
    buckets[offsets[changed + 1] - 1, 2] = 2
    n = len(lengths)
    return HistogramSeries(
        run=".",
        tag="w",
        steps=np.arange(n),
        wall_times=np.zeros(n),
        buckets=buckets,
        offsets=offsets,
        non_finite=np.zeros(n),
        uncounted=np.zeros(n),
    )


def test_one_changed_bucket_parts_a_step_from_both_neighbours_wherever_it_is() -> None:
    n = 2 * BLOCK_ROWS // 100 + 3
    for changed in (1, BLOCK_ROWS // 100, BLOCK_ROWS // 100 + 1, n - 2):
        expected = np.ones(n - 1)
        expected[[changed - 1, changed]] = 0
        np.testing.assert_array_equal(identical_neighbours(_series([100] * n, changed)), expected)


def test_steps_wider_than_a_block_and_empty_ones_are_compared_too() -> None:
    wide = 2 * BLOCK_ROWS + 1
    found = identical_neighbours(_series([wide, wide, 3, 3, 0, 0, wide, wide, wide], changed=8))
    np.testing.assert_array_equal(found, [1, 0, 1, 0, 0, 0, 1, 0])

import numpy as np
import pytest

from tb_histinsight.sources.data_provider.sampling import estimated_total, order_steps


def reservoir(steps, keeps, seed):
    """What TensorBoard's loaders leave of a series: a random sample, and always the last step."""
    rng = np.random.default_rng(seed)
    kept = rng.choice(len(steps) - 1, keeps - 1, replace=False)
    return steps[np.sort(np.append(kept, len(steps) - 1))]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("total", [101, 150, 500, 5000])
@pytest.mark.parametrize("stride", [1, 10, 391])
def test_the_number_of_steps_is_recovered_from_a_regular_grid(total, stride, seed):
    kept = reservoir(np.arange(total, dtype=np.int64) * stride, 100, seed)
    found = estimated_total(kept, 100)
    # A step missing at the end of the ladder of strides cannot be seen when all gaps share a larger divisor: never at
    # these sizes. Logging that begins at step 0 is found whatever the first kept step.
    assert found == total


def test_steps_that_begin_far_from_zero_are_counted_from_the_first():
    kept = reservoir(np.arange(100_000, 100_500, dtype=np.int64), 100, 1)
    found = estimated_total(kept, 100)
    assert 450 < found <= 500


def test_a_complete_series_is_no_sample():
    assert estimated_total(np.arange(99, dtype=np.int64), 100) is None
    assert estimated_total(np.arange(0, 1000, 10, dtype=np.int64), 100) is None


def test_nothing_is_claimed_without_a_limit():
    assert estimated_total(np.array([0, 1, 5, 30]), None) is None


def test_irregular_logging_is_not_mistaken_for_a_sample():
    """Dense at first, then rarer: as many training scripts log."""
    steps = np.concatenate([np.arange(50), np.arange(100, 5100, 100)]).astype(np.int64)
    assert len(steps) == 100
    assert estimated_total(steps, 100) is None
    doubling = np.unique(np.round(1.1 ** np.arange(200)).astype(np.int64))[:100]
    assert estimated_total(doubling, 100) is None


def test_ascending_steps_are_kept_as_they_are():
    order = order_steps(np.array([0, 5, 9]), np.array([1.0, 2.0, 3.0]))
    assert order.kept.tolist() == [0, 1, 2]
    assert order.restarts.tolist() == []


def test_a_step_back_drops_what_it_replaces():
    order = order_steps(np.array([0, 10, 20, 30, 10, 20]), np.arange(6.0))
    assert order.kept.tolist() == [0, 4, 5]
    assert order.restarts.tolist() == [10]


def test_different_records_of_one_step_written_together_collide():
    order = order_steps(np.array([0, 0, 1, 1]), np.array([0.0, 0.1, 60.0, 60.1]), lambda i, j: False)
    assert order.kept.tolist() == [1, 3]
    assert order.collisions.tolist() == [0, 1]


def test_equal_records_of_one_step_do_not_collide():
    order = order_steps(np.array([0, 0, 1]), np.array([0.0, 0.1, 60.0]), lambda i, j: True)
    assert order.kept.tolist() == [1, 2]
    assert order.collisions.tolist() == []


def test_a_restart_at_the_last_step_is_no_collision():
    order = order_steps(np.array([0, 1, 2, 2, 3]), np.array([0.0, 60, 120, 4000, 4060]), lambda i, j: False)
    assert order.kept.tolist() == [0, 1, 3, 4]
    assert order.collisions.tolist() == []
    assert order.restarts.tolist() == [2]


def test_no_record_at_all():
    assert order_steps(np.empty(0, np.int64), np.empty(0)).kept.tolist() == []

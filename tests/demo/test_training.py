"""What the demonstration networks went through, told from their raw tensors: the truth behind the histograms."""

import numpy as np
import pytest


def first_and_last(outcome, tag):
    series = outcome.tensors[tag]
    return series[min(series)], series[max(series)]


def moved(outcome, tag):
    """Mean |change| of the values from first to last step, in standard deviations of the first."""
    first, last = first_and_last(outcome, tag)
    return np.abs(last - first).mean() / first.std()


@pytest.mark.parametrize("name", ["healthy", "only_last_layer", "duplicated_units", "collapsed", "diverged"])
def test_every_run_logs_twenty_to_fifty_steps_from_step_0_on(demo, name):
    for steps in demo[name].tensors.values():
        assert 20 <= len(steps) <= 50
        assert min(steps) == 0


def test_the_healthy_network_learns_its_task_in_every_layer(demo):
    assert demo["healthy"].accuracy > 0.93
    for layer in ("dense_1", "dense_2", "dense_3", "dense_4"):
        assert moved(demo["healthy"], f"{layer}/kernel") > 0.05
        assert np.count_nonzero(first_and_last(demo["healthy"], f"gradients/{layer}/kernel")[1])
    for layer in ("dense_1", "dense_2", "dense_3"):
        zeros = np.mean(first_and_last(demo["healthy"], f"{layer}/activations")[1] == 0)
        assert 0.2 < zeros < 0.8


def test_only_the_last_layer_of_only_last_layer_ever_moves(demo):
    run = demo["only_last_layer"]
    for layer in ("dense_1", "dense_2", "dense_3"):
        tensors = list(run.tensors[f"{layer}/kernel"].values())
        assert all(np.array_equal(tensors[0], other) for other in tensors)
        assert np.abs(run.tensors[f"gradients/{layer}/kernel"][0]).max() > 0
    assert moved(run, "dense_4/kernel") > 0.5
    assert not [tag for tag in run.tensors if "bias" in tag]


def test_the_first_layer_of_only_last_layer_is_glorot_uniform(demo):
    kernel = first_and_last(demo["only_last_layer"], "dense_1/kernel")[1]
    limit = np.sqrt(6 / (60 + 200))
    assert np.abs(kernel).max() == pytest.approx(limit, rel=1e-3)
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)


@pytest.mark.parametrize(("tag", "different"), [("dense_1/kernel", 6), ("dense_2/kernel", 3)])
def test_duplicated_units_have_many_weights_but_few_different_ones(demo, tag, different):
    for step, kernel in demo["duplicated_units"].tensors[tag].items():
        # Copies may part by a rounding error of a matrix product.
        assert kernel.size >= 256
        assert len(np.unique(kernel.round(4))) == different, step
    assert demo["duplicated_units"].accuracy > 0.93


def test_the_kernels_of_collapsed_become_exact_zeros(demo):
    for layer in ("dense_1", "dense_2", "dense_3", "dense_4"):
        first, last = first_and_last(demo["collapsed"], f"{layer}.weight")
        assert np.count_nonzero(first) == first.size
        assert not last.any()
    assert demo["collapsed"].accuracy < 0.35


def test_diverged_grows_from_update_to_update_and_ends_as_nan(demo):
    kernels = [kernel for _, kernel in sorted(demo["diverged"].tensors["dense_3/kernel"].items())]
    finite = [np.sqrt(np.mean(np.square(kernel, dtype=np.float64))) for kernel in kernels if np.isfinite(kernel).all()]
    assert len(finite) >= 10
    doubled = [later > 2 * earlier for earlier, later in zip(finite, finite[1:])]  # noqa: B905, RUF007
    assert sum(doubled) >= 5
    assert np.isnan(kernels[-1]).all()


def test_the_same_seed_gives_the_same_run(demo, tmp_path):
    from tb_histinsight.demo.recorder import Recorder
    from tb_histinsight.demo.runs import demo_runs

    run = demo_runs()["duplicated_units"]
    with Recorder(tmp_path / "again", run.ENCODING, keep=True) as recorder:
        again = run.train(recorder)
    for tag, steps in demo["duplicated_units"].tensors.items():
        for step, tensor in steps.items():
            np.testing.assert_array_equal(again.tensors[tag][step], tensor)

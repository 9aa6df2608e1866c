"""run-difference on networks that were trained for it: one layer more, weight decay, other seeds."""

import re
from itertools import pairwise
from unittest.mock import ANY

import numpy as np
import pytest

from tb_histinsight.api import analyze
from tb_histinsight.demo.network import Dense, Network, glorot_uniform, softmax_cross_entropy, squared_error
from tb_histinsight.demo.optimisers import Adam, GradientDescent
from tb_histinsight.demo.recorder import Recorder
from tb_histinsight.logging.event_writer import Encoding

WIDTH = 16


def one_more_layer(folder, names, *, seed=0, updates=300):
    """An identity encoder whose weights start far too small; every layer more takes a factor off the gradient."""
    rng = np.random.default_rng(seed)
    sizes = [1, *[WIDTH] * (len(names) - 1), 1]
    layers = [
        Dense(name, rng.normal(0, 1e-3, (a, b)).astype(np.float32), np.zeros(b, np.float32), "relu")
        for name, (a, b) in zip(names, pairwise(sizes), strict=True)
    ]
    layers[-1].activation = "linear"
    network, optimiser = Network(layers), GradientDescent(layers, 1e-3)
    with Recorder(folder, Encoding.OLD_STYLE, keep=True) as recorder:
        for step in range(updates):
            x = rng.uniform(0, 4, (1, 1)).astype(np.float32)
            outputs = network.forward(x)
            gradients = network.backward(outputs, squared_error(outputs[-1], x)[1])
            if step % 10 == 0:
                recorder.network(network, outputs, gradients, step)
            optimiser.step(gradients)
    return recorder.tensors


def classifier(folder, decay, *, names=("dense_1", "dense_2", "out"), seed=0, encoding=Encoding.TF2, every=25):
    """A perceptron of three layers, Adam, with or without an L2 penalty on its kernels."""
    rng = np.random.default_rng(seed)
    data = np.random.default_rng(99)
    x = data.normal(size=(600, 32)).astype(np.float32)
    labels = np.argmax(np.tanh(x @ data.normal(size=(32, 5))), axis=1)
    layers = [
        Dense(name, glorot_uniform(rng, a, b), np.zeros(b, np.float32), "relu")
        for name, (a, b) in zip(names, pairwise((32, 48, 48, 5)), strict=True)
    ]
    layers[-1].activation = "linear"
    network, optimiser = Network(layers), Adam(layers, 5e-3)
    with Recorder(folder, encoding, keep=True) as recorder:
        for step in range(201):
            batch = rng.integers(0, len(x), 32)
            outputs = network.forward(x[batch])
            gradients = network.backward(outputs, softmax_cross_entropy(outputs[-1], labels[batch])[1])
            if step % every == 0:
                for layer in layers:
                    recorder.histogram(f"{layer.name}/kernel", layer.kernel, step)
            for layer, gradient in zip(layers, gradients, strict=True):
                gradient.kernel[...] += 2 * decay * layer.kernel
            optimiser.step(gradients)
    return recorder.tensors


def rms(tensor):
    return float(np.sqrt(np.mean(np.square(tensor, dtype=np.float64))))


def late_rms(tensors, tag):
    """Median RMS over the last half of the steps, from the raw tensors."""
    values = [rms(tensors[tag][step]) for step in sorted(tensors[tag])]
    return float(np.median(values[len(values) // 2 :]))


@pytest.mark.parametrize("names", [("W", "W_1", "W_2"), ("first", "middle", "last")])
def test_the_gradient_that_one_more_layer_makes_smaller_is_told_with_its_factor(tmp_path, names):
    two = one_more_layer(tmp_path / "two_layers", ("W", "W_1"))
    three = one_more_layer(tmp_path / "three_layers", names)
    found = analyze(tmp_path, select=["run-difference"], jobs=1).comparisons
    (one,) = [
        c
        for c in found
        if c.tags == [f"{names[0]}.weight.grad", "W.weight.grad"]
        or c.tags == ["W.weight.grad", f"{names[0]}.weight.grad"]
    ]
    factor = late_rms(two, "W.weight.grad") / late_rms(three, f"{names[0]}.weight.grad")
    assert factor > 100
    assert max(one.ratio, 1 / one.ratio) == pytest.approx(factor, rel=1e-3)
    assert one.guessed == (names[0] != "W")
    assert one.step == 290
    assert found.index(one) < 5


def test_which_weights_shrink_and_which_grow_is_told_layer_by_layer(tmp_path):
    plain = classifier(tmp_path / "no_decay", 0.0)
    decayed = classifier(tmp_path / "decay", 0.02)
    found = {one.layer: one for one in analyze(tmp_path, select=["run-difference"], jobs=1).comparisons}
    for layer in ("dense_1", "dense_2"):
        shrunk, grown = (rms(run[f"{layer}/kernel"][200]) / rms(run[f"{layer}/kernel"][0]) for run in (decayed, plain))
        assert shrunk < 0.7
        assert grown > 1.1
        one = found[layer]
        low, high = one.ratio_bounds
        truth = rms(plain[f"{layer}/kernel"][200]) / rms(decayed[f"{layer}/kernel"][200])
        assert (one.run, one.step) == ("no_decay", 200)
        assert low <= truth <= high
        said = re.findall(r"(grew|shrank) to ([\d.]+)", one.message)
        assert said == [("grew", ANY), ("shrank", ANY)]
        assert [float(number) for _, number in said] == pytest.approx([grown, shrunk], rel=0.03)


def test_it_is_left_out_on_demand_and_does_not_depend_on_the_number_of_processes(tmp_path):
    classifier(tmp_path / "no_decay", 0.0)
    classifier(tmp_path / "decay", 0.02)
    alone = analyze(tmp_path, jobs=1)
    assert alone.comparisons
    assert analyze(tmp_path, jobs=2).comparisons == alone.comparisons
    without = analyze(tmp_path, ignore=["run-difference"], jobs=1)
    assert without.comparisons == []
    assert "run-difference" not in {outcome.rule for run in without.runs for outcome in run.outcomes}
    (one,) = analyze(tmp_path, run="^decay", jobs=1).runs
    assert [o.status for o in one.outcomes if o.rule == "run-difference"] == ["skipped"]


def test_the_same_in_other_names_buckets_and_steps(tmp_path):
    classifier(tmp_path / "no_decay", 0.0)
    classifier(
        tmp_path / "decay", 0.02, names=("dense_29", "dense_30", "dense_31"), encoding=Encoding.OLD_STYLE, every=20
    )
    found = {one.layer: one for one in analyze(tmp_path, select=["run-difference"], jobs=1).comparisons}
    assert {"dense_1": "dense_29", "dense_2": "dense_30"}.items() <= {
        k: v.other_layer for k, v in found.items()
    }.items()
    assert all(one.guessed and one.step == one.other_step == 200 for one in found.values())


@pytest.mark.parametrize("name", ["net_seed{}", "net_{}"])
def test_another_seed_is_no_difference(tmp_path, name):
    for seed in range(3):
        classifier(tmp_path / name.format("abc"[seed] if "seed" not in name else seed), 0.0, seed=seed)
    report = analyze(tmp_path, select=["run-difference"], jobs=1)
    assert report.comparisons == []
    assert {outcome.status for run in report.runs for outcome in run.outcomes} == {"passed"}

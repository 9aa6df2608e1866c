"""Updates of the wrong size, and tensors that a few outliers rule."""

import keras
import numpy as np
import torch
from torch import nn

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mlp
from benchmarks.diagnosis.training import Expect, sick
from benchmarks.diagnosis.truth import ruled_by_few, squeezed, step_of_size

SLOW = ("barely-moves", "untrained-initialisation", "vanishing-gradient", "only-biases-learn", "only-last-layer-learns",
        "frozen-layer", "gradient-underflow", "step-size")  # fmt: skip


@sick(
    Expect("step-size", "updates/fc1.weight", step_of_size("fc1.weight")),
    Expect("step-size", "updates/fc2.weight", step_of_size("fc2.weight")),
    also=SLOW,
)
def rate_far_too_small(recorder, rng):
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-7)
    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, updates=True)


@sick(
    Expect("step-size", "updates/fc2.weight", step_of_size("fc2.weight")),
    also=("regime-change", "exploding", "outlier-dominated", "saturated-activations", "frozen-layer"),
)
def weights_thrown_about(recorder, rng):
    """A learning rate so large that each step replaces the weights, held back by a limit on their size."""
    model = mlp(32, 64, 64, 5, activation=nn.Tanh)
    optimizer = torch.optim.SGD(model.parameters(), lr=30.0)

    def limit(_):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.clamp_(-0.3, 0.3)

    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, updates=True, before_step=limit)


@sick(Expect("outlier-dominated", "fc1.weight.grad", ruled_by_few), also=("exploding", "step-size"))
def one_wild_input(recorder, rng):
    """One input is in other units than the rest: its few weights get nearly all of the gradient."""
    points, label = data.blobs(rng, 4000, inputs=1200)
    points[:, 7] *= 3e3
    model = mlp(1200, 32, 5, activation=nn.Tanh)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    torch_loop.train(recorder, model, optimizer, cross_entropy, (points, label), rng=rng, batch=16)


@sick(
    Expect("outlier-dominated", "dense_1/kernel:0", squeezed),
    also=("redundant-units", "exploding", "regime-change", "initial-scale"),
)
def one_wild_weight(recorder, rng):
    """A bit has flipped in one weight of a layer."""
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(64, activation="relu", name="dense"),
            layers.Dense(64, activation="relu", name="dense_1"),
            layers.Dense(5, name="dense_2"),
        ]
    )
    kernel = np.array(model.layers[1].kernel)
    kernel[3, 5] = -50.0  # its unit is silent whenever the input speaks
    model.layers[1].kernel.assign(kernel)
    keras_loop.loop(
        recorder,
        model,
        data.blobs(rng, 3000),
        rng,
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        name=lambda variable: variable.path.split("/", 1)[-1] + ":0",
    )

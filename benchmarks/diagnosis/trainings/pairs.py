"""Two runs side by side of which one is worse: what differs, and where."""

import keras
import torch
from torch import nn

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mlp
from benchmarks.diagnosis.training import Expect, sick
from benchmarks.diagnosis.truth import apart

ALSO = ("vanishing-gradient", "gradient-underflow", "barely-moves", "initial-scale", "weight-decay",
        "untrained-initialisation", "collapsed-weights", "only-last-layer-learns", "only-biases-learn")  # fmt: skip


@sick(
    Expect("run-difference", "sigmoid/fc1.weight.grad", apart("relu/fc1.weight.grad", 10)),
    also=ALSO,
)
def relu_and_sigmoid(recorder, rng):
    """The same five layers with another activation."""
    points = data.blobs(rng, 4000)
    for name, activation in (("relu", nn.ReLU), ("sigmoid", nn.Sigmoid)):
        model = mlp(32, *[64] * 4, 5, activation=activation)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        torch_loop.train(recorder.of_run(name), model, optimizer, cross_entropy, points, rng=rng)


@sick(
    Expect("run-difference", "strong/dense/kernel:0", apart("weak/dense/kernel:0", 2)),
    also=ALSO,
)
def weak_and_strong_decay(recorder, rng):
    points = data.blobs(rng, 3000)
    for name, decay in (("weak", 1e-4), ("strong", 0.1)):
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
        keras_loop.loop(
            recorder.of_run(name),
            model,
            points,
            rng,
            optimizer=keras.optimizers.SGD(0.1, weight_decay=decay),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            name=lambda variable: variable.path.split("/", 1)[-1] + ":0",
        )

"""Trainings that blow up."""

import keras
import torch

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mean_squares, mlp
from benchmarks.diagnosis.training import Expect, sick
from benchmarks.diagnosis.truth import grows, non_finite

SCALE = ("exploding", "regime-change", "outlier-dominated", "step-size")


@sick(Expect("non-finite", None, non_finite), also=(*SCALE, "dead-activations", "frozen-layer"))
def torch_logarithm_of_zero(recorder, rng):
    """A loss of one's own with log(p), and a learning rate that rises: in the end one probability is 0."""
    model = mlp(32, 64, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.1**step)
    points = data.blobs(rng, 4000)

    def loss(logits, wanted):
        probability = torch.softmax(logits * 4, dim=1)
        return -torch.log(probability[torch.arange(len(wanted)), wanted]).mean()

    torch_loop.train(
        recorder,
        model,
        optimizer,
        loss,
        points,
        rng=rng,
        steps=90,
        log_every=3,
        outputs_of=("act1",),
        schedule=schedule,
    )


@sick(Expect("non-finite", None, non_finite), also=(*SCALE, "dead-activations", "frozen-layer"))
def keras_regression_diverges(recorder, rng):
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(64, activation="relu", name="dense"),
            layers.Dense(64, activation="relu", name="dense_1"),
            layers.Dense(1, name="dense_2"),
        ],
        name="sequential",
    )
    points, label = data.blobs(rng, 2000)
    wanted = (label[:, None] * 20.0).astype("float32")
    keras_loop.loop(
        recorder,
        model,
        (points, wanted),
        rng,
        optimizer=keras.optimizers.SGD(0.05),
        loss=keras.losses.MeanSquaredError(),
        steps=120,
        log_every=4,
    )


@sick(Expect("exploding", "fc2.weight", grows), also=(*SCALE, "saturated-activations"))
def grows_without_end(recorder, rng):
    """Weight decay with the wrong sign: every weight grows by 3 % at each step."""
    model = mlp(32, 64, 64, 5, activation=torch.nn.Tanh)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def grow(_):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.grad -= 3.0 * parameter

    torch_loop.train(
        recorder,
        model,
        optimizer,
        cross_entropy,
        data.blobs(rng, 4000),
        rng=rng,
        steps=240,
        log_every=10,
        before_step=grow,
    )


@sick(Expect("exploding", "fc1.weight.grad", grows), also=(*SCALE, "non-finite"))
def regression_diverges_slowly(recorder, rng):
    """A linear regression with a learning rate just above what it bears."""
    model = mlp(32, 1)
    points, label = data.blobs(rng, 4000)
    wanted = label[:, None].astype("float32")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.13)
    torch_loop.train(recorder, model, optimizer, mean_squares, (points, wanted), rng=rng, steps=60, log_every=2)

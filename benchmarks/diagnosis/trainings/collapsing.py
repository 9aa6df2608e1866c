"""Weights that vanish: too strong a penalty, too strong a decay."""

import keras
import torch

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mlp
from benchmarks.diagnosis.training import Expect, sick
from benchmarks.diagnosis.truth import collapsed, shrinks

ALSO = ("weight-decay", "vanishing-gradient", "gradient-underflow", "exploding", "dead-activations", "initial-scale")


@sick(
    Expect("collapsed-weights", "fc1.weight", collapsed),
    Expect("collapsed-weights", "fc2.weight", collapsed),
    also=ALSO,
)
def too_strong_l1(recorder, rng):
    """An L1 penalty by soft thresholding: the weights end as exact zeros."""
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)

    def shrink(_):
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if name.endswith("weight"):
                    parameter.copy_(torch.sign(parameter) * torch.clamp(parameter.abs() - 2e-3, min=0))

    torch_loop.train(
        recorder,
        model,
        optimizer,
        cross_entropy,
        data.blobs(rng, 4000),
        rng=rng,
        before_step=shrink,
    )


@sick(Expect("collapsed-weights", "sequential/dense/kernel/histogram", collapsed), also=ALSO)
def too_strong_l2(recorder, rng):
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers, l2 = keras.layers, keras.regularizers.l2(3.0)
    model = keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(128, activation="relu", kernel_regularizer=l2, name="dense"),
            layers.Dense(128, activation="relu", kernel_regularizer=l2, name="dense_1"),
            layers.Dense(5, kernel_regularizer=l2, name="dense_2"),
        ],
        name="sequential",
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.SGD(0.01)
    keras_loop.fit(recorder, model, data.blobs(rng, 3000), optimizer=optimizer, loss=loss, epochs=15)


@sick(Expect("weight-decay", "fc1.weight", shrinks), also=("collapsed-weights", "frozen-layer"))
def decay_without_gradient(recorder, rng):
    """Layer 1 is cut off from the loss, but decays."""
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=6.0)

    def cut(_):
        model.fc1.weight.grad.zero_()

    torch_loop.train(
        recorder,
        model,
        optimizer,
        cross_entropy,
        data.blobs(rng, 4000),
        rng=rng,
        before_step=cut,
        gradients=False,
    )


@sick(Expect("weight-decay", "dense_1/kernel/histogram", shrinks), also=("collapsed-weights", "frozen-layer"))
def penalty_and_nothing_else(recorder, rng):
    """`stop_gradient` behind layer 2; an L2 penalty in its loss is all that reaches it."""
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers
    x = start = keras.Input((32,))
    x = layers.Dense(64, activation="relu", name="dense")(x)
    detached = layers.Dense(64, activation="relu", kernel_regularizer=keras.regularizers.l2(0.1), name="dense_1")(x)
    x = layers.Add()([x, layers.Lambda(keras.ops.stop_gradient)(detached)])
    model = keras.Model(start, layers.Dense(5, name="dense_2")(x), name="sequential")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.SGD(0.01)
    keras_loop.fit(recorder, model, data.blobs(rng, 3000), optimizer=optimizer, loss=loss, epochs=15)

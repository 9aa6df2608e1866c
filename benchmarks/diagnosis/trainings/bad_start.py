"""Networks that start badly: all weights alike, or of the wrong size."""

import keras
import torch

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mean_squares, mlp
from benchmarks.diagnosis.training import Expect, sick
from benchmarks.diagnosis.truth import one_value, repeats, smaller_than, starts_off, vanishes

STUCK = (
    "frozen-layer",
    "only-biases-learn",
    "only-last-layer-learns",
    "dead-activations",
    "vanishing-gradient",
    "redundant-units",
    "collapsed-weights",
    "constant-weights",
    "gradient-underflow",
    "barely-moves",
    "initial-scale",
)


@sick(
    Expect("constant-weights", "sequential/dense/kernel/histogram", one_value),
    Expect("constant-weights", "sequential/dense_1/kernel/histogram", one_value),
    also=STUCK,
)
def all_zeros(recorder, rng):
    """Every kernel starts at zero: behind ReLU nothing but the last bias ever learns."""
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(64, activation="relu", kernel_initializer="zeros", name="dense"),
            layers.Dense(64, activation="relu", kernel_initializer="zeros", name="dense_1"),
            layers.Dense(5, kernel_initializer="zeros", name="dense_2"),
        ],
        name="sequential",
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    keras_loop.fit(recorder, model, data.blobs(rng, 3000), optimizer="adam", loss=loss)


@sick(
    Expect("constant-weights", "fc1.weight", one_value),
    Expect("constant-weights", "fc2.weight", one_value),
    also=STUCK,
)
def all_alike(recorder, rng):
    """Every weight starts at 0.05: the units of a layer stay copies of each other."""
    model = mlp(32, 64, 64, 5)
    for layer in (model.fc1, model.fc2, model.fc3):
        torch.nn.init.constant_(layer.weight, 0.05)
        torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, outputs_of=("act1",))


@sick(Expect("redundant-units", "fc1.weight", repeats), also=())
def copied_units(recorder, rng):
    """Layer 1 has few inputs, and its units start as copies of four."""
    model = mlp(3, 256, 5)
    with torch.no_grad():
        few = torch.randn(4, 3)
        model.fc1.weight.copy_(few.repeat(64, 1))
        model.fc1.bias.zero_()
        model.fc2.weight.copy_(torch.randn(5, 4).repeat(1, 64) / 16)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    torch_loop.train(
        recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000, inputs=3), rng=rng, gradients=False
    )


@sick(
    Expect("vanishing-gradient", "fc1.weight.grad", smaller_than("fc8.weight.grad", 1000)),
    also=("gradient-underflow", "barely-moves", "only-last-layer-learns", "initial-scale", "saturated-activations"),
)
def deep_sigmoid(recorder, rng):
    model = mlp(32, *[64] * 7, 5, activation=torch.nn.Sigmoid)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng)


@sick(
    Expect("initial-scale", "fc1.weight", starts_off(16)),
    Expect("vanishing-gradient", "fc1.weight.grad", vanishes("fc3.bias.grad", 1000)),
    also=("gradient-underflow", "barely-moves", "only-biases-learn", "only-last-layer-learns", "frozen-layer"),
)
def far_too_small(recorder, rng):
    """Three layers of N(0, 1e-3) that shall give back their input."""
    model = mlp(16, 16, 16, 16)
    with torch.no_grad():
        for layer in (model.fc1, model.fc2, model.fc3):
            layer.weight.normal_(0, 1e-3)
            layer.bias.zero_()
    one_hot = torch.eye(16)[torch.from_numpy(rng.integers(0, 16, 2000))].numpy()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
    torch_loop.train(recorder, model, optimizer, mean_squares, (one_hot, one_hot), rng=rng, batch=16)


@sick(Expect("initial-scale", "fc2.weight", starts_off(64)), also=("exploding", "step-size", "saturated-activations"))
def far_too_large(recorder, rng):
    """N(0, 1) weights into tanh."""
    model = mlp(32, 64, 64, 5, activation=torch.nn.Tanh)
    with torch.no_grad():
        for layer in (model.fc1, model.fc2, model.fc3):
            layer.weight.normal_(0, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    torch_loop.train(
        recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, outputs_of=("act1", "act2")
    )


@sick(Expect("redundant-units", "fc2.weight", repeats))
def weights_of_two_values(recorder, rng):
    """A kernel that starts as +0.05 or -0.05, and hardly leaves it."""
    model = mlp(32, 64, 64, 5)
    with torch.no_grad():
        model.fc2.weight.copy_(torch.sign(torch.randn(64, 64)) * 0.05)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, gradients=False)


@sick(
    Expect("vanishing-gradient", "fc1.weight.grad", smaller_than("fc10.weight.grad", 1000)),
    also=("gradient-underflow", "barely-moves", "only-last-layer-learns", "initial-scale", "only-biases-learn",
          "untrained-initialisation"),
)  # fmt: skip
def deep_and_small(recorder, rng):
    """Ten layers of tanh, each a third of the size that keeps a signal."""
    model = mlp(32, *[64] * 9, 5, activation=torch.nn.Tanh)
    with torch.no_grad():
        for layer in model:
            if isinstance(layer, torch.nn.Linear):
                layer.weight.normal_(0, 0.3 / layer.in_features**0.5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng)

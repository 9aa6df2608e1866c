"""Logs in which something stands still or is not trained at all, and layers that nobody gave to the optimiser."""

import keras
import torch

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mlp
from benchmarks.diagnosis.training import Expect, sick
from benchmarks.diagnosis.truth import all_zero, hardly_moves, identical, stops


@sick(
    Expect("frozen-layer", "fc2.weight", identical),
    Expect("frozen-layer", "fc2.bias", identical),
    Expect("untrained-initialisation", "fc2.weight", identical),
)
def forgotten_in_the_middle(recorder, rng):
    """Layer 2 is not in the optimiser's list; its gradients are fine."""
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.Adam([*model.fc1.parameters(), *model.fc3.parameters()], lr=1e-3)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng)


def _dense(rng, trained=(True, True, True, True), **options):
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    widths = (64, 64, 64, 5)
    model = keras.Sequential([keras.Input((32,))])
    for i, (units, yes) in enumerate(zip(widths, trained, strict=True)):
        activation = "tanh" if i < 3 else None
        name = f"dense_{i}" if i else "dense"
        model.add(keras.layers.Dense(units, activation=activation, name=name, trainable=yes, **options))
    return model


keras_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@sick(
    Expect("only-last-layer-learns", "sequential/dense/kernel/histogram", identical),
    Expect("only-last-layer-learns", "sequential/dense_1/kernel/histogram", identical),
    Expect("only-last-layer-learns", "sequential/dense_2/kernel/histogram", identical),
    also=("frozen-layer",),
)
def only_the_last_layer(recorder, rng):
    model = _dense(rng, (False, False, False, True))
    keras_loop.fit(recorder, model, data.blobs(rng, 3000), optimizer="adam", loss=keras_loss)


@sick(
    Expect("frozen-layer", "dense/kernel:0", identical),
    Expect("frozen-layer", "dense_1/kernel:0", identical),
    Expect("untrained-initialisation", "dense_1/kernel:0", identical),
    also=("only-biases-learn",),
)
def frozen_first_two(recorder, rng):
    model = _dense(rng)
    trained = [variable for layer in model.layers[2:] for variable in layer.trainable_variables]
    model.name = "sequential"
    keras_loop.loop(
        recorder,
        model,
        data.blobs(rng, 3000),
        rng,
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras_loss,
        trained=trained,
        name=lambda variable: variable.path.split("/", 1)[-1] + ":0",
    )


@sick(
    Expect("only-biases-learn", "fc1.weight", identical),
    Expect("only-biases-learn", "fc2.weight", identical),
    Expect("only-biases-learn", "fc3.weight", identical),
    also=("frozen-layer",),
)
def only_the_biases(recorder, rng):
    model = mlp(32, 64, 64, 5)
    biases = [parameter for name, parameter in model.named_parameters() if name.endswith("bias")]
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.endswith("bias"))
    optimizer = torch.optim.Adam(biases, lr=1e-2)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng)


@sick(
    Expect("barely-moves", "fc1.weight", hardly_moves()),
    also=("step-size", "vanishing-gradient"),
)
def far_too_slow_a_group(recorder, rng):
    """The first layer has a learning rate a million times smaller."""
    model = mlp(32, 64, 64, 5)
    groups = [
        {"params": model.fc1.parameters(), "lr": 1e-8},
        {"params": [*model.fc2.parameters(), *model.fc3.parameters()], "lr": 1e-2},
    ]
    torch_loop.train(recorder, model, torch.optim.SGD(groups), cross_entropy, data.blobs(rng, 4000), rng=rng)


@sick(Expect("barely-moves", "fc2.weight", hardly_moves()), also=("step-size", "untrained-initialisation"))
def gradient_all_but_cut(recorder, rng):
    """Someone scaled the gradient of layer 2 down to look at something, and forgot it there."""
    model = mlp(32, 64, 64, 64, 5)
    model.fc2.weight.register_hook(lambda gradient: gradient * 1e-5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, updates=True)


@sick(
    Expect("only-last-layer-learns", "features.fc1.weight", identical),
    Expect("only-last-layer-learns", "features.fc3.weight", identical),
    also=("frozen-layer", "untrained-initialisation"),
)
def signal_detached(recorder, rng):
    """A `detach()` before the last layer: no gradient comes through."""

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.features, self.out = mlp(32, 64, 64, 64), torch.nn.Linear(64, 5)

        def forward(self, x):
            return self.out(torch.relu(self.features(x)).detach())

    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng)


@sick(
    Expect("only-biases-learn", "dense/kernel:0", identical),
    Expect("only-biases-learn", "dense_2/kernel:0", identical),
    also=("frozen-layer", "untrained-initialisation"),
)
def kernels_put_back(recorder, rng):
    """A constraint that gives back the initial kernel: only biases keep what they learn."""
    model = _dense(rng)

    class Back(keras.optimizers.Adam):
        def apply_gradients(self, pairs):
            super().apply_gradients(pairs)
            for kernel, start in starts:
                kernel.assign(start)

    starts = [(layer.kernel, layer.kernel.numpy()) for layer in model.layers]
    keras_loop.loop(
        recorder,
        model,
        data.blobs(rng, 3000),
        rng,
        optimizer=Back(1e-2),
        loss=keras_loss,
        name=lambda variable: variable.path.split("/", 1)[-1] + ":0",
    )


@sick(
    Expect("frozen-layer", "fc1.weight", stops),
    Expect("frozen-layer", "fc2.weight", stops),
    Expect("frozen-layer", "fc2.weight.grad", all_zero),
    also=("exploding", "regime-change", "only-last-layer-learns", "dead-activations", "outlier-dominated",
          "vanishing-gradient", "gradient-underflow", "collapsed-weights"),
)  # fmt: skip
def cut_off_by_one_step(recorder, rng):
    """One step of a learning rate a thousand times too large: behind layer 3, which is dead from then on, no
    gradient ever arrives."""
    model = mlp(32, 64, 64, 64, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

    def leap(step):
        if step == 100:
            with torch.no_grad():
                model.fc3.bias -= 200.0

    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, before_step=leap)

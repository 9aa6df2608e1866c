"""Logs whose names put several tensors under one tag."""

import keras
import torch

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mlp
from benchmarks.diagnosis.training import Expect, sick
from benchmarks.diagnosis.truth import several_at_a_step


@sick(Expect("tag-collision", "kernel", several_at_a_step), Expect("tag-collision", "bias", several_at_a_step))
def variables_by_name(recorder, rng):
    """`tf.summary.histogram(variable.name, variable)`: in Keras 3 every kernel is called "kernel"."""
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((32,)), layers.Dense(64, activation="relu"), layers.Dense(32, activation="relu"), layers.Dense(5)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    keras_loop.loop(
        recorder,
        model,
        data.blobs(rng, 3000),
        rng,
        optimizer=keras.optimizers.Adam(1e-3),
        loss=loss,
        name=lambda variable: variable.name,
    )


@sick(Expect("tag-collision", "weights", several_at_a_step))
def one_tag_for_all(recorder, rng):
    """`for p in parameters(): add_histogram("weights", p, step)`."""
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, tag="weights")

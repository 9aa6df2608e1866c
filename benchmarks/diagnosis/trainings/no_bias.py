"""Layers written without a bias."""

import keras
import torch

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mlp
from benchmarks.diagnosis.training import Expect, sick
from benchmarks.diagnosis.truth import without


@sick(
    Expect("missing-bias", "fc1.weight", without("fc1.bias")),
    Expect("missing-bias", "fc3.weight", without("fc3.bias")),
)
def no_bias_anywhere(recorder, rng):
    model = mlp(32, 64, 64, 5, bias=False)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng)


@sick(
    Expect(
        "missing-bias",
        "sequential/dense_1/kernel/histogram",
        without("sequential/dense_1/bias/histogram"),
    )
)
def one_bias_forgotten(recorder, rng):
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(64, activation="relu", name="dense"),
            layers.Dense(64, activation="relu", use_bias=False, name="dense_1"),
            layers.Dense(64, activation="relu", name="dense_2"),
            layers.Dense(5, name="dense_3"),
        ],
        name="sequential",
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    keras_loop.fit(recorder, model, data.blobs(rng, 3000), optimizer="adam", loss=loss, epochs=10)

"""Healthy autoencoders and a small adversarial pair."""

import keras
import numpy as np
import torch

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import mean_squares, mlp
from benchmarks.diagnosis.training import healthy


@healthy
def keras_autoencoder(recorder, rng):
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    pixels = data.images(rng, 1500)[0].reshape(1500, -1)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((144,)),
            layers.Dense(64, activation="relu", name="dense"),
            layers.Dense(16, activation="relu", name="dense_1"),
            layers.Dense(64, activation="relu", name="dense_2"),
            layers.Dense(144, activation="sigmoid", name="dense_3"),
        ]
    )
    keras_loop.fit(
        recorder, model, (pixels, pixels), optimizer=keras.optimizers.Adam(2e-3), loss="binary_crossentropy", epochs=15
    )


@healthy
def torch_denoising_autoencoder(recorder, rng):
    pixels = data.images(rng, 1500)[0].reshape(1500, -1)
    noisy = (pixels + rng.normal(0, 0.2, pixels.shape)).astype(np.float32)
    model = mlp(144, 64, 12, 64, 144, activation=torch.nn.Tanh)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    torch_loop.train(
        recorder, model, optimizer, mean_squares, (noisy, pixels), rng=rng, outputs_of=("act1", "act2", "act3")
    )

"""Healthy recurrent networks."""

import keras
import torch
from torch import nn

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import mean_squares
from benchmarks.diagnosis.training import healthy


@healthy
def keras_lstm(recorder, rng):
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    model = keras.Sequential(
        [keras.Input((20, 1)), keras.layers.LSTM(24, name="lstm"), keras.layers.Dense(1, name="dense")]
    )
    optimizer = keras.optimizers.Adam(3e-3)
    keras_loop.fit(recorder, model, data.waves(rng, 1500), optimizer=optimizer, loss="mse", epochs=12)


class LastOutput(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.lstm, self.head = nn.LSTM(1, units, batch_first=True), nn.Linear(units, 1)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


@healthy
def torch_lstm(recorder, rng):
    model = LastOutput(24)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    torch_loop.train(recorder, model, optimizer, mean_squares, data.waves(rng, 1500), rng=rng, steps=250, log_every=10)

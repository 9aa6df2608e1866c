"""Healthy networks with word embeddings, whose gradients are mostly zeros."""

import keras
import torch
from torch import nn

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy
from benchmarks.diagnosis.training import healthy


@healthy
def keras_embedding_loop(recorder, rng):
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((12,), dtype="int32"),
            layers.Embedding(200, 16, name="embedding"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(16, activation="relu", name="dense"),
            layers.Dense(2, name="dense_1"),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.Adam(5e-3)
    keras_loop.loop(recorder, model, data.sentences(rng, 3000), rng, optimizer=optimizer, loss=loss)


class BagOfWords(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(200, 16, sparse=True)
        self.fc1, self.fc2 = nn.Linear(16, 32), nn.Linear(32, 2)

    def forward(self, words):
        return self.fc2(torch.relu(self.fc1(self.embedding(words).mean(dim=1))))


@healthy
def torch_sparse_embedding(recorder, rng):
    model = BagOfWords()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    torch_loop.train(
        recorder, model, optimizer, cross_entropy, data.sentences(rng, 3000), rng=rng, steps=400, log_every=16
    )

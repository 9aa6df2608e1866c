"""Healthy fully connected networks."""

import numpy as np
import torch

from benchmarks.diagnosis import data, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mean_squares, mlp
from benchmarks.diagnosis.training import healthy


@healthy
def dense_sgd_momentum(recorder, rng):
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, outputs_of=("act1", "act2"))


@healthy
def dense_adam(recorder, rng):
    model = mlp(32, 128, 64, 5, activation=torch.nn.GELU)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, tag="weights/{}")


@healthy
def schedule_ends_at_zero(recorder, rng):
    """The learning rate reaches exactly zero after three quarters: from then on every weight stands."""
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.0, 1 - step / 225))
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, schedule=schedule)


@healthy
def warm_up(recorder, rng):
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 60))
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, schedule=schedule)


@healthy
def softmax_regression_from_zero(recorder, rng):
    """One layer that starts at zero, as in the best known of all tutorials; its loss is convex."""
    model = mlp(32, 5)
    torch.nn.init.zeros_(model.fc1.weight)
    torch.nn.init.zeros_(model.fc1.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng)


@healthy
def deep_relu(recorder, rng):
    """Twelve layers with He initialisation: none of them moves much, and it learns."""
    model = mlp(32, *[64] * 11, 5)
    for layer in model:
        if isinstance(layer, torch.nn.Linear):
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, steps=400, log_every=20)


@healthy
def tanh_regression(recorder, rng):
    model = mlp(20, 50, 50, 1, activation=torch.nn.Tanh)
    inputs = rng.normal(size=(4000, 20)).astype(np.float32)
    wanted = np.sin(inputs[:, :1]) + 0.5 * inputs[:, 1:2] * inputs[:, 2:3]
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    torch_loop.train(recorder, model, optimizer, mean_squares, (inputs, wanted), rng=rng, outputs_of=("act1", "act2"))


@healthy
def four_logged_steps(recorder, rng):
    """Too short for any trend."""
    model = mlp(32, 64, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, steps=3, log_every=1)


@healthy
def trained_to_the_end(recorder, rng):
    """Everything is learned long before the end: the gradients become tiny."""
    model = mlp(32, 128, 128, 5)
    points = data.blobs(rng, 300)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, steps=900, log_every=36)

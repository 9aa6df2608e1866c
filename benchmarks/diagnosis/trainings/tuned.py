"""Healthy trainings of an unusual course: frozen on purpose, copied, restarted, in steps, tiny, large."""

import copy
import json

import keras
import numpy as np
import torch
from torch import nn

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mean_squares, mlp
from benchmarks.diagnosis.training import healthy
from benchmarks.diagnosis.truth import Recorder


@healthy
def frozen_backbone(recorder, rng):
    """A trained backbone under a new head; that it is frozen on purpose is marked beside the log."""
    points, label = data.blobs(rng, 4000)
    model = nn.Sequential(
        torch.nn.modules.container.OrderedDict(backbone=mlp(32, 64, 64), act=nn.ReLU(), head=nn.Linear(64, 5))
    )
    unlogged = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(100):
        chosen = torch.from_numpy(rng.integers(0, 4000, 64))
        unlogged.zero_grad()
        cross_entropy(model(torch.from_numpy(points)[chosen]), torch.from_numpy(label)[chosen]).backward()
        unlogged.step()
    for parameter in model.backbone.parameters():
        parameter.requires_grad_(False)
        parameter.grad = None
    nn.init.normal_(model.head.weight, std=0.1)
    optimizer = torch.optim.Adam(model.head.parameters(), lr=2e-3)
    torch_loop.train(recorder, model, optimizer, cross_entropy, (points, (label + 2) % 5), rng=rng)
    meant = [{"mark": "intended", "rule": rule, "reason": "the backbone is frozen"} for rule in
             ("frozen-layer", "only-last-layer-learns")]  # fmt: skip
    text = "".join(json.dumps(mark) + "\n" for mark in meant)
    (recorder.folder / "tb-histinsight.notes.jsonl").write_text(text)


@healthy
def backbone_thawed_slowly(recorder, rng):
    """The backbone learns from the start, a hundred times slower than the head."""
    model = nn.Sequential(
        torch.nn.modules.container.OrderedDict(backbone=mlp(32, 64, 64), act=nn.ReLU(), head=nn.Linear(64, 5))
    )
    groups = [{"params": model.backbone.parameters(), "lr": 2e-5}, {"params": model.head.parameters(), "lr": 2e-3}]
    torch_loop.train(recorder, model, torch.optim.AdamW(groups), cross_entropy, data.blobs(rng, 4000), rng=rng)


@healthy
def q_learning_with_target(recorder, rng):
    """A value network and its copy, which is renewed every 100 steps and stands still between."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.policy_net = mlp(8, 64, 64, 4)
            self.target_net = copy.deepcopy(self.policy_net)
            for parameter in self.target_net.parameters():
                parameter.requires_grad_(False)

        def forward(self, state):
            return self.policy_net(state)

    model = Model()
    state = rng.normal(size=(4000, 8)).astype(np.float32)
    effect = rng.normal(size=(4, 8)).astype(np.float32)
    optimizer = torch.optim.Adam(model.policy_net.parameters(), lr=1e-3)

    def loss(value, states):
        action = torch.randint(0, 4, (len(states),))
        after = 0.9 * states + 0.3 * torch.from_numpy(effect)[action]
        reward = -after[:, 0].abs()
        with torch.no_grad():
            target = reward + 0.9 * model.target_net(after).max(dim=1).values
        return nn.functional.smooth_l1_loss(value[torch.arange(len(states)), action], target)

    def renew(step):
        if step % 100 == 99:
            model.target_net.load_state_dict(model.policy_net.state_dict())

    torch_loop.train(
        recorder, model, optimizer, loss, (state, state), rng=rng, steps=500, log_every=20, before_step=renew
    )


@healthy
def averaged_copy(recorder, rng):
    """An exponential average of the weights is logged beside them."""
    model = nn.ModuleDict({"model": mlp(32, 64, 5)})
    model["ema"] = copy.deepcopy(model["model"])
    for parameter in model["ema"].parameters():
        parameter.requires_grad_(False)
    model.forward = model["model"].forward
    optimizer = torch.optim.SGD(model["model"].parameters(), lr=0.05, momentum=0.9)

    def average(_):
        with torch.no_grad():
            for mean, now in zip(model["ema"].parameters(), model["model"].parameters(), strict=True):
                mean.lerp_(now, 0.02)

    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, before_step=average)


@healthy
def step_decay(recorder, rng):
    """The learning rate falls to a tenth twice."""
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [150, 225])
    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, schedule=schedule, updates=True)


@healthy
def warm_restarts(recorder, rng):
    """The learning rate falls in cosines and comes back."""
    model = mlp(32, 64, 64, 5, activation=nn.Tanh)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 100)
    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, schedule=schedule, updates=True)


@healthy
def one_cycle_rmsprop(recorder, rng):
    model = nn.Sequential(
        torch.nn.modules.container.OrderedDict(
            fc1=nn.Linear(32, 128), act1=nn.ReLU(), drop1=nn.Dropout(0.5), fc2=nn.Linear(128, 64), act2=nn.ReLU(),
            drop2=nn.Dropout(0.5), fc3=nn.Linear(64, 5),
        )
    )  # fmt: skip
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=302)
    points = data.blobs(rng, 4000)
    torch_loop.train(
        recorder, model, optimizer, cross_entropy, points, rng=rng, schedule=schedule, outputs_of=("drop1", "drop2")
    )


@healthy
def million_weights(recorder, rng):
    """A layer of 1000 by 1000, few steps."""
    model = mlp(32, 1000, 1000, 5)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, steps=60, log_every=12, batch=32)


@healthy
def exclusive_or(recorder, rng):
    """The oldest of all: two inputs, eight sigmoid units, one output."""
    model = mlp(2, 8, 1, activation=nn.Sigmoid)
    nn.init.normal_(model.fc1.weight, std=2.0)
    inputs = rng.integers(0, 2, (500, 2)).astype(np.float32)
    wanted = (inputs[:, :1] != inputs[:, 1:]).astype(np.float32)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    loss = nn.functional.binary_cross_entropy_with_logits
    torch_loop.train(
        recorder, model, optimizer, loss, (inputs, wanted), rng=rng, steps=2000, log_every=80, outputs_of=("act1",)
    )


@healthy
def words_in_a_bag(recorder, rng):
    """Inputs that are nearly all zeros: most rows of the first gradient are zero in every batch."""
    words, label = data.sentences(rng, 3000, words=1000)
    bags = np.zeros((3000, 1000), np.float32)
    np.add.at(bags, (np.arange(3000)[:, None], words), 1.0)
    model = mlp(1000, 64, 2)
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.02)
    torch_loop.train(recorder, model, optimizer, cross_entropy, (bags, label), rng=rng, outputs_of=("act1",))


@healthy
def siamese_pair(recorder, rng):
    """One network sees two pictures of a thing; negatives come from the batch."""
    points, _ = data.blobs(rng, 4000)
    views = np.stack([points, points + rng.normal(0, 0.3, points.shape)], axis=1).astype(np.float32)
    model = mlp(32, 64, 16)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)

    def loss(found, _):
        code = nn.functional.normalize(found, dim=-1)
        return cross_entropy(code[:, 0] @ code[:, 1].T / 0.1, torch.arange(len(code)))

    torch_loop.train(recorder, model, optimizer, loss, (views, views), rng=rng, outputs_of=("act1",))


@healthy
def physics_informed(recorder, rng):
    """A sine network whose loss is that of a differential equation."""
    model = mlp(1, 48, 48, 1, activation=nn.Tanh)
    place = rng.uniform(-3, 3, (2000, 1)).astype(np.float32)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

    def loss(_, x):
        x = x.clone().requires_grad_(True)
        y = model(x)
        (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        return ((slope + y - torch.sin(x)) ** 2).mean() + model(torch.zeros(1, 1)).pow(2).mean()

    torch_loop.train(recorder, model, optimizer, loss, (place, place), rng=rng, steps=250, log_every=10)


@healthy
def keras_residual_cosine(recorder, rng):
    """Layer normalisation and shortcuts in Keras; AdamW; the learning rate falls to zero."""
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers
    x = start = keras.Input((32,))
    x = layers.Dense(48, name="embed")(x)
    for i in range(3):
        y = layers.LayerNormalization(name=f"layer_normalization_{i}")(x)
        y = layers.Dense(96, activation="gelu", name=f"dense_{2 * i}")(y)
        x = layers.Add()([x, layers.Dense(48, name=f"dense_{2 * i + 1}")(y)])
    model = keras.Model(start, layers.Dense(5, name="logits")(x))
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, 15 * 47)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=0.01)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    keras_loop.fit(recorder, model, data.blobs(rng, 3000), optimizer=optimizer, loss=loss, epochs=15)


@healthy
def keras_two_way_gru(recorder, rng):
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((20, 1)), layers.Bidirectional(layers.GRU(12), name="bidirectional"), layers.Dense(1)]
    )
    optimizer = keras.optimizers.RMSprop(3e-3)
    keras_loop.fit(recorder, model, data.waves(rng, 1000), optimizer=optimizer, loss="mse", epochs=8)


@healthy
def two_seeds(recorder, rng):
    """The same training twice: what differs is chance."""
    points = data.blobs(rng, 4000)
    for name in ("adam_seed0", "adam_seed1"):
        model = mlp(32, 64, 64, 5)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        part: Recorder = recorder.of_run(name)
        torch_loop.train(part, model, optimizer, cross_entropy, points, rng=rng)


@healthy
def stacked_regression(recorder, rng):
    """Targets in the thousands, a small network, Adam with decay: biases travel far."""
    inputs = rng.normal(size=(3000, 10)).astype(np.float32)
    wanted = (2000 + 300 * inputs[:, :1] * inputs[:, 1:2]).astype(np.float32)
    model = mlp(10, 32, 32, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.03, weight_decay=0.01)
    torch_loop.train(recorder, model, optimizer, mean_squares, (inputs, wanted), rng=rng, steps=400, log_every=20)

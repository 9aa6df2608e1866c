"""Healthy trainings that look odd: innocent pictures that a hasty rule would take for a trouble."""

import keras
import numpy as np
import torch
from torch import nn

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mean_squares, mlp
from benchmarks.diagnosis.training import healthy


@healthy
def wide_and_lazy(recorder, rng):
    """A wide network learns by moving each weight very little."""
    model = mlp(32, 2048, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, steps=150, outputs_of=("act1",))


@healthy
def small_start_that_grows(recorder, rng):
    """Weights start thirty times too small, grow to their size, and learn."""
    model = mlp(32, 64, 5)
    with torch.no_grad():
        for layer in (model.fc1, model.fc2):
            layer.weight.mul_(0.03)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng)


@healthy
def sparse_by_intent(recorder, rng):
    """A moderate L1 penalty: most weights of layer 1 end as exact zeros, and it learns."""
    model = mlp(32, 64, 5)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

    def shrink(_):
        with torch.no_grad():
            weight = model.fc1.weight
            weight.copy_(torch.sign(weight) * torch.clamp(weight.abs() - 4e-4, min=0))

    torch_loop.train(
        recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, before_step=shrink, steps=400
    )


@healthy
def scaled_loss(recorder, rng):
    """Gradients are logged under a loss scale of 65536, and divided by it before the step."""
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

    def unscale(_):
        for parameter in model.parameters():
            parameter.grad /= 65536

    torch_loop.train(
        recorder,
        model,
        optimizer,
        cross_entropy,
        data.blobs(rng, 4000),
        rng=rng,
        scale_loss=65536.0,
        before_step=unscale,
    )


@healthy
def summed_loss(recorder, rng):
    """The loss is a sum over the batch: large gradients, a small learning rate."""
    model = mlp(20, 64, 64, 1)
    inputs = rng.normal(size=(4000, 20)).astype(np.float32)
    wanted = 10 * inputs[:, :1] + 5 * np.abs(inputs[:, 1:2])
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

    def loss(found, wanted):
        return ((found - wanted) ** 2).sum()

    torch_loop.train(recorder, model, optimizer, loss, (inputs, wanted), rng=rng)


@healthy
def batch_of_one(recorder, rng):
    """Two layers of N(0, 1e-3) that learn to give back one of 16 units, one example at a time."""
    model = mlp(16, 16, 16)
    with torch.no_grad():
        for layer in (model.fc1, model.fc2):
            layer.weight.normal_(0, 0.05)
            layer.bias.fill_(0.1)
    one_hot = torch.eye(16)[torch.from_numpy(rng.integers(0, 16, 2000))].numpy()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    torch_loop.train(
        recorder, model, optimizer, mean_squares, (one_hot, one_hot), rng=rng, batch=1, steps=2000, log_every=50
    )


@healthy
def decay_before_normalisation(recorder, rng):
    """Strong weight decay on layers whose scale a normalisation takes out again."""
    model = nn.Sequential(
        torch.nn.modules.container.OrderedDict(
            fc1=nn.Linear(32, 64, bias=False),
            norm1=nn.LayerNorm(64),
            act1=nn.ReLU(),
            fc2=nn.Linear(64, 64, bias=False),
            norm2=nn.LayerNorm(64),
            act2=nn.ReLU(),
            fc3=nn.Linear(64, 5),
        )
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=0.01)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng)


@healthy
def variational_autoencoder(recorder, rng):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.enc, self.mu, self.logvar = nn.Linear(144, 64), nn.Linear(64, 8), nn.Linear(64, 8)
            self.dec, self.out = nn.Linear(8, 64), nn.Linear(64, 144)

        def forward(self, x):
            hidden = torch.relu(self.enc(x))
            mu, logvar = self.mu(hidden), self.logvar(hidden)
            z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
            self.divergence = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(dim=1).mean()
            return torch.sigmoid(self.out(torch.relu(self.dec(z))))

    model = Model()
    pixels = data.images(rng, 1500)[0].reshape(1500, -1)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

    def loss(found, wanted):
        return ((found - wanted) ** 2).sum(dim=1).mean() + 0.1 * model.divergence

    torch_loop.train(recorder, model, optimizer, loss, (pixels, pixels), rng=rng, tag="vae/{}")


@healthy
def rewarded_policy(recorder, rng):
    """Policy gradients: the loss says little, and its gradient shrinks as the policy becomes sure."""
    model = mlp(32, 64, 64, 5, activation=nn.Tanh)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

    def loss(logits, right):
        policy = torch.distributions.Categorical(logits=logits)
        action = policy.sample()
        reward = (action == right).float()
        return -(policy.log_prob(action) * (reward - 0.2)).mean()

    torch_loop.train(recorder, model, optimizer, loss, data.blobs(rng, 4000), rng=rng, tag="policy/{}", steps=400)


@healthy
def adversarial_pair(recorder, rng):
    """A generator and a discriminator in one log; neither loss falls for long."""

    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.generator = mlp(8, 64, 2, activation=nn.LeakyReLU)
            self.discriminator = mlp(2, 64, 1, activation=nn.LeakyReLU)

        def forward(self, noise):
            return noise

    pair = Pair()
    both = [
        torch.optim.Adam(part.parameters(), lr=1e-3, betas=(0.5, 0.9)) for part in (pair.generator, pair.discriminator)
    ]

    class Both:
        def zero_grad(self):
            for one in both:
                one.zero_grad()

        def step(self):
            for one in both:
                one.step()

    logistic = nn.functional.binary_cross_entropy_with_logits

    def loss(noise, real):
        made = pair.generator(noise)
        judged, true = pair.discriminator(made.detach()), pair.discriminator(real)
        learn = logistic(judged, torch.zeros_like(judged)) + logistic(true, torch.ones_like(true))
        weights = [parameter.requires_grad_(False) for parameter in pair.discriminator.parameters()]
        fool = pair.discriminator(made)
        for parameter in weights:
            parameter.requires_grad_(True)
        return learn + logistic(fool, torch.ones_like(fool))

    angle = rng.uniform(0, 6.28, 4000)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    noise = rng.normal(size=(4000, 8)).astype(np.float32)
    torch_loop.train(recorder, pair, Both(), loss, (noise, ring), rng=rng, steps=400, log_every=16)


@healthy
def three_epochs(recorder, rng):
    """As short as most first tries with Keras; the biases have hardly left zero."""
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((32,)), layers.Dense(64, activation="relu"), layers.Dropout(0.5), layers.Dense(5)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    keras_loop.fit(recorder, model, data.blobs(rng, 2000), optimizer="adam", loss=loss, epochs=3)

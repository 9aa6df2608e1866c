"""Healthy convolutional networks, with batch normalisation and with shortcuts."""

import keras
import numpy as np
import torch
from tensorboardX import SummaryWriter as TensorboardXWriter
from torch import nn

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy
from benchmarks.diagnosis.training import healthy


def pictures(rng, channels_first):
    pixels, label = data.images(rng, 1500)
    return (np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)) if channels_first else pixels), label


@healthy
def keras_conv_batchnorm(recorder, rng):
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Conv2D(8, 3, use_bias=False, name="conv2d"),
            layers.BatchNormalization(name="batch_normalization"),
            layers.ReLU(),
            layers.Conv2D(16, 3, name="conv2d_1"),
            layers.BatchNormalization(name="batch_normalization_1"),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(4, name="dense"),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    keras_loop.fit(recorder, model, pictures(rng, False), optimizer=keras.optimizers.Adam(1e-3), loss=loss, epochs=12)


class ConvNet(nn.Module):
    """Convolutions with a bias in front of batch normalisation: its gradient is zero by construction."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.conv2, self.bn2 = nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.relu1, self.relu2 = nn.ReLU(), nn.ReLU()
        self.fc = nn.Linear(16 * 9, 4)

    def forward(self, x):
        x = torch.max_pool2d(self.relu1(self.bn1(self.conv1(x))), 2)
        x = torch.max_pool2d(self.relu2(self.bn2(self.conv2(x))), 2)
        return self.fc(x.flatten(1))


@healthy
def torch_conv_batchnorm(recorder, rng):
    model = ConvNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    torch_loop.train(
        recorder,
        model,
        optimizer,
        cross_entropy,
        pictures(rng, True),
        rng=rng,
        steps=200,
        log_every=8,
        outputs_of=("relu1", "relu2"),
    )


class Block(nn.Module):
    """A residual block whose second normalisation starts at zero, as is usual."""

    def __init__(self, channels):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x):
        return torch.relu(x + self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))


def residual_network():
    return nn.Sequential(
        torch.nn.modules.container.OrderedDict(
            conv1=nn.Conv2d(1, 8, 3, padding=1, bias=False),
            bn1=nn.BatchNorm2d(8),
            relu=nn.ReLU(),
            layer1=nn.Sequential(Block(8), Block(8)),
            pool=nn.MaxPool2d(2),
            layer2=nn.Sequential(Block(8), Block(8)),
            flat=nn.Flatten(),
            fc=nn.Linear(8 * 36, 4),
        )
    )


@healthy
def residual_sgd(recorder, rng):
    model = residual_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    torch_loop.train(recorder, model, optimizer, cross_entropy, pictures(rng, True), rng=rng, steps=150, log_every=6)


@healthy
def residual_cosine(recorder, rng):
    """Logged with tensorboardX, without gradients; the learning rate falls to zero in a cosine."""
    model = residual_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 150)
    torch_loop.train(
        recorder,
        model,
        optimizer,
        cross_entropy,
        pictures(rng, True),
        rng=rng,
        steps=150,
        log_every=6,
        gradients=False,
        schedule=schedule,
        writer_type=TensorboardXWriter,
    )

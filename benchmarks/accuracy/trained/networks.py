"""Trainings whose every tensor is logged: wide enough that biases and gains, too, have a shape."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.diagnosis import data

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

Keep = Callable[[str, int, np.ndarray], None]
"""Takes a tensor: tag, step, values."""
LOGS = 14
"""Logged steps of a training"""


def _torch_loop(
    keep: Keep, model: Any, optimizer: Any, loss_of: Any, points: Any, *, rng: Any, outputs: Any, steps: int
) -> None:
    import torch

    inputs, wanted = (torch.from_numpy(np.ascontiguousarray(part)) for part in points)
    seen: dict[str, Any] = {}
    for name, layer in model.named_modules():
        if isinstance(layer, outputs):
            layer.register_forward_hook(
                lambda _, __, out, name=name: seen.update({name: out[0] if isinstance(out, tuple) else out})
            )
    every = max(1, steps // (LOGS - 1))
    for step in range(steps + 1):
        chosen = torch.from_numpy(rng.integers(0, len(inputs), 64))
        optimizer.zero_grad()
        loss = loss_of(model(inputs[chosen]), wanted[chosen])
        loss.backward()
        before = {name: one.detach().clone() for name, one in model.named_parameters()} if step % every == 0 else {}
        if before:
            for name, one in model.named_parameters():
                keep(name, step, one.detach().numpy())
                if one.grad is not None:
                    keep(f"{name}.grad", step, one.grad.numpy())
            for name, out in seen.items():
                keep(f"activations/{name}", step, out.detach().numpy())
        optimizer.step()
        for name, was in before.items():
            keep(f"update/{name}", step, (dict(model.named_parameters())[name].detach() - was).numpy())


def wide_dense(keep: Keep, rng: np.random.Generator) -> None:
    from torch import nn, optim

    sizes, kinds = (32, 512, 384, 5), (nn.ReLU, nn.Tanh)
    parts: list[Any] = []
    for i, kind in enumerate(kinds):
        parts += [nn.Linear(sizes[i], sizes[i + 1]), kind()]
    model = nn.Sequential(*parts, nn.Linear(384, 5))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    loss = nn.functional.cross_entropy
    _torch_loop(keep, model, optimizer, loss, data.blobs(rng, 4000), rng=rng, outputs=(nn.Linear, *kinds), steps=200)


def dense_normed(keep: Keep, rng: np.random.Generator) -> None:
    """LayerNorm and BatchNorm of 512 units, plain SGD, orthogonal and normal initialisation."""
    from torch import nn, optim

    model = nn.Sequential(
        *(nn.Linear(32, 512), nn.LayerNorm(512), nn.GELU(), nn.Linear(512, 512), nn.BatchNorm1d(512), nn.SiLU()),
        nn.Linear(512, 5),
    )
    nn.init.orthogonal_(model[3].weight)
    nn.init.kaiming_normal_(model[0].weight)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    kinds = (nn.LayerNorm, nn.BatchNorm1d, nn.GELU, nn.SiLU)
    _torch_loop(
        keep, model, optimizer, nn.functional.cross_entropy, data.blobs(rng, 4000), rng=rng, outputs=kinds, steps=200
    )


def decayed_dense(keep: Keep, rng: np.random.Generator) -> None:
    """Strong weight decay and an L1 penalty of its own: weights crowd at zero."""
    import torch
    from torch import nn, optim

    model = nn.Sequential(nn.Linear(32, 300), nn.ReLU(), nn.Linear(300, 300), nn.Sigmoid(), nn.Linear(300, 5))
    optimizer = optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1.0)

    def loss(out: Any, wanted: Any) -> Any:
        size = sum(one.abs().sum() for one in model.parameters())
        return torch.nn.functional.cross_entropy(out, wanted) + 2e-4 * size

    _torch_loop(keep, model, optimizer, loss, data.blobs(rng, 4000), rng=rng, outputs=(nn.ReLU, nn.Sigmoid), steps=300)


def sigmoid_stack(keep: Keep, rng: np.random.Generator) -> None:
    """Sigmoids and tanhs driven to their limits by weights that start large."""
    from torch import nn, optim

    kinds = (nn.Sigmoid, nn.Tanh, nn.Hardtanh)
    model = nn.Sequential(
        *(nn.Linear(32, 256), nn.Tanh(), nn.Linear(256, 256), nn.Sigmoid(), nn.Linear(256, 256), nn.Hardtanh()),
        nn.Linear(256, 5),
    )
    for layer, size in zip(model[0:6:2], (0.5, 0.3, 0.2), strict=True):
        nn.init.normal_(layer.weight, std=size)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    _torch_loop(
        keep, model, optimizer, nn.functional.cross_entropy, data.blobs(rng, 4000), rng=rng, outputs=kinds, steps=200
    )


def convolutions(keep: Keep, rng: np.random.Generator) -> None:
    """Two hundred and fifty-six channels, so that BatchNorm's gains have a shape."""
    from torch import nn, optim

    model = nn.Sequential(
        *(nn.Conv2d(1, 32, 3, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 256, 3), nn.BatchNorm2d(256), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        *(nn.Dropout(0.3), nn.Linear(256, 4)),
    )
    pixels, label = data.images(rng, 1000)
    points = (pixels.transpose(0, 3, 1, 2), label)
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    kinds = (nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.Dropout)
    _torch_loop(keep, model, optimizer, nn.functional.cross_entropy, points, rng=rng, outputs=kinds, steps=52)


def recurrent(keep: Keep, rng: np.random.Generator) -> None:
    from torch import nn, optim

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm, self.gru = nn.LSTM(1, 64, batch_first=True), nn.GRU(64, 48, batch_first=True)
            self.head = nn.Linear(48, 1)

        def forward(self, x: Any) -> Any:
            return self.head(self.gru(self.lstm(x)[0])[0][:, -1])

    model = Net()
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    _torch_loop(
        keep,
        model,
        optimizer,
        nn.functional.mse_loss,
        data.waves(rng, 1500),
        rng=rng,
        outputs=(nn.LSTM, nn.GRU),
        steps=91,
    )


def attention(keep: Keep, rng: np.random.Generator) -> None:
    """Attention with LayerNorm, its probabilities logged; word embeddings whose gradients are mostly zeros."""
    from torch import nn, optim

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.norm, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.softmax, self.gelu = nn.Softmax(-1), nn.GELU()
            self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

        def forward(self, x: Any) -> Any:
            q, k, v = self.qkv(self.norm(x)).chunk(3, -1)
            x = x + self.out(self.softmax(q @ k.transpose(1, 2) / q.shape[-1] ** 0.5) @ v)
            return x + self.down(self.gelu(self.up(self.norm2(x))))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(200, 128)
            self.block1, self.block2 = Block(128), Block(128)
            self.norm, self.head = nn.LayerNorm(128), nn.Linear(128, 2)

        def forward(self, words: Any) -> Any:
            return self.head(self.norm(self.block2(self.block1(self.embedding(words)))).mean(1))

    model = Net()
    optimizer = optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    points = data.sentences(rng, 3000)
    kinds = (nn.Softmax, nn.GELU, nn.LayerNorm)
    _torch_loop(keep, model, optimizer, nn.functional.cross_entropy, points, rng=rng, outputs=kinds, steps=91)


def _keras_loop(keep: Keep, model: Any, points: Any, rng: Any, optimizer: Any, *, loss_of: Any, kinds: Any) -> None:
    import keras
    import tensorflow as tf

    shown = [layer for layer in model.layers if isinstance(layer, kinds)]
    whole = keras.Model(model.inputs, [model.outputs[0], *(layer.output for layer in shown)])
    variables = model.trainable_variables
    optimizer.build(variables)

    @tf.function
    def update(inputs: Any, wanted: Any) -> Any:
        with tf.GradientTape() as tape:
            out = whole(inputs, training=True)
            value = tf.reduce_mean(loss_of(wanted, out[0]))
        gradients = tape.gradient(value, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return [tf.convert_to_tensor(one) for one in gradients], out[1:]

    for step in range(11 * (LOGS - 1) + 1):
        chosen = rng.integers(0, len(points[0]), 64)
        log = step % 11 == 0
        if log:
            for variable in model.variables:
                if not variable.dtype.startswith("uint"):
                    keep(f"{variable.path}:0", step, variable.numpy())
        gradients, outs = update(*(tf.constant(part[chosen]) for part in points))
        if log:
            for variable, gradient in zip(variables, gradients, strict=True):
                keep(f"gradients/{variable.path}:0", step, gradient.numpy())
            for layer, out in zip(shown, outs, strict=True):
                keep(f"activations/{layer.name}", step, out.numpy())


def keras_convolutions(keep: Keep, rng: np.random.Generator) -> None:
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    model = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            *(layers.Conv2D(16, 3), layers.BatchNormalization(), layers.ReLU()),
            *(layers.Conv2D(256, 3, strides=2, kernel_initializer="he_normal"), layers.BatchNormalization()),
            *(layers.Activation("relu6"), layers.GlobalAveragePooling2D(), layers.Dense(300, activation="sigmoid")),
            *(layers.Dropout(0.3), layers.Dense(4, activation="softmax")),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy()
    kinds = (layers.ReLU, layers.Activation, layers.Dense, layers.BatchNormalization)
    _keras_loop(keep, model, data.images(rng, 1000), rng, keras.optimizers.Adam(2e-3), loss_of=loss, kinds=kinds)


def keras_words(keep: Keep, rng: np.random.Generator) -> None:
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    model = keras.Sequential(
        [
            keras.Input((12,), dtype="int32"),
            *(layers.Embedding(200, 32), layers.GRU(64, return_sequences=True), layers.LayerNormalization()),
            *(layers.LSTM(48), layers.Dense(300, activation="elu"), layers.LayerNormalization()),
            layers.Dense(2),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    kinds = (layers.GRU, layers.LSTM, layers.Dense, layers.LayerNormalization)
    _keras_loop(keep, model, data.sentences(rng, 3000), rng, keras.optimizers.RMSprop(2e-3), loss_of=loss, kinds=kinds)


TORCH = (wide_dense, dense_normed, decayed_dense, sigmoid_stack, convolutions, recurrent, attention)
KERAS = (keras_convolutions, keras_words)

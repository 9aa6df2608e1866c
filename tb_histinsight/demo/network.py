"""A multilayer perceptron in NumPy: forward, backward, and the usual initial weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Tensor: TypeAlias = npt.NDArray[np.float32]


def glorot_uniform(rng: np.random.Generator, fan_in: int, fan_out: int) -> Tensor:
    """U(-L, L) with L = sqrt(6 / (fan_in + fan_out)); Keras's default for dense layers."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32)


def he_normal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Tensor:
    """N(0, 2 / fan_in), made for ReLU."""
    kernel: Tensor = (rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)).astype(np.float32)
    return kernel


@dataclass
class Dense:
    """activation(x @ kernel + bias); the activation is "relu", "tanh" or "linear"."""

    name: str
    kernel: Tensor
    bias: Tensor | None = None
    activation: str = "linear"

    def forward(self, x: Tensor) -> Tensor:
        """Output for a batch [batch, fan_in]."""
        z: Tensor = x @ self.kernel
        if self.bias is not None:
            z = z + self.bias
        if self.activation == "relu":
            z = np.maximum(z, np.float32(0))
        elif self.activation == "tanh":
            z = np.tanh(z)
        return z

    def slope(self, output: Tensor) -> Tensor:
        """Derivative of the activation, told from its output."""
        if self.activation == "relu":
            return (output > 0).astype(np.float32)
        return 1 - output * output if self.activation == "tanh" else np.ones_like(output)


@dataclass(frozen=True)
class Gradient:
    """Gradient of the loss by one layer's parameters."""

    kernel: Tensor
    bias: Tensor | None


@dataclass
class Network:
    """Dense layers, one after the other."""

    layers: Sequence[Dense]

    def forward(self, x: Tensor) -> list[Tensor]:
        """The input and the output of every layer; the last entry is the network's."""
        outputs = [x]
        for layer in self.layers:
            outputs.append(layer.forward(outputs[-1]))
        return outputs

    def backward(self, outputs: Sequence[Tensor], error: Tensor) -> list[Gradient]:
        """Gradients of every layer, given what `forward` returned and the loss's gradient by the output."""
        gradients: list[Gradient] = []
        for place in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[place]
            error = error * layer.slope(outputs[place + 1])
            bias = None if layer.bias is None else error.sum(axis=0)
            gradients.append(Gradient(outputs[place].T @ error, bias))
            if place:
                error = error @ layer.kernel.T
        return gradients[::-1]


def softmax_cross_entropy(logits: Tensor, labels: npt.NDArray[np.int64]) -> tuple[float, Tensor]:
    """Mean loss in nats, and its gradient by the logits."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    probability = np.exp(shifted)
    probability /= probability.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    loss = -float(np.log(np.maximum(probability[rows, labels], 1e-30)).mean())
    probability[rows, labels] -= 1
    return loss, probability / np.float32(len(labels))


def sigmoid_cross_entropy(logits: Tensor, targets: Tensor) -> tuple[float, Tensor]:
    """Mean loss in nats for targets of 0 and 1, and its gradient by the logits."""
    loss = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    probability = 1 / (1 + np.exp(-logits))
    return float(loss.mean()), (probability - targets) / np.float32(targets.size)


def squared_error(outputs: Tensor, targets: Tensor) -> tuple[float, Tensor]:
    """Mean squared error, and its gradient by the outputs."""
    error = outputs - targets
    return float(np.mean(error * error)), 2 * error / np.float32(error.size)

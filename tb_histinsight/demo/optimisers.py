"""Gradient steps: plain, Adam, and proximal (an L1 penalty that makes exact zeros)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tb_histinsight.demo.network import Dense, Gradient, Tensor


class GradientDescent:
    """w <- w - rate * gradient, for the parameters of the layers that it is given."""

    def __init__(self, layers: Sequence[Dense], rate: float) -> None:
        self.layers = layers
        self.rate = np.float32(rate)

    def step(self, gradients: Sequence[Gradient]) -> None:
        """One update; `gradients` belong to the optimiser's layers, in their order."""
        for layer, gradient in zip(self.layers, gradients, strict=True):
            layer.kernel = layer.kernel - self.rate * gradient.kernel
            if layer.bias is not None and gradient.bias is not None:
                layer.bias = layer.bias - self.rate * gradient.bias


class ProximalL1(GradientDescent):
    """Gradient descent with an L1 penalty on the kernels, by soft thresholding.

    After each step every weight moves by rate * penalty towards 0 and stays there once it arrives.
    Source: Beck & Teboulle (2009), SIAM Journal on Imaging Sciences 2, 183 (ISTA).
    """

    def __init__(self, layers: Sequence[Dense], rate: float, penalty: float) -> None:
        super().__init__(layers, rate)
        self.threshold = np.float32(rate * penalty)

    def step(self, gradients: Sequence[Gradient]) -> None:
        """One update, then the shrinkage of the kernels."""
        super().step(gradients)
        for layer in self.layers:
            above = np.maximum(layer.kernel - self.threshold, np.float32(0))
            below = np.minimum(layer.kernel + self.threshold, np.float32(0))
            layer.kernel = above + below


class Adam:
    """Adam with its usual constants (Kingma & Ba 2015), for the parameters of the layers that it is given."""

    DECAY, DECAY_SQUARES, EPSILON = 0.9, 0.999, 1e-8

    def __init__(self, layers: Sequence[Dense], rate: float) -> None:
        self.layers = layers
        self.rate = rate
        self._count = 0
        self._mean: dict[tuple[int, str], Tensor] = {}
        self._square: dict[tuple[int, str], Tensor] = {}

    def step(self, gradients: Sequence[Gradient]) -> None:
        """One update; `gradients` belong to the optimiser's layers, in their order."""
        self._count += 1
        for place, (layer, gradient) in enumerate(zip(self.layers, gradients, strict=True)):
            layer.kernel = layer.kernel - self._update((place, "kernel"), gradient.kernel)
            if layer.bias is not None and gradient.bias is not None:
                layer.bias = layer.bias - self._update((place, "bias"), gradient.bias)

    def _update(self, key: tuple[int, str], gradient: Tensor) -> Tensor:
        nothing = np.zeros_like(gradient)
        mean = self.DECAY * self._mean.get(key, nothing) + (1 - self.DECAY) * gradient
        square = self.DECAY_SQUARES * self._square.get(key, nothing) + (1 - self.DECAY_SQUARES) * gradient**2
        self._mean[key], self._square[key] = mean, square
        rate = self.rate * math.sqrt(1 - self.DECAY_SQUARES**self._count) / (1 - self.DECAY**self._count)
        update: Tensor = (rate * mean / (np.sqrt(square) + self.EPSILON)).astype(np.float32)
        return update

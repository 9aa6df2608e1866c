"""Imitation of a steering policy: the task that most of the demonstration runs are trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from tb_histinsight.demo.network import Dense, Gradient, Network, softmax_cross_entropy
from tb_histinsight.demo.recorder import Recorder
from tb_histinsight.demo.tasks import Steering

BATCH = 128
"""Examples per update."""
HELD_OUT = 2000
"""Examples that are never trained on, for the accuracy."""


class Optimiser(Protocol):
    """What changes the layers that it was given."""

    layers: Sequence[Dense]

    def step(self, gradients: Sequence[Gradient]) -> None:
        """One update; `gradients` belong to its layers, in their order."""


def imitate(
    recorder: Recorder,
    network: Network,
    optimiser: Optimiser,
    rng: np.random.Generator,
    *,
    updates: int,
    log_every: int,
) -> float:
    """Trains a policy and logs it, step 0 included; gives its last accuracy on examples that it never saw.

    The optimiser gets the gradients of the last layers, as many as it was given to change.
    """
    task = Steering(seed=7)
    held_out = task.batch(np.random.default_rng(99), HELD_OUT)
    accuracy = 0.0
    for step in range(updates + 1):
        batch = task.batch(rng, BATCH)
        outputs = network.forward(batch.sensors)
        loss, error = softmax_cross_entropy(outputs[-1], batch.actions)
        gradients = network.backward(outputs, error)
        if step % log_every == 0:
            accuracy = float((network.forward(held_out.sensors)[-1].argmax(1) == held_out.actions).mean())
            recorder.network(network, outputs, gradients, step)
            recorder.scalar("loss", loss, step)
            recorder.scalar("accuracy", accuracy, step)
        optimiser.step(gradients[-len(optimiser.layers) :])
    return accuracy

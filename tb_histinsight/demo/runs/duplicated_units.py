"""Three hundred hidden units that are copies of three: a network widened by copying, and copies never part."""

from __future__ import annotations

import numpy as np

from tb_histinsight.demo.network import Dense, Network, Tensor, sigmoid_cross_entropy
from tb_histinsight.demo.optimisers import Adam
from tb_histinsight.demo.recorder import Recorder
from tb_histinsight.demo.runs import Outcome
from tb_histinsight.demo.tasks import Triangle
from tb_histinsight.logging.event_writer import Encoding

STORY = "a hidden layer of 3 tanh units widened to 300 by copying each, then trained on; copies never part"
ENCODING = Encoding.TF2

HIDDEN, COPIES = 3, 100
WARM_UP, UPDATES, LOG_EVERY, BATCH = 300, 800, 20, 256
LEARNING_RATE = 0.03


def widen(network: Network) -> Network:
    """The same function with every hidden unit copied; each copy speaks with a share of the unit's voice.

    Source: Net2WiderNet of Chen, Goodfellow & Shlens (2016), without the noise that lets copies part.
    """
    first, last = network.layers
    assert first.bias is not None and last.bias is not None
    return Network(
        [
            Dense("dense_1", _copies(first.kernel, 1), _copies(first.bias, 0), first.activation),
            Dense("dense_2", _copies(last.kernel, 0) / np.float32(COPIES), last.bias.copy(), last.activation),
        ]
    )


def _copies(values: Tensor, axis: int) -> Tensor:
    return np.repeat(values, COPIES, axis=axis)


def train(recorder: Recorder) -> Outcome:
    """Trains a network of three hidden units, widens it, trains on and logs that every 20 updates."""
    rng = np.random.default_rng(104)
    task = Triangle()
    points, inside = task.batch(np.random.default_rng(99), 4000)
    small = Network(
        [
            Dense("dense_1", rng.standard_normal((2, HIDDEN)).astype(np.float32), np.zeros(HIDDEN, np.float32), "tanh"),
            Dense("dense_2", rng.standard_normal((HIDDEN, 1)).astype(np.float32), np.zeros(1, np.float32)),
        ]
    )
    adam = Adam(small.layers, LEARNING_RATE)
    for _ in range(WARM_UP):
        x, y = task.batch(rng, BATCH)
        outputs = small.forward(x)
        adam.step(small.backward(outputs, sigmoid_cross_entropy(outputs[-1], y)[1]))
    network = widen(small)
    adam = Adam(network.layers, LEARNING_RATE / COPIES)
    accuracy = 0.0
    for step in range(UPDATES + 1):
        x, y = task.batch(rng, BATCH)
        outputs = network.forward(x)
        loss, error = sigmoid_cross_entropy(outputs[-1], y)
        gradients = network.backward(outputs, error)
        if step % LOG_EVERY == 0:
            accuracy = float(((network.forward(points)[-1] > 0) == (inside > 0)).mean())
            recorder.network(network, outputs, gradients, step)
            recorder.scalar("loss", loss, step)
            recorder.scalar("accuracy", accuracy, step)
        adam.step(gradients)
    return Outcome(f"accuracy {accuracy:.2f}, as three units alone would reach", accuracy, recorder.tensors)

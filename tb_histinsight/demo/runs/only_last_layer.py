"""Three tanh layers that stay as they were drawn, because the optimiser was given the last layer alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tb_histinsight.demo.network import Dense, Network, glorot_uniform, softmax_cross_entropy
from tb_histinsight.demo.optimisers import Adam
from tb_histinsight.demo.recorder import Recorder
from tb_histinsight.demo.runs import Outcome
from tb_histinsight.demo.tasks import ACTIONS, Steering
from tb_histinsight.logging.event_writer import Encoding

STORY = "tanh layers without bias, Glorot-uniform; the optimiser was given the last layer alone"
ENCODING = Encoding.TF2

WIDTHS = (Steering.SENSORS, 200, 200, 200, len(ACTIONS))
UPDATES, LOG_EVERY, BATCH = 400, 10, 128
LEARNING_RATE = 3e-3


def train(recorder: Recorder) -> Outcome:
    """Trains the last layer of a steering policy and logs everything every 10 updates, step 0 included."""
    rng = np.random.default_rng(2)
    task = Steering(seed=7)
    held_out = task.batch(np.random.default_rng(99), 2000)
    layers = [
        Dense(f"dense_{i + 1}", glorot_uniform(rng, a, b), None, "tanh") for i, (a, b) in enumerate(pairwise(WIDTHS))
    ]
    layers[-1].activation = "linear"
    network = Network(layers)
    adam = Adam(layers[-1:], LEARNING_RATE)
    accuracy = 0.0
    for step in range(UPDATES + 1):
        batch = task.batch(rng, BATCH)
        outputs = network.forward(batch.sensors)
        loss, error = softmax_cross_entropy(outputs[-1], batch.actions)
        gradients = network.backward(outputs, error)
        if step % LOG_EVERY == 0:
            accuracy = float((network.forward(held_out.sensors)[-1].argmax(1) == held_out.actions).mean())
            recorder.network(network, outputs, gradients, step)
            recorder.scalar("loss", loss, step)
            recorder.scalar("accuracy", accuracy, step)
        adam.step(gradients[-1:])
    return Outcome(f"accuracy {accuracy:.2f}", accuracy, recorder.tensors)

"""A learning rate at which every update overshoots: the weights grow until they overflow into NaN."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tb_histinsight.demo.network import Dense, Network, glorot_uniform, squared_error
from tb_histinsight.demo.optimisers import GradientDescent
from tb_histinsight.demo.recorder import Recorder
from tb_histinsight.demo.runs import Outcome
from tb_histinsight.demo.tasks import Steering
from tb_histinsight.logging.event_writer import Encoding

STORY = "tanh layers, regression by plain gradient descent, at a learning rate six times too high"
ENCODING = Encoding.TF2

WIDTHS = (Steering.SENSORS, 64, 64, 1)
UPDATES, BATCH = 39, 128
LEARNING_RATE = 0.3
"""A sixth of it trains well; at two thirds of it the seed decides."""


def train(recorder: Recorder) -> Outcome:
    """Lets the training run away and logs every update, step 0 included."""
    rng = np.random.default_rng(4)
    task = Steering(seed=7)
    layers = [
        Dense(f"dense_{i + 1}", glorot_uniform(rng, a, b), np.zeros(b, np.float32), "tanh")
        for i, (a, b) in enumerate(pairwise(WIDTHS))
    ]
    layers[-1].activation = "linear"
    network = Network(layers)
    optimiser = GradientDescent(layers, LEARNING_RATE)
    last_number = 0
    with np.errstate(over="ignore", invalid="ignore"):  # overflow is what this run is about
        for step in range(UPDATES + 1):
            batch = task.batch(rng, BATCH)
            outputs = network.forward(batch.sensors)
            loss, error = squared_error(outputs[-1], batch.costs)
            gradients = network.backward(outputs, error)
            recorder.network(network, outputs, gradients, step)
            recorder.scalar("loss", loss, step)
            if np.isfinite(loss):
                last_number = step
            optimiser.step(gradients)
    return Outcome(f"loss is not finite from step {last_number + 1} on", None, recorder.tensors)

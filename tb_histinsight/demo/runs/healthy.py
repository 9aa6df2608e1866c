"""A ReLU network that learns what it should: the run to compare the others with."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tb_histinsight.demo.imitation import imitate
from tb_histinsight.demo.network import Dense, Network, he_normal
from tb_histinsight.demo.optimisers import Adam
from tb_histinsight.demo.recorder import Recorder
from tb_histinsight.demo.runs import Outcome
from tb_histinsight.demo.tasks import ACTIONS, Steering
from tb_histinsight.logging.event_writer import Encoding

STORY = "ReLU layers with He-normal weights, Adam at a usual learning rate"
ENCODING = Encoding.TF2

WIDTHS = (Steering.SENSORS, 128, 128, 64, len(ACTIONS))
UPDATES, LOG_EVERY = 800, 20
LEARNING_RATE = 1e-3


def train(recorder: Recorder) -> Outcome:
    """Trains a steering policy and logs it every 20 updates, step 0 included."""
    rng = np.random.default_rng(1)
    layers = [
        Dense(f"dense_{i + 1}", he_normal(rng, a, b), np.zeros(b, np.float32), "relu")
        for i, (a, b) in enumerate(pairwise(WIDTHS))
    ]
    layers[-1].activation = "linear"
    network = Network(layers)
    optimiser = Adam(layers, LEARNING_RATE)
    accuracy = imitate(recorder, network, optimiser, rng, updates=UPDATES, log_every=LOG_EVERY)
    return Outcome(f"accuracy {accuracy:.2f}", accuracy, recorder.tensors)

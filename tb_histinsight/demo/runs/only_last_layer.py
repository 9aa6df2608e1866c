"""Three tanh layers that stay as they were drawn, because the optimiser was given the last layer alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tb_histinsight.demo.imitation import imitate
from tb_histinsight.demo.network import Dense, Network, glorot_uniform
from tb_histinsight.demo.optimisers import Adam
from tb_histinsight.demo.recorder import Recorder
from tb_histinsight.demo.runs import Outcome
from tb_histinsight.demo.tasks import ACTIONS, Steering
from tb_histinsight.logging.event_writer import Encoding

STORY = "tanh layers without bias, Glorot-uniform; the optimiser was given the last layer alone"
ENCODING = Encoding.TF2

WIDTHS = (Steering.SENSORS, 200, 200, 200, len(ACTIONS))
UPDATES, LOG_EVERY = 400, 10
LEARNING_RATE = 3e-3


def train(recorder: Recorder) -> Outcome:
    """Trains the last layer of a steering policy and logs everything every 10 updates, step 0 included."""
    rng = np.random.default_rng(2)
    layers = [
        Dense(f"dense_{i + 1}", glorot_uniform(rng, a, b), None, "tanh") for i, (a, b) in enumerate(pairwise(WIDTHS))
    ]
    layers[-1].activation = "linear"
    network = Network(layers)
    optimiser = Adam(layers[-1:], LEARNING_RATE)
    accuracy = imitate(recorder, network, optimiser, rng, updates=UPDATES, log_every=LOG_EVERY)
    return Outcome(f"accuracy {accuracy:.2f}", accuracy, recorder.tensors)

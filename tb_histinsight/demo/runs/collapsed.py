"""An L1 penalty far too strong: every kernel arrives at exact zeros, and only the biases are left."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tb_histinsight.demo.imitation import imitate
from tb_histinsight.demo.network import Dense, Network, he_normal
from tb_histinsight.demo.optimisers import ProximalL1
from tb_histinsight.demo.recorder import Recorder
from tb_histinsight.demo.runs import Outcome
from tb_histinsight.demo.tasks import ACTIONS, Steering
from tb_histinsight.logging.event_writer import Encoding

STORY = "ReLU layers under an L1 penalty far too strong (proximal gradient descent), logged as PyTorch does"
ENCODING = Encoding.OLD_STYLE

WIDTHS = (Steering.SENSORS, 128, 128, 64, len(ACTIONS))
UPDATES, LOG_EVERY = 200, 5
LEARNING_RATE = 0.1
PENALTY = 0.06
"""Weight of the L1 penalty: with this rate every weight loses 0.006 per update."""


def train(recorder: Recorder) -> Outcome:
    """Trains a steering policy into nothing and logs it every 5 updates, step 0 included."""
    rng = np.random.default_rng(3)
    layers = [
        Dense(f"dense_{i + 1}", he_normal(rng, a, b), np.zeros(b, np.float32), "relu")
        for i, (a, b) in enumerate(pairwise(WIDTHS))
    ]
    layers[-1].activation = "linear"
    network = Network(layers)
    optimiser = ProximalL1(layers, LEARNING_RATE, PENALTY)
    accuracy = imitate(recorder, network, optimiser, rng, updates=UPDATES, log_every=LOG_EVERY)
    return Outcome(f"accuracy {accuracy:.2f}, the same answer to everything", accuracy, recorder.tensors)

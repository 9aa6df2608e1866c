"""What is said of one tag beyond its shape and its change."""

import numpy as np
from tensorboards import Log

from tb_histinsight.api import analyze

NO_PROOF = "no proof of learning"


def text_of(tmp_path, tag, draw):
    with Log(tmp_path / "a") as log:
        for step in range(6):
            log.histogram(tag, step, draw(step))
    (run,) = analyze(tmp_path).runs
    (entry,) = run.tags
    return entry.text


def test_activations_that_differ_from_batch_to_batch_are_no_proof_of_learning(tmp_path):
    rng = np.random.default_rng(1)
    assert NO_PROOF in text_of(tmp_path, "layer1/activations", lambda step: rng.normal(size=500))


def test_weights_and_identical_activations_need_no_such_word(tmp_path):
    rng = np.random.default_rng(2)
    same = rng.normal(size=500)
    assert NO_PROOF not in text_of(tmp_path / "w", "layer1/kernel", lambda step: rng.normal(size=500))
    assert NO_PROOF not in text_of(tmp_path / "same", "layer1/activations", lambda step: same)

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


def test_a_spread_that_grows_while_the_size_falls_is_told_without_a_growing_factor(tmp_path):
    """As of a bias that began as one value: its values move apart, and nearer to zero as a whole."""
    apart = np.linspace(-1, 1, 300)
    said = text_of(tmp_path, "layer1/bias", lambda step: 0.1 - 0.006 * step + (0.001 + 0.015 * step) * apart)
    assert "Spreads from step to step, while its root mean square fell to 0.82" in said


def test_a_spread_that_shrinks_while_the_size_rises_is_told_without_a_shrinking_factor(tmp_path):
    together = np.linspace(-1, 1, 300)
    said = text_of(tmp_path, "layer1/bias", lambda step: 0.1 + 0.008 * step + 0.015 * (5.5 - step) * together)
    assert "Draws together from step to step, while its root mean square rose to 1.26" in said

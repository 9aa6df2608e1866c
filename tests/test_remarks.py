"""What is said beside the rules: losses, kernels beside their biases, weights near 0."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "rules"))

from run_builders import drifting, glorot, run_of

from tb_histinsight import remarks
from tb_histinsight.core.pairs import pairs_of
from tb_histinsight.locales import catalogue, languages

FALLS = list(np.linspace(2, 0.2, 20))
BIAS = [np.full(50, 0.1) + 0.002 * step * np.linspace(-1, 1, 50) for step in range(6)]
HIDDEN = {
    name: values
    for i in (1, 2, 3)
    for name, values in ((f"fc{i}/kernel", drifting(glorot(50, 50, i), 0.1, seed=i)), (f"fc{i}/bias", BIAS))
}


def said_of(run):
    return remarks.of_run(run, pairs_of(run), catalogue())


@pytest.mark.parametrize("language", languages())
def test_every_remark_can_be_said_in_every_language(language):
    words = catalogue(language)
    near = [
        [scale * glorot(50, 50) for scale in scales]
        for scales in (np.linspace(1, 0.01, 6), np.full(6, 0.02), np.linspace(0.02, 1, 6))
    ]
    tensors = HIDDEN | {f"near{i}/{kind}": v for i, k in enumerate(near) for kind, v in (("kernel", k), ("bias", BIAS))}
    rises = list(np.concatenate([np.linspace(2, 1, 8), np.linspace(1, 2, 12)]))
    for scalars in ({"loss": FALLS, "val_loss": rises}, {"loss": [2.0] * 20}, {"loss": [3.0] + [0.2] * 19}):
        run = run_of(tensors, scalars=scalars)
        said = remarks.of_run(run, pairs_of(run), words)
        assert any("loss" in sentence for sentence in said)
        assert len(said) == (2 if "val_loss" in scalars else 1)
    assert set(remarks.of_tags(run, pairs_of(run), words)) == {tag for tag in tensors if tag.endswith("kernel")}
    assert len(remarks.pair_entries(pairs_of(run))) == 6


def test_one_sentence_speaks_of_all_layers_only_where_it_holds_for_all():
    assert any("In every layer" in sentence for sentence in said_of(run_of(HIDDEN)))
    visible = HIDDEN | {"fc3/kernel": [glorot(50, 50) * (1 + step) for step in range(6)]}
    assert not any("In every layer" in sentence for sentence in said_of(run_of(visible)))


def test_a_logged_update_settles_how_far_a_kernel_moves():
    updates = {"fc1/kernel/update": [np.full((50, 50), 2e-3)] * 6, "fc1/bias/update": [np.full(50, 1e-3)] * 6}
    run = run_of(HIDDEN | updates)
    said = remarks.of_tags(run, pairs_of(run), catalogue())
    assert "change by 0.002, those of the bias by 0.001" in " ".join(said["fc1/kernel"])
    assert "log the update" in " ".join(said["fc2/kernel"])


def test_a_run_without_losses_or_pairs_has_no_remarks():
    run = run_of({"fc1/kernel": drifting(glorot(50, 50))})
    assert said_of(run) == []
    assert remarks.pair_entries(pairs_of(run)) == []

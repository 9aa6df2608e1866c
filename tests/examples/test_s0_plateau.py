"""Story S0: the weights look like a plateau, and only the last layer seems to change.

The network is trained for real; every statement is held against the tensors of that very training.
"""

import re

import numpy as np
import pytest
from told import trained

pytestmark = pytest.mark.training

HIDDEN = ("layer1", "layer2", "layer3")
LAYERS = (*HIDDEN, "layer4")
RUNS = ("all_layers", "last_layer_only")
GLOROT = {"layer1": ("60 + 200", 0.1519), "layer2": ("200 + 200", 0.1225), "layer3": ("200 + 200", 0.1225)}


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return trained("s0_plateau", tmp_path_factory)


def test_the_training_is_the_one_of_the_story(story):
    """It learns in layers 1 to 3, hardly visibly; the other run leaves them bit for bit as they were."""
    raw = story.raw
    accuracy = raw["all_layers/accuracy"]
    assert accuracy[0] < 0.3
    assert accuracy[-1] > 0.85
    assert raw["all_layers/initial_layer4_back"][0] > 0.8
    assert raw["all_layers/initial_layers123_back"][0] < 0.5
    for layer in HIDDEN:
        kernel = raw[f"all_layers/{layer}/kernel"]
        assert 0.15 < np.abs(kernel[-1] - kernel[0]).mean() / kernel[0].std() < 0.35
        frozen = raw[f"last_layer_only/{layer}/kernel"]
        assert (frozen == frozen[0]).all()


# What it must say ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("layer", HIDDEN)
def test_weights_are_a_plateau_at_every_step_with_its_range(story, run, layer):
    entry = story.tag(run, f"{layer}/kernel")
    assert [span["shape"] for span in entry["timeline"]] == ["uniform"]
    low, high = map(float, re.search(r"plateau from (-[\d.]+) to ([\d.]+)", entry["text"]).groups())
    limit = GLOROT[layer][1]
    assert low == pytest.approx(-limit, rel=0.03)
    assert high == pytest.approx(limit, rel=0.03)
    assert "every value in the range is about equally frequent" in entry["text"]


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("layer", HIDDEN)
def test_the_plateau_is_the_one_that_glorot_s_initialisation_draws(story, run, layer):
    (finding,) = [one for one in story.findings(run, "untrained-initialisation") if one["layer"] == layer]
    assert f"Glorot uniform ({GLOROT[layer][0]})" in finding["message"]
    assert finding["severity"] == "info"


@pytest.mark.parametrize("layer", HIDDEN)
def test_layers_that_are_identical_at_every_step_are_an_alarm(story, layer):
    assert story.tag("last_layer_only", f"{layer}/kernel")["change"]["label"] == "frozen"
    (finding,) = [one for one in story.findings("last_layer_only", "frozen-layer") if one["layer"] == layer]
    assert finding["severity"] == "warning"
    advice = " ".join(finding["advice"])
    assert "optimiser" in advice
    assert "trainable" in advice
    assert "stop_gradient" in advice


@pytest.mark.parametrize("layer", HIDDEN)
def test_layers_that_move_are_said_to_move_by_so_much_of_their_spread(story, layer):
    """By what the histograms prove: never more than the weights moved, and what sorting them gives."""
    kernel = story.raw[f"all_layers/{layer}/kernel"].reshape(len(story.raw["all_layers/steps"]), -1)
    spread = kernel[0].std()
    proved = np.abs(np.sort(kernel[-1]) - np.sort(kernel[0])).mean() / spread
    truly = np.abs(kernel[-1] - kernel[0]).mean() / spread
    change = story.tag("all_layers", f"{layer}/kernel")["change"]
    assert change["label"] not in {"frozen", "stalled", "unknown"}
    # Half a bucket of a histogram of 30 is 6 % of a uniform's spread at the most; half of that is typical.
    assert change["movement_in_spread"] == pytest.approx(proved, abs=0.015)
    assert change["movement_in_spread"] < truly
    (finding,) = [one for one in story.findings("all_layers", "untrained-initialisation") if one["layer"] == layer]
    assert "of their spread" in finding["message"]
    assert "compatible with learning" in finding["message"]
    assert any("log the update" in advice for advice in finding["advice"])


def test_only_the_last_layer_learns_is_said_where_the_others_are_identical(story):
    (finding,) = story.findings("last_layer_only", "only-last-layer-learns")
    assert finding["severity"] == "warning"
    assert set(finding["tags"]) >= {f"{layer}/kernel" for layer in HIDDEN}
    assert "layer4" in finding["message"]
    for frozen in story.findings("last_layer_only", "frozen-layer"):
        assert frozen["cause"] == finding["id"]
    assert not story.findings("all_layers", "only-last-layer-learns")


@pytest.mark.parametrize("run", RUNS)
def test_peaks_of_layer_4_are_named_only_where_they_are_more_than_counting_noise(story, run):
    """Its 1000 weights repeat nothing in this training: no peaks, no word of redundant units."""
    last = story.raw[f"{run}/layer4/kernel"][-1].ravel()
    assert len(np.unique(np.round(last, 3))) > 200
    assert story.tag(run, "layer4/kernel")["shape"]["label"] not in {"spiky", "multimodal"}
    assert not story.findings(run, "redundant-units")


@pytest.mark.parametrize("run", RUNS)
def test_no_bias_stands_beside_the_kernels(story, run):
    (finding,) = story.findings(run, "missing-bias")
    assert set(finding["tags"]) == {f"{layer}/kernel" for layer in LAYERS}
    assert finding["severity"] == "info"


@pytest.mark.parametrize("run", RUNS)
def test_activations_are_a_bell_that_differs_from_batch_to_batch(story, run):
    entry = story.tag(run, "layer1/activations")
    values = story.raw[f"{run}/layer1/activations"][-1].astype(float)
    assert {span["shape"] for span in entry["timeline"]} == {"gaussian"}
    for name, truth in (("mean", values.mean()), ("std", values.std())):
        low, high = entry["stats"]["bounds"][name]
        assert low <= truth <= high
        assert entry["stats"][name] == pytest.approx(truth, abs=0.01)
    assert "Gaussian bell around" in entry["text"]
    assert entry["change"]["label"] not in {"frozen", "stalled"}
    assert "differ from batch to batch" in entry["text"]
    assert "no proof of learning" in entry["text"]


def test_the_text_report_says_it_as_well(story):
    assert "Only “layer4” learns" in story.text
    assert "identical at all 31 steps" in story.text
    assert "compatible with learning" in story.text
    assert "Glorot uniform (60 + 200)" in story.text
    assert "Nothing looks wrong" in story.text


# What it must not say --------------------------------------------------------------------------------------------


def test_the_network_that_learns_is_no_alarm(story):
    assert [one["rule"] for one in story.runs["all_layers"]["findings"] if one["severity"] != "info"] == []


@pytest.mark.parametrize("run", RUNS)
def test_a_plateau_means_neither_vanishing_gradients_nor_that_nothing_is_learned(story, run):
    assert not story.findings(run, "vanishing-gradient")
    said = story.words(run).lower()
    assert "vanish" not in said
    for claim in ("not learning", "does not learn", "do not learn", "learns nothing", "learn nothing"):
        assert claim not in said


def test_layers_that_barely_move_are_not_said_not_to_learn(story):
    for rule in ("frozen-layer", "barely-moves", "only-last-layer-learns", "only-biases-learn"):
        assert not story.findings("all_layers", rule)

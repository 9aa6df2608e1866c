"""Story S1: the loss falls, the biases move, the weights do not.

The network is trained for real; every statement is held against the tensors of that very training.
"""

import re

import numpy as np
import pytest
from told import trained

from tb_histinsight.core.percentiles import DISTRIBUTION_LINES
from tb_histinsight.locales import catalogue

pytestmark = pytest.mark.training

LAYERS = ("conv1", "conv2", "conv3", "conv4", "conv5", "dense1", "dense2")
MOVING = ("all_variables", "all_variables_updates")
IDENTICAL = ("biases_only", "shuffled", "shuffled_updates")


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return trained("s1_biases", tmp_path_factory)


def ends(story, run, tag):
    """The values at the first and at the last logged step."""
    values = story.raw[f"{run}/{tag}"].astype(float)
    return values[0].ravel(), values[-1].ravel()


def pair(story, run, layer):
    return next(entry for entry in story.runs[run]["pairs"] if entry["layer"] == layer)


def test_the_training_is_the_one_of_the_story(story):
    """The weights moved more than the biases; in their histogram that is less than a bucket."""
    raw = story.raw
    assert raw["all_variables/loss"][-1] < 0.3 * raw["all_variables/loss"][0]
    assert raw["biases_only/loss"][-1] > 0.9 * raw["biases_only/loss"][0]
    for layer in LAYERS:
        moved = {}
        for kind in ("kernel", "bias"):
            first, last = ends(story, "all_variables", f"{layer}/{kind}")
            moved[kind] = np.abs(last - first).mean(), np.abs(last - first).mean() / np.ptp(last)
        assert moved["kernel"][0] > 1.2 * moved["bias"][0]
        assert moved["kernel"][1] < 1 / 30 < 0.1 < moved["bias"][1]
        first, last = ends(story, "biases_only", f"{layer}/kernel")
        assert (first == last).all()
        first, last = ends(story, "shuffled", f"{layer}/kernel")
        assert (first != last).mean() > 0.9
        assert (np.sort(first) == np.sort(last)).all()


# What it must say ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_kernel_and_bias_stand_side_by_side(story, layer):
    """How far each moved, as it is, in its spread, and in buckets of its own chart."""
    entry = pair(story, "all_variables", layer)
    assert entry["tags"] == [f"{layer}/kernel", f"{layer}/bias"]
    for kind in ("kernel", "bias"):
        first, last = ends(story, "all_variables", f"{layer}/{kind}")
        proved = np.abs(np.sort(last) - np.sort(first)).mean()
        bucket = np.ptp(last) / 30
        # A histogram tells a value to half a bucket, and the mean over many of them far better; a bias has few.
        error = 0.3 * bucket if kind == "bias" else 0.08 * bucket
        assert entry[kind]["distance"] == pytest.approx(proved, abs=error)
        assert entry[kind]["in_spread"] == pytest.approx(proved / last.std(), abs=error / last.std() + 0.01)
        assert entry[kind]["in_buckets"] == pytest.approx(proved / bucket, abs=error / bucket)
    assert entry["kernel"]["in_buckets"] < 1 < entry["bias"]["in_buckets"]
    assert entry["only_bias_visible"]


@pytest.mark.parametrize("layer", LAYERS)
def test_too_small_to_see_in_this_histogram_is_not_frozen(story, layer):
    text = story.tag("all_variables", f"{layer}/kernel")["text"]
    entry = pair(story, "all_variables", layer)
    assert "too small to see in this histogram, not frozen" in text
    assert f"at least {entry['kernel']['distance']:.2g}" in text
    assert f"“{layer}/bias” by {entry['bias']['distance']:.2g}" in text
    assert story.tag("all_variables", f"{layer}/kernel")["change"]["label"] not in {"frozen", "stalled"}


def test_the_tag_that_settles_it_is_named_and_does_settle_it(story):
    for layer in LAYERS:
        assert "log the update (new minus old weights)" in story.tag("all_variables", f"{layer}/kernel")["text"]
        text = story.tag("all_variables_updates", f"{layer}/kernel")["text"]
        told = re.search(r"kernel change by ([\d.e-]+), those of the bias by ([\d.e-]+)", text)
        for number, kind in zip(told.groups(), ("kernel", "bias"), strict=True):
            updates = story.raw[f"all_variables_updates/{layer}/{kind}/update"].astype(float)
            late = updates[len(updates) // 2 :].reshape(len(updates) - len(updates) // 2, -1)
            # Few values in 30 buckets; rounded to two digits.
            assert float(number) == pytest.approx(np.median(np.sqrt((late**2).mean(axis=1))), rel=0.08)


@pytest.mark.parametrize("run", ["biases_only", "shuffled"])
def test_only_biases_learn_is_said_where_the_kernels_are_identical(story, run):
    (finding,) = story.findings(run, "only-biases-learn")
    assert finding["severity"] == "warning"
    assert "The histograms of all 7 kernels are identical" in finding["message"]
    assert {f"{layer}/kernel" for layer in LAYERS} <= set(finding["tags"])


@pytest.mark.parametrize("run", ["biases_only", "shuffled"])
def test_identical_histograms_are_not_said_to_prove_identical_weights(story, run):
    """TensorFlow 2's histograms of the two runs are the same; in one of them every weight changes."""
    findings = story.findings(run, "only-biases-learn") + story.findings(run, "frozen-layer")
    assert {finding["confidence"] for finding in findings} == {"likely"}
    for finding in findings:
        assert "identical histograms do not prove identical weights" in " ".join(finding["advice"]).lower()


def test_a_logged_update_shows_that_shuffled_weights_are_not_frozen(story):
    assert not story.findings("shuffled_updates", "only-biases-learn")
    assert "warning" not in {finding["severity"] for finding in story.runs["shuffled_updates"]["findings"]}
    findings = story.findings("shuffled_updates", "frozen-layer")
    assert {finding["layer"] for finding in findings} == set(LAYERS)
    for finding in findings:
        assert finding["severity"] == "info"
        assert f"“{finding['layer']}/kernel/update” is not zero" in finding["message"]
        assert "Identical histograms do not prove identical weights" in finding["message"]


@pytest.mark.parametrize(("run", "said"), [("all_variables", "falls from"), ("biases_only", "does not fall")])
def test_what_the_loss_does_meanwhile(story, run, said):
    (sentence,) = [one for one in story.runs[run]["remarks"] if "“loss”" in one]
    assert said in sentence
    start, end = map(float, re.search(r"([\d.]+)(?: to| at first,) ([\d.]+)", sentence).groups())
    loss = story.raw[f"{run}/loss"].astype(float)
    quarter = len(loss) // 4
    assert start == pytest.approx(np.median(loss[:quarter]), rel=0.01)
    assert end == pytest.approx(np.median(loss[-quarter:]), rel=0.01)


def test_what_the_nine_lines_of_distributions_are():
    sentence = catalogue("en").text("interface.guide.percentiles")
    for line in DISTRIBUTION_LINES:
        assert re.search(rf"\b{line:g}\b", sentence)
    assert "percentiles" in sentence
    assert "for any other they do not" in sentence


def test_the_text_report_says_it_as_well(story):
    assert "In every layer the bias moves visibly and the kernel does not" in story.text
    assert "too small to see in this histogram, not frozen" in story.text
    assert "Meanwhile “loss” falls from" in story.text
    assert "Meanwhile “loss” does not fall" in story.text
    assert "only biases learn" in story.text


# What it must not say --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", MOVING)
def test_the_network_that_learns_is_no_alarm(story, run):
    assert story.alarms(run) == []
    for rule in ("only-biases-learn", "frozen-layer", "barely-moves", "only-last-layer-learns"):
        assert not story.findings(run, rule)


@pytest.mark.parametrize("run", IDENTICAL)
def test_identical_kernels_are_not_said_to_be_too_small_to_see(story, run):
    assert "too small to see" not in story.words(run)
    assert not any(entry["only_bias_visible"] for entry in story.runs[run]["pairs"])

"""Story S3: one more layer, and the network stops learning.

The networks are trained for real; every statement is held against the tensors of that very training.
"""

import re

import numpy as np
import pytest
from told import trained

pytestmark = pytest.mark.training

RUNS = ("two_layers", "three_layers", "three_layers_repaired")
GOOD = ("two_layers", "three_layers_repaired")
KERNELS = {"two_layers": ("W", "W_1"), "three_layers": ("W", "W_1", "W_2")}


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return trained("s3_one_more_layer", tmp_path_factory)


def late(values):
    """RMS of a gradient in the last half of the steps, the median over them."""
    half = values[len(values) // 2 :].astype(float)
    return float(np.median(np.sqrt((half**2).mean(axis=tuple(range(1, half.ndim))))))


def test_the_training_is_the_one_of_the_story(story):
    """With three layers the answer is one number whatever is asked, and W hardly moves, but it does move."""
    raw = story.raw
    assert np.ptp(raw["two_layers/given_back"]) > 0.5
    assert np.ptp(raw["three_layers/given_back"]) < 0.01
    assert np.ptp(raw["three_layers_repaired/given_back"]) > 3
    assert raw["three_layers/loss"][-1] > 10 * raw["three_layers_repaired/loss"][-1]
    ratio = late(raw["two_layers/W_0_grad"]) / late(raw["three_layers/W_0_grad"])
    assert ratio > 400
    weights = raw["three_layers/W_0"]
    assert 0 < np.abs(weights[-1] - weights[0]).mean() < 0.05 * np.abs(weights[0]).mean()


# What it must say ------------------------------------------------------------------------------------------------


def test_the_gradient_vanishes_in_the_three_layer_run(story):
    (finding,) = story.findings("three_layers", "vanishing-gradient")
    assert finding["severity"] == "critical"
    assert finding["cause"] is None
    assert {"W_0_grad", "W_1_0_grad", "W_2_0_grad", "b_2_0_grad"} <= set(finding["tags"])
    assert finding["tags"][0] == "W_0_grad"
    for tag in ("W_0_grad", "b_2_0_grad"):
        assert f"“{tag}”" in finding["message"]
    assert "Vanishing gradient" in story.runs["three_layers"]["verdict"]


def test_how_much_smaller_it_is_is_what_the_gradients_were(story):
    """The buckets prove no more than was so."""
    raw = story.raw
    (finding,) = story.findings("three_layers", "vanishing-gradient")
    (ratio,) = [one for one in finding["evidence"] if one["tag"] == "W_0_grad"]
    truth = late(raw["three_layers/b_2_0_grad"]) / late(raw["three_layers/W_0_grad"])
    assert ratio["lower"] <= truth <= ratio["upper"]
    assert ratio["value"] == pytest.approx(truth, rel=0.1)


def test_the_effect_on_the_weights_stands_beside_it(story):
    """They moved by a few per cent of their size: said as it is, and not as frozen."""
    weights = story.raw["three_layers/W_0"].reshape(len(story.raw["three_layers/steps"]), -1)
    truth = np.abs(np.sort(weights[-1]) - np.sort(weights[0])).mean() / np.abs(weights[0]).mean()
    (finding,) = story.findings("three_layers", "vanishing-gradient")
    (moved,) = [one for one in finding["evidence"] if one["tag"] is None]
    # 16 values in 30 buckets are told apart to a few per cent of their size.
    assert moved["value"] == pytest.approx(truth, abs=0.02)
    assert f"{moved['value']:.2g} of its mean size" in finding["message"]
    for layer in KERNELS["three_layers"]:
        assert story.tag("three_layers", f"{layer}_0")["change"]["label"] not in {"frozen", "stalled"}
    assert not story.findings("three_layers", "frozen-layer")


@pytest.mark.parametrize("layer", ["W", "W_1"])
def test_the_initial_scale_is_far_below_what_the_fan_in_asks_for(story, layer):
    (finding,) = [one for one in story.findings("three_layers", "initial-scale") if one["layer"] == layer]
    (vanishing,) = story.findings("three_layers", "vanishing-gradient")
    assert finding["cause"] == vanishing["id"]
    weights = story.raw[f"three_layers/{layer}_0"][0]
    assert f"far smaller than its fan-in of {len(weights)} asks for" in finding["message"]
    told = float(finding["message"].split("standard deviation ")[1].split(",")[0])
    assert told == pytest.approx(weights.std(), rel=0.1)


@pytest.mark.parametrize("run", RUNS)
def test_tensors_of_sixteen_values_are_too_few_to_show_a_shape(story, run):
    values = story.raw[f"{run}/W_0_grad"]
    assert values[0].size == 16
    assert 0.2 < (values == 0).mean() < 0.8
    entry = story.tag(run, "W_0_grad")
    assert entry["element_count"] == 16
    assert entry["shape"]["label"] == "unresolved"
    assert "16 values" in entry["shape"]["reason"]


@pytest.mark.parametrize("other", GOOD)
def test_the_gradient_of_w_is_compared_with_that_of_the_other_runs(story, other):
    """How many times smaller it is is what the gradients were, within what the buckets prove."""
    (found,) = [
        one
        for one in story.report["comparisons"]
        if (one["run"], one["other"], one["tags"][0]) == ("three_layers", other, "W_0_grad")
    ]
    truth = late(story.raw["three_layers/W_0_grad"]) / late(story.raw[f"{other}/W_0_grad"])
    low, high = found["ratio_bounds"]
    assert low <= truth <= high
    assert found["ratio"] == pytest.approx(truth, rel=0.1)
    times = float(re.search(r"is about ([\d,.]+) times smaller than", found["message"]).group(1).replace(",", ""))
    assert times == pytest.approx(1 / truth, rel=0.15)
    assert f"than in “{other}”" in found["message"]


def test_the_effect_on_w_is_compared_too(story):
    """Where the good run's W grew many times over, that of three layers stayed."""
    (found,) = [
        one
        for one in story.report["comparisons"]
        if (one["run"], one["other"], one["tags"][0]) == ("three_layers", "two_layers", "W_0")
    ]
    factors = {}
    for run in ("three_layers", "two_layers"):
        weights = story.raw[f"{run}/W_0"].astype(float)
        factors[run] = float(np.sqrt((weights[-1] ** 2).mean() / (weights[0] ** 2).mean()))
    assert found["ratio"] == pytest.approx(factors["three_layers"] / factors["two_layers"], rel=0.1)
    told = re.search(r"grew to ([\d.]+) times their RMS .* to ([\d.]+\d)", found["message"]).groups()
    assert list(map(float, told)) == pytest.approx(list(factors.values()), rel=0.1)


def test_the_text_report_says_it_as_well(story):
    assert re.search(r"the gradient “W_0_grad” is about [\d,]+ times smaller than in “two_layers”", story.text)
    assert "three_layers Something is seriously wrong: Vanishing gradient." in story.text
    assert "✖ critical Vanishing gradient" in story.text or "critical Vanishing gradient" in story.text
    assert "Only “b_2_0_grad” gets a gradient worth the name" in story.text
    assert "far smaller than its fan-in of" in story.text
    for run in GOOD:
        assert f"{run} Nothing looks wrong" in story.text


# What it must not say --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", GOOD)
def test_nothing_of_the_kind_in_the_two_layer_and_the_repaired_run(story, run):
    assert story.alarms(run) == []
    assert not story.findings(run, "vanishing-gradient")
    assert "vanish" not in story.words(run).lower()


def test_a_bare_ratio_between_tags_condemns_no_network(story):
    """While the two-layer network still learns little, its first kernel's gradient is far below its last bias's."""
    raw = story.raw
    ratio = np.abs(raw["two_layers/b_1_0_grad"][:10]).mean() / raw["two_layers/W_0_grad"][:10].std()
    assert ratio > 200
    assert story.alarms("two_layers") == []


def test_the_repaired_run_starts_from_a_usual_scale(story):
    assert not story.findings("three_layers_repaired", "initial-scale")

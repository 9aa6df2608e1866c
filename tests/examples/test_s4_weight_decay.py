"""Story S4: what weight decay does.

The networks are trained for real; every statement is held against the tensors of that very training.
"""

import json
import re

import numpy as np
import pytest
from event_logs import event, rows, version, write
from told import Story, trained

pytestmark = pytest.mark.training

LAYERS = ("dense1", "dense2", "dense3")
DECAYED = ("decay_0.01", "decay_3_slow", "noisy_labels_decay")
HEALTHY = ("no_decay", "decay_0.01", "noisy_labels", "noisy_labels_decay")
SLOW = {"rate": 0.001, "lambda": 3.0}


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return trained("s4_weight_decay", tmp_path_factory)


def rms(story, run, layer):
    """Root mean square of a kernel per logged step."""
    kernel = story.raw[f"{run}/{layer}/kernel"].astype(float)
    return np.sqrt((kernel**2).mean(axis=(1, 2)))


def test_the_training_is_the_one_of_the_story(story):
    """Kernels grow without it, two of three shrink with it, and lambda 3 leaves nothing; it overfits noise only."""
    raw = story.raw
    factors = {run: [rms(story, run, layer)[-1] / rms(story, run, layer)[0] for layer in LAYERS] for run in story.runs}
    assert min(factors["no_decay"]) > 1
    assert max(factors["decay_0.01"][:2]) < 0.6
    assert max(factors["decay_3"]) < 1e-3
    assert raw["no_decay/val_accuracy"][-1] > 0.9 < raw["decay_0.01/val_accuracy"][-1]
    assert raw["no_decay/val_loss"][-1] < 1.05 * raw["no_decay/val_loss"].min()
    assert raw["noisy_labels/val_loss"][-1] > 1.15 * raw["noisy_labels/val_loss"].min()


# What it must say ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", ["no_decay", *DECAYED, "noisy_labels"])
@pytest.mark.parametrize("layer", LAYERS)
def test_which_weights_shrink_and_which_grow_and_by_how_much(story, run, layer):
    truth = rms(story, run, layer)[-1] / rms(story, run, layer)[0]
    entry = story.tag(run, f"{layer}/kernel")
    assert entry["change"]["label"] == ("growing" if truth > 1 else "shrinking")
    assert entry["change"]["factor"] == pytest.approx(truth, rel=0.02)
    assert f"went to {entry['change']['factor']:.4g} times" in entry["text"]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_decay_that_keeps_the_shape_tells_learning_rate_times_lambda(story, layer):
    (finding,) = [one for one in story.findings("decay_3_slow", "weight-decay") if one["layer"] == layer]
    assert "consistent with a weight decay of" in finding["message"]
    (rate,) = [one["value"] for one in finding["evidence"] if one["unit"] == "per step"]
    assert rate == pytest.approx(-np.log1p(-SLOW["rate"] * SLOW["lambda"]), rel=0.02)
    told = float(re.search(r"\(learning rate × λ\) ([\d.e-]+) per step", finding["message"]).group(1))
    assert told == pytest.approx(SLOW["rate"] * SLOW["lambda"], rel=0.02)


def test_lambda_3_is_said_to_have_collapsed_everything(story):
    findings = story.findings("decay_3", "collapsed-weights")
    assert {finding["layer"] for finding in findings} == {None, *LAYERS}
    assert [finding["layer"] for finding in findings if finding["cause"] is None] == [None]
    assert {finding["severity"] for finding in findings} == {"critical"}
    assert "Weaken the weight decay" in " ".join(findings[0]["advice"])
    (remark,) = [one for one in story.runs["decay_3"]["remarks"] if "“loss”" in one]
    assert "does not fall" in remark


@pytest.mark.parametrize("run", ["no_decay", *DECAYED])
@pytest.mark.parametrize("layer", LAYERS)
def test_the_penalty_can_be_read_off_the_histogram(story, run, layer):
    truth = (story.raw[f"{run}/{layer}/kernel"][-1].astype(float) ** 2).sum()
    stats = story.tag(run, f"{layer}/kernel")["stats"]
    low, high = stats["bounds"]["l2_norm"]
    assert low**2 <= truth <= high**2
    # In a narrow peak with few far values 30 buckets are wide.
    assert stats["sum_squares"] == pytest.approx(truth, rel=0.06)


def test_where_the_shape_is_kept_the_penalty_stands_with_and_without_the_half(story):
    (finding,) = [one for one in story.findings("decay_3_slow", "weight-decay") if one["layer"] == "dense1"]
    half, full = map(float, re.search(r"λ × ([\d.]+) at .* λ × ([\d.]+)\)", finding["message"]).groups())
    truth = (story.raw["decay_3_slow/dense1/kernel"][-1].astype(float) ** 2).sum()
    assert full == pytest.approx(truth, rel=0.02)
    assert half == pytest.approx(truth / 2, rel=0.02)


def test_a_kernel_of_ones_has_a_penalty_of_39_2_or_78_4(tmp_path):
    ones = rows("dense/kernel", [[1.0, 1.0, 0.0]] * 29 + [[1.0, 1.0, 7840.0]])  # as tf.summary.histogram writes them
    write(tmp_path / "events.out.tfevents.1.host", version(), *(event(step, ones) for step in range(3)))
    (run,) = json.loads(Story.say(tmp_path, "--format", "json"))["runs"]
    squares = run["tags"][0]["stats"]["sum_squares"]
    assert 0.5 * 0.01 * squares == pytest.approx(39.2)
    assert 0.01 * squares == pytest.approx(78.4)
    catalogue = " ".join(Story.ask("rules", "weight-decay").split())
    assert "39.2 at λ = 0.01" in catalogue
    assert "Keras's l2 has no ½, and gives 78.4" in catalogue


def test_where_training_and_validation_part(story):
    (remark,) = [one for one in story.runs["noisy_labels"]["remarks"] if "part at about step" in one]
    losses, steps = story.raw["noisy_labels/val_loss"].astype(float), story.raw["noisy_labels/steps"]
    step = int(re.search(r"about step (\d+)", remark).group(1))
    assert losses[list(steps).index(step)] < 1.05 * losses.min()
    lowest, end = map(float, re.search(r"“val_loss” rises from ([\d.]+) to ([\d.]+\d)", remark).groups())
    assert lowest == pytest.approx(losses.min(), rel=0.05)
    assert end == pytest.approx(losses[-4:].mean(), rel=0.05)


def test_the_runs_are_compared_layer_by_layer(story):
    """In one run the weights grow, in the other they shrink."""
    found = [
        one
        for one in story.report["comparisons"]
        if {one["run"], one["other"]} == {"no_decay", "decay_0.01"} and one["layer"] in ("dense1", "dense2")
    ]
    for layer in ("dense1", "dense2"):
        assert any(one["layer"] == layer and "shrank" in one["message"] for one in found)
        assert any(one["layer"] == layer and "grew" in one["message"] for one in found)


def test_the_text_report_says_it_as_well(story):
    assert "consistent with a weight decay of (learning rate × λ) 0.003 per step" in story.text
    assert "Weights collapsed towards zero" in story.text
    assert "“loss” and “val_loss” part at about step" in story.text
    assert re.search(r"dense1/kernel .{0,50}shrinking ×0\.4", story.text)
    assert re.search(r"dense3/kernel .{0,50}growing ×1\.5", story.text)


# What it must not say --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", HEALTHY)
def test_networks_that_learn_are_no_alarm(story, run):
    """A decay of the usual size is no fault, and neither is overfitting a fault of the weights."""
    assert story.alarms(run) == []


@pytest.mark.parametrize("run", ["no_decay", "noisy_labels"])
def test_growing_weights_are_not_said_to_decay(story, run):
    assert not story.findings(run, "weight-decay")


@pytest.mark.parametrize("run", ["no_decay", "decay_0.01", "decay_3", "decay_3_slow", "noisy_labels_decay"])
def test_losses_that_do_not_part_are_not_said_to(story, run):
    assert not any("part at about step" in remark for remark in story.runs[run]["remarks"])

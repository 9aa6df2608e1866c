"""Story S2: which part of this is normal, and which weights are dead?

The networks are trained for real; every statement is held against the tensors of that very training.
"""

import re
from pathlib import Path

import numpy as np
import pytest
from told import trained

from tb_histinsight.locales import catalogue

pytestmark = pytest.mark.training

KINDS = {
    ("regression", "dense/kernel"): "That is simply small",
    ("small_start", "dense1/kernel"): "It began far smaller than that, and grew",
    ("collapsed", "dense1/kernel"): "That is collapsed, against its own past",
    ("sparse_l1", "dense1/kernel"): "That is sparse",
}


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return trained("s2_normal_or_dead", tmp_path_factory)


def ends(story, run, tag):
    """The values at the first and at the last logged step."""
    values = story.raw[f"{run}/{tag}"].astype(float)
    return values[0].ravel(), values[-1].ravel()


def rms(values):
    return float(np.sqrt((values**2).mean()))


def test_the_training_is_the_one_of_the_story(story):
    """Small weights that grew, collapsed ones, and mostly zeros; two of the three networks learn."""
    raw = story.raw
    first, last = ends(story, "small_start", "dense1/kernel")
    assert rms(last) > 20 * rms(first)
    assert raw["small_start/accuracy"][-1] > 0.9
    first, last = ends(story, "collapsed", "dense1/kernel")
    assert rms(last) < 0.01 * rms(first)
    assert raw["collapsed/accuracy"][-1] < 0.2
    _, last = ends(story, "sparse_l1", "dense1/kernel")
    assert (last == 0).mean() > 0.6
    assert raw["sparse_l1/accuracy"][-1] > 0.85
    assert raw["regression/loss"][-1] < 0.1 * raw["regression/loss"][0]


# What it must say ------------------------------------------------------------------------------------------------


def test_a_bell_is_told_with_its_shares_beside_those_of_a_normal_and_a_uniform(story):
    entry = story.tag("regression", "linear/kernel")
    assert {span["shape"] for span in entry["timeline"]} == {"gaussian"}
    _, last = ends(story, "regression", "linear/kernel")
    within = re.search(
        r"([\d.]+) % of the values lie within ±0.5 standard deviations \(a normal has 38.3 %, a uniform 28.9 %\), "
        r"([\d.]+) % within ±1.5 \(both have 86.6 %\)",
        entry["text"],
    )
    for told, sigmas in zip(within.groups(), (0.5, 1.5), strict=True):
        truth = 100 * (np.abs(last - last.mean()) < sigmas * last.std()).mean()
        # Values evenly spread over a bucket of a fifth of a sigma, of which 20 lie at either end.
        assert float(told) == pytest.approx(truth, abs=1.5)


@pytest.mark.parametrize(("run", "tag"), KINDS)
def test_weights_near_0_are_told_apart_by_their_scale(story, run, tag):
    """Against their own history, and against what the fan-in asks for."""
    text = story.tag(run, tag)["text"]
    assert KINDS[run, tag] in text
    scale, factor = map(float, re.search(r"RMS\) is ([\d.e-]+), ([\d.e-]+) times that of the first", text).groups())
    first, last = ends(story, run, tag)
    # 30 buckets are wide where most weights are near 0 and few are far.
    assert scale == pytest.approx(rms(last), rel=0.12)
    assert factor == pytest.approx(rms(last) / rms(first), rel=0.12)
    fan_in = len(story.raw[f"{run}/{tag}"][0])
    assert f"for its fan-in of {fan_in}" in text


@pytest.mark.parametrize(("run", "tag"), KINDS)
def test_the_share_of_exact_zeros_lies_where_it_is_said_to(story, run, tag):
    _, last = ends(story, run, tag)
    truth = (last == 0).mean()
    low, high = story.tag(run, tag)["stats"]["bounds"]["zero_share"]
    assert low <= truth <= high
    assert "Exactly zero: " in story.tag(run, tag)["text"]


def test_the_collapsed_network_is_an_alarm(story):
    (finding,) = story.findings("collapsed", "collapsed-weights")
    assert finding["severity"] in ("warning", "critical")
    assert "dense1" in finding["message"]


def test_what_lines_and_colours_are(story):
    words = catalogue("en")
    assert "The darkest band holds the middle 38.3 % of the values, whatever its width" in words.text(
        "interface.guide.percentiles"
    )
    assert words.text("interface.line.30") == "normal: mean − 0.5 σ"


def test_the_tutorial_s_graph_scalars_and_images_are_left_alone(story):
    """Only histograms are told of; nothing is said to be damaged."""
    assert {tag["tag"] for tag in story.runs["regression"]["tags"]} == {
        "linear/kernel",
        "linear/bias",
        "dense/kernel",
        "dense/bias",
    }
    assert story.runs["regression"]["skipped"] == []
    assert story.report["skipped"] == []


def test_the_text_report_says_it_as_well(story):
    assert "Weights collapsed towards zero" in story.text
    assert "far smaller than its fan-in of 784 asks for" in story.text
    assert "“loss” falls from" in story.text


# What it must not say --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", ["regression", "small_start", "sparse_l1"])
def test_weights_near_0_are_no_alarm_by_that_alone(story, run):
    assert story.alarms(run) == []
    assert "collapsed, against" not in story.words(run)


def test_no_word_of_dead_weights(story):
    for run in story.runs:
        said = story.words(run).replace("not dead by that alone", "")
        assert " dead" not in said.replace("what is dead or detached", "")


def test_the_log_holds_a_graph_and_images_beside_the_histograms(story):
    files = [path for path in Path(story.logdir, "regression").iterdir() if "tfevents" in path.name]
    content = b"".join(path.read_bytes() for path in files)
    for part in (b"MatMul", b"scalars", b"histograms", b"images"):
        assert part in content

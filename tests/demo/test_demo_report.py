"""What is said of the demonstration runs is what their training justifies (test_training.py has the raw truth)."""

import pytest

from tb_histinsight.api import analyze

JUSTIFIED = {
    "healthy": set(),
    "only_last_layer": {"only-last-layer-learns", "frozen-layer"},
    # The kernels become exact zeros; from then on nothing moves but the last bias, and no signal passes.
    "collapsed": {
        "collapsed-weights",
        "constant-weights",
        "only-biases-learn",
        "dead-activations",
        "frozen-layer",
        "vanishing-gradient",
        "gradient-underflow",
        "barely-moves",
    },
    # Weights and gradients grow from update to update until they overflow; tanh units saturate on the way.
    "diverged": {"non-finite", "exploding", "saturated-activations", "step-size"},
    "duplicated_units": set(),
}
"""Rules that may raise a warning, or worse, on a run."""


@pytest.fixture(scope="module")
def runs(demo, demo_folder):
    return {run.run: run for run in analyze(demo_folder, jobs=1).runs}


def labels(run, what):
    return {tag.tag: getattr(tag, what).label for tag in run.tags}


def leading(run):
    return [finding.rule for finding in run.findings if finding.cause is None]


@pytest.mark.parametrize("name", sorted(JUSTIFIED))
def test_no_alarm_that_the_training_does_not_justify(runs, name):
    alarms = {finding.rule for finding in runs[name].findings if finding.severity != "info"}
    assert alarms <= JUSTIFIED[name]


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("healthy", set()),
        ("only_last_layer", {"only-last-layer-learns", "missing-bias"}),
        ("collapsed", {"collapsed-weights"}),
        ("diverged", {"non-finite"}),
        ("duplicated_units", {"redundant-units"}),
    ],
)
def test_one_trouble_leads_and_the_rest_follows_from_it(runs, name, rules):
    assert set(leading(runs[name])) == rules


@pytest.mark.parametrize("name", sorted(JUSTIFIED))
def test_no_rule_breaks(runs, name):
    assert [outcome for outcome in runs[name].outcomes if outcome.status == "failed"] == []


def test_the_healthy_run_moves_in_every_kernel(runs):
    changes = labels(runs["healthy"], "change")
    for layer in ("dense_1", "dense_2", "dense_3", "dense_4"):
        assert changes[f"{layer}/kernel"] not in ("frozen", "still", "unknown")


def test_layers_that_the_optimiser_was_not_given_are_a_plateau_and_identical(runs):
    run = runs["only_last_layer"]
    for layer in ("dense_1", "dense_2", "dense_3"):
        assert labels(run, "shape")[f"{layer}/kernel"] == "uniform"
        assert labels(run, "change")[f"{layer}/kernel"] == "frozen"
    assert labels(run, "change")["dense_4/kernel"] not in ("frozen", "still", "unknown")
    assert leading(run)[0] == "only-last-layer-learns"


def test_the_activations_of_frozen_layers_are_not_called_frozen(runs):
    changes = labels(runs["only_last_layer"], "change")
    assert all(changes[f"dense_{number}/activations"] != "frozen" for number in (1, 2, 3))


def test_duplicated_units_show_as_separate_peaks(runs):
    run = runs["duplicated_units"]
    assert labels(run, "shape")["dense_1/kernel"] == "spiky"
    assert labels(run, "shape")["dense_2/kernel"] == "spiky"
    assert [finding.rule for finding in run.findings].count("redundant-units") == 2


def test_kernels_of_exact_zeros_are_collapsed(runs):
    run = runs["collapsed"]
    accused = {tag for finding in run.findings if finding.rule == "collapsed-weights" for tag in finding.tags}
    for layer in ("dense_1", "dense_2", "dense_3", "dense_4"):
        tag = next(tag for tag in run.tags if tag.tag == f"{layer}.weight")
        assert tag.timeline[0].shape == "gaussian"
        assert tag.shape.label == "collapsed"
        assert tag.tag in accused


def test_the_first_nan_of_a_diverging_run_is_found_at_its_step(demo, runs):
    import numpy as np

    first = min(
        step
        for steps in demo["diverged"].tensors.values()
        for step, tensor in steps.items()
        if not np.isfinite(tensor).all()
    )
    worst = runs["diverged"].findings[0]
    assert (worst.rule, worst.severity, worst.first_step) == ("non-finite", "critical", first)

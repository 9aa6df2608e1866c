"""Losses beside the histograms: whether they fall, and where training and validation part."""

import numpy as np
import pytest

from tb_histinsight.core.losses import course_of, is_loss, parting_of, training_loss
from tb_histinsight.core.run import RunAnalysis, ScalarSeries

FALLS = 2.0 * 0.9 ** np.arange(40)
TURNS = np.concatenate([np.linspace(2, 1, 15), np.linspace(1, 1.6, 25)])


def run_with(**losses: np.ndarray) -> RunAnalysis:
    steps = {name: np.arange(len(values)) * 10 for name, values in losses.items()}
    return RunAnalysis("run", (), {n: ScalarSeries(n, steps[n], steps[n].astype(float), v) for n, v in losses.items()})


def test_a_loss_begins_and_ends_at_the_medians_of_its_quarters() -> None:
    course = course_of(training_loss(run_with(val_loss=TURNS, loss=FALLS)))
    assert course.tag == "loss"
    assert course.start == np.median(FALLS[:10])
    assert course.end == np.median(FALLS[-10:])
    assert course.falls


@pytest.mark.parametrize("values", [np.full(20, 2.3), np.linspace(2.3, 2.25, 20), np.append(FALLS, np.nan)])
def test_what_batches_make_of_it_is_no_fall(values: np.ndarray) -> None:
    assert not course_of(training_loss(run_with(loss=values))).falls


def test_a_loss_that_fell_at_once_is_not_said_to_have_stayed() -> None:
    course = course_of(training_loss(run_with(loss=np.append(3.3, np.full(20, 0.24)))))
    assert not course.falls
    assert course.fell_early
    assert (course.first, course.end) == (3.3, 0.24)
    assert not course_of(training_loss(run_with(loss=np.append(2.4, np.full(20, 2.3))))).fell_early
    assert not course_of(training_loss(run_with(loss=FALLS))).fell_early


@pytest.mark.parametrize(
    "scalars",
    [
        {},
        {"loss": FALLS[:5]},
        {"accuracy": FALLS},
        {"loss_scale": FALLS},
        {"local3/weight_loss": FALLS},
        {"l2_loss": FALLS},
    ],
)
def test_no_loss_is_no_loss(scalars: dict[str, np.ndarray]) -> None:
    assert training_loss(run_with(**scalars)) is None


def test_training_and_validation_part_where_the_validation_loss_is_lowest() -> None:
    rng = np.random.default_rng(0)
    parting = parting_of(run_with(loss=FALLS + 0.01 * rng.normal(size=40), val_loss=TURNS + 0.01 * rng.normal(size=40)))
    assert parting is not None
    assert (parting.training, parting.validation) == ("loss", "val_loss")
    assert 120 <= parting.step <= 170
    assert parting.lowest == pytest.approx(1.0, abs=0.05)
    assert parting.end == pytest.approx(1.6, abs=0.1)
    assert parting.training_end < parting.training_then


@pytest.mark.parametrize(
    "losses",
    [
        {"loss": FALLS, "val_loss": 1.2 * FALLS},  # falls as well
        {"loss": FALLS, "val_loss": 1 + 0.03 * np.sin(np.arange(40))},  # stays
        {"loss": np.full(40, 1.0), "val_loss": TURNS},  # nothing is learned any more
        {"loss": TURNS, "val_loss": TURNS},  # both rise
        {"loss": FALLS, "val_loss": np.append(FALLS[:-2], [1.0, 1.1])},  # the last two only
        {"val_loss": TURNS},
        {"loss": FALLS},
        {"loss": FALLS, "val_loss": np.append(TURNS, np.nan)},
    ],
)
def test_elsewhere_they_do_not_part(losses: dict[str, np.ndarray]) -> None:
    assert parting_of(run_with(**losses)) is None


@pytest.mark.parametrize(
    "tag", ["cost", "cross_entropy_1", "xent", "objective", "train/xent_1", "Cost", "softmax/cross_entropy", "nll"]
)
def test_losses_by_other_names_are_recognised(tag: str) -> None:
    assert is_loss(tag)


@pytest.mark.parametrize(
    "tag", ["compute_cost", "cost_per_step", "costly", "weight_cost", "objectives_met", "cost/time", "accuracy"]
)
def test_what_costs_something_else_is_no_loss(tag: str) -> None:
    assert not is_loss(tag)


def test_what_is_called_a_loss_goes_before_what_is_called_otherwise() -> None:
    assert training_loss(run_with(objective=TURNS, val_loss=TURNS, loss=FALLS)).tag == "loss"
    assert training_loss(run_with(val_loss=TURNS, cost=FALLS)).tag == "cost"


def test_losses_of_opponents_are_not_expected_to_fall() -> None:
    assert training_loss(run_with(**{"loss/D": FALLS, "loss/G": TURNS})) is None
    assert training_loss(run_with(**{"generator_loss": FALLS, "critic_loss": TURNS})) is None
    assert training_loss(run_with(**{"loss/G": FALLS})).tag == "loss/G"
    assert training_loss(run_with(**{"train/loss_value": FALLS})).tag == "train/loss_value"
    assert training_loss(run_with(**{"value_loss": FALLS, "policy_gradient_loss": TURNS})) is None
    assert training_loss(run_with(**{"policy_loss": TURNS, "value_loss": TURNS, "loss": FALLS})).tag == "loss"

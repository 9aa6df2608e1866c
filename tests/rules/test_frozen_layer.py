from itertools import pairwise

import numpy as np
import pytest
from run_builders import drifting, findings_of, glorot, healthy, run_of, status_of, still

from tb_histinsight.core.labels import Confidence, Severity, Status
from tb_histinsight.rules import run_rules

LAYOUTS = pytest.mark.parametrize(
    ("layout", "confidence"),
    [("equal", Confidence.LIKELY), ("lossy", Confidence.LIKELY), ("exponential", Confidence.CERTAIN)],
)
FROZEN = glorot(100, 100, seed=2)


@LAYOUTS
@pytest.mark.parametrize("steps", [3, 6])
def test_fires_on_identical_weights(layout: str, confidence: Confidence, steps: int) -> None:
    tensors = {tag: values[:steps] for tag, values in healthy(**{"fc2.weight": still(FROZEN)}).items()}
    (finding,) = findings_of("frozen-layer", run_of(tensors, layout=layout))
    assert (finding.layer, finding.severity, finding.confidence) == ("fc2", Severity.WARNING, confidence)
    assert (finding.message, finding.first_step, finding.last_step) == ("identical", 0, 10 * (steps - 1))
    assert finding.values["moving"] == 5


@LAYOUTS
def test_stays_quiet_on_two_steps(layout: str, confidence: Confidence) -> None:
    tensors = {tag: values[:2] for tag, values in healthy(**{"fc2.weight": still(FROZEN)}).items()}
    assert status_of("frozen-layer", run_of(tensors, layout=layout)) is Status.SKIPPED


@pytest.mark.parametrize("layout", ["equal", "exponential", "lossy"])
def test_stays_quiet_on_weights_that_hardly_move(layout: str) -> None:
    hardly = [FROZEN + 1e-6 * i * np.sign(FROZEN) for i in range(6)]
    assert not findings_of("frozen-layer", run_of(healthy(**{"fc2.weight": hardly}), layout=layout))


def test_exact_sums_that_differ_are_movement_though_the_buckets_are_identical() -> None:
    inner = FROZEN.copy().astype(np.float64)
    inner.flat[np.argsort(np.abs(inner).ravel())[5000:5100]] *= 1 + 1e-9  # moves nothing across a bucket's edge
    tensors = healthy(**{"fc2.weight": [FROZEN, inner] * 3})
    moved = run_of(tensors, layout="exponential")
    assert moved.tags[2].change.identical.all()
    assert not findings_of("frozen-layer", moved)


def test_shuffled_weights_are_identical_in_every_respect_and_said_to_be_so() -> None:
    rng = np.random.default_rng(5)
    shuffled = [rng.permutation(FROZEN.ravel()) for _ in range(6)]
    (finding,) = findings_of("frozen-layer", run_of(healthy(**{"fc2.weight": shuffled}), layout="lossy"))
    assert finding.confidence is Confidence.LIKELY


def test_a_gradient_that_arrives_points_to_the_optimiser() -> None:
    gradient = drifting(np.random.default_rng(1).normal(0, 1e-3, FROZEN.shape))
    run = run_of(healthy(**{"fc2.weight": still(FROZEN), "fc2.weight.grad": gradient}), layout="exponential")
    (finding,) = findings_of("frozen-layer", run)
    assert (finding.message, finding.advice[0]) == ("identical_though_gradient", "optimiser")
    assert finding.tags == ("fc2.weight", "fc2.weight.grad")


def test_a_gradient_that_rounding_swallows_is_no_matter_of_the_optimiser() -> None:
    gradient = drifting(np.random.default_rng(1).normal(0, 1e-9, FROZEN.shape))
    (finding,) = findings_of(
        "frozen-layer", run_of(healthy(**{"fc2.weight": still(FROZEN), "fc2.weight.grad": gradient}))
    )
    assert finding.message == "identical_gradient_tiny"


def test_a_run_in_which_nothing_moves_although_gradients_do_is_one_warning() -> None:
    tensors = {f"fc{i}.weight": still(glorot(20, 20, i)) for i in range(5)}
    tensors["fc0.weight.grad"] = drifting(glorot(20, 20))
    (finding,) = findings_of("frozen-layer", run_of(tensors))
    assert (finding.message, finding.severity) == ("nothing_moves_though_gradient", Severity.WARNING)


def test_names_the_biases_that_stand_still_with_the_weights() -> None:
    frozen = {"fc2.weight": still(FROZEN), "fc2.bias": still(np.linspace(0, 1, 100))}
    (finding,) = findings_of("frozen-layer", run_of(healthy(**frozen)))
    assert finding.tags == ("fc2.weight", "fc2.bias")


def test_a_gradient_of_zero_points_to_what_is_dead() -> None:
    run = run_of(healthy(**{"fc2.weight": still(FROZEN), "fc2.weight.grad": still(np.zeros(10000))}))
    (finding,) = findings_of("frozen-layer", run)
    assert (finding.message, finding.advice[0]) == ("identical_gradient_zero", "alive")


def test_a_run_in_which_nothing_moves_is_one_remark() -> None:
    (finding,) = findings_of("frozen-layer", run_of({f"fc{i}.weight": still(glorot(20, 20, i)) for i in range(5)}))
    assert (finding.message, finding.severity, finding.layer) == ("nothing_moves", Severity.INFO, None)


def test_weights_that_stopped_are_a_remark() -> None:
    stopped = [*drifting(FROZEN, steps=3), *still(FROZEN + 1e-2, 3)]
    (finding,) = findings_of("frozen-layer", run_of(healthy(**{"fc2.weight": stopped})))
    assert (finding.message, finding.severity, finding.first_step) == ("stalled", Severity.INFO, 30)


def dies(seed: int) -> dict[str, list[np.ndarray]]:
    """Weights that move for two steps and then stand, and a gradient that is zero from then on."""
    weights = glorot(100, 100, seed)
    gradient = np.random.default_rng(seed).normal(0, 1e-3, weights.shape)
    return {
        f"fc{seed}.weight": [*drifting(weights, steps=3), *still(weights + 1e-2, 4)],
        f"fc{seed}.weight.grad": [*drifting(gradient, steps=3), *still(np.zeros(weights.shape), 4)],
    }


@LAYOUTS
def test_weights_that_stopped_with_their_gradient_are_a_warning(layout: str, confidence: Confidence) -> None:
    others = {tag: [*values, values[-1] + 0.1] for tag, values in healthy().items()}
    (finding,) = findings_of("frozen-layer", run_of({**others, **dies(2)}, layout=layout))
    assert (finding.message, finding.severity, finding.confidence) == (
        "stalled_gradient_zero",
        Severity.WARNING,
        Confidence.LIKELY,
    )
    assert (finding.first_step, finding.tags) == (30, ("fc2.weight", "fc2.weight.grad"))


def test_a_gradient_that_is_zero_now_and_then_is_no_second_witness() -> None:
    tensors = dies(2)
    tensors["fc2.weight.grad"][-1] = tensors["fc2.weight.grad"][0]
    others = {tag: [*values, values[-1] + 0.1] for tag, values in healthy().items()}
    (finding,) = findings_of("frozen-layer", run_of({**others, **tensors}))
    assert (finding.message, finding.severity) == ("stalled", Severity.INFO)


def test_layers_that_died_together_are_one_alarm() -> None:
    tensors = {**dies(1), **dies(2), "head.bias": drifting(np.linspace(-1, 1, 50), steps=7)}
    (outcome,) = run_rules(run_of(tensors), select=["frozen-layer"])
    (leading,) = [finding for finding in outcome.findings if finding.cause is None]
    assert (leading.message, leading.severity, leading.first_step) == ("cut_off", Severity.WARNING, 30)
    assert {finding.cause for finding in outcome.findings} == {None, leading.key("run")}


def test_layers_that_died_with_the_activations_of_one_are_its_alarm() -> None:
    activations = [np.abs(np.random.default_rng(step).normal(size=500)) for step in range(3)]
    tensors = {**dies(1), **dies(2), "head.bias": drifting(np.linspace(-1, 1, 50), steps=7)}
    tensors["fc2_activations"] = [*activations, *still(np.zeros(500), 4)]
    outcomes = run_rules(run_of(tensors), select=["frozen-layer", "dead-activations"])
    leading = [finding for outcome in outcomes for finding in outcome.findings if finding.cause is None]
    assert [finding.rule for finding in leading] == ["dead-activations"]


def test_weights_that_are_zero_throughout_are_constant_first() -> None:
    tensors = healthy(**{"fc2.weight": still(np.zeros((100, 100)))})
    outcomes = run_rules(run_of(tensors), select=["frozen-layer", "constant-weights"])
    leading = [finding for outcome in outcomes for finding in outcome.findings if finding.cause is None]
    assert [finding.rule for finding in leading] == ["constant-weights"]


def test_a_schedule_that_ended_for_all_is_nothing() -> None:
    tensors = {tag: [*values, *still(values[-1], 4)] for tag, values in healthy().items()}
    assert not findings_of("frozen-layer", run_of(tensors))


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"fc2.bias": still(np.zeros(100))},  # in front of a normalisation: no gradient by construction
        {"bn1.weight": still(np.ones(100)), "bn1.bias": still(np.zeros(100))},
        {"bn1.running_mean": still(np.zeros(100))},
        {"fc2_activations": still(np.zeros(100))},
        {"lr_hist": still(np.ones(1))},
    ],
)
def test_stays_quiet_where_the_weights_move(extra: dict[str, list[np.ndarray]]) -> None:
    assert not findings_of("frozen-layer", run_of(healthy(**extra)))


def test_many_frozen_layers_are_one_alarm() -> None:
    tensors = {f"backbone.{i}.weight": still(glorot(20, 20, i)) for i in range(8)}
    tensors |= {"head.0.weight": drifting(glorot(20, 20, 9)), "head.1.weight": drifting(glorot(20, 20, 10))}
    (outcome,) = run_rules(run_of(tensors), select=["frozen-layer"])
    leading = [finding for finding in outcome.findings if finding.cause is None]
    assert [finding.message for finding in leading] == ["several"]
    assert len(outcome.findings) == 9
    assert {finding.cause for finding in outcome.findings} == {None, leading[0].key("run")}


def test_a_logged_update_contradicts_identical_histograms() -> None:
    """Weights that trade places have the same histogram at every step; what was added to them is not zero."""
    rng = np.random.default_rng(5)
    values = glorot(60, 60)
    shuffled = [rng.permutation(values.ravel()) for _ in range(6)]
    updates = [np.zeros(3600), *(after - before for before, after in pairwise(shuffled))]
    run = run_of(healthy(**{"fc9.weight": shuffled, "fc9.weight/update": updates}))
    (finding,) = [one for one in findings_of("frozen-layer", run) if one.layer == "fc9"]
    assert (finding.message, finding.severity) == ("contradicted", Severity.INFO)
    assert finding.tags == ("fc9.weight", "fc9.weight/update")
    (finding,) = findings_of("frozen-layer", run_of(healthy(**{"fc9.weight": shuffled})))
    assert (finding.message, finding.severity) == ("identical", Severity.WARNING)


def test_an_update_of_zero_contradicts_nothing() -> None:
    frozen = {"fc9.weight": still(glorot(60, 60)), "fc9.weight/update": still(np.zeros(3600))}
    (finding,) = findings_of("frozen-layer", run_of(healthy(**frozen)))
    assert (finding.message, finding.severity) == ("identical", Severity.WARNING)


def test_where_nothing_moves_and_the_loss_falls_it_is_what_is_logged_that_is_not_trained() -> None:
    tensors = {f"fc{i}.weight": still(glorot(20, 20, i)) for i in range(3)}
    for gradients in ({}, {"fc0.weight.grad": drifting(glorot(20, 20))}):
        run = run_of(tensors | gradients, scalars={"loss": [0.9**i for i in range(20)]})
        (finding,) = findings_of("frozen-layer", run)
        assert (finding.message, finding.severity) == ("nothing_moves_though_loss", Severity.INFO)
        assert finding.advice[0] == "same_object"
    (finding,) = findings_of("frozen-layer", run_of(tensors, scalars={"loss": [1.0] * 20}))
    assert finding.message == "nothing_moves"


@pytest.mark.parametrize("scalars", [{"loss": [1.4] * 20 + [1e-6 * 0.9**i for i in range(80)]}, {}])
def test_where_nothing_moves_because_all_was_learned_no_step_of_the_optimiser_is_missing(scalars: dict) -> None:
    tensors = {f"fc{i}.weight": still(glorot(20, 20, i)) for i in range(3)}
    tensors["fc0.weight.grad"] = [1e-12 * gradient for gradient in drifting(glorot(20, 20))]
    late = [500 + 10 * i for i in range(len(tensors["fc0.weight"]))]
    (finding,) = findings_of("frozen-layer", run_of(tensors, steps=late, scalars=scalars))
    assert (finding.message, finding.severity) == ("nothing_moves_learned", Severity.INFO)


@pytest.mark.parametrize(("start", "loss"), [(500, 1.4), (0, 1e-6)])
def test_where_nothing_moves_from_the_start_or_at_a_high_loss_the_step_is_missing(start: int, loss: float) -> None:
    tensors = {f"fc{i}.weight": still(glorot(20, 20, i)) for i in range(3)}
    tensors["fc0.weight.grad"] = [1e-12 * gradient for gradient in drifting(glorot(20, 20))]
    steps = [start + 10 * i for i in range(len(tensors["fc0.weight"]))]
    (finding,) = findings_of("frozen-layer", run_of(tensors, steps=steps, scalars={"loss": [loss] * 80}))
    assert (finding.message, finding.severity) == ("nothing_moves_though_gradient", Severity.WARNING)


def test_a_layer_whose_updates_rounding_swallows_after_all_was_learned_is_a_remark() -> None:
    tensors = healthy(**{"fc2.weight": still(FROZEN)})
    late = [500 + 10 * i for i in range(len(tensors["fc2.weight"]))]
    for loss, severity in (([1.4] * 20 + [1e-6] * 80, Severity.INFO), ([1.4] * 100, Severity.WARNING)):
        (finding,) = findings_of("frozen-layer", run_of(tensors, steps=late, scalars={"loss": loss}))
        assert (finding.message, finding.severity) == ("identical", severity)

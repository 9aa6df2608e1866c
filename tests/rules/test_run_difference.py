"""The rule run-difference: what it tells of runs beside each other, and when it stays quiet."""

import re
import warnings
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from run_builders import drifting, glorot, healthy, run_of, still

from tb_histinsight.core.labels import Status
from tb_histinsight.explain import explain
from tb_histinsight.rules import comparing, run_rules
from tb_histinsight.rules.adjustment import Adjustment, Limit
from tb_histinsight.rules.comparing import MOST_OF_A_PAIR, MOST_OF_ALL, compare_runs

RNG = np.random.default_rng(7)


def runs_of(layout="equal", steps=None, **tensors):
    """Runs by name from raw tensors; only run-difference was asked for."""
    found = []
    for name, given in tensors.items():
        run = run_of(given, layout=layout, steps=(steps or {}).get(name))
        run = replace(run, run=name)
        found.append(replace(run, outcomes=run_rules(run, select=["run-difference"])))
    return found


def told(runs):
    """What is told, in words, and every sentence can be filled in."""
    judged, comparisons = compare_runs(runs)
    assert not any(outcome.status is Status.FAILED for run in judged for outcome in run.outcomes)
    return explain(judged, comparisons=comparisons).comparisons


def outcome(runs, name):
    judged, _ = compare_runs(runs)
    (run,) = [run for run in judged if run.run == name]
    (found,) = [found for found in run.outcomes if found.rule == "run-difference"]
    return found.status, found.reason.key if found.reason else None


def weights(scale=1.0, steps=6, seed=0, grows_to=1.0, size=(64, 64)):
    tensor = scale * np.random.default_rng(seed).normal(size=size)
    return [tensor * (1 + (grows_to - 1) * i / (steps - 1)) for i in range(steps)]


def test_a_gradient_that_is_hundreds_of_times_smaller_is_told_with_both_numbers():
    small = {"fc1.weight": drifting(glorot(60, 100)), "fc1.weight.grad": weights(2e-6)}
    usual = {"fc1.weight": drifting(glorot(60, 100)), "fc1.weight.grad": weights(8.8e-4)}
    (one,) = told(runs_of("exponential", usual=usual, small=small))
    assert (one.run, one.other, one.layer, one.tags) == ("small", "usual", "fc1", ["fc1.weight.grad"] * 2)
    assert one.quantity == "rms"
    assert 1 / one.ratio == pytest.approx(440, rel=1e-6)
    assert (one.first_step, one.step, one.other_step) == (30, 50, 50)
    assert "about 440 times smaller than in “usual”" in one.message
    assert "steps 30 to 50" in one.message


def test_weights_that_began_alike_are_told_by_how_far_they_shrank_and_grew():
    runs = runs_of(
        "exponential",
        without={"dense_1/kernel": weights(grows_to=1.55, seed=1)},
        decayed={"dense_1/kernel": weights(grows_to=0.36, seed=2)},
    )
    (one,) = told(runs)
    assert "shrank to 0.36 of their RMS from step 0 to 50; in “without” they grew to 1.55 times that" in one.message
    assert one.ratio == pytest.approx(0.36 / 1.55, rel=0.05)
    assert one.distance == pytest.approx(1 - 0.36 / 1.55, rel=0.1)


def test_weights_that_kept_their_scale_are_not_said_to_have_grown():
    runs = runs_of(
        "exponential",
        kept={"dense_1/kernel": weights(seed=1)},
        grown={"dense_1/kernel": weights(grows_to=40, seed=2)},
    )
    (one,) = told(runs)
    assert "kept" in (one.run, one.other)
    assert re.search(r"kept their RMS from step 0 to 50|it stayed", one.message)
    assert "40 times that" in one.message


def test_weights_compared_at_one_step_are_zero_at_it_and_not_from_it_to_itself():
    runs = runs_of(
        "exponential",
        dead={"dense_1/kernel": weights(grows_to=0, seed=1)},
        alive={"dense_1/kernel": weights(seed=2)},
    )
    (one,) = told(runs)
    assert "zero at step 50" in one.message or "at step 50; in “dead” it is zero" in one.message


def test_what_the_initialisation_did_is_said_to_have_been_there_before():
    runs = runs_of("exponential", a={"fc1.weight": weights(1.0)}, b={"fc1.weight": weights(9.0, seed=1)})
    (one,) = told(runs)
    assert "about 9 times larger than in “a”" in one.message
    assert "differed as much at step 0 already (9.03 against 0.998)" in one.message
    grown = runs_of("exponential", a={"fc1.weight": weights(2.0)}, b={"fc1.weight": weights(9.0, seed=1, grows_to=3)})
    (one,) = told(grown)
    assert "already" not in one.message


def test_only_what_the_buckets_prove_is_told():
    """Thirty buckets over one outlier: the RMS may be almost anything, so that a ratio of two is no claim."""

    def squeezed(scale):
        values = scale * RNG.normal(size=4000)
        return [np.append(values, 60.0)] * 4

    runs = runs_of(a={"fc1.weight": squeezed(1.0)}, b={"fc1.weight": squeezed(2.0)})
    assert told(runs) == []
    assert outcome(runs, "a") == (Status.PASSED, None)
    exact = runs_of("exponential", a={"fc1.weight": squeezed(1.0)}, b={"fc1.weight": squeezed(2.0)})
    assert len(told(exact)) == 1


def test_wide_bounds_are_said_beside_the_estimate():
    runs = runs_of(a={"fc1.weight": weights(1.0)}, b={"fc1.weight": weights(4.0, seed=1)})
    (one,) = told(runs)
    low, high = one.ratio_bounds
    assert low <= one.ratio <= high
    assert f"prove a factor of at least {low:.2g}" in one.message


@pytest.mark.parametrize("layouts", [("equal", "exponential"), ("exponential", "lossy"), ("lossy", "equal")])
def test_runs_with_other_buckets_are_compared(layouts):
    one = runs_of(layouts[0], a={"fc1.weight": weights(1.0)})
    two = runs_of(layouts[1], b={"fc1.weight": weights(5.0, seed=3)})
    (found,) = told(one + two)
    assert found.ratio == pytest.approx(5, rel=0.1)
    assert found.ratio_bounds[0] <= 5.05 and found.ratio_bounds[1] >= 4.95


@pytest.mark.parametrize("layouts", [("equal", "exponential"), ("exponential", "equal")])
def test_the_same_weights_in_other_buckets_are_no_difference(layouts):
    runs = runs_of(layouts[0], a=healthy()) + runs_of(layouts[1], b=healthy())
    assert told(runs) == []


def test_other_steps_are_compared_at_the_nearest_and_that_is_said():
    steps = {"a": [0, 100, 200, 300, 400], "b": [3, 97, 203, 301, 402]}
    tensors = {name: {"fc1.weight": weights(scale, steps=5)} for name, scale in (("a", 1.0), ("b", 6.0))}
    (one,) = told(runs_of("exponential", steps, **tensors))
    assert {one.step, one.other_step} == {400, 402}
    assert "the nearest in “a” is step 400" in one.message


def test_a_run_that_ended_early_is_compared_where_it_ended():
    steps = {"long": list(range(0, 100, 10)), "short": [0, 10, 20, 30]}
    long = {"fc1.weight": weights(grows_to=10, steps=10)}
    short = {"fc1.weight": weights(8.0, steps=4, seed=1)}
    (one,) = told(runs_of("exponential", steps, long=long, short=short))
    assert one.step == one.other_step == 30
    assert one.ratio == pytest.approx(8 / 4, rel=0.1)
    assert one.distance is None  # only the first and the last histogram of a run are kept


def test_steps_that_are_nowhere_near_are_a_reason():
    steps = {"a": [0, 1, 2], "b": [1000, 2000, 3000]}
    tensors = {name: {"fc1.weight": weights(scale, steps=3)} for name, scale in (("a", 1.0), ("b", 6.0))}
    assert outcome(runs_of("exponential", steps, **tensors), "a") == (Status.SKIPPED, "no_step")


def test_a_pair_found_by_size_says_so_in_the_field_and_in_words():
    two = {"encoder/kernel": weights(1.0), "decoder/kernel": weights(1.0, size=(64, 10))}
    three = {
        "first/kernel": weights(9.0),
        "second/kernel": weights(9.0, size=(64, 32)),
        "third/kernel": weights(9.0, size=(64, 10)),
    }
    found = told(runs_of("exponential", two=two, three=three))
    assert {(one.layer, one.other_layer) for one in found} == {("first", "encoder"), ("third", "decoder")}
    assert all(one.guessed for one in found)
    assert "paired by position and size: “first” with “encoder”" in " ".join(one.message for one in found)


def test_a_tensor_that_is_zero_in_one_run_has_no_infinite_ratio():
    alive, dead = {"fc1.weight.grad": weights(1.0)}, {"fc1.weight.grad": still(np.zeros((64, 64)))}
    (one,) = told(runs_of("exponential", alive=alive, dead=dead))
    assert one.ratio == 0
    assert "“fc1.weight.grad” is zero from step 30 to 50" in one.message
    (one,) = told(runs_of("exponential", dead=dead, living=alive))
    assert one.ratio is None
    assert "it is zero from step 30 on" in one.message


@pytest.mark.parametrize("layout", ["equal", "exponential"])
def test_weights_that_stand_in_one_run_and_move_in_the_other_are_told(layout):
    moving = {"fc1.weight": drifting(glorot(64, 64), by=1.0)}
    frozen = {"fc1.weight": still(glorot(64, 64))}
    (one,) = told(runs_of(layout, moving=moving, frozen=frozen))
    assert one.quantity == "movement"
    assert one.ratio == 0
    assert "In “frozen”, the weights of “fc1” are identical at every step; in “moving” they moved by" in one.message


def test_another_distribution_of_the_same_scale_is_told():
    bell = RNG.normal(size=(64, 64))
    two_sides = np.sign(RNG.normal(size=(64, 64)))
    runs = runs_of(
        "exponential", bell={"fc1.weight": drifting(bell, 0.1)}, split={"fc1.weight": drifting(two_sides, 0.05)}
    )
    (one,) = told(runs)
    assert one.quantity == "distance"
    assert one.ratio is None
    assert one.distance > 0.25
    assert "about the same scale" in one.message


def test_seeds_alone_give_nothing_whether_or_not_the_names_say_so():
    def trained(seed):
        return {
            f"fc{i}.weight": drifting(glorot(a, b, seed=10 * seed + i), 0.4, seed=seed)
            for i, (a, b) in enumerate([(60, 100), (100, 10)])
        } | {f"fc{i}.bias": [RNG.normal(0, 0.01, n) * s for s in range(6)] for i, n in enumerate((100, 10))}

    assert told(runs_of("exponential", **{f"net_seed{i}": trained(i) for i in range(4)})) == []
    assert told(runs_of("exponential", **{name: trained(i) for i, name in enumerate("abcd")})) == []


def test_what_another_seed_does_too_is_not_told():
    """Gradients that differ twentyfold from seed to seed: a run with fifteen times as much is nothing special."""
    scales = {"plain_seed0": 1.0, "plain_seed1": 20.0, "plain_seed2": 5.0, "other": 75.0}
    runs = {name: {"fc1.weight.grad": weights(scale, seed=i)} for i, (name, scale) in enumerate(scales.items())}
    assert told(runs_of("exponential", **runs)) == []
    unnamed = {name.replace("seed", "run"): tensors for name, tensors in runs.items()}
    assert told(runs_of("exponential", **unnamed)) != []


def test_where_seeds_do_everything_up_to_nothing_no_difference_is_told():
    """One of three seeds has a dead layer: what another run has there is no news."""
    dead = {"fc1.weight.grad": still(np.zeros((64, 64)))}
    runs = {f"plain_seed{i}": {"fc1.weight.grad": weights(1.0, seed=i)} for i in range(2)}
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = told(runs_of("exponential", **runs, plain_seed2=dead, other={"fc1.weight.grad": weights(500.0)}))
    assert found == []


def test_what_is_beyond_the_seeds_is_told_once_for_all_of_them_with_their_level():
    scales = {"plain_seed0": 1.0, "plain_seed1": 1.3, "plain_seed2": 1.1, "other": 500.0}
    runs = {name: {"fc1.weight.grad": weights(scale, seed=i)} for i, (name, scale) in enumerate(scales.items())}
    judged = runs_of("exponential", **runs)
    (one,) = told(judged)
    assert {one.run, one.other} == {"other", "plain_seed2"}  # the middle one of the three
    assert 1.3 <= one.level < 3
    assert f"Another seed alone makes a factor of up to {one.level:.2g} here." in one.message
    assert all(outcome(judged, name) == (Status.FIRED, None) for name in runs)


def test_one_run_alone_says_that_it_is_alone():
    runs = runs_of(a=healthy())
    assert told(runs) == []
    assert outcome(runs, "a") == (Status.SKIPPED, "one_run")


def test_a_run_without_a_layer_in_common_says_so():
    runs = runs_of(a={"fc1.weight": weights()}, b={"fc1.weight": weights()}, c={"odd/kernel": weights(size=(3, 7))})
    assert outcome(runs, "a") == (Status.PASSED, None)
    assert outcome(runs, "c") == (Status.SKIPPED, "no_layer")


def test_empty_runs_and_what_is_no_network_are_left_alone():
    other = {"Environment/Cumulative Reward_hist": drifting(RNG.normal(size=300) * 1e6)}
    same = {"Environment/Cumulative Reward_hist": drifting(RNG.normal(size=300))}
    runs = runs_of(empty={}, hollow={"fc1.weight": still(np.empty(0))}, a=other, b=same)
    assert told(runs) == []
    assert {outcome(runs, run.run) for run in runs} == {(Status.SKIPPED, "no_layer")}


def test_nan_at_some_steps_is_compared_where_both_have_values():
    broken = weights(1.0)
    for step in (4, 5):
        broken[step] = np.full((64, 64), np.nan)
    (one,) = told(runs_of(a={"fc1.weight": weights(9.0)}, b={"fc1.weight": broken}))
    assert one.step == 30
    everything = runs_of(a={"fc1.weight": weights(9.0)}, b={"fc1.weight": still(np.full(9, np.nan))})
    assert outcome(everything, "b") == (Status.SKIPPED, "no_layer")


def test_few_values_differ_by_chance():
    """Sixteen values each: their RMS differs by a factor of two now and then."""
    runs = runs_of(
        "exponential", a={"fc1.weight": weights(1.0, size=(16,))}, b={"fc1.weight": weights(1.9, size=(16,))}
    )
    assert told(runs) == []
    many = runs_of("exponential", a={"fc1.weight": weights(1.0)}, b={"fc1.weight": weights(1.9)})
    assert len(told(many)) == 1


def test_names_from_a_hostile_log_are_no_templates():
    evil = "{layer.__class__}%s{0}<script>"
    runs = runs_of(**{evil: {f"{evil}/kernel": weights(1.0)}, "b{}": {f"{evil}/kernel": weights(9.0)}})
    (one,) = told(runs)
    assert evil in one.message
    assert "b{}" in one.message


def test_a_layer_of_another_width_is_compared_by_name_and_that_is_said():
    (one,) = told(
        runs_of("exponential", a={"fc1.weight": weights(1.0)}, b={"fc1.weight": weights(9.0, size=(64, 128))})
    )
    assert not one.guessed
    assert "differ in size: 8192 and 4096 values" in one.message


def test_a_report_holds_some_differences_of_each_pair_not_all():
    wide = {f"fc{i}.weight": weights(1.0, size=(32, 32)) for i in range(12)}
    runs = {f"lr{i}": {tag: [10.0**i * t for t in tensors] for tag, tensors in wide.items()} for i in range(3)}
    found = told(runs_of("exponential", **runs))
    assert len(found) == 3 * MOST_OF_A_PAIR <= MOST_OF_ALL
    assert len({(one.run, one.other) for one in found[:4]}) == 3


def test_of_many_runs_the_same_is_told_whether_or_not_the_others_are_forgotten_on_the_way(monkeypatch):
    """Thirty runs beside one reference; three pairs are told, and more than six are never remembered."""
    factors = np.random.default_rng(5).permutation([1.0, *(1.7**i for i in range(1, 30))])
    layers = {f"fc{i}.weight": weights(size=(20, 20), seed=i) for i in range(2)}
    runs = runs_of(
        "exponential",
        **{f"lr{i}": {tag: [f * t for t in tensors] for tag, tensors in layers.items()} for i, f in enumerate(factors)},
    )
    monkeypatch.setattr(comparing, "MOST_OF_ALL", 3)
    forgotten = []
    most_telling = comparing._most_telling
    monkeypatch.setattr(comparing, "_most_telling", lambda held: forgotten.append(len(held)) or most_telling(held))
    found = told(runs)
    assert set(forgotten) == {7}
    monkeypatch.setattr(comparing, "_most_telling", lambda held: held)
    assert told(runs) == found
    assert len(found) == 3


def test_one_odd_run_does_not_fill_the_list():
    """Beside each of four others it is the same story; what differs among these comes before its fourth telling."""
    layers = {f"fc{i}.weight": weights(1.0, size=(32, 32), seed=i) for i in range(3)}
    scales = {"odd": 1e-6, "a": 1.0, "b": 1.0, "c": 1.0, "d": 3.0}
    runs = {
        name: {tag: [scale * t for t in tensors] for tag, tensors in layers.items()} for name, scale in scales.items()
    }
    found = told(runs_of("exponential", **runs))
    same = [place for place, one in enumerate(found) if "odd" in (one.run, one.other) and one.tags[0] == "fc0.weight"]
    other = next(place for place, one in enumerate(found) if "odd" not in (one.run, one.other))
    assert len(same) == 4
    assert other < same[3]


def test_of_many_runs_each_is_compared_with_one_reference():
    runs = {f"lr{i}": {"fc1.weight": weights(3.0**i, size=(32, 32))} for i in range(9)}
    found = told(runs_of("exponential", **runs))
    assert {one.other for one in found} == {"lr0"}
    assert len(found) == 8


def test_not_asked_for_means_nothing_is_compared():
    runs = [replace(run, outcomes=()) for run in runs_of(a={"fc1.weight": weights()}, b={"fc1.weight": weights(9.0)})]
    assert compare_runs(runs) == (runs, [])


@pytest.mark.parametrize("layout", ["equal", "exponential", "lossy"])
@pytest.mark.parametrize("name", ["{}", "net_seed{}"])
def test_nothing_breaks_it(layout, name):
    tensor = RNG.normal(size=300)
    odd = [
        {},
        {"fc1.weight": still(np.empty(0)), "fc1.bias": still(np.empty(0))},
        {"fc1.weight": drifting(tensor), "fc1.bias": still(np.zeros(9)), "fc1.weight.grad": still(np.zeros(300))},
        {"fc1.weight": drifting(tensor * 1e-30), "fc1.bias": still(np.ones(1)), "fc1.weight.grad": drifting(tensor)},
        {"fc1.weight": drifting(tensor * 1e15), "fc1.bias": [np.array([float(i)]) for i in range(6)]},
        {"fc1.weight": [tensor], "fc1.bias": [np.zeros(9)]},
        {"fc1.weight": still(np.full(300, np.nan)), "fc1.bias": still(np.zeros(9))},
        {"fc1.weight": [tensor, np.full(300, np.nan), tensor * 50, tensor], "fc1.weight.grad": still(np.ones(300), 4)},
    ]
    runs = runs_of(layout, **{name.format(i): tensors for i, tensors in enumerate(odd)})
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        for some in (runs, *combinations(runs, 2), *combinations(runs, 3)):
            for one in told(list(some)):
                assert one.ratio is None or np.isfinite(one.ratio)


def test_a_limit_that_the_user_set_decides():
    runs = runs_of("exponential", a={"fc1.weight": weights()}, b={"fc1.weight": weights(9.0)})
    assert len(compare_runs(runs)[1]) == 1
    assert compare_runs(runs, Adjustment({"weight": Limit(20.0, "here")}))[1] == []
    assert len(compare_runs(runs, Adjustment({"weight": Limit(-1.0, "here")}))[1]) == 1


def test_what_breaks_is_an_outcome(monkeypatch):
    def broken(_):
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(comparing, "summarise", broken)
    runs = runs_of(a={"fc1.weight": weights()}, b={"fc1.weight": weights()})
    judged, comparisons = compare_runs(runs)
    assert comparisons == []
    assert {found.status for run in judged for found in run.outcomes} == {Status.FAILED}

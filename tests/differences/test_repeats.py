"""Which runs repeat each other, told by name."""

import pytest
from summaries import dense, summary

from tb_histinsight.differences import repeats
from tb_histinsight.differences.repeats import SEED

NET = dense(("a", 5, 7))


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("lr0.1_seed0/train", "lr0.1_seed1/train"),
        ("seed=3,lr=1", "seed=14,lr=1"),
        ("baseline-rep-1", "baseline-rep-2"),
        ("Seed 7", "Seed 8"),
        ("a/seed_1/b", "a/seed_22/b"),
    ],
)
def test_names_that_differ_in_their_seed_alone(one, another):
    assert one != another
    assert SEED.sub(r"\1\2#", one) == SEED.sub(r"\1\2#", another)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("run_1", "run_2"),
        ("trial_1", "trial_2"),
        ("version_0", "version_1"),
        ("lr0.1_seed0", "lr0.2_seed0"),
        ("linseed1", "linseed2"),
        ("step1", "step2"),
        ("seed1e-3", "seed1e-4"),
        ("s3/two_layers", "s3/three_layers"),
    ],
)
def test_bare_numbers_may_be_anything(one, another):
    assert SEED.sub(r"\1\2#", one) != SEED.sub(r"\1\2#", another)


def test_another_network_is_no_repetition_whatever_its_name(monkeypatch):
    monkeypatch.setattr(repeats, "_family", lambda members: [run.run for run in members])
    runs = [summary(NET, "n_seed0"), summary(dense(("a", 5, 8)), "n_seed1"), summary(NET, "n_seed2")]
    assert repeats.families(runs) == [["n_seed0", "n_seed2"], ["n_seed1"]]

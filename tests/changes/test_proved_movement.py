"""How far a tensor moved, as reported, is never more than its values did, whatever hides in the buckets."""

import numpy as np
import pytest

from benchmarks.accuracy.writers import series_of
from tb_histinsight.changes import change_of
from tb_histinsight.core.stats import series_stats

BASES = {
    "bell": lambda rng, n: rng.normal(size=n),
    "heavy tails": lambda rng, n: rng.standard_t(3, n),
    "plateau": lambda rng, n: rng.uniform(-1, 1, n),
    "skewed": lambda rng, n: rng.lognormal(0, 1, n),
    "relu": lambda rng, n: np.maximum(rng.normal(size=n), 0),
    "peaks": lambda rng, n: rng.choice([-1.0, 0.3, 2.0], n) + rng.normal(0, 0.01, n),
    "aside": lambda rng, n: rng.normal(30, 1, n),
}
MOVES = {
    "drifts": lambda rng, x, size: x + size * x.std(),
    "grows": lambda rng, x, size: x * (1 + size),
    "scatters": lambda rng, x, size: x + rng.normal(0, size * x.std(), len(x)),
    "bursts": lambda rng, x, size: x * np.exp(rng.normal(0, size, len(x))),
}


def shares(first, last, encoding):
    """What is said of mean |x| and of the spread, as shares of the truth."""
    series = series_of([first, 0.5 * (first + last), last], encoding)
    change = change_of(series, series_stats(series))
    truth = np.abs(np.sort(first) - np.sort(last)).mean()  # the Wasserstein-1 distance of two samples of one size
    return (
        change.proved_movement * np.abs(first).mean() / truth,
        change.proved_movement_in_spread * first.std() / truth,
    )


@pytest.mark.parametrize("encoding", ["tf2", "old", "doane", "tf2-1000"])
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("base", BASES)
def test_what_is_reported_is_no_more_than_the_truth(base, move, encoding):
    rng = np.random.default_rng([len(base), len(move)])
    for n in (12, 1500):
        for size in (0.001, 0.05, 3.0):
            first = BASES[base](rng, n)
            assert max(shares(first, MOVES[move](rng, first, size), encoding)) <= 1 + 1e-9


@pytest.mark.parametrize("encoding", ["tf2", "old", "tf2-1000"])
def test_what_is_visible_is_reported_nearly_in_full(encoding):
    rng = np.random.default_rng(0)
    first = rng.normal(size=20_000)
    for last in (first + 0.7, 1.7 * first):
        assert min(shares(first, last, encoding)) > 0.75


def test_exact_sums_prove_what_buckets_hide():
    rng = np.random.default_rng(0)
    first = rng.normal(size=20_000)
    drifted = shares(first, first + 0.002, "old")
    grown = shares(first, 1.002 * first, "old")
    assert min(drifted) > 0.99
    assert min(grown) > 0.2
    assert max(shares(first, 1.002 * first, "tf2")) < 0.1

"""Distributions with the shapes that are right for them.

Where more than one label is right, or none can be demanded, the reason stands beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Family:
    """How to draw, and what may be said of it."""

    name: str
    draw: Callable[[np.random.Generator, int], np.ndarray]
    right: frozenset[str]
    role: str = "weight"
    movable: bool = False
    """Whether the shape stays what it is when a constant is added (0 means nothing to it)."""
    demanded_from: int = 256
    """Values from which on a label can be demanded"""
    why: str = ""
    rule: Callable[[np.ndarray, str], set[str]] | None = None
    """What is right for one sample in one encoding, where it depends on them"""


def _truncated(rng, n, cut=2.0):
    out = rng.normal(size=2 * n + 64)
    out = out[np.abs(out) <= cut]
    while len(out) < n:
        more = rng.normal(size=n + 64)
        out = np.concatenate([out, more[np.abs(more) <= cut]])
    return out[:n]


def _outlier(size):
    def draw(rng, n):
        values = rng.normal(size=n)
        values[0] = size
        return values

    return draw


def _hills(*centres, width):
    return lambda rng, n: rng.normal(0, width, n) + rng.choice(centres, n)


def _family(name, draw, right, **more):
    return Family(name, draw, frozenset(right.split()), **more)


FAMILIES = [
    _family("uniform", lambda rng, n: rng.uniform(-1, 1, n), "uniform", movable=True),
    _family("uniform, moved by a fifth", lambda rng, n: rng.uniform(-1, 1, n) + rng.normal(0, 0.12, n), "uniform",
            movable=True, demanded_from=4096, why="edges as soft as a fifth of the spread show in large tensors only"),
    _family("normal", lambda rng, n: rng.normal(size=n), "gaussian", movable=True, demanded_from=512,
            why="below about 500 values a normal and Student's t with 5 degrees of freedom overlap"),
    _family("normal cut at 2 sigma", _truncated, "gaussian", movable=True),
    _family("triangular", lambda rng, n: rng.triangular(-1, 0, 1, n), "gaussian other", movable=True,
            why="within 0.01 (Kolmogorov) of a normal cut at 2.4 sigma: one hill, no plateau"),
    _family("Laplace", lambda rng, n: rng.laplace(size=n), "heavy_tailed", movable=True),
    _family("Student t3", lambda rng, n: rng.standard_t(3, n), "heavy_tailed", movable=True, demanded_from=512),
    _family("Student t5", lambda rng, n: rng.standard_t(5, n), "heavy_tailed", movable=True, demanded_from=1024,
            why="at 256 values the likelihood ratio to a normal is below 3 nats in half of the samples"),
    _family("exponential", lambda rng, n: rng.exponential(size=n), "skewed"),
    _family("log-normal 0.5", lambda rng, n: rng.lognormal(0, 0.5, n), "skewed", demanded_from=512),
    _family("log-normal 1", lambda rng, n: rng.lognormal(0, 1.0, n), "skewed", demanded_from=512),
    _family("Gamma 2", lambda rng, n: rng.gamma(2, size=n), "skewed", demanded_from=512),
    _family("-Gamma 2", lambda rng, n: -rng.gamma(2, size=n), "skewed", demanded_from=512),
    _family("half-normal", lambda rng, n: np.abs(rng.normal(size=n)), "skewed", demanded_from=512),
    _family("tanh of 3 sigma", lambda rng, n: np.tanh(rng.normal(0, 3, n)), "saturated", role="activation"),
    _family("sigmoid of 5 sigma", lambda rng, n: 1 / (1 + np.exp(-rng.normal(0, 5, n))), "saturated",
            role="activation"),
    _family("sign-like tanh", lambda rng, n: np.tanh(rng.normal(0, 100, n)), "saturated", role="activation"),
    _family("two hills", _hills(-2.5, 2.5, width=1.0), "multimodal", movable=True),
    _family("three hills", _hills(-3, 0, 3, width=0.6), "multimodal", movable=True, demanded_from=512),
    _family("uneven hills", lambda rng, n: rng.normal(size=n) + np.where(rng.random(n) < 0.2, 6.0, 0.0),
            "multimodal", movable=True),
    _family("relu", lambda rng, n: np.maximum(rng.normal(size=n), 0), "sparse", role="activation"),
    _family("pruned 70 %", lambda rng, n: rng.normal(size=n) * (rng.random(n) < 0.3), "sparse"),
    _family("pruned 30 %", lambda rng, n: rng.normal(size=n) * (rng.random(n) < 0.7), "sparse"),
    _family("99.6 % zeros", lambda rng, n: rng.normal(size=n) * (rng.random(n) < 0.004), "collapsed",
            demanded_from=10**5, why="few values are left beside the zeros of equal buckets: one outlier or a rest"),
    _family("zeros", lambda rng, n: np.zeros(n), "collapsed", demanded_from=1),
    _family("one value", lambda rng, n: np.full(n, 0.3), "constant", demanded_from=1),
    _family("two peaks", lambda rng, n: rng.choice([-1.0, 1.0], n), "spiky", demanded_from=512),
    _family("three peaks, jitter", lambda rng, n: rng.choice([-0.1, 0.05, 0.25], n) + rng.normal(0, 0.003, n),
            "spiky", demanded_from=512),
    _family("five peaks", lambda rng, n: rng.choice([-2.0, -1.0, 0.5, 1.2, 2.0], n), "spiky", demanded_from=512),
    _family("eight integers", lambda rng, n: rng.integers(0, 8, n) * 1.0, "spiky", demanded_from=1024),
    _family("0 to 99", lambda rng, n: rng.integers(0, 100, n) * 1.0, "uniform"),
    _family("two initialisations", lambda rng, n: rng.normal(size=n) * np.where(rng.random(n) < 0.5, 1.0, 0.2),
            "heavy_tailed", demanded_from=512),
    _family("outlier of 5 sigma", _outlier(5.0), "gaussian heavy_tailed", demanded_from=1024,
            why="one value in a few hundred so far out is what heavy tails do as well"),
    _family("outlier of 50 sigma", _outlier(50.0), "gaussian heavy_tailed", demanded_from=10**9,
            why="30 equal buckets are wider than the bell: unresolved is right there"),
    _family("outlier of 1e4 sigma", _outlier(1e4), "gaussian heavy_tailed", demanded_from=10**9, why="as above"),
]  # fmt: skip

"""Changes of series of which it is known how they came about.

Where more than one label is right, the reason stands beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.accuracy.writers import series_of
from tb_histinsight.changes import change_of
from tb_histinsight.core.stats import series_stats

SIGMA = 0.05
"""Standard deviation of the tensors drawn"""
LENGTHS = {3: 4, 5: 4, 8: 4, 20: 4, 100: 2}
"""Steps, and series of each"""
SIZES = (300, 3000, 30000)
QUICK_LENGTHS = {3: 1, 20: 2}
ENCODINGS = ("tf2", "old", "doane")
FEW_STEPS = 6
"""Below so many steps, something that fluctuates as a whole cannot be told from a trend"""
ANY_MOVEMENT = "growing shrinking drifting changing steady"


@dataclass(frozen=True)
class History:
    """How to draw a series, and what may be said of it."""

    name: str
    draw: Callable[[np.random.Generator, int, int], list[np.ndarray]]
    right: frozenset[str]
    few: frozenset[str]
    """What is right below FEW_STEPS steps"""


def _over(step):
    """A history from a function of (base tensor, time from 0 to 1, rng)."""

    def draw(rng, n, steps):
        base = rng.normal(0, SIGMA, n)
        return [step(base, t, rng) for t in np.linspace(0, 1, steps)]

    return draw


def _walk(rng, n, steps):
    out = [rng.normal(0, SIGMA, n)]
    for _ in range(steps - 1):
        out.append(out[-1] + rng.normal(0, 0.5 * SIGMA / np.sqrt(steps), n))
    return out


def _tiny(size):
    def draw(rng, n, steps):
        base, way = rng.normal(0, SIGMA, n), rng.normal(0, size * SIGMA, n)
        return [base + way * rng.choice([-1, 1]) * u for u in rng.random(steps)]

    return draw


def _into_uniform(rng, n, steps):
    bell, flat = np.sort(rng.normal(0, 1, n)), np.sort(rng.uniform(-1, 1, n))
    mixed = [bell * (1 - t) + flat / flat.std() * t for t in np.linspace(0, 1, steps)]
    return [SIGMA * (x - x.mean()) / x.std() for x in mixed]


def _fresh(rng, base, scale=1.0, shift=0.0):
    return rng.normal(shift, SIGMA * scale, len(base))


def _with_nan(draw):
    def broken(rng, n, steps):
        out = draw(rng, n, steps)
        return out + [np.full(n, np.nan)] * max(1, steps // 4)

    return broken


def _peaks(moved):
    def draw(rng, n, steps):
        places = np.array([-0.3, -0.11, 0.2, 0.43])
        which, within = rng.integers(0, len(places), n), rng.normal(0, 0.001, n)
        return [moved(places, t, rng)[which] + within for t in np.linspace(0, 1, steps)]

    return draw


def _outliers(step):
    def draw(rng, n, steps):
        base = rng.normal(0, SIGMA, n)
        return [np.append(step(base, t), [-30 * SIGMA, 30 * SIGMA]) for t in np.linspace(0, 1, steps)]

    return draw


def _history(name, draw, right, few=""):
    return History(name, draw, frozenset(right.split()), frozenset((few or right).split()))


HISTORIES = [
    _history("identical", _over(lambda b, t, rng: b), "frozen"),
    _history("permuted", _over(lambda b, t, rng: rng.permutation(b)), "frozen"),
    _history("moved by 0.0005 sigma", _tiny(0.0005), "still",
             "still growing shrinking drifting changing"),  # three moves along one line may well go one way
    _history("moved by 0.005 sigma", _tiny(0.005), "still steady",
             "still steady growing shrinking drifting changing"),  # fine buckets show it
    _history("stalled half-way", _over(lambda b, t, rng: b * (1 + min(t, 0.5))), "stalled",
             "stalled growing"),
    _history("drifts by 0.4 sigma", _over(lambda b, t, rng: b + 0.4 * SIGMA * t), "drifting"),
    _history("drifts by 0.02 sigma", _over(lambda b, t, rng: b + 0.02 * SIGMA * t), "drifting",
             "drifting still changing"),
    _history("drifts by 3 sigma, new samples", _over(lambda b, t, rng: _fresh(rng, b, 1, 3 * SIGMA * t)), "drifting",
             "drifting changing growing shrinking"),
    _history("grows to 2", _over(lambda b, t, rng: b * (1 + t)), "growing"),
    _history("grows to 1.003", _over(lambda b, t, rng: b * (1 + 0.003 * t)), "growing", "growing still changing"),
    _history("grows to 2, new samples", _over(lambda b, t, rng: _fresh(rng, b, 1 + t)), "growing",
             "growing changing steady"),
    _history("shrinks to 0.5", _over(lambda b, t, rng: b * (1 - 0.5 * t)), "shrinking"),
    _history("decays to 1 %, new samples", _over(lambda b, t, rng: _fresh(rng, b, np.exp(-5 * t))), "shrinking"),
    _history("new samples", _over(lambda b, t, rng: _fresh(rng, b)), "steady", ANY_MOVEMENT + " still"),
    _history("batches", _over(lambda b, t, rng: _fresh(rng, b, rng.lognormal(0, 0.1), rng.normal(0, 0.1 * SIGMA))),
             "steady", ANY_MOVEMENT),
    _history("random walk by 0.5 sigma", _walk, "growing changing",
             ANY_MOVEMENT),  # its spread grows by an eighth
    _history("into a uniform", _into_uniform, "changing",
             "changing steady drifting shrinking"),
    _history("one jump up", _over(lambda b, t, rng: b * (1 if t < 0.5 else 3)), "growing changing stalled",
             "growing changing stalled steady"),
    _history("one jump, new samples", _over(lambda b, t, rng: _fresh(rng, b, 1 if t < 0.5 else 3)),
             "growing changing", ANY_MOVEMENT),
    _history("oscillates", _over(lambda b, t, rng: b * (1 + 0.3 * np.sin(40 * t + 1))), "steady changing",
             ANY_MOVEMENT),
    _history("restarted", _over(lambda b, t, rng: _fresh(rng, b, np.exp(-2 * ((2 * t) % 1)))),
             "steady changing", ANY_MOVEMENT),
    _history("grows, then NaN", _with_nan(_over(lambda b, t, rng: b * (1 + t))), "growing"),
    _history("identical, then NaN", _with_nan(_over(lambda b, t, rng: b)), "frozen"),
    _history("moved by 1e-9 of itself", _over(lambda b, t, rng: b * (1 + 1e-9 * t)), "still growing"),
    _history("drifts by half, spread by 2 %", _over(lambda b, t, rng: b * (1 + 0.02 * t) + 0.5 * SIGMA * t), "drifting",
             "drifting changing"),
    _history("peaks shrink by 3 %", _peaks(lambda places, t, rng: places * (1 - 0.03 * t)), "shrinking drifting",
             "shrinking drifting changing"),
    _history("peaks jitter by 1 %", _peaks(lambda places, t, rng: places + rng.uniform(-0.01, 0.01, len(places))),
             "steady still changing", ANY_MOVEMENT + " still"),
    _history("grows to 1.3, new samples", _over(lambda b, t, rng: _fresh(rng, b, 1 + 0.3 * t)), "growing",
             ANY_MOVEMENT),
    _history("grows to 1.05, half zeros", _over(lambda b, t, rng: np.maximum(b, 0) * (1 + 0.05 * t)), "growing",
             "growing changing"),
    _history("grows under two outliers", _outliers(lambda b, t: b * (1 + t)), "growing changing still frozen"),
    _history("grows and returns", _over(lambda b, t, rng: b * (1 + np.sin(np.pi * t))), "changing steady",
             ANY_MOVEMENT),
    _history("settles", _over(lambda b, t, rng: b * (1.5 - 0.5 * np.exp(-6 * t))), "growing"),
    _history("two steps", lambda rng, n, steps: [rng.normal(0, SIGMA, n) for _ in range(2)], "unknown"),
]  # fmt: skip


def run(score, first_seed, quick=False):
    """Asks for every history, encoding, number of steps and of values."""
    for number, history in enumerate(HISTORIES):
        for steps, series in (QUICK_LENGTHS if quick else LENGTHS).items():
            for n in SIZES[:2] if quick else SIZES:
                rng = np.random.default_rng([first_seed, number, steps, n])
                for _ in range(1 if n == SIZES[-1] else series):
                    samples = history.draw(rng, n, steps)
                    for encoding in ENCODINGS:
                        _ask(score, history, (encoding, f"{steps} steps", n), samples)


def _ask(score, history, where, samples):
    encoding, _, _ = where
    if not all(np.isfinite(sample).all() for sample in samples) and encoding != "tf2":
        return  # PyTorch raises at a tensor without any finite value: its log ends there
    series = series_of(samples, encoding)
    change = change_of(series, series_stats(series))
    right = history.right if len(samples) >= FEW_STEPS else history.few
    score.add(
        (history.name, *where),
        change.label.value,
        change.confidence.value,
        right=right,
        decidable=True,
        open_label="none",
    )

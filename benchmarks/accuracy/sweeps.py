"""Families over a parameter: how far apart, how many, how large a share. On these nothing was tuned but what failed.

The shape that is right is that of the sample, by the definitions: where a share or a valley lies at a limit, both
sides of the limit are right.
"""

import numpy as np

from benchmarks.accuracy.families import Family

MARGIN = 0.03
"""Shares this near to a limit leave both answers open."""
RESTS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "uniform": lambda rng, n: rng.uniform(-1, 1, n),
    "Laplace": lambda rng, n: rng.laplace(size=n),
    "half-normal": lambda rng, n: np.abs(rng.normal(size=n)),
}


def _cut(rng, n, at=2.0):
    out = rng.normal(size=3 * n + 64)
    return out[np.abs(out) <= at][:n]


def _saturated(values, encoding):
    """By the shares of the ends, as the contract defines it."""
    span = np.ptp(values)
    low, high = (values <= values.min() + 0.05 * span).mean(), (values >= values.max() - 0.05 * span).mean()
    noise = MARGIN + 1 / np.sqrt(len(values))
    right = set()
    if low + high > 0.5 - noise and min(low, high) > 0.05 - noise:
        right |= {"saturated"}
    if low + high < 0.5 + noise or min(low, high) < 0.05 + noise / 2:
        right |= {"multimodal", "other", "uniform", "skewed"}
    if low + high > 0.95:
        right |= {"spiky"}  # hardly anything lies between the ends
    return right


def _hills(centres, weights):
    weights = np.array(weights) / np.sum(weights)

    def draw(rng, n):
        return rng.normal(size=n) + rng.choice(centres, n, p=weights)

    return draw


def _valley(centres, weights):
    """Density of the shallowest valley ÷ the lower hill beside it."""
    x = np.linspace(min(centres) - 3, max(centres) + 3, 4000)
    y = sum(w * np.exp(-0.5 * (x - c) ** 2) for c, w in zip(centres, weights, strict=True))
    hill = np.minimum(np.maximum.accumulate(y), np.maximum.accumulate(y[::-1])[::-1])
    return (y / hill).min()


def _shown(right, enough):
    """Fewer values draw one hill as well as several."""
    right = set(right.split())
    few = right | {"skewed", "gaussian", "uniform", "other"}
    return lambda values, encoding: right if len(values) >= enough else few


def _zeros(share, rest):
    def draw(rng, n):
        values = RESTS[rest](rng, n)
        values[rng.random(n) < share] = 0
        return values

    return draw


def _spike(rest):
    def right(values, encoding):
        zeros = (values == 0).mean()
        if zeros >= 0.99:
            return {"collapsed"}
        shapes = {"sparse"} | ({"collapsed"} if zeros > 0.97 else set())
        if encoding in ("tf2", "doane") and zeros < 0.4:
            # The bucket that holds the zeros holds as many others: a peak, as a Laplace has it.
            shapes |= {"normal": {"heavy_tailed"}, "Laplace": {"heavy_tailed"}}.get(rest, set())
        if encoding == "doane" and zeros < 0.3:
            shapes |= {"half-normal": {"skewed"}, "uniform": {"uniform"}, "normal": {"gaussian"}}.get(rest, set())
        return shapes

    return right


def _peaks(jitter):
    def draw(rng, n):
        k = rng.integers(2, 9)
        while True:
            at = np.sort(rng.uniform(-1, 1, k))
            if np.diff(at).min() > 0.3 * (at[-1] - at[0]) / k:
                break
        at *= 2 / (at[-1] - at[0])
        return at[rng.choice(k, n, p=rng.dirichlet(np.full(k, 4.0)))] + 2 * jitter * rng.normal(size=n)

    return draw


def _levels(count, base):
    draws = {
        "uniform": lambda rng, n: rng.uniform(-1, 1, n),
        "bell": lambda rng, n: np.clip(rng.normal(size=n) / 3, -1, 1),
    }

    def draw(rng, n):
        return np.round((draws[base](rng, n) + 1) / 2 * (count - 1)) / (count - 1) * 2 - 1

    return draw


def _grid(base):
    def right(values, encoding):
        # In few and wide buckets peaks are hills; many levels are their base.
        levels = len(np.unique(values))
        shapes = {"spiky"} if levels <= 64 else set()
        if levels > 8 or encoding == "doane":
            shapes |= {"uniform"} if base == "uniform" else {"gaussian"}
        return shapes | ({"multimodal"} if encoding == "doane" else set())

    return right


def _outlier(draw, size):
    def with_outlier(rng, n):
        values = draw(rng, n)
        values[0] = size * rng.choice([-1, 1])
        return values

    return with_outlier


def _two(wide, narrow):
    def draw(rng, n):
        return np.where(rng.random(n) < rng.uniform(0.2, 0.8), wide(rng, n), narrow(rng, n))

    return draw


def _first_update(rng, n):
    gradient = rng.normal(size=n)
    return 1e-3 * gradient / (np.abs(gradient) + 10 ** rng.uniform(-7, -3))


def _add(name, draw, right="", **more):
    SWEEPS.append(Family(name, draw, frozenset(right.split()), **more))


SWEEPS: list[Family] = []
for _size in (1.5, 2, 3, 5, 10, 30):
    _add(f"tanh of {_size} sigma", lambda rng, n, s=_size: np.tanh(rng.normal(0, s, n)), rule=_saturated)
    _add(
        f"sigmoid of {2 * _size} sigma",
        lambda rng, n, s=_size: 1 / (1 + np.exp(-rng.normal(s, 2 * s, n))),
        rule=_saturated,
        role="activation",
    )
for _apart in (3.2, 4, 5, 7, 10):
    for _weight in (0.5, 0.3, 0.15):
        _centres, _weights = (0, _apart), (_weight, 1 - _weight)
        _deep = _valley(_centres, _weights)
        _from = 1024 if _weight * (1 - _deep) > 0.15 else 8192
        _add(
            f"hills {_apart} sigma apart, {_weight}",
            _hills(_centres, _weights),
            movable=True,
            demanded_from=_from,
            rule=_shown("multimodal" if _deep < 0.6 else "multimodal gaussian uniform skewed other", _from),
        )
for _apart in (4, 6, 9):
    _add(
        f"three hills {_apart} sigma apart",
        _hills((-_apart, 0, _apart), (0.3, 0.4, 0.3)),
        movable=True,
        demanded_from=1024,
        rule=_shown("multimodal", 1024),
    )
for _share in (0.1, 0.2, 0.4, 0.7, 0.9, 0.97, 0.999):
    for _rest in RESTS:
        _add(
            f"{_share:.1%} zeros, {_rest}",
            _zeros(_share, _rest),
            rule=_spike(_rest),
            demanded_from=max(1024, int(100 / (1 - _share))),
        )
for _jitter in (0, 1e-3, 5e-3):
    _add(
        f"2 to 8 peaks, jitter {_jitter:.1%}",
        _peaks(_jitter),
        demanded_from=1024,
        rule=lambda values, encoding: {"spiky"} | ({"multimodal"} if encoding == "doane" else set()),
    )
for _count in (2, 3, 4, 6, 8, 12, 16, 24, 28, 32, 48, 64):
    for _base in ("uniform", "bell"):
        _add(f"{_count} levels of a {_base}", _levels(_count, _base), rule=_grid(_base), demanded_from=4096)
for _size in (3, 5, 10, 100, 1e4, 1e6):
    _add(
        f"bell, outlier of {_size:g} sigma",
        _outlier(lambda rng, n: rng.normal(size=n), _size),
        "gaussian heavy_tailed",
        demanded_from=10**9,
        why="one value in a few hundred is what heavy tails have too",
    )
    _add(
        f"plateau, outlier of {_size:g} sigma",
        _outlier(lambda rng, n: rng.uniform(-1.7, 1.7, n), _size),
        "uniform",
        demanded_from=10**9,
    )
for _narrow in (0.5, 0.3, 0.1, 0.03):
    _add(
        f"two initialisations, 1 and {_narrow}",
        _two(lambda rng, n: rng.normal(size=n), lambda rng, n, s=_narrow: rng.normal(0, s, n)),
        "heavy_tailed gaussian" if _narrow == 0.5 else "heavy_tailed" if _narrow > 0.2 else "heavy_tailed sparse",
        demanded_from=4096,
    )
for _shape in (0.5, 1.5, 3):
    _add(
        f"Gamma {_shape}",
        lambda rng, n, k=_shape: rng.gamma(k, size=n) * rng.choice([-1, 1]),
        "skewed",
        demanded_from=1024,
    )
for _sigma in (0.3, 0.8, 2.0):
    _add(
        f"log-normal {_sigma}",
        lambda rng, n, s=_sigma: rng.lognormal(0, s, n) * rng.choice([-1, 1]),
        "skewed",
        demanded_from=1024,
    )
_add("mirrored half-normal", lambda rng, n: -np.abs(rng.normal(size=n)), "skewed", demanded_from=1024)
_add("normal cut at 3 sigma", lambda rng, n: _cut(rng, n, 3.0), "gaussian", movable=True, demanded_from=512)
_add("Student t2", lambda rng, n: rng.standard_t(2, n), "heavy_tailed", demanded_from=10**9)
_add("0 to 255", lambda rng, n: rng.integers(0, 256, n) * 1.0, "uniform", demanded_from=1024)
_add("-20 to 20", lambda rng, n: rng.integers(-20, 21, n) * 1.0, "uniform spiky", demanded_from=4096)
_add("Adam's first update", _first_update, "spiky", role="update", demanded_from=1024)

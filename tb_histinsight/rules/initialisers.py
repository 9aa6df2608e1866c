"""Which initialiser a tensor comes from: read off its smallest and largest value, its size, and its bias's size.

The largest of N values that are uniform on [0, L] is L N / (N + 1) on average, and below L (1 - q) with probability
(1 - q)**N: L is known to a few parts in N. A limit that fits a fan-in which divides N is then hardly chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.histogram import Histogram
from tb_histinsight.core.labels import Term

EDGE_GAP = 5.0
"""In units of 1/N: how far the largest |value| may stay below a uniform's limit; a larger gap has probability e**-5."""
CUT = 2.0
"""Keras' and TensorFlow's truncated normals are cut at this many standard deviations of the uncut normal."""
CUT_STD = 0.87962566103423978
"""Standard deviation of a unit normal cut at +-2; Keras divides by it."""
CUT_EDGE_GAP = 22.0
"""As EDGE_GAP for a normal cut at +-2: its density at the cut is 0.113 / L on each side, against 0.5 / L."""
ROUNDING = 2e-6
"""Relative width that float32 rounding of edges and limits adds."""
KOLMOGOROV = 1.95
"""Critical value of sqrt(N) D at 0.1 %; source: Kolmogorov's distribution."""
RECEPTIVE_FIELDS = (1, 3, 5, 7, 9, 25, 49, 27, 4, 16, 121)
"""Number of positions of a convolution's window: 1 for a dense layer, 9 for 3x3, ..."""
ROUND_LIMITS = (1.0, 0.5, 0.2, 0.1, 0.08, 0.05, 0.04, 0.02, 0.01, 0.001)
"""Limits (or standard deviations) that people write by hand; Keras' RandomUniform and RandomNormal have 0.05."""


@dataclass(frozen=True)
class Match:
    """An initialiser that explains the ends of a histogram."""

    names: tuple[Term, ...]
    """What fits, the likeliest first, with the numbers of units it was given: Glorot uniform (60 + 200)"""
    limit: float
    """Its limit on either side"""
    uniform: bool
    chance: float
    """Probability that a limit drawn at random would fit some initialiser as well"""


@dataclass(frozen=True)
class _Hypothesis:
    initialiser: str
    """Key of a `Term`"""
    fans: tuple[int, ...]
    inverse_variance: float
    """1 / variance of the weights; a uniform's limit is sqrt(3 / this)"""
    order: int = 0
    """Place among several that fit: the commonest first"""
    fixed: float | None = None


def match_initialiser(
    histogram: Histogram, size: int, bias_size: int | None = None, neighbours: tuple[int, ...] = ()
) -> Match | None:
    """The initialiser that fits minimum, maximum, size and shape; None where none does, or too many do.

    Args:
      histogram: of all values, its outer edges the exact minimum and maximum.
      size: number of values.
      bias_size: number of values of the layer's bias, where it is known: fan-in = size / bias_size.
      neighbours: sizes of the kernels before and after, to tell fan-in from fan-out.
    """
    if not len(histogram.count) or size < 2 or histogram.left[0] >= 0 or histogram.right[-1] <= 0:
        return None
    low, high = -float(histogram.left[0]), float(histogram.right[-1])
    largest = max(low, high)
    for uniform, gap in ((True, EDGE_GAP), (False, CUT_EDGE_GAP)):
        # Each end has half of the values, so that the nearer one may stay off by twice as much.
        if min(low, high) < largest * (1 - 2.4 * gap / size):
            continue
        width = gap / size + ROUNDING
        limit = largest * (1 + 1 / size) if uniform else largest
        if kolmogorov_distance(histogram, limit, uniform=uniform) > KOLMOGOROV / math.sqrt(size):
            continue
        hypotheses = list(_hypotheses(size, bias_size, uniform=uniform))
        limits = np.array([_limit(h, uniform=uniform) for h in hypotheses])
        fits = (limits >= largest * (1 - ROUNDING)) & (limits <= largest * (1 + width))
        if not fits.any():
            continue
        near = (limits > largest / math.sqrt(2)) & (limits < largest * math.sqrt(2))
        chance = 1 - math.exp(-len(set(limits[near].tolist())) * width / math.log(2))
        chosen = sorted((hypotheses[i] for i in np.flatnonzero(fits)), key=lambda hypothesis: hypothesis.order)
        every = [_name(hypothesis, neighbours) for hypothesis in chosen]
        names = tuple(name for place, name in enumerate(every) if name not in every[:place])
        return Match(names, _limit(chosen[0], uniform=uniform), uniform, chance)
    return None


def kolmogorov_distance(histogram: Histogram, limit: float, *, uniform: bool) -> float:
    """Largest difference, at the bucket edges, of the cumulative shares from the initialiser's; dimensionless."""
    edges = np.append(histogram.left, histogram.right[-1])
    cumulative = np.append(0.0, np.cumsum(histogram.count)) / histogram.total
    scaled = np.clip(edges / limit, -1, 1)
    if uniform:
        expected = 0.5 * (1 + scaled)
    else:
        inner = np.array([math.erf(CUT * x / math.sqrt(2)) for x in scaled])
        expected = 0.5 * (1 + inner / math.erf(CUT / math.sqrt(2)))
    return float(np.abs(cumulative - expected).max())


def _limit(hypothesis: _Hypothesis, *, uniform: bool) -> float:
    if hypothesis.fixed is not None:
        return hypothesis.fixed
    if uniform:
        return math.sqrt(3 / hypothesis.inverse_variance)
    return CUT / CUT_STD / math.sqrt(hypothesis.inverse_variance)


def _hypotheses(size: int, bias_size: int | None, *, uniform: bool) -> Iterator[_Hypothesis]:
    """Every initialiser with every fan that this size allows."""
    kind = "uniform" if uniform else "normal"
    outputs = bias_size if bias_size is not None and bias_size > 1 and size % bias_size == 0 else None
    for window in RECEPTIVE_FIELDS:
        order = 0 if window == 1 or outputs else 4
        for fans in _fan_pairs(size, outputs, window):
            yield _Hypothesis(f"glorot_{kind}", fans, sum(fans) / 2, order)
    for fan_in in [size // outputs] if outputs else divisors_of(size):
        if uniform:
            yield _Hypothesis("pytorch", (fan_in,), 3.0 * fan_in, 1)
        yield _Hypothesis(f"he_{kind}", (fan_in,), fan_in / 2, 2)
        yield _Hypothesis(f"lecun_{kind}", (fan_in,), float(fan_in), 3)
    if outputs and uniform:
        for gates in (4, 3):  # LSTM, GRU
            if outputs % gates == 0:
                hidden = outputs // gates
                yield _Hypothesis("pytorch_recurrent", (hidden,), 3.0 * hidden, 5)
    for value in ROUND_LIMITS:
        name = "uniform_within" if uniform else "normal_cut"
        yield _Hypothesis(name, (), 0.0, 6, fixed=value if uniform else CUT * value)


def _fan_pairs(size: int, outputs: int | None, window: int) -> Iterator[tuple[int, int]]:
    """Fan-in and fan-out of a layer whose window has this many positions; the smaller first where nothing tells."""
    if outputs:
        if (size // outputs) % window == 0:
            yield size // outputs, window * outputs
    elif size % window == 0:
        units = size // window
        for a in divisors_of(units):
            if a * a <= units:
                yield window * a, window * (units // a)


def divisors_of(number: int) -> list[int]:
    """All divisors, ascending."""
    small = np.arange(1, math.isqrt(number) + 1)
    small = small[number % small == 0]
    return sorted({*small.tolist(), *(number // small).tolist()})


def _name(hypothesis: _Hypothesis, neighbours: tuple[int, ...]) -> Term:
    """Name and fans, these in the order fan-in, fan-out as far as the sizes of the next kernels tell."""
    fans = hypothesis.fans
    if len(fans) == 2 and len(neighbours) == 2:
        before, after = neighbours

        def fits(fan_in: int, fan_out: int) -> int:
            return (before > 0 and before % fan_in == 0) + (after > 0 and after % fan_out == 0)

        if fits(fans[1], fans[0]) > fits(*fans):
            fans = (fans[1], fans[0])
    if hypothesis.fixed is not None:
        return Term(hypothesis.initialiser, {"limit": hypothesis.fixed})
    return Term(hypothesis.initialiser, dict(zip(("fan_in", "fan_out"), fans, strict=False)))

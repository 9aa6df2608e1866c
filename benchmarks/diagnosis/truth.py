"""The truth about a training, taken from its raw tensors while they are logged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

FP16_SMALLEST = 2.0**-24
"""Smallest positive float16; what is smaller becomes 0 in half precision."""


@dataclass
class Facts:
    """What is kept of one tag: one entry per logged tensor."""

    steps: list[int] = field(default_factory=list)
    digest: list[str] = field(default_factory=list)
    """Of the bytes: equal where no bit differs."""
    size: list[int] = field(default_factory=list)
    non_finite: list[int] = field(default_factory=list)
    minimum: list[float | None] = field(default_factory=list)
    maximum: list[float | None] = field(default_factory=list)
    rms: list[float] = field(default_factory=list)
    zero_share: list[float] = field(default_factory=list)
    tiny_share: list[float] = field(default_factory=list)
    """|x| < 1e-5"""
    outer_share: list[float] = field(default_factory=list)
    """|x| > 0.95"""
    off_middle: list[float] = field(default_factory=list)
    """mean|2x - 1|"""
    underflow_share: list[float] = field(default_factory=list)
    """0 < |x| < 2**-24, of those that are not 0"""
    moved: list[float] = field(default_factory=list)
    """mean|x - first| / mean|first|"""
    paced: list[float] = field(default_factory=list)
    """mean|x - before|, of the tensor that was logged before; 0 for the first"""
    top_squares: list[float] = field(default_factory=list)
    """Share of the sum of squares that the largest 0.1 % of the values carry"""
    fullest: list[float] = field(default_factory=list)
    """Share of the values in the fullest of 30 buckets of equal width"""
    distinct_share: list[float] = field(default_factory=list)
    """Different values / values, to 7 decimal places of the largest"""

    def add(self, step: int, values: np.ndarray, first: np.ndarray, before: np.ndarray) -> None:
        finite = values[np.isfinite(values)].astype(np.float64)
        size = np.abs(finite)
        self.steps.append(int(step))
        self.digest.append(hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=8).hexdigest())
        self.size.append(int(values.size))
        self.non_finite.append(int(values.size - finite.size))
        self.minimum.append(float(finite.min()) if finite.size else None)
        self.maximum.append(float(finite.max()) if finite.size else None)
        self.rms.append(float(np.sqrt(np.mean(finite**2))) if finite.size else 0.0)
        self.zero_share.append(_share(finite == 0))
        self.tiny_share.append(_share(size < 1e-5))
        self.outer_share.append(_share(size > 0.95))
        self.off_middle.append(float(np.abs(2 * finite - 1).mean()) if finite.size else 0.0)
        self.underflow_share.append(_share(size[size > 0] < FP16_SMALLEST))
        scale = np.abs(first).mean() if first.size else 0.0
        comparable = values.shape == first.shape and scale > 0 and finite.size == values.size
        self.moved.append(float(np.abs(values - first).mean() / scale) if comparable else 0.0)
        alike = values.shape == before.shape and finite.size == values.size
        self.paced.append(float(np.nan_to_num(np.abs(values - before).mean())) if alike and values.size else 0.0)
        squares = np.sort(finite**2)
        whole = float(squares.sum())
        self.top_squares.append(float(squares[-max(1, finite.size // 1000) :].sum()) / whole if whole > 0 else 0.0)
        self.fullest.append(_fullest(finite))
        unit = (size.max() if finite.size else 0.0) * 1e-7
        distinct = len(np.unique(np.round(finite / unit))) if unit else min(1, finite.size)
        self.distinct_share.append(distinct / max(1, finite.size))


def _fullest(values: np.ndarray) -> float:
    """Share of the values in the fullest of 30 equal buckets; all, where they differ by less than rounding."""
    if not values.size:
        return 0.0
    span = float(np.ptp(values))
    if span <= 1e-12 * float(np.abs(values).max()):
        return 1.0
    index = np.minimum((values - values.min()) / span * 30, 29).astype(int)
    return float(np.bincount(index).max()) / values.size


def _share(mask: np.ndarray) -> float:
    return float(mask.mean()) if mask.size else 0.0


Check = Callable[[dict[str, Facts], str | None], int | None]
"""Gives the first step at which the trouble shows in the raw tensors, or None where it does not."""


class Recorder:
    """Takes the tensors of one training: hands them to a real writer and keeps the facts."""

    def __init__(self, folder: Path, facts: dict[str, Facts] | None = None, prefix: str = "") -> None:
        self.folder = folder
        self.facts: dict[str, Facts] = {} if facts is None else facts
        self.notes: dict[str, float] = {}
        """Losses and accuracies of the training, for the manifest."""
        self._prefix = prefix
        self._first: dict[str, np.ndarray] = {}
        self._before: dict[str, np.ndarray] = {}

    def of_run(self, name: str) -> Recorder:
        """For one run of several that a training writes; its facts are kept as those of `name/tag`."""
        return Recorder(self.folder / name, self.facts, f"{name}/")

    def keep(self, tag: str, step: int, values: Any) -> np.ndarray:
        """Keeps the facts of a tensor that is logged elsewhere (by Keras's callback) or right after."""
        values = np.array(values)
        exact = values.astype(np.float64)
        first, before = self._first.setdefault(tag, exact), self._before.get(tag, exact)
        self.facts.setdefault(self._prefix + tag, Facts()).add(step, values, first, before)
        self._before[tag] = exact
        return values

    def as_dict(self) -> dict[str, Any]:
        return {tag: asdict(facts) for tag, facts in self.facts.items()}


def _first_where(steps: list[int], mask: list[bool]) -> int | None:
    return next((step for step, yes in zip(steps, mask, strict=True) if yes), None)


def _of(facts: dict[str, Facts], tag: str | None) -> list[Facts]:
    return list(facts.values()) if tag is None else [facts[tag]]


def identical(facts: dict[str, Facts], tag: str | None) -> int | None:
    """No bit of the tensor ever differs."""
    (one,) = _of(facts, tag)
    return one.steps[0] if len(set(one.digest)) == 1 and len(one.steps) >= 3 else None


def non_finite(facts: dict[str, Facts], tag: str | None) -> int | None:
    """NaN or infinity."""
    found = [_first_where(one.steps, [count > 0 for count in one.non_finite]) for one in _of(facts, tag)]
    return min((step for step in found if step is not None), default=None)


def one_value(facts: dict[str, Facts], tag: str | None) -> int | None:
    """All values of the tensor are the same."""
    (one,) = _of(facts, tag)
    same = [low is not None and low == high for low, high in zip(one.minimum, one.maximum, strict=True)]
    return _first_where(one.steps, same)


def all_zero(facts: dict[str, Facts], tag: str | None) -> int | None:
    """Every value is zero."""
    (one,) = _of(facts, tag)
    return _first_where(one.steps, [share == 1 for share in one.zero_share])


def collapsed(facts: dict[str, Facts], tag: str | None) -> int | None:
    """RMS below a hundredth of its largest, or more than 95 % of the values below 1e-5."""
    (one,) = _of(facts, tag)
    so_far = np.maximum.accumulate(one.rms)
    gone = [r < 1e-2 * high or tiny > 0.95 for r, high, tiny in zip(one.rms, so_far, one.tiny_share, strict=True)]
    return _first_where(one.steps, gone)


def grows(facts: dict[str, Facts], tag: str | None) -> int | None:
    """RMS at least ten times what it is in the first quarter."""
    (one,) = _of(facts, tag)
    usual = float(np.median(one.rms[: max(1, len(one.rms) // 4)]))
    return _first_where(one.steps, [r >= 10 * usual > 0 for r in one.rms])


def shrinks(facts: dict[str, Facts], tag: str | None) -> int | None:
    """RMS falls at every step, to less than half."""
    (one,) = _of(facts, tag)
    falls = bool((np.diff(one.rms) < 0).all()) and one.rms[-1] < 0.5 * one.rms[0]
    return one.steps[0] if falls else None


def outer(facts: dict[str, Facts], tag: str | None) -> int | None:
    """More than half of the values beyond +-0.95."""
    (one,) = _of(facts, tag)
    return _first_where(one.steps, [share > 0.5 for share in one.outer_share])


def underflows(facts: dict[str, Facts], tag: str | None) -> int | None:
    """More than 5 % of the values that are not zero are below what float16 holds."""
    (one,) = _of(facts, tag)
    return _first_where(one.steps, [share > 0.05 for share in one.underflow_share])


def repeats(facts: dict[str, Facts], tag: str | None) -> int | None:
    """Fewer than a tenth of the values are different ones."""
    (one,) = _of(facts, tag)
    return _first_where(one.steps, [share < 0.1 for share in one.distinct_share])


def several_at_a_step(facts: dict[str, Facts], tag: str | None) -> int | None:
    """Different tensors under one tag at one step."""
    (one,) = _of(facts, tag)
    seen = {step for step in one.steps if one.steps.count(step) > 1}
    return min(seen, default=None)


def hardly_moves(limit: float = 1e-3) -> Check:
    """Moves by less than this, relative to its size, from first to last."""

    def check(facts: dict[str, Facts], tag: str | None) -> int | None:
        (one,) = _of(facts, tag)
        return one.steps[0] if one.moved[-1] < limit else None

    return check


def smaller_than(other: str, factor: float) -> Check:
    """RMS over the last half of the steps smaller than that of another tag by this factor."""

    def check(facts: dict[str, Facts], tag: str | None) -> int | None:
        (one,) = _of(facts, tag)
        half = len(one.rms) // 2
        ratio = np.median(facts[other].rms[half:]) / max(np.median(one.rms[half:]), 1e-300)
        return one.steps[half] if ratio > factor else None

    return check


def vanishes(last: str, factor: float) -> Check:
    """The gradient is smaller than the last parameter's by this factor, and the parameter moves by less than 5 %."""

    def check(facts: dict[str, Facts], tag: str | None) -> int | None:
        parameter = str(tag).removesuffix(".grad")
        return smaller_than(last, factor)(facts, tag) if facts[parameter].moved[-1] < 0.05 else None

    return check


def starts_off(fan_in: int, factor: float = 2.7) -> Check:
    """Variance at the first step off 2/fan_in, 1/fan_in and 1/(3 fan_in) by more than this factor."""

    def check(facts: dict[str, Facts], tag: str | None) -> int | None:
        (one,) = _of(facts, tag)
        variance = one.rms[0] ** 2
        low, high = 1 / (3 * fan_in * factor), 2 * factor / fan_in
        return one.steps[0] if not low <= variance <= high else None

    return check


def stops(facts: dict[str, Facts], tag: str | None) -> int | None:
    """No bit differs from a step on, up to the last one, for a quarter of the steps; before, it moved."""
    (one,) = _of(facts, tag)
    different = [i for i in range(1, len(one.digest)) if one.digest[i] != one.digest[i - 1]]
    if not different or len(one.digest) - different[-1] < len(one.digest) / 4:
        return None
    return one.steps[different[-1]]


def step_of_size(weight: str, least: float = 1e-5, most: float = 0.1) -> Check:
    """RMS of the update over RMS of the weight outside these bounds, over the last half of the steps."""

    def check(facts: dict[str, Facts], tag: str | None) -> int | None:
        (one,) = _of(facts, tag)
        half = len(one.rms) // 2
        ratio = np.median(one.rms[half:]) / np.median(facts[weight].rms[half:])
        return None if least <= ratio <= most else one.steps[half]

    return check


def jumps(facts: dict[str, Facts], tag: str | None) -> int | None:
    """Moves more than ten times as far per step as the median of what went before (eight intervals or more)."""
    (one,) = _of(facts, tag)
    pace = np.array(one.paced[1:]) / np.diff(one.steps)
    far = [i >= 8 and bool(pace[i] > 10 * np.median(pace[:i])) for i in range(len(pace))]
    return _first_where(one.steps[:-1], far)


def goes_back(facts: dict[str, Facts], tag: str | None) -> int | None:
    """A step that is not after the one logged before."""
    (one,) = _of(facts, tag)
    return _first_where(one.steps[1:], [b <= a for a, b in pairwise(one.steps)])


def ruled_by_few(facts: dict[str, Facts], tag: str | None) -> int | None:
    """At the last step the top 0.1 % of the values carry more than half of the sum of squares: since when."""
    (one,) = _of(facts, tag)
    return _since_when(one.steps, [share > 0.5 for share in one.top_squares])


def squeezed(facts: dict[str, Facts], tag: str | None) -> int | None:
    """At the last step one of 30 buckets of equal width holds more than 90 % of the values: since when."""
    (one,) = _of(facts, tag)
    return _since_when(one.steps, [share > 0.9 for share in one.fullest])


def _since_when(steps: list[int], mask: list[bool]) -> int | None:
    if not mask[-1]:
        return None
    return steps[max((i for i, yes in enumerate(mask) if not yes), default=-1) + 1]


def without(bias: str) -> Check:
    """The kernel was logged, and no such bias."""

    def check(facts: dict[str, Facts], tag: str | None) -> int | None:
        (one,) = _of(facts, tag)
        return None if bias in facts else one.steps[0]

    return check


def apart(other: str, factor: float) -> Check:
    """Median RMS over the last half of the steps is this many times that of another run's tensor, or the inverse.

    Weights are compared at the last step, gradients from the middle on.
    """

    def check(facts: dict[str, Facts], tag: str | None) -> int | None:
        (one,) = _of(facts, tag)
        half = len(one.rms) // 2
        ratio = np.median(one.rms[half:]) / max(np.median(facts[other].rms[half:]), 1e-300)
        first = one.steps[half if str(tag).endswith(".grad") else -1]
        return first if max(ratio, 1 / max(ratio, 1e-300)) > factor else None

    return check


def at_both_ends(facts: dict[str, Facts], tag: str | None) -> int | None:
    """Values within 0 and 1 whose mean distance from the middle is more than 85 % of what it can be: since when."""
    (one,) = _of(facts, tag)
    return _since_when(one.steps, [share > 0.85 for share in one.off_middle])


def below(limit: float) -> Check:
    """RMS below this, up to the last step: since when."""

    def check(facts: dict[str, Facts], tag: str | None) -> int | None:
        (one,) = _of(facts, tag)
        return _since_when(one.steps, [rms < limit for rms in one.rms])

    return check

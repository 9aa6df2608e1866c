"""The truth about a training, taken from its raw tensors while they are logged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
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
    underflow_share: list[float] = field(default_factory=list)
    """0 < |x| < 2**-24, of those that are not 0"""
    moved: list[float] = field(default_factory=list)
    """mean|x - first| / mean|first|"""
    distinct_share: list[float] = field(default_factory=list)
    """Different values / values, to 7 decimal places of the largest"""

    def add(self, step: int, values: np.ndarray, first: np.ndarray) -> None:
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
        self.underflow_share.append(_share(size[size > 0] < FP16_SMALLEST))
        scale = np.abs(first).mean() if first.size else 0.0
        comparable = values.shape == first.shape and scale > 0 and finite.size == values.size
        self.moved.append(float(np.abs(values - first).mean() / scale) if comparable else 0.0)
        unit = (size.max() if finite.size else 0.0) * 1e-7
        distinct = len(np.unique(np.round(finite / unit))) if unit else min(1, finite.size)
        self.distinct_share.append(distinct / max(1, finite.size))


def _share(mask: np.ndarray) -> float:
    return float(mask.mean()) if mask.size else 0.0


Check = Callable[[dict[str, Facts], str | None], int | None]
"""Gives the first step at which the trouble shows in the raw tensors, or None where it does not."""


class Recorder:
    """Takes the tensors of one training: hands them to a real writer and keeps the facts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.facts: dict[str, Facts] = {}
        self.notes: dict[str, float] = {}
        """Losses and accuracies of the training, for the manifest."""
        self._first: dict[str, np.ndarray] = {}

    def keep(self, tag: str, step: int, values: Any) -> np.ndarray:
        """Keeps the facts of a tensor that is logged elsewhere (by Keras's callback) or right after."""
        values = np.array(values)
        self._first.setdefault(tag, values.astype(np.float64))
        self.facts.setdefault(tag, Facts()).add(step, values, self._first[tag])
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

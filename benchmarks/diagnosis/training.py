"""What a training of the collection is: a name, a function that trains and logs, and what a report must say of it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.diagnosis import trainings
from benchmarks.diagnosis.truth import Check, Recorder

SEEDS = {"tuning": 1000, "reporting": 2000}
"""Thresholds may be looked at with the one; numbers that are told to others come from the other."""


@dataclass(frozen=True)
class Expect:
    """A rule that must fire, on this tag (None: on the run), and how the raw tensors prove it."""

    rule: str
    tag: str | None
    proof: Check


@dataclass(frozen=True)
class Training:
    """One training."""

    name: str
    family: str
    train: Callable[[Recorder, np.random.Generator], None]
    expects: tuple[Expect, ...]
    """Empty for a healthy training."""
    also: frozenset[str]
    """Rules whose findings on this training are right as well: consequences, other names of the same trouble."""

    @property
    def sick(self) -> bool:
        return bool(self.expects)


_registered: list[Training] = []


def healthy(train: Callable[[Recorder, np.random.Generator], None]) -> Callable[[Recorder, np.random.Generator], None]:
    """Marks a function that trains a network in which nothing is wrong."""
    _registered.append(Training(train.__name__, train.__module__.rpartition(".")[2], train, (), frozenset()))
    return train


def sick(
    *expects: Expect, also: tuple[str, ...] = ()
) -> Callable[..., Callable[[Recorder, np.random.Generator], None]]:
    """Marks a function that trains a network with a known trouble."""

    def mark(train: Callable[[Recorder, np.random.Generator], None]) -> Callable[..., None]:
        family = train.__module__.rpartition(".")[2]
        _registered.append(Training(train.__name__, family, train, expects, frozenset(also)))
        return train

    return mark


def families() -> list[str]:
    """Names of all families; importing one of them imports its framework."""
    return sorted(module.name for module in pkgutil.iter_modules(trainings.__path__))


def family(name: str) -> list[Training]:
    """The trainings of one family, in the order of its file."""
    importlib.import_module(f"{trainings.__name__}.{name}")
    return [training for training in _registered if training.family == name]

"""The order in which TensorBoard shows names of runs and tags."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

NameKey: TypeAlias = tuple[tuple[int, float, str], ...]

_PART = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?P<other>.)", re.DOTALL)


@lru_cache(maxsize=1 << 14)
def natural_key(name: str) -> NameKey:
    """Sorting key: numbers by value (`run2` before `run10`); `/` and `_` first, then numbers, then the rest."""
    key = []
    for part in _PART.finditer(name):
        if part["number"] is not None:
            key.append((1, float(part["number"]), ""))
        else:
            key.append((0 if part["other"] in "/_" else 2, 0.0, part["other"]))
    return tuple(key)

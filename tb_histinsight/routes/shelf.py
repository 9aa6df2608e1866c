"""Keeps what was computed: once for all who ask at the same time, and within a bound of memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class _Slot(Generic[T]):
    lock: threading.Lock = field(default_factory=threading.Lock)
    version: str | None = None
    value: T | None = None
    size: int = 0


class Shelf(Generic[T]):
    """Values by key, each with the version of what it was made from.

    TensorBoard answers every request in a thread of its own. The first to ask for a value makes it while the others
    wait for it; those who ask for other values are not held up. Beyond `budget` the least recently used go first.
    """

    def __init__(self, budget: int, size: Callable[[T], int]) -> None:
        """An empty shelf.

        Args:
          budget: bytes to keep at most; the latest value is kept even when it alone is larger.
          size: bytes that a value holds.
        """
        self._budget = budget
        self._size = size
        self._guard = threading.Lock()
        self._slots: OrderedDict[Hashable, _Slot[T]] = OrderedDict()

    def get(self, key: Hashable, version: str, make: Callable[[T | None], T]) -> T:
        """The value of this version, made now if it is not there.

        Args:
          make: is given the value of another version, or None, and may use parts of it.
        """
        with self._guard:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
        with slot.lock:
            if slot.value is not None and slot.version == version:
                return slot.value
            value = make(slot.value)
            size = self._size(value)
            slot.value, slot.version = value, version
        with self._guard:
            slot.size = size
            self._drop_oldest(key)
        return value

    def peek(self, key: Hashable) -> T | None:
        """What is there, of whatever version; nothing is made, nobody waits."""
        with self._guard:
            slot = self._slots.get(key)
        return None if slot is None else slot.value

    @property
    def held(self) -> int:
        """Bytes on the shelf."""
        with self._guard:
            return sum(slot.size for slot in self._slots.values())

    def _drop_oldest(self, latest: Hashable) -> None:
        held = sum(slot.size for slot in self._slots.values())
        for key, slot in list(self._slots.items()):
            if held <= self._budget:
                return
            # One that is being made is in use; those who wait for it must find it.
            if key != latest and not slot.lock.locked():
                held -= slot.size
                del self._slots[key]

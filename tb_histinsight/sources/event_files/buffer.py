"""The bytes of an event file, seen as numbers at any place without copying."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tb_histinsight.core.histogram import IntArray

Words: TypeAlias = npt.NDArray[np.uint64]
Bytes: TypeAlias = npt.NDArray[np.uint8]

WORD = 8
"""Bytes in a machine word."""


class Buffer:
    """Bytes with views in which element i is the number that starts at byte i (little-endian, unaligned).

    `u8`, `u32`, `u64`, `f32` and `f64` share the memory of the bytes; the last ones are shorter by what a number
    needs, so that an index past the end is an IndexError and never foreign memory.
    """

    def __init__(self, data: bytes | bytearray | Bytes) -> None:
        self.size = len(data)
        self.u8: Bytes = data if isinstance(data, np.ndarray) else np.frombuffer(data, np.uint8)
        self.memory = self.u8.data
        """The bytes themselves"""
        self.u32 = self._view("<u4")
        self.u64: Words = self._view("<u8")
        self.f32 = self._view("<f4")
        self.f64 = self._view("<f8")

    def _view(self, code: str) -> Any:
        dtype = np.dtype(code)
        count = self.size - dtype.itemsize + 1
        if count <= 0:
            return np.empty(0, dtype)
        return np.ndarray((count,), dtype, buffer=self.memory, strides=(1,))

    def words(self, at: IntArray) -> Words:
        """The eight bytes from each place on; zeros stand for what lies behind the end of the buffer."""
        try:
            return self.u64[at]
        except IndexError:
            if self.size < WORD:
                return np.zeros(len(at), np.uint64)
            within = np.minimum(at, self.size - WORD)
            beyond = np.minimum(at - within, WORD)
            words = self.u64[within] >> (8 * np.minimum(beyond, WORD - 1)).astype(np.uint64)
            return np.where(beyond < WORD, words, np.uint64(0))

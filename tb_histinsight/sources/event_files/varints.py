"""Variable-length numbers of the protobuf wire format, a whole column at once."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import BoolArray, IntArray
from tb_histinsight.sources.event_files.buffer import Words

LONGEST = 7
"""Bytes of the longest number that is read: 49 bits. (Negative steps take ten bytes; they are read elsewhere.)"""

_CONTINUED = np.uint64(0x0080808080808080)
_SEVEN_BITS = 0x7F


def varints(words: Words) -> tuple[IntArray, IntArray, BoolArray | bool]:
    """The numbers in the low bytes of words (little-endian, up to seven bytes long).

    Returns:
      The values and lengths in bytes, int64 [n] each, and which of them end within seven bytes (True: all).
    """
    if not (words & np.uint64(0x80)).any():
        return (words & np.uint64(_SEVEN_BITS)).astype(np.int64), np.ones(len(words), np.int64), True
    stops = ~words & _CONTINUED
    stop = stops & (~stops + np.uint64(1))
    rest = words & (stop | (stop - np.uint64(1)))
    value = rest & np.uint64(_SEVEN_BITS)
    size = np.ones(len(words), np.int64)
    for i in range(1, LONGEST):
        longer = stop > np.uint64(1 << (8 * i - 1))
        if not longer.any():
            break
        size += longer
        value |= rest >> np.uint64(i) & np.uint64(_SEVEN_BITS << 7 * i)
    return value.astype(np.int64), size, stops != 0

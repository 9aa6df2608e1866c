"""Has memory that was freed stay at hand for what is needed next."""

from __future__ import annotations

import numpy as np

LARGEST = 1 << 24
"""Bytes of the largest arrays that come and go, of one tag or some small ones."""


def keep_freed_memory() -> None:
    """Has the C library hand out freed memory again where it would give it back to the system.

    On Linux (glibc) large blocks come fresh from the system, which clears each page when it is first touched: a tenth
    of the time of a report on PyTorch's log. Once a large block has been freed, smaller ones are taken from what is
    kept. Elsewhere this does nothing; nowhere are pages touched.
    """
    np.empty(LARGEST, np.uint8)  # not a bytearray, which fills its memory with zeros

"""Writes one event file: TFRecord framing with masked checksums round the events."""

from __future__ import annotations

import enum
import struct
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import google_crc32c
import numpy as np
import numpy.typing as npt

from tb_histinsight.logging import buckets, wire

FILE_VERSION = "brain.Event:2"
"""What the first record of every event file says."""
_MASK_DELTA = 0xA282EAD8
"""Constant of TFRecord's masked checksum (tensorflow/core/lib/hash/crc32c.h)."""


class Encoding(enum.Enum):
    """How summaries are written."""

    TF2 = "tf2"
    """Tensors, histograms of 30 equal widths: as `tf.summary.histogram`."""
    OLD_STYLE = "old-style"
    """`histo` summaries with exponential buckets and exact moments: as PyTorch and TF 1."""


def masked_crc(data: bytes) -> int:
    """CRC-32C of the data, rotated and shifted so that a checksum of checksums stays a good one."""
    crc: int = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF


def record(data: bytes) -> bytes:
    """One TFRecord: length, its checksum, the data, its checksum."""
    length = struct.pack("<Q", len(data))
    return b"".join((length, struct.pack("<I", masked_crc(length)), data, struct.pack("<I", masked_crc(data))))


class EventWriter:
    """Histograms and scalars of one run, into one event file; a context manager.

    Values of a step may come in any order and number; each becomes an event of its own, as `tf.summary` does it.
    A file of the same name is replaced.
    """

    def __init__(
        self,
        file: Path,
        encoding: Encoding = Encoding.TF2,
        clock: Callable[[], float] = time.time,
        *,
        lenient: bool = False,
    ) -> None:
        """Begins the file; folders above it are made.

        Args:
          lenient: old-style histograms of tensors without any value that could be counted are written without
            buckets, where PyTorch would raise.
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        self._encoding = encoding
        self._clock = clock
        self._counted = buckets.counted_on_ladder if lenient else buckets.old_style_histogram
        self._stream = file.open("wb")
        self._stream.write(record(wire.event(clock(), 0, file_version=FILE_VERSION)))

    def histogram(self, tag: str, values: npt.ArrayLike, step: int) -> None:
        """Logs the distribution of the values.

        Raises:
          ValueError: old-style encoding, not lenient, and no value that could be counted.
        """
        if self._encoding is Encoding.OLD_STYLE:
            value = wire.old_style_histogram(tag, self._counted(values))
        else:
            table = buckets.equal_buckets(values)
            value = wire.tensor_value(tag, "histograms", table.shape, table.astype("<f8").tobytes(), double=True)
        self._write(value, step)

    def scalar(self, tag: str, value: float, step: int) -> None:
        """Logs one number."""
        if self._encoding is Encoding.OLD_STYLE:
            self._write(wire.old_style_scalar(tag, value), step)
        else:
            content = np.float32(value).tobytes()
            self._write(wire.tensor_value(tag, "scalars", (), content, double=False), step)

    def _write(self, value: bytes, step: int) -> None:
        self._stream.write(record(wire.event(self._clock(), step, values=[value])))

    def flush(self) -> None:
        """Lets readers see what has been logged so far."""
        self._stream.flush()

    def close(self) -> None:
        """Writes out what is left and closes the file."""
        self._stream.close()

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

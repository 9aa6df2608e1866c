"""The bytes of an open file, read piece by piece.

Files are not mapped: a file that is cut by somebody else while it is read would end the process with SIGBUS, where
reading just comes to an end.
"""

from __future__ import annotations

import os
from io import FileIO
from types import TracebackType

import numpy as np
import numpy.typing as npt

from tb_histinsight.core.histogram import IntArray

READ_AHEAD = 1 << 18
"""Bytes that are read at least: single records are much shorter, and each call of the system costs about 1 µs."""
MOST_AT_ONCE = 1 << 30
"""Bytes per call of the system; Linux gives at most 2 GiB."""

_PREADV = hasattr(os, "preadv")

Bytes = npt.NDArray[np.uint8]


class FileBytes:
    """An open file; `file[start:stop]` are its bytes there, fewer where it ends before."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Opens the file.

        Raises:
          OSError: it cannot be opened.
        """
        self._stream = FileIO(os.fspath(path))
        status = os.fstat(self._stream.fileno())
        self.size = status.st_size
        """Bytes that it had when it was opened; what has come since is not looked at"""
        self.identity = (status.st_dev, status.st_ino)
        """Another file of the same name has another one"""
        self._window = b""
        self._begin = 0
        self._block = bytearray()

    def __enter__(self) -> FileBytes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._stream.close()

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, where: slice) -> bytes:
        start, stop, _ = where.indices(self.size)
        at = start - self._begin
        if at < 0 or stop - self._begin > len(self._window):
            if stop - start >= READ_AHEAD:
                return self.read(start, stop)
            self._window = self.read(start, min(start + READ_AHEAD, self.size))
            self._begin, at = start, 0
        return self._window[at : at + max(0, stop - start)]

    def read(self, start: int, stop: int) -> bytes:
        """The bytes start..stop and no others, fewer where the file ends before."""
        block = bytearray(max(0, stop - start))
        return bytes(block[: self.read_into(memoryview(block), start)])

    def block(self, start: int, stop: int) -> Bytes:
        """The bytes start..stop, uint8, fewer where the file ends before; in memory that the next block takes again.

        Fresh memory would cost more than to fill it: the system clears each of its pages first.
        """
        length = max(0, min(stop, self.size) - start)
        if len(self._block) < length:
            self._block = bytearray(length)
        got = self.read_into(memoryview(self._block)[:length], start)
        return np.frombuffer(self._block, np.uint8, got)

    def read_pieces(self, block: memoryview, starts: IntArray, places: IntArray, lengths: IntArray) -> list[int]:
        """Reads many pieces of the file, each into its place of a block; how many bytes there were of each."""
        wanted = list(zip(starts.tolist(), places.tolist(), lengths.tolist(), strict=True))
        if not _PREADV:
            return [self.read_into(block[place : place + length], start) for start, place, length in wanted]
        read, file = os.preadv, self._stream.fileno()
        got = [read(file, (block[place : place + length],), start) for start, place, length in wanted]
        for number, (start, place, length) in enumerate(wanted):
            if got[number] < length:
                got[number] = self.read_into(block[place : place + length], start)
        return got

    def read_into(self, block: memoryview, start: int) -> int:
        """Fills a block from a place of the file on; how many bytes there were."""
        done = 0
        while done < len(block):
            piece = block[done : done + MOST_AT_ONCE]
            got = _read_at(self._stream, piece, start + done)
            if not got:
                break
            done += got
        return done


if _PREADV:

    def _read_at(stream: FileIO, block: memoryview, start: int) -> int:
        return os.preadv(stream.fileno(), [block], start)

else:  # Windows, macOS before 11

    def _read_at(stream: FileIO, block: memoryview, start: int) -> int:
        stream.seek(start)
        return stream.readinto(block) or 0

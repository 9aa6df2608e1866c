"""How one remote file becomes, or stays, a copy on this machine.

Event files only grow. Where a file became longer, its new end is read, together with a stretch before it and one at
its beginning, by which the rest is known again; anything else that changed is read anew.
"""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

from tb_histinsight.sources.remote.files import RemoteFile
from tb_histinsight.sources.remote.original import Original
from tb_histinsight.sources.remote.trouble import Trouble, trouble_of

BLOCK = 1 << 22
"""Bytes of one request: at 50 MB/s and 30 ms to the first byte, a quarter of the time is waiting; a shorter file is
read in one."""
WITNESS = 1 << 16
"""Bytes at the beginning, and before the former end, by which a file that grew is known again."""
WORTH_A_TAIL = 1 << 20
"""Bytes that were there before, from which on only the new ones are read: two requests instead of one."""

Piece = tuple[int, int]
"""Where some bytes of a file begin and end"""


class Transfer:
    """One file that is being brought; pieces may come in any order, from several threads."""

    def __init__(self, file: RemoteFile, anew: bool = False) -> None:
        """Nothing is read yet.

        Args:
          anew: whether what is here is to be read again.
        """
        self.file = file
        self.trouble: Trouble | None = None
        self._kept = file.copies
        self._part: Path | None = None
        self._lock = threading.Lock()
        known = None if anew else self._kept.original(file.key)
        size = file.original.size
        goes_on = known is not None and known.stamp and WORTH_A_TAIL <= known.size < size
        self.before = known.size if known is not None and goes_on else 0
        """Bytes of the copy that are taken to be those of the original still; 0: all is read"""
        self._begin = max(0, self.before - WITNESS)
        self._beginning = b""
        self.complete = False
        """Whether nothing is left to be read"""
        self.changed = False
        """Whether the original was seen to be another one afterwards"""

    def pieces(self) -> list[Piece]:
        """What has to be read."""
        size = self.file.original.size
        blocks = [(start, min(start + BLOCK, size)) for start in range(self._begin, size, BLOCK)]
        return [*([(0, WITNESS)] if self.before else []), *blocks]

    def open(self) -> None:
        """Makes room for what is read; what the trouble was, `trouble` says."""
        try:
            self._part = self._kept.begin(self.file.key)
        except OSError as error:
            self.trouble = trouble_of(error)

    def store(self, piece: Piece, data: bytes) -> None:
        """Takes a piece, or the whole file from a server that does not know of pieces."""
        start, stop = piece
        if len(data) > stop - start and len(data) >= self.file.original.size:
            if not self.before:
                self.complete, start, stop = True, 0, self.file.original.size
            data = data[start:stop]
        if len(data) != stop - start:
            self.trouble = Trouble.CHANGED
        elif self.before and piece == (0, WITNESS):
            self._beginning = data
        elif self._part is not None:
            try:
                with self._lock, self._part.open("r+b") as stream:
                    stream.seek(start - self._begin)
                    stream.write(data)
            except OSError as error:
                self.trouble = trouble_of(error)

    def abandon(self) -> None:
        """Leaves nothing of what was read."""
        self.trouble = Trouble.OTHER
        if self._part is not None:
            self._part.unlink(missing_ok=True)

    def finish(self) -> bool:
        """Makes the copy; False where a file that grew turns out to be another one, and is to be read anew."""
        if self._part is None:
            return True
        key = self.file.key
        try:
            if self.trouble is None and self.before:
                if not self._goes_on():
                    return False
                self._lengthen()
                self._kept.finish(key, None, self._got())
            elif self.trouble is None:
                self._kept.finish(key, self._part, self._got())
        except OSError as error:
            self.trouble = trouble_of(error)
        finally:
            self._part.unlink(missing_ok=True)
        return True

    def _got(self) -> Original:
        """What the copy is of; of what changed while it was read, nothing that would be met again."""
        original = self.file.original
        return replace(original, stamp="") if self.changed else original

    def _goes_on(self) -> bool:
        """Whether the copy's two ends are what stands in the original now."""
        assert self._part is not None
        with self._kept.path(self.file.key).open("rb") as copy, self._part.open("rb") as part:
            first = copy.read(WITNESS)
            copy.seek(self._begin)
            return first == self._beginning and copy.read(WITNESS) == part.read(WITNESS)

    def _lengthen(self) -> None:
        assert self._part is not None
        self._kept.forget(self.file.key)
        with self._kept.path(self.file.key).open("r+b") as copy, self._part.open("rb") as part:
            part.seek(self.before - self._begin)
            copy.seek(0, os.SEEK_END)
            while data := part.read(BLOCK):
                copy.write(data)

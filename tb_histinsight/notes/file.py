"""Appends lines to the file, whole or not at all, however many write at once."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tb_histinsight.notes.entries import NotesError

FILE_NAME = "tb-histinsight.notes.jsonl"
PATIENCE = 10.0
"""Seconds to wait for others who write; each takes some milliseconds."""
PAUSE = 0.001
"""Seconds between two tries"""

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, 1 << 40, os.SEEK_SET)  # a byte that no file has: readers are not held up
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def append(folder: Path, lines: Sequence[str]) -> None:
    """Writes lines at the end of the folder's file; they are on the disk when this returns.

    Nothing that was there is ever changed: who is killed while writing leaves at most a beginning of a line, which
    the next one closes off.

    Raises:
      NotesError: it cannot be written, in a sentence.
    """
    if not folder.is_dir():
        raise NotesError("Notes cannot be kept: the log's folder is not on this machine.")
    try:
        with _locked(folder / FILE_NAME) as descriptor:
            size = os.fstat(descriptor).st_size
            text = "".join(f"{line}\n" for line in lines).encode()
            if size and _last_byte(descriptor, size) != b"\n":
                text = b"\n" + text
            try:
                _write(descriptor, text)
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, size)
                raise
    except OSError as error:
        raise NotesError(_sentence(error)) from None


def why_not_writable(folder: Path) -> str | None:
    """Why notes cannot be kept in a folder, in a sentence; None where they can, as far as can be told by looking."""
    if not folder.is_dir():
        return "Notes cannot be kept: the log's folder is not on this machine."
    path = folder / FILE_NAME
    if not os.access(path if path.exists() else folder, os.W_OK):
        return _sentence(PermissionError(errno.EACCES, ""))
    return None


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The open file, which nobody else writes meanwhile. The lock goes with whoever holds it, even when killed."""
    until = time.monotonic() + PATIENCE
    while True:
        # Through no link: a log that came by mail shall not have anything else written to.
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "is no ordinary file")
            while not _got(descriptor):
                if time.monotonic() > until:
                    raise OSError(errno.EAGAIN, "is held by another program")
                time.sleep(PAUSE)
            if _is_still(path, descriptor):
                yield descriptor
                return
            # Replaced while we waited, as `git checkout` does: write into the new one.
        finally:
            os.close(descriptor)


def _got(descriptor: int) -> bool:
    try:
        _try_lock(descriptor)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_still(path: Path, descriptor: int) -> bool:
    ours = os.fstat(descriptor)
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def _last_byte(descriptor: int, size: int) -> bytes:
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1)


def _write(descriptor: int, text: bytes) -> None:
    left = memoryview(text)
    while left:
        left = left[os.write(descriptor, left) :]


def _sentence(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"Notes cannot be kept: the log's folder is read-only. Make it writable, or write {FILE_NAME} into a copy."
        )
    if error.errno == errno.ELOOP:
        return f"Notes cannot be kept: {FILE_NAME} is a link, and links are not written through."
    if error.errno == errno.ENOSPC:
        return "Notes cannot be kept: the disk is full. Nothing was changed."
    return f"Notes cannot be kept: {FILE_NAME} {error.strerror or type(error).__name__}."

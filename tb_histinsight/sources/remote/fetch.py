"""Brings remote files to this machine: several at once, in several blocks at once, and only what is not here yet."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from tb_histinsight.sources.remote.files import RemoteFile
from tb_histinsight.sources.remote.filesystem import Remote, opened, using
from tb_histinsight.sources.remote.original import Original, original_of
from tb_histinsight.sources.remote.transfer import Piece, Transfer
from tb_histinsight.sources.remote.trouble import RemoteError, Trouble, UnreadableError, told, trouble_of

AT_ONCE = 16
"""Requests in flight; so many blocks at most are held in memory, 64 MiB."""
OnBytes: TypeAlias = Callable[[int, int], None]
_HTTP = ("http", "https")

_here: dict[str, Original] = {}
"""What this process has brought, by key"""
_failed: dict[str, Trouble] = {}
_one_at_a_time = threading.Lock()


def brought(file: RemoteFile) -> Path:
    """Where the copy of a file is; it is brought where it is not here.

    Raises:
      UnreadableError: it cannot be.
    """
    key = file.key
    if key not in _here and key not in _failed:
        bring([file])
    if key in _failed:
        raise UnreadableError(_failed[key])
    return file.copies.path(key)


def bring(files: Iterable[RemoteFile], on_bytes: OnBytes | None = None) -> None:
    """Makes the copies of some files what the originals were when they were listed.

    Args:
      on_bytes: is told how many bytes have come, and how many there are to come in all.

    Raises:
      RemoteError: none of them can be read. Where it is only some, opening those fails.
    """
    with using(), _one_at_a_time:
        wanted = list({file.key: file for file in files}.values())
        todo = [file for file in wanted if not _is_here(file)]
        transfers = _done([Transfer(file) for file in todo], on_bytes) if todo else []
        failed = [transfer for transfer in transfers if transfer.trouble is not None]
        if failed and len(failed) == len(wanted):
            assert failed[0].trouble is not None
            raise told(UnreadableError(failed[0].trouble), failed[0].file.root)


def read(file: RemoteFile, pieces: Sequence[Piece]) -> list[bytes]:
    """Some bytes of a file, past any copy.

    Raises:
      UnreadableError: they cannot be read.
    """
    try:
        with using():
            return [_range(opened(file.root), file, piece) for piece in pieces]
    except Exception as error:
        raise UnreadableError(trouble_of(error)) from None


def _is_here(file: RemoteFile) -> bool:
    kept = file.copies
    if kept.original(file.key) != file.original:
        return False
    kept.used(file.key)
    _note(file, None)
    return True


def _note(file: RemoteFile, trouble: Trouble | None) -> None:
    if trouble is None:
        _here[file.key] = file.original
        _failed.pop(file.key, None)
    elif file.key not in _here:  # else there is what it was before, until a later look brings what it is
        _failed[file.key] = trouble


def _done(transfers: Sequence[Transfer], on_bytes: OnBytes | None) -> list[Transfer]:
    """Does transfers, and once more for files that turned out not to be what they were with something new behind."""
    _make_room(transfers)
    for transfer in transfers:
        transfer.open()
    try:
        _Crew(transfers, on_bytes).work()
    except BaseException:  # Ctrl-C, most of all
        for transfer in transfers:
            transfer.abandon()
        raise
    done, again = [], []
    for transfer in transfers:
        if transfer.finish():
            _note(transfer.file, transfer.trouble)
            done.append(transfer)
        else:
            again.append(Transfer(transfer.file, anew=True))
    return done + _done(again, on_bytes) if again else done


def _make_room(transfers: Sequence[Transfer]) -> None:
    """Refuses what the disk cannot hold.

    Raises:
      RemoteError: there is not enough room.
    """
    needed = sum(transfer.file.original.size - transfer.before for transfer in transfers)
    folder = transfers[0].file.copies.folder
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return  # writing will tell
    if needed > free:
        raise RemoteError(
            f"{needed / 1e9:.1f} GB are to be copied, and {free / 1e9:.1f} GB are free in the folder of the cache. Set "
            "TB_HISTINSIGHT_CACHE to a folder with more room, or read less with --run."
        )


class _Crew:
    """Threads that read what is to be read. (They end with the process, whatever they wait for.)"""

    def __init__(self, transfers: Sequence[Transfer], on_bytes: OnBytes | None) -> None:
        self._on_bytes = on_bytes
        self._bytes = 0
        self._all_bytes = sum(stop - start for transfer in transfers for start, stop in transfer.pieces())
        self._todo: queue.SimpleQueue[tuple[Transfer, Piece] | None] = queue.SimpleQueue()
        self._later: dict[Transfer, list[Piece]] = {}
        self._missing: dict[Transfer, int] = {}
        self._several: dict[Transfer, bool] = {}
        self._left = 0
        self._lock = threading.Lock()
        for transfer in transfers:
            pieces = transfer.pieces() if transfer.trouble is None else []
            self._missing[transfer], self._several[transfer] = len(pieces), len(pieces) > 1
            # A server that does not know of pieces gives all at the first: it is not asked for the whole many times.
            if transfer.file.root.protocol in _HTTP and len(pieces) > 1:
                pieces, self._later[transfer] = pieces[:1], pieces[1:]
            for piece in pieces:
                self._todo.put((transfer, piece))
            self._left += len(pieces)
        several = all(opened(transfer.file.root).several_at_once for transfer in transfers)
        self._size = min(AT_ONCE if several else 1, self._left + sum(map(len, self._later.values())))

    def work(self) -> None:
        """Returns when all is read, or has failed."""
        if not self._left:
            return
        crew = [threading.Thread(target=self._help, name="insight-fetch", daemon=True) for _ in range(self._size)]
        for thread in crew:
            thread.start()
        for thread in crew:
            thread.join()

    def _help(self) -> None:
        while (task := self._todo.get()) is not None:
            self._do(*task)
            with self._lock:
                self._bytes += task[1][1] - task[1][0]
                self._tell()
                self._missing[task[0]] -= 1
                read = not self._missing[task[0]]
            if read and self._several[task[0]] and task[0].trouble is None and not task[0].complete:
                self._check(task[0])
            with self._lock:
                for piece in self._later.pop(task[0], ()):
                    self._todo.put((task[0], piece))
                    self._left += 1
                self._left -= 1
                if not self._left:
                    for _ in range(self._size):
                        self._todo.put(None)

    def _tell(self) -> None:
        try:
            if self._on_bytes is not None:
                self._on_bytes(self._bytes, self._all_bytes)
        except Exception:  # the others would wait for this thread for ever
            self._on_bytes = None

    def _check(self, transfer: Transfer) -> None:
        """Whether a file of which blocks were read one by one is still the one that was listed."""
        remote = opened(transfer.file.root)
        try:
            remote.fs.invalidate_cache()
            now = original_of(remote.call("info", transfer.file.path))
        except Exception:
            transfer.changed = True
        else:
            transfer.changed = now != transfer.file.original

    def _do(self, transfer: Transfer, piece: Piece) -> None:
        if transfer.trouble is not None or transfer.complete:
            return
        try:
            transfer.store(piece, _range(opened(transfer.file.root), transfer.file, piece))
        except Exception as error:  # whatever a library raises is told where the file is opened
            transfer.trouble = trouble_of(error)


def _range(remote: Remote, file: RemoteFile, piece: Piece) -> bytes:
    start, stop = piece
    if stop <= start:
        return b""
    data: bytes = remote.call("cat_file", file.path, start=start, end=stop)
    return data

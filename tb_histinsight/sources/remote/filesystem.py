"""The one place that speaks to fsspec: opens file systems, and calls them with a time-out.

A file system belongs to the process that opened it: fsspec's instances, and the thread in which they wait for the
network, do not survive a fork. So they have a thread of ours, which ends with `release` before processes are forked.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tb_histinsight.core.errors import UsageError
from tb_histinsight.sources.remote.address import Address
from tb_histinsight.sources.remote.packages import PACKAGES, missing_package
from tb_histinsight.sources.remote.trouble import RemoteError, told

TIMEOUT_VARIABLE = "TB_HISTINSIGHT_TIMEOUT"
TIMEOUT = 120.0
"""Seconds for one answer, a listing or a block, unless the variable says otherwise; libraries have shorter ones of
their own for the connection."""
_SEVERAL_AT_ONCE = {"memory", "hdfs", "viewfs", "arrow_hdfs"}
"""File systems without asyncio that may be used by several threads."""

TALKATIVE = ("fsspec", "s3fs", "gcsfs", "adlfs", "aiobotocore", "botocore", "aiohttp", "asyncio", "google", "urllib3")
"""Libraries that log what they raise as well, with addresses and traces. It reaches the handlers that a program has
set up; where there are none, Python would print it."""
PATIENCE = 5.0
"""Seconds for a connection to be closed."""

_opened: dict[tuple[int, str], Remote] = {}
_waiting: dict[int, _Waiting] = {}
_users: dict[int, int] = {}
_lock = threading.Lock()


class _Waiting:
    """A thread that waits for the network."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="insight-network", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Ends the thread, and those that look up names for it."""
        asyncio.run_coroutine_threadsafe(self.loop.shutdown_default_executor(), self.loop).result(PATIENCE)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)
        self.loop.close()


@dataclass(frozen=True)
class Remote:
    """A file system, and the path in it that an address means."""

    fs: Any
    path: str
    address: Address

    @property
    def several_at_once(self) -> bool:
        """Whether several threads may use it."""
        return bool(self.fs.async_impl) or self.address.protocol in _SEVERAL_AT_ONCE

    def call(self, name: str, *args: Any, **options: Any) -> Any:
        """Calls a method of the file system; raises what that raises, or a time-out."""
        if not self.fs.async_impl:
            return getattr(self.fs, name)(*args, **options)
        from fsspec.asyn import sync

        return sync(self.fs.loop, getattr(self.fs, f"_{name}"), *args, timeout=seconds(), **options)

    def relative(self, path: str) -> str:
        """A path as seen from this one, with `/`; empty for itself."""
        root = self.path.rstrip("/")
        return path[len(root) :].strip("/") if path.startswith(root) else path.strip("/")


def opened(address: Address) -> Remote:
    """The file system of an address, opened once per process.

    Raises:
      RemoteError: a package is missing, or it cannot be opened.
      UsageError: there is no such protocol.
    """
    key = (os.getpid(), address.url)
    with _lock:
        if key not in _opened:
            _opened[key] = _open(address)
        return _opened[key]


def _open(address: Address) -> Remote:
    missing = missing_package(address.protocol)
    if missing is not None:
        raise RemoteError(f"Reading {address.protocol}:// needs another package: pip install {missing}")
    for name in TALKATIVE:
        if not logging.getLogger(name).handlers:
            logging.getLogger(name).addHandler(logging.NullHandler())
    import fsspec
    from fsspec.registry import known_implementations, registry

    if address.protocol not in known_implementations and address.protocol not in registry:
        raise UsageError(f"There is no protocol {address.protocol}:// (that fsspec knows). s3://, gs://, hdfs://, …?")
    try:
        if fsspec.get_filesystem_class(address.protocol).async_impl and "::" not in address.url:
            process = os.getpid()
            if process not in _waiting:
                _waiting[process] = _Waiting()
            own = {"loop": _waiting[process].loop, "skip_instance_cache": True}
            fs, path = fsspec.core.url_to_fs(address.url, **_options(address), **own)
        else:
            fs, path = fsspec.core.url_to_fs(address.url)
    except ImportError as error:
        package = error.name or PACKAGES.get(address.protocol, "fsspec")
        raise RemoteError(
            f"Reading {address.protocol}:// needs another package: pip install {package.split('.')[0]}"
        ) from None
    except Exception as error:
        raise told(error, address) from None
    return Remote(fs, path, address)


@contextmanager
def using() -> Iterator[None]:
    """What is opened meanwhile stays open."""
    process = os.getpid()
    with _lock:
        _users[process] = _users.get(process, 0) + 1
    try:
        yield
    finally:
        with _lock:
            _users[process] -= 1


def release() -> None:
    """Closes what this process has opened, unless somebody uses it; it is opened again where it is needed."""
    with _lock:
        if _users.get(os.getpid()):
            return
        for key in [key for key in _opened if key[0] == os.getpid()]:
            del _opened[key]
        waiting = _waiting.pop(os.getpid(), None)
    if waiting is not None:
        gc.collect()  # fsspec closes the connections of a file system with the object
        waiting.end()


def _options(address: Address) -> dict[str, Any]:
    # Bytes shall be counted as they lie there, not as they are packed for the way.
    return {"headers": {"Accept-Encoding": "identity"}} if address.protocol in ("http", "https") else {}


def seconds() -> float:
    """How long one answer may take.

    Raises:
      UsageError: the environment says something that is no number of seconds.
    """
    said = os.environ.get(TIMEOUT_VARIABLE)
    try:
        found = float(said) if said else TIMEOUT
    except ValueError:
        found = -1.0
    if not 0 < found < float("inf"):
        raise UsageError(f"{TIMEOUT_VARIABLE} is {said!r}; it must be a number of seconds, such as 30.")
    return found

"""Where the copies of this process are, and how much they may take: what the environment says of it.

It is said by the environment alone: a log that came from elsewhere shall not say where something is written.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from tb_histinsight.core.errors import UsageError
from tb_histinsight.sources.remote.copies import Copies

FOLDER_VARIABLE, LIMIT_VARIABLE = "TB_HISTINSIGHT_CACHE", "TB_HISTINSIGHT_CACHE_GB"
OFF = ("off", "0", "no", "false")
LIMIT = 10.0
"""GB that copies may take, unless the variable says otherwise; the longest unused go first."""
PURPOSE = "tb-histinsight"

_kept: dict[tuple[int, Path | None], Copies] = {}
"""By process and folder; no folder: this process's own"""
_lock = threading.Lock()


def copies(folder: Path | None = None) -> Copies:
    """The copies of this process; a folder of a process that this one works for is taken where it is there.

    Raises:
      UsageError: the limit in the environment is no number.
    """
    process = os.getpid()
    with _lock:
        if folder is not None and (process, folder) in _kept:
            return _kept[process, folder]
        if folder is not None and folder.is_dir() and os.access(folder, os.W_OK):
            return _kept.setdefault((process, folder), Copies(folder))
        if (process, None) not in _kept:
            own = _opened()
            _kept[process, None] = _kept[process, own.folder] = own
        return _kept[process, None]


def _opened() -> Copies:
    bytes_kept = limit()
    said = os.environ.get(FOLDER_VARIABLE, "")
    if said.strip().lower() not in OFF:
        folder = Path(said).expanduser() if said else cache_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if os.access(folder, os.W_OK):
                found = Copies(folder)
                atexit.register(_at_exit, os.getpid(), found, bytes_kept)
                return found
        except OSError:
            pass
        if said:
            raise UsageError(
                f"{FOLDER_VARIABLE} is {said}, which is no folder that can be written. Give another, or off."
            )
    temporary = Path(tempfile.mkdtemp(prefix=f"{PURPOSE}-"))
    atexit.register(_remove, os.getpid(), temporary)
    return Copies(temporary)


def limit() -> float:
    """Bytes that copies may take when a process ends.

    Raises:
      UsageError: the environment says something that is no number.
    """
    said = os.environ.get(LIMIT_VARIABLE)
    try:
        found = float(said) if said else LIMIT
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise UsageError(f"{LIMIT_VARIABLE} is {said!r}; it must be a number of GB, such as 2.5.")
    return found * 1e9


def cache_folder() -> Path:
    """Where the user's caches are, as each system has it (on Linux: the XDG base directories)."""
    home = Path.home()
    if sys.platform == "darwin":
        base = home / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        said = os.environ.get("XDG_CACHE_HOME", "")
        base = Path(said) if os.path.isabs(said) else home / ".cache"
    return base / PURPOSE / "remote"


def _at_exit(process: int, found: Copies, bytes_kept: float) -> None:
    if os.getpid() == process:  # and not in one that was forked
        found.shed(bytes_kept)


def _remove(process: int, folder: Path) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)

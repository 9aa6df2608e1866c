"""What is set for the runs that a TensorBoard shows; read again when a file changes."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from tb_histinsight.core.errors import InsightError
from tb_histinsight.settings import DEFAULTS, Settings, load
from tb_histinsight.settings.files import candidates
from tb_histinsight.sources.event_files.discovery import Home
from tb_histinsight.sources.homes import Roots, home_of, roots_there

State = tuple[tuple[int, int] | None, ...]
"""Time of change and size of each file that may be there"""


class SettingsOfRuns:
    """Settings by run, each from the folder that the run came from."""

    def __init__(self, logdir: str, patience: float = 0.0) -> None:
        """Reads nothing yet.

        Args:
          logdir: what TensorBoard was given as `--logdir` or `--logdir_spec`.
          patience: seconds for which what was found is taken to hold: a request asks once for every run.
        """
        self._logdir = logdir
        self._patience = patience
        self._lock = threading.Lock()
        self._roots: tuple[float, Roots] | None = None
        self._looked: dict[Path | None, float] = {}
        self._loaded: dict[Path | None, tuple[State, Settings, str | None]] = {}

    def home(self, run: str) -> Home | None:
        """The folder that a run came from; None where it is not on this machine."""
        return home_of(run, self._there())

    def _there(self) -> Roots:
        now = time.monotonic()
        if self._roots is None or now - self._roots[0] >= self._patience:
            self._roots = now, roots_there(self._logdir)
        return self._roots[1]

    def of(self, run: str) -> Settings:
        """What is set for a run; the defaults where that cannot be read (`problems` says why)."""
        home = self.home(run)
        return self._load(None if home is None else home.folder)[0]

    def problems(self) -> list[str]:
        """What is wrong with the settings, a sentence each."""
        folders: list[Path | None] = [path for _, path in self._there()]
        said = [self._load(folder)[1] for folder in folders or [None]]
        return list(dict.fromkeys(problem for problem in said if problem is not None))

    def _load(self, folder: Path | None) -> tuple[Settings, str | None]:
        with self._lock:
            known = self._loaded.get(folder)
            now = time.monotonic()
            if known is not None and now - self._looked[folder] < self._patience:
                return known[1:]
            self._looked[folder] = now
            files = candidates(folder) + ([] if known is None else list(known[1].files))
            state = tuple(_state(file) for file in files)
            if known is None or known[0] != state:
                settings, problem = _read(folder)
                state = tuple(_state(file) for file in [*candidates(folder), *settings.files])
                known = self._loaded[folder] = (state, settings, problem)
            return known[1:]


def _read(folder: Path | None) -> tuple[Settings, str | None]:
    try:
        return load(folder), None
    except InsightError as error:
        return DEFAULTS, str(error)


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size

"""Which folder a run came from, for a TensorBoard that names runs itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tb_histinsight.sources.event_files.discovery import Home, roots_of


def home_of(run: str, logdir: str) -> Home | None:
    """The folder of a run, and its name there; None where the log is not on this machine.

    Args:
      run: as TensorBoard calls it; that of the folder `name:path` itself is `name` or, to its Python loader, `name/.`.
      logdir: what was given as `--logdir` or `--logdir_spec`.
    """
    there = [(name, path) for name, path in roots_of(logdir) if path.is_dir()] if logdir else []
    for name, path in sorted(there, key=lambda root: -len(root[0])):
        if name and (run == name or run.startswith(f"{name}/")):
            return Home(path, run[len(name) + 1 :] or ".")
    unnamed = [path for name, path in there if not name]
    holding = [path for path in unnamed if len(unnamed) == 1 or (path / run).is_dir()]
    return Home(holding[0], run) if holding else None


def folders_of(logdir: str) -> Sequence[Path]:
    """Every folder of the log that is on this machine."""
    return [path for _, path in roots_of(logdir) if path.is_dir()] if logdir else []

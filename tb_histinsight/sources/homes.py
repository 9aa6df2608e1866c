"""Which folder a run came from, for a TensorBoard that names runs itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tb_histinsight.sources.event_files.discovery import Home, roots_of

Roots = Sequence[tuple[str, Path]]
"""Names and folders of a logdir; the name is empty where none was given"""


def roots_there(logdir: str) -> Roots:
    """The folders of a log that are on this machine.

    Args:
      logdir: what was given as `--logdir` or `--logdir_spec`.
    """
    roots = roots_of(logdir) if logdir else []
    return [(name, path) for name, path in roots if isinstance(path, Path) and path.is_dir()]


def home_of(run: str, roots: Roots) -> Home | None:
    """The folder of a run, and its name there; None where it is in none of these folders.

    Args:
      run: as TensorBoard calls it; that of the folder `name:path` itself is `name` or, to its Python loader, `name/.`.
    """
    for name, path in sorted(roots, key=lambda root: -len(root[0])):
        if name and (run == name or run.startswith(f"{name}/")):
            return Home(path, run[len(name) + 1 :] or ".")
    unnamed = [path for name, path in roots if not name]
    holding = [path for path in unnamed if len(unnamed) == 1 or (path / run).is_dir()]
    return Home(holding[0], run) if holding else None

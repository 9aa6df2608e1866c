"""Which folders are runs, and which files belong to them."""

from __future__ import annotations

import os
from pathlib import Path

from tb_histinsight.core.errors import NothingToReadError
from tb_histinsight.sources.order import natural_key


def find_runs(logdir: str | os.PathLike[str]) -> dict[str, list[Path]]:
    """Event files by run, as TensorBoard names runs: the folder relative to the logdir with `/`, "." for itself.

    Args:
      logdir: a folder, one event file, or `name1:path1,name2:path2`.

    Returns:
      Runs in natural order of their names, the files of each in order of their names.

    Raises:
      NothingToReadError: there is no such folder or file, or no event file in it.
    """
    text = os.fspath(logdir)
    found: dict[str, list[Path]] = {}
    for name, path in _roots(text):
        if not path.exists():
            raise NothingToReadError(f"{path} does not exist. Give the folder that you give to tensorboard --logdir.")
        if path.is_file():
            found.setdefault(name or ".", []).append(path)
            continue
        for run, files in _walk(path).items():
            joined = run if not name else name if run == "." else f"{name}/{run}"
            found.setdefault(joined, []).extend(files)
    if not found:
        raise NothingToReadError(
            f"No event files in {text}. They have 'tfevents' in their names; is the folder one level off?"
        )
    return {run: found[run] for run in sorted(found, key=natural_key)}


def _roots(text: str) -> list[tuple[str, Path]]:
    """Names and paths; the name is empty where none was given."""
    if Path(text).exists() or ":" not in text:
        return [("", Path(text))]
    roots = []
    for part in text.split(","):
        name, colon, path = part.partition(":")
        # One letter before a colon is a Windows drive; a slash cannot be in a name.
        named = colon and len(name) > 1 and "/" not in name
        roots.append((name, Path(path).expanduser()) if named else ("", Path(part).expanduser()))
    return roots


def _walk(root: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    seen: set[tuple[int, int]] = set()
    for folder, subfolders, files in os.walk(root, followlinks=True):
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in seen:  # a link back to a folder above
            subfolders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        subfolders.sort()
        events = sorted(name for name in files if "tfevents" in name)
        if events:
            found[Path(os.path.relpath(folder, root)).as_posix()] = [Path(folder) / name for name in events]
    return found

"""Which folders are runs, and which files belong to them."""

from __future__ import annotations

import os
import stat
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from tb_histinsight.core.errors import NothingToReadError, UsageError
from tb_histinsight.core.run import Skipped
from tb_histinsight.sources.order import natural_key
from tb_histinsight.sources.remote.address import Address, is_address, located, shown, split

EVENT_FILE = "tfevents"
"""TensorBoard takes every file for an event file in whose name this stands."""
OFTEN = ("s3", "gs", "gcs", "hdfs", "http", "https", "abfs")
"""Protocols that are no names of folders, where somebody writes `s3:/bucket`"""
NO_SUMMARIES = ".profile-empty"
"""Ending of files that TensorFlow's profiler leaves so that a folder counts as a run; nothing is in them."""
MOST_NAMES_OF_A_FOLDER = 100
"""How often one folder is followed through links; folders that link to each other have endlessly many names."""


@dataclass(frozen=True)
class EventFile:
    """An event file, and what it is called towards users."""

    path: os.PathLike[str]
    """A path on this machine, or something that becomes one when the file is first opened"""
    name: str
    """Relative to the logdir, with `/`; never absolute"""
    size: int = 0
    """Bytes that it had when it was found"""


@dataclass(frozen=True)
class Home:
    """The folder that a run came from: the logdir, or one of several."""

    folder: Path
    run: str
    """What the run is called as seen from that folder alone"""


@dataclass
class Found:
    """The event files below a logdir."""

    runs: dict[str, list[EventFile]] = field(default_factory=dict)
    """Runs in natural order of their names, the files of each in order of theirs"""
    homes: dict[str, Home] = field(default_factory=dict)
    """By run"""
    skipped: list[Skipped] = field(default_factory=list)
    """Folders and files that cannot be looked into"""


def find_runs(logdir: str | os.PathLike[str]) -> Found:
    """Event files by run, as TensorBoard names runs: the folder relative to the logdir with `/`, "." for itself.

    Links are followed, but not back to a folder above. What cannot be read is noted and left out.

    Args:
      logdir: a folder, one event file, an address of either, or `name1:path1,name2:path2`.

    Raises:
      NothingToReadError: there is no such folder or file, or no event file in it.
      UsageError: several folders hold a run of the same name.
    """
    text = os.fspath(logdir)
    roots = roots_of(text)
    there = [(name, path) for name, path in roots if isinstance(path, Address) or os.path.exists(path)]
    if not there:
        raise NothingToReadError(_missing(roots[0][1], text))
    found = Found()
    found.skipped += [Skipped("missing", name or path.name) for name, path in roots if (name, path) not in there]
    for name, path in there:
        home: Path
        if isinstance(path, Address):
            runs, home = _remote(path, name, found)
        elif path.is_file():
            called = _shown(f"{name}/{path.name}" if name else path.name)
            runs, home = {".": [EventFile(path, called, path.stat().st_size)]}, path.parent
        else:
            runs, home = _walk(path, name, found), path
        for run, files in runs.items():
            joined = _shown(run if not name else name if run == "." else f"{name}/{run}")
            if joined in found.runs and len(there) > 1:
                raise UsageError(
                    f"Several of the folders hold a run called {joined!r}. Give each folder a name of its own: "
                    "name1:path1,name2:path2."
                )
            found.runs.setdefault(joined, []).extend(files)
            found.homes.setdefault(joined, Home(home, _shown(run)))
    if not found.runs:
        raise NothingToReadError(_nothing(shown(text), found.skipped))
    found.runs = {run: found.runs[run] for run in sorted(found.runs, key=natural_key)}
    return found


def roots_of(text: str) -> list[tuple[str, Path | Address]]:
    """Names and places, split as TensorBoard splits `--logdir_spec`; the name is empty where none was given."""
    whole = located(text)
    if not text or (isinstance(whole, Path) and os.path.exists(whole)):
        return [("", whole)]
    roots: list[tuple[str, Path | Address]] = []
    for part in split(text):
        name, colon, path = part.partition(":")
        named = colon and name and not name.startswith("/") and not os.path.splitdrive(part)[0]
        if named and not is_address(part):
            roots.append((name, located(path)))
        elif part:
            roots.append(("", located(part)))
    return roots or [("", whole)]


def is_here(logdir: str) -> bool:
    """Whether all of a log is on this machine."""
    return all(isinstance(place, Path) for _, place in roots_of(logdir))


def _remote(address: Address, root_name: str, found: Found) -> tuple[dict[str, list[EventFile]], Path]:
    """The runs at and below an address, and the folder here that stands for it."""
    from tb_histinsight.sources.remote.listing import listed

    listing = listed(address, _is_event_file)
    for name, clause in listing.unreadable:
        found.skipped.append(Skipped("unreadable", "/".join(filter(None, (root_name, name))) or ".", detail=clause))
    runs: dict[str, list[EventFile]] = {}
    for path in sorted(listing.files):
        file = listing.files[path]
        called = _shown(f"{root_name}/{path}" if root_name else path)
        run = "" if listing.single else path.rpartition("/")[0]
        runs.setdefault(run or ".", []).append(EventFile(file, called, file.original.size))
    return runs, listing.folder


def _is_event_file(name: str) -> bool:
    return EVENT_FILE in name.rpartition("/")[2] and not name.endswith(NO_SUMMARIES)


def _walk(root: Path, root_name: str, found: Found) -> dict[str, list[EventFile]]:
    """The runs at and below a folder, by the names that they have there."""
    runs: dict[str, list[EventFile]] = {}
    visits: Counter[tuple[int, int]] = Counter()
    todo: deque[tuple[Path, str, frozenset[tuple[int, int]]]] = deque([(root, "", frozenset())])
    while todo:
        folder, run, above = todo.popleft()  # in breadth: the shortest of a folder's names come first
        shown = "/".join(part for part in (root_name, run) if part)
        try:
            status = os.stat(folder)
            this = (status.st_dev, status.st_ino)
            visits[this] += 1
            if this in above or visits[this] > MOST_NAMES_OF_A_FOLDER:
                continue
            names = sorted(os.listdir(folder))
        except OSError as error:
            found.skipped.append(Skipped("unreadable", _shown(shown) or ".", detail=_reason(error)))
            continue
        files = []
        for name in names:
            path, called = folder / name, _shown(f"{shown}/{name}" if shown else name)
            try:
                status = os.stat(path)
            except OSError as error:
                if EVENT_FILE in name:
                    found.skipped.append(Skipped("unreadable", called, detail=_reason(error)))
                continue
            if stat.S_ISDIR(status.st_mode):
                todo.append((path, f"{run}/{name}" if run else name, above | {this}))
            elif _is_event_file(name) and stat.S_ISREG(status.st_mode):
                files.append(EventFile(path, called, status.st_size))
        if files:
            runs[run or "."] = files
    return runs


def _shown(name: str) -> str:
    """A name that can be written in UTF-8, whatever bytes the file system has."""
    return os.fsencode(name).decode("utf-8", "replace")


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _missing(path: Path | Address, text: str) -> str:
    if text.startswith(tuple(f"{protocol}:/" for protocol in OFTEN)):
        return f"{text} does not exist. Give an address as text, with two slashes: a Path makes one of them."
    return f"{path} does not exist. Give the folder that you give to tensorboard --logdir."


def _nothing(text: str, skipped: list[Skipped]) -> str:
    if skipped:
        entry = skipped[0]
        return f"No event files in {text} that can be read: {entry.where}: {entry.detail or 'does not exist'}."
    whole = located(text)
    if isinstance(whole, Path) and whole.is_dir() and not any(whole.iterdir()):
        return f"{text} is an empty folder: no event files yet. Has the training begun, and does it log there?"
    return f"No event files in {text}. They have 'tfevents' in their names; is the folder one level off?"

"""Route `notes`: what people say of the runs; asked for, and added to. The only route that writes anything."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tb_histinsight.notes import NOTHING_NOTED, Entry, Notes, NotesError, added, append, edited, read_notes, removed
from tb_histinsight.notes.file import FILE_NAME, why_not_writable
from tb_histinsight.notes.lines import shown_time
from tb_histinsight.routes.answer import JSON, Answer, RequestError, digest, to_json
from tb_histinsight.routes.report import no_such_run
from tb_histinsight.routes.sender import Sender, check, decoded
from tb_histinsight.sources.event_files.discovery import Home

READ_ONLY = "TB_HISTINSIGHT_READ_ONLY"
"""Environment variable; anything but "" and "0" keeps the tab from writing."""
LONGEST_BODY = 256 << 10
"""Bytes of a request that is looked at: the longest text, escaped, and more tags than a finding names."""


class NotesOfRuns:
    """The notes of each run, from the folder that it came from; read again when the file changes."""

    def __init__(self, home: Callable[[str], Home | None], patience: float = 0.0) -> None:
        """Reads nothing yet.

        Args:
          home: the folder that a run came from; None where it is not on this machine.
          patience: seconds for which what was read is taken to hold.
        """
        self._patience = patience
        self.home = home
        self.token = secrets.token_urlsafe(24)
        """Known to those who could read an answer of ours since this TensorBoard was started"""
        self._lock = threading.Lock()
        self._read: dict[Path, tuple[float, object, Notes]] = {}
        self._of_run: dict[tuple[Path, str], tuple[Notes, Notes]] = {}

    def of(self, run: str) -> Notes:
        """What is said about a run."""
        home = self.home(run)
        if home is None:
            return NOTHING_NOTED
        with self._lock:
            everything = self._of_folder(home.folder)
            known = self._of_run.get((home.folder, home.run))
            if known is None or known[0] is not everything:
                known = self._of_run[home.folder, home.run] = everything, everything.of_run(home.run)
            return known[1]

    def look_again(self, folder: Path) -> None:
        """What was read in a folder holds no longer: somebody has just written there."""
        with self._lock:
            self._read.pop(folder, None)

    def _of_folder(self, folder: Path) -> Notes:
        now = time.monotonic()
        known = self._read.get(folder)
        if known is not None and now - known[0] < self._patience:
            return known[2]
        state = _state(folder / FILE_NAME)
        read = known[2] if known is not None and known[1] == state else read_notes(folder)
        self._read[folder] = now, state, read
        return read


def notes_impl(notes: NotesOfRuns, present: Sequence[str], runs: Sequence[str]) -> Answer:
    """The notes about some runs (default: all), what of them could not be understood, and whether more can be written.

    Raises:
      RequestError: there is no such run.
    """
    for run in runs:
        if run not in present:
            raise no_such_run(run)
    body = to_json(_body(notes, runs or present))
    return Answer(("notes", *runs), digest(body.decode()), lambda: body, JSON)


def write_note_impl(notes: NotesOfRuns, present: Sequence[str], sender: Sender, body: bytes | None) -> bytes:
    """Adds, changes or removes an entry; gives the notes of its run afterwards, as `notes_impl` does.

    Args:
      body: what was sent; None: too much of it, or nobody knows how much.

    Raises:
      RequestError: this sender may not, or what was sent cannot be kept; with the reason.
    """
    if _read_only():
        raise RequestError(403, f"This TensorBoard only reads ({READ_ONLY} is set); nothing was written.")
    check(sender, notes.token)
    if body is None:
        raise RequestError(413, f"A note has at most {LONGEST_BODY >> 10} KB, and says how long it is.")
    said = decoded(body)
    run = said.get("run")
    if not isinstance(run, str) or run not in present:
        raise no_such_run(str(run))
    home = notes.home(run)
    if home is None:
        raise RequestError(409, "Notes cannot be kept: the log's folder is not on this machine.")
    target = said.get("edit", said.get("remove"))
    if target is not None and target not in [entry.id for entry in notes.of(run).entries]:
        raise RequestError(404, "This note is not there; it may have been removed.")
    try:
        line = _line(said, home.run)
    except NotesError as error:
        raise RequestError(400, f"This note cannot be kept: {error}.") from None
    try:
        append(home.folder, [line])
    except NotesError as error:
        raise RequestError(409, str(error)) from None
    notes.look_again(home.folder)
    return to_json(_body(notes, [run]))


def _line(said: dict[str, Any], run: str) -> str:
    now = time.time()
    rest = {key: value for key, value in said.items() if key != "run"}
    if "remove" in rest:
        return removed(rest["remove"], rest.get("author", ""), now)
    if "edit" in rest:
        return edited(rest["edit"], rest, now)
    return added({**rest, "run": run}, now)


def _read_only() -> bool:
    return os.environ.get(READ_ONLY, "0") not in ("", "0")


def _body(notes: NotesOfRuns, runs: Sequence[str]) -> dict[str, Any]:
    of_runs = {run: notes.of(run) for run in runs}
    problems = dict.fromkeys(problem for said in of_runs.values() for problem in said.problems)
    return {
        "entries": [entry_of(entry, run) for run, said in of_runs.items() for entry in said.entries],
        "problems": list(problems),
        "read_only": _why_read_only(notes, runs),
        "token": notes.token,
    }


def _why_read_only(notes: NotesOfRuns, runs: Sequence[str]) -> str | None:
    if _read_only():
        return f"This TensorBoard only reads ({READ_ONLY} is set)."
    homes = [notes.home(run) for run in runs]
    if homes and all(home is None for home in homes):
        return "Notes cannot be kept: the log's folder is not on this machine."
    folders = dict.fromkeys(home.folder for home in homes if home is not None)
    return next((why for folder in folders if (why := why_not_writable(folder)) is not None), None)


def entry_of(entry: Entry, run: str) -> dict[str, Any]:
    """An entry as the tab gets it; `layer` is left out where any is meant."""
    accused = entry.accused
    about: dict[str, Any] = {"rule": None, "tags": None} if accused is None else {"rule": accused.rule}
    if accused is not None:
        about["tags"] = None if accused.tags is None else list(accused.tags)
        if not accused.any_layer:
            about["layer"] = accused.layer
    return {
        "id": entry.id,
        "kind": entry.kind.value,
        "text": entry.text,
        "author": entry.author,
        "time": None if entry.time is None else shown_time(entry.time),
        "edited_time": None if entry.edited_time is None else shown_time(entry.edited_time),
        "edited_by": entry.edited_by,
        "run": run,
        "tag": entry.tag,
        "step": entry.step,
        **about,
    }


def _state(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino

"""From lines to what holds now. The result does not depend on the order of the lines but where times are equal, so
that two histories can be merged line by line."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tb_histinsight.core.findings import Finding
from tb_histinsight.notes.entries import Entry, Kind, NotesError
from tb_histinsight.notes.file import FILE_NAME
from tb_histinsight.notes.lines import Change, parse

LARGEST = 32 << 20
"""Bytes of a file that is read; a larger one was not written by people."""


@dataclass(frozen=True)
class Notes:
    """All entries of one file."""

    entries: tuple[Entry, ...] = ()
    """In the order of their times, those without a time first"""
    problems: tuple[str, ...] = ()
    """What could not be understood, a clause each with its line; such lines hide nothing"""

    @cached_property
    def version(self) -> str:
        """Differs where anything else is said; empty where nothing is."""
        return repr((self.entries, self.problems)) if self.entries or self.problems else ""

    def of_run(self, run: str) -> Notes:
        """Those about one run of the file's folder."""
        return Notes(tuple(entry for entry in self.entries if entry.is_about_run(run)), self.problems)

    def mark_of(self, finding: Finding) -> Entry | None:
        """The latest mark on a finding; None where there is none."""
        marks = [entry for entry in self.entries if entry.kind is not Kind.NOTE and entry.accused is not None]
        return next((mark for mark in reversed(marks) if mark.accused is not None and mark.accused.fits(finding)), None)


NOTHING_NOTED = Notes()


def read_notes(folder: Path) -> Notes:
    """What the file in a folder says; nothing where there is none."""
    try:
        content = _content(folder / FILE_NAME)
    except FileNotFoundError:
        return NOTHING_NOTED
    except OSError as error:
        return Notes(problems=(error.strerror or type(error).__name__,))
    lines = content.split(b"\n")
    if lines[-1] and not _is_whole(lines[-1]):
        lines.pop()  # still being written, or cut off when its writer was killed
    return fold(lines)


def fold(lines: Iterable[bytes]) -> Notes:
    """What the lines together say."""
    entries: dict[str, Entry] = {}
    changes: list[Change] = []
    problems = []
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            said = parse(raw.decode("utf-8").strip())
        except UnicodeDecodeError:
            problems.append(f"line {number}: this is not UTF-8")
        except NotesError as error:
            problems.append(f"line {number}: {error}")
        else:
            if isinstance(said, Change):
                changes.append(said)
            elif entries.setdefault(said.id, said) != said:
                problems.append(f"line {number}: another entry has the id {said.id!r}")
    gone = {change.target for change in changes if change.removes}
    for change in sorted(changes, key=lambda change: _place(change.time)):
        if change.target in entries:
            entries[change.target] = _edited(entries[change.target], change)
    kept = [entry for entry in entries.values() if entry.id not in gone]
    return Notes(tuple(sorted(kept, key=lambda entry: _place(entry.time))), tuple(problems))


def _edited(entry: Entry, change: Change) -> Entry:
    kind = entry.kind if change.kind is None or entry.kind is Kind.NOTE else change.kind
    text = entry.text if change.text is None else change.text
    return replace(entry, kind=kind, text=text, edited_time=change.time, edited_by=change.author)


def _place(time: float | None) -> float:
    return float("-inf") if time is None else time


def _content(path: Path) -> bytes:
    # A log may come from anywhere: what stands there may be a pipe that never ends.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "this is no ordinary file")
        if status.st_size > LARGEST:
            raise OSError(errno.EFBIG, f"it is larger than {LARGEST >> 20} MB")
        return file.read()


def _is_whole(line: bytes) -> bool:
    try:
        parse(line.decode("utf-8"))
    except (UnicodeDecodeError, NotesError):
        return False
    return True

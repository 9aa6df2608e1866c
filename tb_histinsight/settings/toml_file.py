"""TOML with the places of its keys, so that what is wrong in a file can be pointed at."""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from tb_histinsight.core.errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

KeyPath = tuple[str | int, ...]
"""Keys from the top of the file downwards; a number counts the tables of an array, from 0"""

_KEY = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_KEY}(?:\s*\.\s*{_KEY})*)\s*\]\]?\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(rf"\s*({_KEY}(?:\s*\.\s*{_KEY})*)\s*=")


@dataclass(frozen=True)
class TomlFile:
    """A TOML file that was read, and what it is called towards the user."""

    name: str
    text: str

    @classmethod
    def read(cls, path: Path, name: str) -> TomlFile:
        """The file's text.

        Raises:
          UsageError: it cannot be read.
        """
        try:
            return cls(name, path.read_text("utf-8"))
        except OSError as error:
            raise UsageError(f"Cannot read {name}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise UsageError(f"{name} is not text in UTF-8, as TOML must be.") from None

    @cached_property
    def content(self) -> dict[str, Any]:
        """What the file says.

        Raises:
          UsageError: it is not TOML, with the line.
        """
        try:
            content: dict[str, Any] = tomllib.loads(self.text)
            return content
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"at line (\d+)", str(error))  # or "at end of document"
            line = int(place[1]) if place else self.text.rstrip().count("\n") + 1
            what = re.sub(r" \(at .*\)$", "", str(error))
            raise UsageError(f"{self.name}, line {line}: this is not TOML ({what}).") from None

    def wrong(self, path: KeyPath, sentence: str) -> NoReturn:
        """Says what is wrong at a key.

        Raises:
          UsageError: always.
        """
        line = self.line(path)
        raise UsageError(f"{self.name}{f', line {line}' if line else ''}: {sentence}")

    def unknown(self, path: KeyPath, known: Collection[str], what: str = "key") -> NoReturn:
        """Says that a key is none of those that there are, and which is nearest.

        Raises:
          UsageError: always.
        """
        self.wrong(path, f"There is no {what} {path[-1]!r}{_where(path[:-1])}. {nearest(str(path[-1]), known)}")

    def line(self, path: KeyPath) -> int | None:
        """The line of a key, of the table that is the nearest above it where it has none; None where none is found."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return None

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        """Where each key stands first; found line by line, which is enough for files that people write."""
        found: dict[KeyPath, int] = {}
        counts: dict[KeyPath, int] = {}
        table: KeyPath = ()
        for number, line in enumerate(self.text.split("\n"), start=1):
            header = _HEADER.match(line)
            if header:
                keys = _keys(header[2])
                table = _placed(keys, counts, new=header[1] == "[[")
                for path in (keys, table):  # [[tags]] is both all of them and one of them
                    found.setdefault(path, number)
                continue
            assignment = _ASSIGNMENT.match(line)
            if assignment:
                keys = _keys(assignment[1])
                for length in range(1, len(keys) + 1):
                    found.setdefault((*table, *keys[:length]), number)
        return found


def nearest(word: str, known: Collection[str], more: str = "There are") -> str:
    """A sentence that names the nearest of those that there are, or all of them."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"{more}: {', '.join(known)}."


def shown(path: Path) -> str:
    """A file's name for messages: as seen from here where it is near, else its name alone; never absolute."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path.name
    return path.name if relative.count("..") > 1 or os.path.isabs(relative) else relative


def _keys(text: str) -> tuple[str, ...]:
    """The parts of a dotted key, without their quotes."""
    value: Any = tomllib.loads(f"{text} = 0")
    keys = []
    while isinstance(value, dict):
        ((key, value),) = value.items()
        keys.append(key)
    return tuple(keys)


def _placed(keys: Sequence[str], counts: dict[KeyPath, int], *, new: bool) -> KeyPath:
    """The path of a table, arrays of tables counted."""
    path: KeyPath = ()
    for position, key in enumerate(keys):
        path = (*path, key)
        if new and position == len(keys) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _where(table: KeyPath) -> str:
    names = [str(key) for key in table if isinstance(key, str)]
    return f" in [{'.'.join(names)}]" if names else ""

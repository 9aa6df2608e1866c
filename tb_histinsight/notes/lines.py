"""Lines of the file: what they may say, read and written.

Each is a JSON object of its own. It adds an entry (`text` makes it a note, `mark` a mark), or changes or removes an
earlier one by its id (`edit`, `remove`).
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from tb_histinsight.notes.entries import Accused, Entry, Kind, NotesError

COMMON = ("author", "time")
ABOUT = ("run", "tag", "step", "rule", "layer", "tags")
KEYS = {
    "text": ("id", *COMMON, *ABOUT, "text"),
    "mark": ("id", *COMMON, "run", "rule", "layer", "tags", "mark", "reason"),
    "edit": ("edit", *COMMON, "text", "reason", "mark"),
    "remove": ("remove", *COMMON),
}
"""What a line may say, by the key that tells its kind"""
LONGEST = 20_000
"""Characters of a text; what is longer is no note."""
MARKS = (Kind.INTENDED, Kind.DISMISSED)


@dataclass(frozen=True)
class Change:
    """An edit (`removes` False) or a removal of an earlier entry."""

    target: str
    removes: bool
    author: str
    time: float | None
    text: str | None = None
    kind: Kind | None = None


def parse(line: str) -> Entry | Change:
    """What a line says.

    Raises:
      NotesError: nothing that can be understood, in a clause that says why.
    """
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise NotesError("this is no JSON object") from None
    if not isinstance(said, dict):
        raise NotesError("this is no JSON object")
    kind = next((key for key in ("edit", "remove", "mark", "text") if key in said), None)
    if kind is None:
        raise NotesError("it has none of the keys text, mark, edit and remove")
    for key in said:
        if key not in KEYS[kind]:
            near = difflib.get_close_matches(key, KEYS[kind], n=1, cutoff=0.5)
            raise NotesError(
                f"there is no key {key!r} beside {kind!r}" + (f"; did you mean {near[0]!r}?" if near else "")
            )
    author, time = _text(said, "author") or "", _time(said)
    if kind in ("edit", "remove"):
        changed = _needed(said, kind)
        text = _text(said, "text") if "text" in said else _text(said, "reason")
        if kind == "edit" and text is None and "mark" not in said:
            raise NotesError("it changes nothing: give text, reason or mark")
        return Change(changed, kind == "remove", author, time, text, _mark(said) if "mark" in said else None)
    entry_kind = _mark(said) if kind == "mark" else Kind.NOTE
    text = (_text(said, "reason") or "") if kind == "mark" else _needed(said, "text")
    if kind == "mark" and "rule" not in said:
        raise NotesError("a mark needs the key 'rule'")
    if "rule" not in said and ("layer" in said or "tags" in said):
        raise NotesError("'layer' and 'tags' need the key 'rule' beside them")
    return Entry(
        id=_needed(said, "id") if "id" in said else hashlib.blake2s(line.encode(), digest_size=8).hexdigest(),
        kind=entry_kind,
        text=text,
        author=author,
        time=time,
        run=_text(said, "run"),
        tag=_text(said, "tag"),
        step=_step(said),
        accused=_accused(said) if "rule" in said else None,
    )


def _accused(said: Mapping[str, Any]) -> Accused:
    tags = said.get("tags")
    if tags is not None and (not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags)):
        raise NotesError("'tags' must be a list of tags")
    if tags is not None and not all(map(_is_unicode, tags)):
        raise NotesError("'tags' holds half a character")
    return Accused(
        rule=_needed(said, "rule"),
        layer=_text(said, "layer"),
        any_layer="layer" not in said,
        tags=None if tags is None else tuple(tags),
    )


def _text(said: Mapping[str, Any], key: str) -> str | None:
    value = said.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise NotesError(f"{key!r} must be text")
    if len(value) > LONGEST:
        raise NotesError(f"{key!r} is longer than {LONGEST} characters")
    if not _is_unicode(value):
        raise NotesError(f"{key!r} holds half a character")
    return value


def _needed(said: Mapping[str, Any], key: str) -> str:
    value = _text(said, key)
    if not value:
        raise NotesError(f"{key!r} is empty")
    return value


def _is_unicode(text: str) -> bool:
    """Whether the text can be written at all: JSON may hold half of a pair of surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _step(said: Mapping[str, Any]) -> int | None:
    step = said.get("step")
    if step is not None and (not isinstance(step, int) or isinstance(step, bool)):
        raise NotesError("'step' must be a whole number")
    return step


def _mark(said: Mapping[str, Any]) -> Kind:
    known = [kind.value for kind in MARKS]
    if said["mark"] not in known:
        raise NotesError(f"'mark' must be {' or '.join(known)}")
    return Kind(said["mark"])


def _time(said: Mapping[str, Any]) -> float | None:
    text = _text(said, "time")
    if text is None:
        return None
    try:
        # Python 3.10 does not know "Z".
        moment = datetime.fromisoformat(f"{text[:-1]}+00:00" if text.endswith(("Z", "z")) else text)
    except ValueError:
        raise NotesError("'time' must be like 2026-01-31T12:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def shown_time(time: float) -> str:
    """A time as it is written in the file: UTC, to the millisecond."""
    moment = datetime.fromtimestamp(time, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def added(said: Mapping[str, Any], now: float, make_id: Callable[[], str] = lambda: os.urandom(8).hex()) -> str:
    """A line that adds an entry: what was said, with a new id and the time.

    Raises:
      NotesError: it cannot be an entry.
    """
    given = {key: value for key, value in said.items() if key not in ("id", "time")}
    if "edit" in given or "remove" in given:
        raise NotesError("an entry is added with text or mark")
    return _written({"id": make_id(), "time": shown_time(now), **given})


def edited(target: str, said: Mapping[str, Any], now: float) -> str:
    """A line that changes an entry; as `added`."""
    given = {key: value for key, value in said.items() if key not in ("edit", "time")}
    return _written({"edit": target, "time": shown_time(now), **given})


def removed(target: str, author: str, now: float) -> str:
    """A line that removes an entry."""
    return _written({"remove": target, "time": shown_time(now), **({"author": author} if author else {})})


def _written(said: Mapping[str, Any]) -> str:
    try:
        line = json.dumps(said, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        raise NotesError("it holds something that JSON cannot") from None
    parse(line)
    return line

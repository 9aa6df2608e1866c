"""What a file says of tags: `[[tags]]`, each with a pattern and what holds for the tags that fit it."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from tb_histinsight.core.labels import Role
from tb_histinsight.core.told import PARAMETERS, Names, Telling
from tb_histinsight.settings.toml_file import KeyPath, TomlFile, nearest, shown

PATTERNS = ("tag", "glob", "regex")
SAID = ("layer", "role", "of", "kernel", "order")
EXAMPLE = "[[tags]] with tag, glob or regex, and layer, role or order"


def read_names(path: Path, name: str | None = None) -> Names:
    """What a file says of tags.

    Args:
      name: what the file is called in messages.

    Raises:
      UsageError: it cannot be read, or says something that cannot be; with the line, the key and the nearest right one.
    """
    toml = TomlFile.read(path, shown(path) if name is None else name)
    for key in toml.content:
        if key != "tags":
            toml.unknown((key,), ("tags",))
    tables = toml.content.get("tags", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        toml.wrong(("tags",), f"tags must be tables: {EXAMPLE}.")
    return Names(tuple(_telling(toml, ("tags", index), table) for index, table in enumerate(tables)), toml.name)


def _telling(toml: TomlFile, path: KeyPath, table: dict[str, Any]) -> Telling:
    for key in table:
        if key not in (*PATTERNS, *SAID):
            toml.unknown((*path, key), (*PATTERNS, *SAID))
    patterns = [key for key in PATTERNS if key in table]
    if len(patterns) != 1:
        toml.wrong(path, f"Give one of tag, glob and regex here; there are {len(patterns)}.")
    if not any(key in table for key in SAID):
        toml.wrong(path, f"Nothing is said of {table[patterns[0]]!r}. Give {', '.join(SAID)}, or some of them.")
    (kind,) = patterns
    pattern = _text(toml, (*path, kind), table[kind])
    telling = Telling(
        kind=kind,
        pattern=pattern,
        layer=_text(toml, (*path, "layer"), table["layer"]) if "layer" in table else None,
        role=_role(toml, (*path, "role"), table["role"], tuple(Role)) if "role" in table else None,
        of=_role(toml, (*path, "of"), table["of"], PARAMETERS) if "of" in table else None,
        kernel=_flag(toml, (*path, "kernel"), table["kernel"]) if "kernel" in table else None,
        order=_order(toml, (*path, "order"), table["order"], kind) if "order" in table else None,
        line=toml.line((*path, kind)),
    )
    _check_pattern(toml, path, telling)
    return telling


def _check_pattern(toml: TomlFile, path: KeyPath, telling: Telling) -> None:
    try:
        groups = telling.compiled
    except re.error as error:
        toml.wrong((*path, telling.kind), f"{telling.pattern!r} is no regular expression ({error}).")
    if telling.kind != "regex":
        return
    # A template is tried on the pattern with an empty alternative in front, which matches anything.
    empty = re.compile(f"|{groups.pattern}").match("")
    for key in ("layer", "order"):
        template = getattr(telling, key)
        if empty is not None and isinstance(template, str):
            try:
                empty.expand(template)
            except (re.error, IndexError) as error:
                toml.wrong((*path, key), f"{template!r} does not fit {telling.pattern!r} ({error}).")


def _text(toml: TomlFile, path: KeyPath, value: Any) -> str:
    if not isinstance(value, str) or not value:
        toml.wrong(path, f"{path[-1]} must be text; it is {value!r}.")
    return str(value)


def _flag(toml: TomlFile, path: KeyPath, value: Any) -> bool:
    if not isinstance(value, bool):
        toml.wrong(path, f"{path[-1]} must be true or false; it is {value!r}.")
    return bool(value)


def _role(toml: TomlFile, path: KeyPath, value: Any, allowed: tuple[Role, ...]) -> Role:
    known = [role.value for role in allowed]
    if value not in known:
        toml.wrong(path, f"{value!r} is no role for {path[-1]!r}. {nearest(str(value), known)}")
    return Role(value)


def _order(toml: TomlFile, path: KeyPath, value: Any, kind: str) -> float | str:
    if isinstance(value, str) and kind == "regex":
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        also = r", or with regex a group such as '\1'" if kind == "regex" else ""
        toml.wrong(path, f"{path[-1]} must be a number{also}; it is {value!r}.")
    return float(value)

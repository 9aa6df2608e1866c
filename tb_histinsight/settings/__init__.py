"""What the user sets: which rules, their limits and severities, and what tags are, from files that can be committed.

`[tool.tb-histinsight]` of the nearest `pyproject.toml` (of the working directory or above it), as linters do it, and
`tb-histinsight.toml` in the logdir, which wins.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from tb_histinsight.core.told import NOTHING_TOLD, Names
from tb_histinsight.rules.adjustment import Adjustment
from tb_histinsight.settings.files import settings_files
from tb_histinsight.settings.names_file import read_names
from tb_histinsight.settings.reading import Told, told_by, told_by_mapping

__all__ = ["DEFAULTS", "Settings", "load", "settings_files"]


@dataclass(frozen=True)
class Settings:
    """What holds for the runs of one logdir."""

    select: tuple[str, ...] | None = None
    """Rules to run; None: all"""
    ignore: tuple[str, ...] = ()
    rules: Mapping[str, Adjustment] = field(default_factory=dict)
    """By the rule's id"""
    names: Names = NOTHING_TOLD
    """What is said of tags"""
    files: tuple[Path, ...] = ()
    """Other files that went into it"""

    @cached_property
    def version(self) -> str:
        """Differs where anything is set differently; empty where nothing is set."""
        if replace(self, files=()) == Settings():
            return ""
        return repr((self.select, self.ignore, sorted(self.rules.items()), self.names))

    def overruled(self, select: Collection[str] | None = None, ignore: Collection[str] = ()) -> Settings:
        """With what the command line says on top.

        As linters have it: `select` replaces what the files select and ignore, `ignore` leaves out more.
        """
        if select:
            return replace(self, select=tuple(select), ignore=tuple(ignore))
        return replace(self, ignore=(*self.ignore, *ignore))


DEFAULTS = Settings()


def load(
    logdir: Path | None,
    start: Path | None = None,
    given: Mapping[str, Any] | None = None,
    names: str | Path | None = None,
) -> Settings:
    """The settings for a logdir.

    Args:
      logdir: the folder of the logs; None: there is none on this machine.
      start: where the search for `pyproject.toml` begins (default: the working directory).
      given: settings as `tb-histinsight.toml` has them; then no file of settings is read.
      names: a file of names, instead of the one that the settings name.

    Raises:
      UsageError: a key, a value or a rule that there is not, with the nearest one.
    """
    if given is not None:
        return _settings([told_by_mapping(given)], names)
    return _settings([told_by(file) for file in settings_files(logdir, start)], names)


def _settings(files: list[Told], names: str | Path | None) -> Settings:
    """All files together; a later one wins, key by key."""
    named: tuple[Path, str | None] | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    rules: dict[str, Adjustment] = {}
    for told in files:
        select = told.select if told.select is not None else select
        ignore = told.ignore if told.ignore is not None else ignore
        for rule_id, adjustment in told.rules.items():
            rules[rule_id] = adjustment.over(rules.get(rule_id, Adjustment()))
        if told.names is not None:
            named = (told.names, told.names.name)
    if names is not None:
        named = (Path(names).expanduser(), None)
    if named is None:
        return Settings(select, ignore, rules)
    return Settings(select, ignore, rules, read_names(*named), (named[0],))

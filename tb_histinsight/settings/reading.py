"""What one file of settings says, checked against the rules that there are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tb_histinsight.core.labels import Severity
from tb_histinsight.rules import all_rules
from tb_histinsight.rules.adjustment import Adjustment, Limit, objection
from tb_histinsight.rules.base import Rule
from tb_histinsight.settings.files import SettingsFile
from tb_histinsight.settings.toml_file import KeyPath, TomlFile, nearest

KEYS = ("select", "ignore", "names", "rules")
SEVERITY, SUSPECT_SEVERITY = "severity", "suspect-severity"


@dataclass(frozen=True)
class Told:
    """What one file says; None: nothing of that."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    rules: Mapping[str, Adjustment] = field(default_factory=dict)
    names: Path | None = None
    """A file that says what tags are"""


def told_by(file: SettingsFile) -> Told:
    """What a file says.

    Raises:
      UsageError: a key, a value or a rule that there is not, with its line and the nearest one.
    """
    content: Any = file.toml.content
    for key in file.section:
        content = content[key]
    return _Reader(file.toml, file.section, file.folder).read(content)


def told_by_mapping(given: Mapping[str, Any]) -> Told:
    """The same for settings that a program gives."""
    return told_by(SettingsFile(_Given("settings", "", dict(given)), (), Path()))


@dataclass(frozen=True)
class _Given(TomlFile):
    """Settings that stand in no file, and so have no lines."""

    content: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Reader:
    toml: TomlFile
    section: KeyPath
    folder: Path

    def read(self, content: Any) -> Told:
        content = self._table(content, self.section)
        for key in content:
            if key not in KEYS:
                self.toml.unknown((*self.section, key), KEYS)
        rules = self._table(content.get("rules", {}), (*self.section, "rules"))
        return Told(
            self._ids(content, "select"),
            self._ids(content, "ignore"),
            {rule_id: self._adjustment(rule_id, table) for rule_id, table in rules.items()},
            self._names(content),
        )

    def _names(self, content: Mapping[str, Any]) -> Path | None:
        if "names" not in content:
            return None
        file, path = content["names"], (*self.section, "names")
        if not isinstance(file, str) or not file:
            self.toml.wrong(path, f'names must be a file, such as names = "names.toml"; it is {file!r}.')
        if not (self.folder / file).is_file():
            self.toml.wrong(path, f"There is no file {file!r} beside this one.")
        return self.folder / file

    def _ids(self, content: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
        if key not in content:
            return None
        ids, path = content[key], (*self.section, key)
        if not isinstance(ids, (list, tuple)) or not all(isinstance(one, str) for one in ids):
            self.toml.wrong(path, f'{key} must be a list of rules, such as {key} = ["frozen-layer"].')
        for rule_id in ids:
            self._rule(rule_id, path)
        return tuple(ids)

    def _rule(self, rule_id: str, path: KeyPath) -> Rule:
        known = {rule.id: rule for rule in all_rules()}
        if rule_id not in known:
            hint = nearest(rule_id, known, "`tb-histinsight rules` explains them")
            self.toml.wrong(path, f"There is no rule {rule_id!r}. {hint}")
        return known[rule_id]

    def _adjustment(self, rule_id: str, table: Any) -> Adjustment:
        path = (*self.section, "rules", rule_id)
        rule = self._rule(rule_id, path)
        names = {key_of(name): name for name in rule.thresholds}
        limits: dict[str, Limit] = {}
        severities: dict[str, Severity] = {}
        for key, value in self._table(table, path).items():
            if key in (SEVERITY, SUSPECT_SEVERITY):
                severities[key] = self._severity(value, (*path, key))
            elif key in names:
                limits[names[key]] = self._limit(rule, names[key], value, (*path, key))
            else:
                self.toml.unknown((*path, key), (SEVERITY, SUSPECT_SEVERITY, *names), "setting")
        return Adjustment(limits, severities.get(SEVERITY), severities.get(SUSPECT_SEVERITY))

    def _severity(self, value: Any, path: KeyPath) -> Severity:
        known = [severity.value for severity in Severity]
        if value not in known:
            self.toml.wrong(path, f"{value!r} is no severity. {nearest(str(value), known)}")
        return Severity(value)

    def _limit(self, rule: Rule, name: str, value: Any, path: KeyPath) -> Limit:
        threshold = rule.thresholds[name]
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not math.isfinite(value):
            self.toml.wrong(path, f"{path[-1]} must be a number, such as {threshold.value:g}; it is {value!r}.")
        complaint = objection(threshold, float(value))
        if complaint:
            self.toml.wrong(path, f"{path[-1]} {complaint}; it is {value!r} (default: {threshold.value:g}).")
        return Limit(float(value), self.toml.name)

    def _table(self, value: Any, path: KeyPath) -> dict[str, Any]:
        if not isinstance(value, dict):
            name = ".".join(str(key) for key in path)
            self.toml.wrong(path, f"{path[-1]} must be a table, [{name}]; it is {value!r}.")
        return value


def key_of(threshold: str) -> str:
    """How a threshold is called in a file of settings: "ratio-critical"."""
    return threshold.replace("_", "-")

"""Which files hold settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tb_histinsight.core.errors import UsageError
from tb_histinsight.settings.toml_file import KeyPath, TomlFile, shown

PROJECT_FILE = "pyproject.toml"
LOGDIR_FILE = "tb-histinsight.toml"
SECTION = ("tool", "tb-histinsight")


@dataclass(frozen=True)
class SettingsFile:
    """A file with settings, and where in it they stand."""

    toml: TomlFile
    section: KeyPath
    folder: Path
    """What paths in it are relative to"""


def settings_files(logdir: Path | None, start: Path | None = None) -> list[SettingsFile]:
    """The files that hold for a logdir; a later one wins.

    Raises:
      UsageError: one of them cannot be read, or is not TOML.
    """
    found = []
    project = _project_file(Path.cwd() if start is None else start)
    if project is not None:
        found.append(project)
    if logdir is not None and (logdir / LOGDIR_FILE).is_file():
        path = logdir / LOGDIR_FILE
        found.append(SettingsFile(TomlFile.read(path, LOGDIR_FILE), (), logdir))
    return found


def candidates(logdir: Path | None, start: Path | None = None) -> list[Path]:
    """Every place where settings may stand, whether there is a file or not; to notice changes."""
    begin = Path.cwd() if start is None else start
    places = [folder / PROJECT_FILE for folder in (begin, *begin.parents)]
    return places if logdir is None else [*places, logdir / LOGDIR_FILE]


def _project_file(start: Path) -> SettingsFile | None:
    """The nearest `pyproject.toml` with a section of ours, of this folder or above it."""
    for folder in (start, *start.parents):
        path = folder / PROJECT_FILE
        if not path.is_file():
            continue
        name = shown(path)
        try:
            toml = TomlFile.read(path, name)
        except UsageError:
            continue  # somebody else's, in a folder above
        # What is wrong in a file that does not speak of us is not for us to say.
        if SECTION[1] not in toml.text:
            continue
        tool = toml.content.get("tool")
        if isinstance(tool, dict) and SECTION[1] in tool:
            return SettingsFile(toml, SECTION, folder)
    return None

"""The commands of `tb-histinsight`: one file per command, found because it is there; the file's name is the command's.

A command is a module with `SUMMARY`, `add_arguments(parser)` and `run(arguments)`. What is large to import is imported
in `run`, since every command is imported to list them all.
"""

from __future__ import annotations

import pkgutil


def names() -> list[str]:
    """Names of all commands, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)

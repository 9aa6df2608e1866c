"""The import rule of docs/architecture.md, held against what the modules really import."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tb_histinsight"

ALLOWED = {
    "core": set(),
    "shapes": {"core"},
    "changes": {"core"},
    "differences": {"core"},
    "rules": {"core", "shapes", "changes", "differences"},
    "sources": {"core"},
    "settings": {"core", "rules"},
    "notes": {"core"},
    "analysis": {"core", "shapes", "changes", "rules", "sources"},
    "locales": {"core", "shapes", "changes", "rules", "sources"},
    "report": {"core"},
    "ranking": {"core", "report"},
    "remarks": {"core", "rules", "locales", "report"},
    "explain": {"sources", "core", "shapes", "changes", "rules", "notes", "analysis", "locales", "report", "remarks"},
    "overview": {"core", "locales", "report", "ranking"},
    "gate": {"core", "report", "ranking"},
    "page": {"core", "rules", "locales", "report"},
    "formats": {"core", "locales", "report", "ranking", "overview", "gate", "page"},
    "rulebook": {"core", "rules", "notes", "analysis", "locales", "explain", "logging"},
    "api": {
        "page",
        "formats",
        "logging",
        "core",
        "rules",
        "settings",
        "notes",
        "sources",
        "analysis",
        "locales",
        "report",
        "ranking",
        "differences",
        "explain",
    },
    "logging": {"core", "api", "report"},
    "torch": {"logging"},
    "keras": {"logging"},
    "demo": {"core", "logging"},
    "routes": {
        "page",
        "formats",
        "core",
        "shapes",
        "rules",
        "notes",
        "settings",
        "sources",
        "analysis",
        "locales",
        "report",
        "explain",
        "api",
    },
    "plugin": {"core", "sources", "report", "routes"},
    "doctor": {"core", "sources", "settings"},
    "commands": {
        "rulebook",
        "doctor",
        "core",
        "rules",
        "sources",
        "analysis",
        "locales",
        "report",
        "explain",
        "formats",
        "gate",
        "api",
        "demo",
    },
    "cli": {"core", "formats", "commands"},
    "__main__": {"cli"},
    "__init__": {"api", "report", "core"},
}
"""What each part may import of the package, besides itself; a part is a module or folder directly below it."""

OUTSIDE = {
    "tensorboard": {"sources.data_provider", "plugin", "demo", "commands.demo", "doctor", "sources.event_files.protos"},
    "werkzeug": {"plugin"},
    "distributed": {"api.cluster"},
    "msgspec": {"report", "ranking", "gate", "page", "formats", "routes", "api"},
    "tomli": {"settings"},
    "google": {"sources.event_files"},
    "fsspec": {"sources.remote"},
    "pandas": {"api.results"},
    "torch": {"torch"},
    "lightning": {"torch"},
    "pytorch_lightning": {"torch"},
    "keras": {"keras"},
    "tensorflow": {"keras"},
    "google_crc32c": {"sources.event_files", "logging"},
}
"""Who may import what from outside, besides NumPy and the standard library."""

NEVER = {"scipy"}


def modules():
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        if len(parts) > 1 and parts[-1] == "__init__":
            parts = parts[:-1]
        yield ".".join(parts), file


def imports(file):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}: relative import"
            if node.module == "tb_histinsight":
                yield from (f"tb_histinsight.{alias.name}" for alias in node.names)
            else:
                yield node.module


every_module = pytest.mark.parametrize(
    ("module", "file"), list(modules()), ids=lambda value: value if isinstance(value, str) else ""
)


@every_module
def test_imports_run_one_way(module, file):
    part = module.split(".")[0]
    assert part in ALLOWED, f"say in this test what {part} may import"
    for name in imports(file):
        if name == "tb_histinsight" or name.startswith("tb_histinsight.__"):
            continue
        if name.startswith("tb_histinsight."):
            other = name.split(".")[1]
            assert other in ALLOWED[part] | {part}, f"{module} imports {name}"


@every_module
def test_libraries_stay_where_they_belong(module, file):
    for name in imports(file):
        library = name.split(".")[0]
        if library in OUTSIDE:
            assert any(module == place or module.startswith(place + ".") for place in OUTSIDE[library]), (
                f"{module} imports {name}"
            )
        assert library not in NEVER, f"{module} imports {name}"


def test_the_core_sees_numpy_alone():
    for module, file in modules():
        if module.split(".")[0] == "core":
            for name in imports(file):
                library = name.split(".")[0]
                assert library in {"numpy", "tb_histinsight"} | set(sys.stdlib_module_names), f"{module}: {name}"

"""The environment that TensorBoard runs in: versions that do not fit, a missing entry point, two installations."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from tb_histinsight.doctor.symptoms import Status, Symptom

GROUP = "tensorboard_plugins"
PLUGIN = "histinsight"
OLDEST = (2, 16)
"""The oldest TensorBoard that is supported."""
TENSORBOARDS = ("tensorboard", "tb-nightly", "tensorflow-tensorboard")
"""Distributions that install the same package over each other. Source: TensorBoard's own diagnose_tensorboard.py."""
TIMEOUT = 60
"""Seconds for a Python to start and import TensorBoard; a cold disk takes ten."""
EXPLAINED = {
    "start_numpy": {"numpy_new"},
    "start_setuptools": {"setuptools_new", "setuptools_missing"},
}
"""What keeps TensorBoard from starting, and what says why already: one trouble is told once."""
HAS_DATA_SERVER = "import tensorboard_data_server as t; print(bool(t.server_binary()))"
"""Where the package has no program for a system, it installs all the same (a wheel for any system)."""
LOADS_PLUGINS = (
    "from tensorboard import default\n"
    "print(*(p.plugin_name for p in default.get_dynamic_plugins() if hasattr(p, 'plugin_name')))"
)
"""What TensorBoard does at its start to find plugins; where it raises, TensorBoard does not start."""


def examine_environment() -> Iterator[Symptom]:
    """Symptoms of the installation."""
    yield Symptom(Status.FINE, "python", {"version": _short_python(), "path": _prefix(sys.prefix)})
    installed = {name: version for name in TENSORBOARDS if (version := _version(name))}
    yield from _tensorboards(installed)
    known: set[str] = set()
    if "tensorboard" in installed:
        for symptom in _companions(_numbers(installed["tensorboard"])):
            known.add(symptom.key)
            yield symptom
    yield from _entry_points()
    yield from _command()
    yield from (symptom for symptom in _start() if not known & EXPLAINED.get(symptom.key, set()))
    yield from _data_server()


def _tensorboards(installed: dict[str, str]) -> Iterator[Symptom]:
    if not installed:
        yield Symptom(Status.TROUBLE, "no_tensorboard")
    elif len(installed) > 1:
        names = ", ".join(f"{name} {version}" for name, version in installed.items())
        yield Symptom(Status.TROUBLE, "two_tensorboards", {"names": names, "others": " ".join(list(installed)[1:])})
    else:
        ((name, version),) = installed.items()
        old = _numbers(version) < OLDEST
        key = "tensorboard_old" if old else "tensorboard"
        yield Symptom(Status.TROUBLE if old else Status.FINE, key, {"name": name, "version": version})


def _companions(tensorboard: tuple[int, ...]) -> Iterator[Symptom]:
    """Releases of other packages with which this TensorBoard is known not to start."""
    numpy, setuptools = _version("numpy"), _version("setuptools")
    values = {"tensorboard": ".".join(map(str, tensorboard[:2]))}
    if tensorboard < (2, 17) and numpy is not None and _numbers(numpy) >= (2,):
        # np.float_ and others are gone from NumPy 2.
        yield Symptom(Status.TROUBLE, "numpy_new", {**values, "version": numpy})
    if tensorboard < (2, 21) and setuptools is None:
        yield Symptom(Status.TROUBLE, "setuptools_missing", values)
    elif tensorboard < (2, 21) and setuptools is not None and _numbers(setuptools) >= (81,):
        # pkg_resources, by which TensorBoard up to 2.20 finds plugins, is gone.
        yield Symptom(Status.TROUBLE, "setuptools_new", {**values, "version": setuptools})


def _entry_points() -> Iterator[Symptom]:
    found = [point for point in metadata.entry_points(group=GROUP) if point.name == PLUGIN]
    if not found:
        yield Symptom(Status.TROUBLE, "no_entry_point", {"path": _prefix(sys.prefix)})
        return
    versions = sorted({point.dist.version for point in found if point.dist is not None})
    if len(found) > 1:
        yield Symptom(Status.TROUBLE, "two_entry_points", {"count": len(found), "versions": ", ".join(versions)})
        return
    try:
        found[0].load()
    except Exception as error:  # whatever it is, TensorBoard will meet it
        yield Symptom(Status.TROUBLE, "entry_point_broken", {"error": _sentence(str(error) or type(error).__name__)})
        return
    yield Symptom(Status.FINE, "entry_point", {"version": versions[0] if versions else "?"})


def _command() -> Iterator[Symptom]:
    """Whether the `tensorboard` that the shell finds is the one of this environment."""
    path = shutil.which("tensorboard")
    if path is None:
        yield Symptom(Status.NOTE, "no_command")
        return
    python = _interpreter_of(Path(path))
    if python is None or _same_environment(python):
        yield Symptom(Status.FINE, "command")
        return
    there = _run(str(python), "import importlib.metadata as m; print(m.version('tb-histinsight'))")
    key = "other_command_without" if there is None else "other_command"
    values = {"path": _prefix(path), "python": _prefix(str(python)), "version": there or ""}
    yield Symptom(Status.TROUBLE if there is None else Status.NOTE, key, values)


def _start() -> Iterator[Symptom]:
    """Whether TensorBoard can load its plugins, in a Python of its own."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", LOADS_PLUGINS], capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Symptom(Status.NOTE, "start_unknown", {"error": _sentence(str(error))})
        return
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["?"]
        yield Symptom(Status.TROUBLE, _start_key(done.stderr), {"error": _sentence(lines[-1])})
    elif PLUGIN not in done.stdout.split():
        yield Symptom(Status.TROUBLE, "not_loaded")
    else:
        yield Symptom(Status.FINE, "start")


def _start_key(trace: str) -> str:
    """What is known to keep TensorBoard from starting, by what Python says of it."""
    known: dict[str, Callable[[str], bool]] = {
        "start_protobuf": lambda text: "Descriptors cannot" in text or "google/protobuf" in text,
        "start_numpy": lambda text: "in the NumPy 2.0 release" in text or "module 'numpy' has no attribute" in text,
        "start_setuptools": lambda text: "No module named 'pkg_resources'" in text,
    }
    return next((key for key, fits in known.items() if fits(trace)), "start_broken")


def _data_server() -> Iterator[Symptom]:
    if _version("tensorboard-data-server") is None:
        yield Symptom(Status.NOTE, "no_data_server")
    elif _run(sys.executable, HAS_DATA_SERVER) == "False":
        yield Symptom(Status.NOTE, "data_server_empty")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with: (2, 16, 2)."""
    return tuple(int(part) for part in re.match(r"\d+(?:\.\d+)*|", version)[0].split(".") if part)  # type: ignore[index]


def _short_python() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def _interpreter_of(script: Path) -> Path | None:
    """The Python that a command runs in, by its first line; None where that does not say."""
    try:
        with script.open("rb") as file:
            line = file.readline(512).decode("utf-8", "replace").strip()
    except OSError:
        return None
    if not line.startswith("#!"):
        return None
    words = line[2:].split()
    if words and Path(words[0]).name == "env":
        found = shutil.which(words[-1])
        return None if found is None else Path(found)
    return Path(words[0]) if words and Path(words[0]).is_file() else None


def _same_environment(python: Path) -> bool:
    """Whether a Python has the same prefix as this one; its own folder tells, and where it links to does not."""
    return os.path.realpath(python.parent) == os.path.realpath(Path(sys.executable).parent)


def _run(python: str, code: str) -> str | None:
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _prefix(path: str) -> str:
    """A path as people write it, the home folder as ~: what the doctor prints is pasted into issues."""
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if home not in ("", "/") and path.startswith(home + os.sep) else path


def _sentence(text: str) -> str:
    """What another program said, as a part of a sentence of ours."""
    home = os.path.expanduser("~") + os.sep
    plain = text if home in (os.sep, os.sep * 2) else text.replace(home, f"~{os.sep}")
    return " ".join(plain.split())[:300].rstrip(". ")

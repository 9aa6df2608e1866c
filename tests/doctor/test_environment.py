"""What the doctor says of an installation."""

import importlib.metadata
import os
import sys

import pytest

from tb_histinsight.doctor import environment
from tb_histinsight.doctor.symptoms import Status


class Point:
    """An entry point as `importlib.metadata` gives it."""

    name = "histinsight"

    def __init__(self, version="0.1.0", error=None):
        self.dist = type("Distribution", (), {"version": version})
        self.error = error

    def load(self):
        if self.error:
            raise self.error


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """An environment in which everything is well, to be changed by the test."""
    versions = {"tensorboard": "2.21.0", "numpy": "2.4.0", "setuptools": "80.9.0", "tensorboard-data-server": "0.7.2"}
    points = [Point()]
    monkeypatch.setattr(environment, "_version", versions.get)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)
    monkeypatch.setattr(environment, "LOADS_PLUGINS", "print('histinsight')")
    monkeypatch.setattr(environment, "HAS_DATA_SERVER", "print(True)")
    command = tmp_path / "bin" / "tensorboard"
    command.parent.mkdir()
    command.write_text(f"#!{sys.executable}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(command.parent))
    return versions, points


def troubles():
    return {symptom.key for symptom in environment.examine_environment() if symptom.status is Status.TROUBLE}


def notes():
    return {symptom.key for symptom in environment.examine_environment() if symptom.status is Status.NOTE}


def test_all_is_well(installed):
    assert troubles() == notes() == set()


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        ({"tensorboard": None}, {"no_tensorboard"}),
        ({"tensorboard": "2.15.1", "numpy": "1.26.4"}, {"tensorboard_old"}),
        ({"tb-nightly": "2.22.0a20260101"}, {"two_tensorboards"}),
        ({"tensorboard": "2.16.2"}, {"numpy_new"}),
        ({"tensorboard": "2.16.2", "numpy": "1.26.4"}, set()),
        ({"tensorboard": "2.20.0", "setuptools": "81.0.0"}, {"setuptools_new"}),
        ({"tensorboard": "2.20.0", "setuptools": None}, {"setuptools_missing"}),
        ({"setuptools": None}, set()),
        ({"tensorboard": "3.0rc1"}, set()),
    ],
)
def test_versions_that_do_not_go_together(installed, versions, found):
    installed[0].update(versions)
    assert troubles() == found


@pytest.mark.parametrize(
    ("points", "found"),
    [
        ([], {"no_entry_point"}),
        ([Point("0.1.0"), Point("0.2.0")], {"two_entry_points"}),
        ([Point(error=ImportError("no module named x"))], {"entry_point_broken"}),
    ],
)
def test_entry_points(installed, points, found):
    installed[1][:] = points
    assert troubles() == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("raise ImportError('x')", {"start_broken"}),
        ("raise TypeError('Descriptors cannot be created directly.')", {"start_protobuf"}),
        ("import pkg_resources_of_nobody", {"start_broken"}),
        ("raise ModuleNotFoundError(\"No module named 'pkg_resources'\")", {"start_setuptools"}),
        ("raise AttributeError('`np.string_` was removed in the NumPy 2.0 release.')", {"start_numpy"}),
        ("print('scalars')", {"not_loaded"}),
    ],
)
def test_what_keeps_tensorboard_from_starting(installed, monkeypatch, code, found):
    monkeypatch.setattr(environment, "LOADS_PLUGINS", code)
    assert troubles() == found


def test_one_trouble_is_told_once(installed, monkeypatch):
    installed[0].update({"tensorboard": "2.20.0", "setuptools": "81.0.0"})
    monkeypatch.setattr(environment, "LOADS_PLUGINS", "raise ModuleNotFoundError(\"No module named 'pkg_resources'\")")
    assert troubles() == {"setuptools_new"}
    monkeypatch.setattr(environment, "LOADS_PLUGINS", "raise ImportError('x')")
    assert troubles() == {"setuptools_new", "start_broken"}


def test_a_data_server_without_a_program_is_a_note(installed, monkeypatch):
    monkeypatch.setattr(environment, "HAS_DATA_SERVER", "print(False)")
    assert (troubles(), notes()) == (set(), {"data_server_empty"})


def test_what_other_programs_say_becomes_part_of_a_sentence(monkeypatch):
    monkeypatch.setenv("HOME", f"{os.sep}home{os.sep}somebody")
    assert environment._sentence("broken in\n /home/somebody/venv/x.py.") == "broken in ~/venv/x.py"


def test_a_start_that_hangs_is_no_verdict(installed, monkeypatch):
    monkeypatch.setattr(environment, "LOADS_PLUGINS", "import time; time.sleep(60)")
    monkeypatch.setattr(environment, "TIMEOUT", 0.2)
    assert (troubles(), notes()) == (set(), {"start_unknown"})


def test_a_command_of_another_environment(installed, monkeypatch, tmp_path):
    other = tmp_path / "other" / "python"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\nexit 1\n")
    other.chmod(0o755)
    (tmp_path / "bin" / "tensorboard").write_text(f"#!{other}\n")
    assert troubles() == {"other_command_without"}
    other.write_text("#!/bin/sh\necho 0.0.9\n")
    assert (troubles(), notes()) == (set(), {"other_command"})


def test_no_command_at_all_is_a_note(installed, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (troubles(), notes()) == (set(), {"no_command"})


def test_the_home_folder_is_not_told(monkeypatch):
    monkeypatch.setenv("HOME", f"{os.sep}home{os.sep}somebody")
    assert environment._prefix("/home/somebody/venv/bin") == "~/venv/bin"
    assert environment._prefix("/home/somebodyelse/venv") == "/home/somebodyelse/venv"

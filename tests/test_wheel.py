"""What a user gets from `pip install`: the wheel has the tab in it, and a running TensorBoard serves it."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from trove_classifiers import classifiers

import tb_histinsight

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def no_other_path(monkeypatch):
    """A path in the environment that leads to the checkout would shadow the wheel."""
    monkeypatch.delenv("PYTHONPATH", raising=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    # Through the sdist, as a release is made: what the sdist lacks, the wheel lacks.
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_the_whole_frontend(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    for file in (ROOT / "frontend" / "src").rglob("*"):
        if file.is_file():
            assert f"tb_histinsight/_frontend/{file.relative_to(ROOT / 'frontend' / 'src').as_posix()}" in held
    for file in (ROOT / "tb_histinsight").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert f"tb_histinsight/{file.relative_to(ROOT / 'tb_histinsight').as_posix()}" in held


def test_the_wheel_holds_what_runs_and_what_checks_types_and_nothing_else(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    for file in ("py.typed", "locales/ja/rules/frozen-layer.json", "rulebook/__init__.py", "_frontend/main.js"):
        assert f"tb_histinsight/{file}" in held
    assert {name.split("/")[0] for name in held} == {
        "tb_histinsight",
        f"tb_histinsight-{tb_histinsight.__version__}.dist-info",
    }
    assert not [name for name in held if "test" in name.lower() or name.endswith((".pyc", ".map", ".orig"))]


def test_the_metadata_are_valid_and_the_version_comes_from_the_package(wheel):
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = Metadata.from_email(archive.read(name), validate=True)
    assert str(metadata.version) == tb_histinsight.__version__
    assert metadata.license_expression == "Apache-2.0"
    assert metadata.description is not None
    assert metadata.description.strip() == (ROOT / "README.md").read_text("utf-8").strip()
    assert set(metadata.classifiers or ()) <= classifiers


def test_the_versions_of_python_that_are_named_are_those_that_are_tested(wheel):
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    named = re.findall(r"Classifier: Programming Language :: Python :: (3\.\d+)", archive.read(name).decode())
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    tested = re.findall(r'python: "(3\.\d+)"', workflow)
    assert sorted(set(tested)) == sorted(named)


def test_the_oldest_versions_that_are_tested_are_the_lowest_that_are_allowed(wheel):
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = Metadata.from_email(archive.read(name), validate=True)
    lowest = {
        one.name: min(part.version for part in one.specifier if part.operator == ">=")
        for one in map(Requirement, map(str, metadata.requires_dist or ()))
        if one.marker is None or "extra" not in str(one.marker)
    }
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    (oldest,) = re.findall(r'python: "3\.10", with: "([^"]*)"', workflow)
    tested = {one.name: one.specifier for one in map(Requirement, oldest.split())}
    assert set(lowest) <= set(tested)
    for package, version in lowest.items():
        assert tested[package].contains(version), f"{package} {version} is allowed, and was not tested"
        assert str(tested[package]).startswith("=="), f"{package} is not held at its lowest version"


@pytest.fixture
def python(wheel, tmp_path):
    """The interpreter of a fresh environment that has the wheel, and its dependencies from this environment."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    site = _output(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip()
    _output(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", site, str(wheel), cwd=tmp_path)
    # Paths, not a .pth of .pth files: an editable install of the checkout must not shadow the wheel.
    own = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    Path(site, "dependencies.pth").write_text("\n".join(own))
    where = _output(python, "-c", "import tb_histinsight; print(tb_histinsight.__file__)", cwd=tmp_path)
    assert str(home) in where
    return python


def test_a_running_tensorboard_serves_the_tab_from_the_wheel(python, tmp_path):
    logs = tmp_path / "logs"
    _output(python, "-m", "tb_histinsight", "demo", str(logs), cwd=tmp_path)
    server = subprocess.Popen(
        [python, "-m", "tensorboard.main", "--logdir", str(logs), "--port", "0", "--host", "127.0.0.1"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    try:
        assert server.stderr is not None
        port = next(found[1] for line in server.stderr if (found := re.search(r"http://127\.0\.0\.1:(\d+)", line)))
        base = f"http://127.0.0.1:{port}/data/"
        deadline = time.monotonic() + 60
        while not (entry := json.loads(_get(base + "plugins_listing"))["histinsight"])["enabled"]:
            assert time.monotonic() < deadline, "the tab never became active"
            time.sleep(0.5)
        assert entry["tab_name"] == "Insight"
        for file in (ROOT / "frontend" / "src").rglob("*.js"):
            name = file.relative_to(ROOT / "frontend" / "src").as_posix()
            assert _get(f"{base}plugin/histinsight/static/{name}") == file.read_bytes()
        assert len(json.loads(_get(base + "plugin/histinsight/runs"))["runs"]) >= 5
        with pytest.raises(urllib.error.HTTPError):
            _get(base + "plugin/histinsight/static/../plugin.py")
    finally:
        server.terminate()
        server.communicate(timeout=60)


def _get(address):
    with urllib.request.urlopen(address) as answer:
        return answer.read()


def _output(*command, cwd):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout

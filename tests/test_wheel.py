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

"""The example of continuous integration: a training that learns passes, one that breaks does not."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.training

EXAMPLE = Path(__file__).parents[2] / "examples" / "check_in_ci"
TIMEOUT = 120


def train(logdir, *options):
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    command = [sys.executable, str(EXAMPLE / "train.py"), "--logdir", str(logdir), *options]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=TIMEOUT).stdout
    return float(told.removeprefix("accuracy "))


def check(logdir, *options):
    command = [sys.executable, "-m", "tb_histinsight", "check", str(logdir), "--fail-on", "warning", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)


@pytest.mark.parametrize("seed", ["0", "1"])
def test_a_training_that_learns_passes(tmp_path, seed):
    assert train(tmp_path, "--seed", seed) > 0.95
    done = check(tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_a_training_that_breaks_fails_until_it_is_known(tmp_path):
    assert train(tmp_path / "log", "--learning-rate", "100") < 0.7
    done = check(tmp_path / "log")
    assert done.returncode == 1
    assert "between those and these the signal is lost" in " ".join(done.stdout.split())
    known = tmp_path / "known.json"
    assert check(tmp_path / "log", "--format", "json", "-o", known).returncode == 1
    assert check(tmp_path / "log", "--baseline", known).returncode == 0

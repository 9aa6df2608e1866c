"""What is told of an example's own training: its log, its raw tensors, and the public reports on it."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


class Story:
    """The log of the example, its raw tensors, and what is said of it."""

    def __init__(self, logdir, raw):
        self.logdir = logdir
        self.raw = dict(np.load(raw))
        self.report = json.loads(self.say(logdir, "--format", "json"))
        self.text = " ".join(self.say(logdir).split())
        self.runs = {run["run"]: run for run in self.report["runs"]}

    @classmethod
    def say(cls, logdir, *options):
        return cls.ask("report", str(logdir), *options)

    @staticmethod
    def ask(*words):
        """What a command prints."""
        command = [sys.executable, "-m", "tb_histinsight", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout

    def tag(self, run, tag):
        return next(entry for entry in self.runs[run]["tags"] if entry["tag"] == tag)

    def findings(self, run, rule):
        return [finding for finding in self.runs[run]["findings"] if finding["rule"] == rule]

    def alarms(self, run):
        return [one["rule"] for one in self.runs[run]["findings"] if one["severity"] != "info"]

    def words(self, run):
        """Everything that is said of a run."""
        findings = self.runs[run]["findings"]
        return " ".join(
            [self.runs[run]["verdict"]]
            + [tag["text"] for tag in self.runs[run]["tags"]]
            + [" ".join([finding["message"], *finding["advice"]]) for finding in findings]
        )


def trained(example, tmp_path_factory):
    """The story of an example that is trained now, as a reader would train it."""
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed")
    folder = tmp_path_factory.mktemp(example)
    command = [sys.executable, str(EXAMPLES / example / "train.py"), "--logdir", str(folder / "logs")]
    command += ["--raw", str(folder / "raw.npz")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return Story(folder / "logs", folder / "raw.npz")

"""Logs written by the real writers, each by a process of its own, and read by every reader."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from cases import RUNS, STEPS, cases
from tensorboards import running_tensorboard

from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.sources.data_provider import DataProviderSource
from tb_histinsight.sources.event_files import EventFileSource

NEEDS = {"tf2": "tensorflow", "tf1": "tensorflow", "pytorch": "torch", "tensorboardx": "tensorboardX", "keras": "keras"}
READERS = ("event files", "data server", "python loader")


@dataclass
class Written:
    """What a writer left."""

    writer: str
    folder: Path
    refused: set[tuple[str, int]]
    """Case and step of what it would not write"""
    tags: dict[str, str]
    """Case -> what the writer called it, where that is something else"""

    @property
    def run(self):
        """The run that holds all cases."""
        return "train" if self.writer == "keras" else "."

    @property
    def runs(self):
        return ("train",) if self.writer == "keras" else RUNS

    def steps(self, case):
        """Steps at which the case was written; Keras's callback logs every epoch."""
        steps = range(STEPS[-1] + 1) if self.writer == "keras" else STEPS
        return [step for step in steps if (case, step) not in self.refused]

    def values(self, case, step):
        """The raw tensor that was logged at this step; the Keras run keeps the last case's tensor."""
        if self.writer == "keras":
            step = STEPS[min(step, len(STEPS) - 1)]
        return cases()[case][step]


@dataclass
class Read:
    """What a reader made of it."""

    reader: str
    written: Written
    runs: list[str]
    series: dict[str, HistogramSeries]
    """Of the run with all cases, by case"""

    @property
    def exact(self):
        """Whether the reader passes on what the writer left, at float64 and with its sums."""
        return self.reader == "event files"


@pytest.fixture(
    scope="session",
    params=[pytest.param(name, marks=() if name == "tensorboardx" else pytest.mark.writers) for name in NEEDS],
)
def written(request, tmp_path_factory):
    """The log of one writer."""
    writer = request.param
    if importlib.util.find_spec(NEEDS[writer]) is None:
        pytest.skip(f"{NEEDS[writer]} is not installed")
    folder = tmp_path_factory.mktemp(writer)
    script = Path(__file__).with_name("write_with.py")
    done = subprocess.run(
        [sys.executable, str(script), writer, str(folder)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    refused = json.loads((folder / "refused.json").read_text())
    renamed = folder / "tags.json"
    tags = json.loads(renamed.read_text()) if renamed.exists() else {}
    return Written(writer, folder, {(case, step) for case, step, _ in refused}, tags)


@pytest.fixture(scope="session", params=READERS)
def read(request, written):
    """The log of one writer, read by one reader."""
    if request.param == "event files":
        return _collect(request.param, written, EventFileSource(written.folder))
    with running_tensorboard(written.folder, request.param) as board:

        def loaded(board):
            listed = board.listing()
            return set(listed) == set(written.runs) and all(
                series.max_step == STEPS[-1] for tags in listed.values() for series in tags.values()
            )

        board.wait_until(loaded)
        return _collect(request.param, written, DataProviderSource(board.provider))


def _collect(reader, written, source):
    case_of = {tag: case for case, tag in written.tags.items()}
    found = {case_of.get(series.tag, series.tag): series for series in source.open_run(written.run).read()}
    return Read(reader, written, list(source.runs()), found)

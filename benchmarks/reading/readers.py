"""The readers: each is a program that reads a whole log and prints how many histograms it has in hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

OURS = """
from tb_histinsight.sources.event_files import EventFileSource
source = EventFileSource(logdir)
for run in source.runs():
    reader = source.open_run(run)
    reader.scalars()
    for series in reader.read():
        histograms += len(series)
"""

REPORT = """
import contextlib, os
from tb_histinsight.cli import main
with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
    main(["report", logdir, "--format", "json"])
histograms = -1
"""

PYTHON_LOADER = """
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.util.tensor_util import make_ndarray
everything = {"tensors": 0, "scalars": 0, "histograms": 0, "compressedHistograms": 0, "images": 0, "audio": 0}
loader = EventMultiplexer(size_guidance=everything, tensor_size_guidance={"histograms": 0, "scalars": 0})
loader.AddRunsFromDirectory(logdir)
loader.Reload()
for run in loader.Runs():
    content = loader.PluginRunToTagToContent("histograms").get(run, {})
    for tag in content:
        histograms += sum(make_ndarray(event.tensor_proto) is not None for event in loader.Tensors(run, tag))
"""

DATA_SERVER = """
import os, subprocess, tempfile
import tensorboard_data_server
with tempfile.TemporaryDirectory() as folder:
    command = [tensorboard_data_server.server_binary(), "--logdir", logdir, "--port", "0", "--die-after-stdin",
               "--port-file", os.path.join(folder, "port"), "--reload", "once", "--verbose",
               "--samples-per-plugin", "histograms=all"]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if "Finished load cycle" in line:
            break
    server.kill()
    server.wait()
histograms = -1
"""

TENSORFLOW = """
import os
from tensorflow.python.summary.summary_iterator import summary_iterator
from tensorflow.python.framework.tensor_util import MakeNdarray
import numpy as np
for folder, _, names in os.walk(logdir):
    for name in names:
        for event in summary_iterator(os.path.join(folder, name)):
            for value in event.summary.value:
                kind = value.WhichOneof("value")
                if kind == "histo":
                    np.array(value.histo.bucket_limit), np.array(value.histo.bucket)
                    histograms += 1
                elif kind == "tensor" and value.metadata.plugin_data.plugin_name == "histograms":
                    MakeNdarray(value.tensor)
                    histograms += 1
"""

TBPARSE = """
from tbparse import SummaryReader
reader = SummaryReader(logdir, event_types={"histograms", "tensors"})
histograms = len(reader.histograms) + sum(getattr(value, "ndim", 0) == 2 for value in reader.tensors.get("value", ()))
"""

_FRAME = """
import sys
logdir, histograms = sys.argv[1], 0
{body}
print(histograms)
"""
_PRESENT = """
import importlib.util, json, sys
print(json.dumps([name for name in sys.argv[1:] if importlib.util.find_spec(name) is not None]))
"""


@dataclass(frozen=True)
class Reader:
    """A way to read logs."""

    name: str
    body: str
    needs: str
    """Package without which it cannot run"""
    slow: bool = False
    python: str = sys.executable
    """The interpreter that runs it"""

    def command(self, logdir: str) -> list[str]:
        """What is run, in a process of its own."""
        return [self.python, "-c", _FRAME.format(body=self.body), logdir]


OURS_REPORTING = Reader("tb-histinsight report", REPORT, "tb_histinsight")
OURS_READING = Reader("tb-histinsight, reading alone", OURS, "tb_histinsight")
READERS = (
    OURS_REPORTING,
    OURS_READING,
    Reader("TensorBoard's data server", DATA_SERVER, "tensorboard_data_server"),
    Reader("TensorBoard's Python loader", PYTHON_LOADER, "tensorboard", slow=True),
    Reader("TensorFlow's summary_iterator", TENSORFLOW, "tensorflow", slow=True),
    Reader("tbparse", TBPARSE, "tbparse", slow=True),
)


def installed(others: Sequence[str] = ()) -> list[Reader]:
    """The readers that can run here, and those that can run in other environments alone.

    TensorBoard's Python loader uses TensorFlow where it is installed: then it is another reader.

    Args:
      others: interpreters of other environments.
    """
    here = _present(sys.executable)
    found = [_named(reader, sys.executable, here) for reader in READERS if reader.needs in here]
    for python in others:
        there = _present(python)
        candidates = [_named(reader, python, there) for reader in READERS[3:] if reader.needs in there]
        names = {reader.name for reader in found}
        found += [reader for reader in candidates if reader.name not in names]
    return found


def _named(reader: Reader, python: str, present: set[str]) -> Reader:
    with_tensorflow = reader.needs == "tensorboard" and "tensorflow" in present
    name = f"{reader.name}, with TensorFlow" if with_tensorflow else reader.name
    return Reader(name, reader.body, reader.needs, reader.slow, python)


def _present(python: str) -> set[str]:
    """Which of the packages that readers need an environment has."""
    names = sorted({reader.needs for reader in READERS})
    done = subprocess.run([python, "-c", _PRESENT, *names], capture_output=True, check=True, text=True)
    return set(json.loads(done.stdout))

"""The readers: each is a program that reads a whole log and prints how many histograms it has in hand."""

from __future__ import annotations

import importlib.util
import sys
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

_FRAME = """
import sys
logdir, histograms = sys.argv[1], 0
{body}
print(histograms)
"""


@dataclass(frozen=True)
class Reader:
    """A way to read logs."""

    name: str
    body: str
    needs: str
    """Package without which it cannot run"""
    slow: bool = False

    def command(self, logdir: str) -> list[str]:
        """What is run, in a process of its own."""
        return [sys.executable, "-c", _FRAME.format(body=self.body), logdir]


READERS = (
    Reader("tb-histinsight", OURS, "tb_histinsight"),
    Reader("TensorBoard's data server", DATA_SERVER, "tensorboard_data_server"),
    Reader("TensorBoard's Python loader", PYTHON_LOADER, "tensorboard", slow=True),
    Reader("TensorFlow's summary_iterator", TENSORFLOW, "tensorflow", slow=True),
)


def installed() -> list[Reader]:
    """The readers that can run here."""
    return [reader for reader in READERS if importlib.util.find_spec(reader.needs) is not None]

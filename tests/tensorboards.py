"""TensorBoards to test against: logs written with its own message types, read by both of its loaders, in process."""

import itertools
import time
from contextlib import contextmanager

import numpy as np
from tensorboard import default, program
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.context import RequestContext
from tensorboard.data import server_ingester
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util
from werkzeug.test import Client

LOADERS = ("data server", "python loader")
EPOCH = 1_700_000_000.0
PATIENCE = 20.0  # seconds that the data server has to load a small log

_file_numbers = itertools.count()


class Log:
    """Writes event files into the folder of one run; every value is an event of its own, 1 ms after the last."""

    def __init__(self, folder):
        self.folder = folder
        self.wall_time = EPOCH
        folder.mkdir(parents=True, exist_ok=True)
        self._file = None
        self.new_file()

    def new_file(self):
        """What a restarted job does."""
        self.close()
        path = self.folder / f"events.out.tfevents.{1_700_000_000 + next(_file_numbers)}.host"
        self._file = path.open("wb")
        self._writer = RecordWriter(self._file)
        self._write(event_pb2.Event(file_version="brain.Event:2"))

    def histogram(self, tag, step, values):
        """As `tf.summary.histogram` of TF 2: 30 buckets of equal width."""
        count, edges = np.histogram(values, 30)
        self.rows(tag, step, np.column_stack([edges[:-1], edges[1:], count]))

    def rows(self, tag, step, rows, dtype=np.float64):
        """Any tensor under the plugin `histograms`."""
        rows = np.asarray(rows) if dtype is object else np.asarray(rows, dtype)
        value = summary_pb2.Summary.Value(tag=tag, tensor=tensor_util.make_tensor_proto(rows))
        value.metadata.plugin_data.plugin_name = "histograms"
        value.metadata.data_class = summary_pb2.DATA_CLASS_TENSOR
        self._value(step, value)

    def old_style(self, tag, step, values):
        """As PyTorch and TF 1: limits of 1e-12 * 1.1**k, an empty first bucket, exact sums."""
        ladder = 1e-12 * 1.1 ** np.arange(774)
        limits = np.concatenate([-ladder[::-1], [0.0], ladder])
        values = np.asarray(values, np.float64)
        count = np.bincount(np.searchsorted(limits, values), minlength=len(limits))
        filled = np.flatnonzero(count)
        kept = slice(max(0, filled[0] - 1), filled[-1] + 1)
        histo = summary_pb2.HistogramProto(
            min=values.min(),
            max=values.max(),
            num=len(values),
            sum=values.sum(),
            sum_squares=(values**2).sum(),
            bucket_limit=limits[kept],
            bucket=count[kept],
        )
        self._value(step, summary_pb2.Summary.Value(tag=tag, histo=histo))

    def scalar(self, tag, step, number):
        self._value(step, summary_pb2.Summary.Value(tag=tag, simple_value=number))

    def flush(self):
        self._file.flush()

    def close(self):
        if self._file is not None:
            self._file.close()

    def _value(self, step, value):
        self._write(event_pb2.Event(step=step, summary=summary_pb2.Summary(value=[value])))

    def _write(self, event):
        self.wall_time += 1e-3
        event.wall_time = self.wall_time
        self._writer.write(event.SerializeToString())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


class Running:
    """A TensorBoard without a port: its WSGI application and its data provider."""

    def __init__(self, app, provider, prefix):
        self.provider = provider
        self._client = Client(app)
        self._prefix = prefix

    def get(self, path, **options):
        return self._client.get(f"{self._prefix}/data/{path}", **options)

    def insight(self, path, **options):
        return self.get(f"plugin/histinsight/{path}", **options)

    def listing(self):
        return self.provider.list_tensors(RequestContext(), experiment_id="", plugin_name="histograms")

    def wait_until(self, condition):
        """Until the log is loaded as far as the condition on this TensorBoard asks."""
        end = time.monotonic() + PATIENCE
        while not condition(self):
            assert time.monotonic() < end, "TensorBoard did not load the log"
            time.sleep(0.01)
        return self


class _Captured:
    """Stands in for TensorBoard's web server and keeps the application."""

    def __init__(self, app, flags):
        self.app = app

    def serve_forever(self):
        pass

    def get_url(self):
        return ""


@contextmanager
def running_tensorboard(logdir, loader, plugins=(), flags=()):
    """A TensorBoard over a log; it loads the log once, unless `--reload_interval` says otherwise."""
    made = []

    def capture(app, flags):
        made.append(_Captured(app, flags))
        return made[-1]

    board = program.TensorBoard(default.get_static_plugins() + list(plugins), server_class=capture)
    fast = loader == "data server"
    once = () if any(flag.startswith("--reload_interval") for flag in flags) else ("--reload_interval=0",)
    board.configure(
        [
            "tensorboard",
            f"--logdir={logdir}",
            f"--load_fast={'true' if fast else 'false'}",
            "--reload_task=auto" if fast or not once else "--reload_task=blocking",
            *once,
            *flags,
        ]
    )
    board.launch()
    ingester = board._ingester
    prefix = board.flags.path_prefix
    try:
        yield Running(made[-1].app, ingester.data_provider, prefix)
    finally:
        if isinstance(ingester, server_ingester.SubprocessServerDataIngester):
            ingester._stdin_handle.close()  # the data server ends with it

"""Event files built by hand, so that the oddity is visible."""

import struct

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.util import tensor_util

from tb_histinsight.sources.event_files import EventFileSource
from tb_histinsight.sources.event_files.checksum import masked_crc32c

EPOCH = 1_700_000_000.0


def frame(record):
    """A record as it lies in a file."""
    head = struct.pack("<Q", len(record))
    return b"".join([head, struct.pack("<I", masked_crc32c(head)), record, struct.pack("<I", masked_crc32c(record))])


def event(step, *values, wall_time=EPOCH):
    return event_pb2.Event(step=step, wall_time=wall_time, summary=summary_pb2.Summary(value=values))


def version(wall_time=EPOCH):
    return event_pb2.Event(file_version="brain.Event:2", wall_time=wall_time)


def rows(tag, table, dtype=np.float64, plugin="histograms"):
    """As TF 2 writes them: a tensor (left, right, count)."""
    value = summary_pb2.Summary.Value(tag=tag, tensor=tensor_util.make_tensor_proto(np.asarray(table, dtype)))
    value.metadata.plugin_data.plugin_name = plugin
    return value


def count_of(tag, count):
    """A histogram that is known by its count."""
    return rows(tag, [[0.0, 1.0, count], [1.0, 2.0, 1.0]])


def old_style(tag, limits, counts, minimum, maximum, *, num=None, total=0.0, squares=0.0):
    num = sum(counts) if num is None else num
    histo = summary_pb2.HistogramProto(
        min=minimum, max=maximum, num=num, sum=total, sum_squares=squares, bucket_limit=limits, bucket=counts
    )
    return summary_pb2.Summary.Value(tag=tag, histo=histo)


def scalar(tag, number):
    return summary_pb2.Summary.Value(tag=tag, simple_value=number)


def tensor(tag, plugin="histograms", **fields):
    """Any TensorProto, well-formed or not; `shape` as a list."""
    shape = fields.pop("shape", [])
    proto = tensor_pb2.TensorProto(dtype=fields.pop("dtype", types_pb2.DT_DOUBLE), **fields)
    for size in shape:
        proto.tensor_shape.dim.add().size = size
    value = summary_pb2.Summary.Value(tag=tag, tensor=proto)
    value.metadata.plugin_data.plugin_name = plugin
    return value


def file_bytes(*events):
    return b"".join(frame(e if isinstance(e, bytes) else e.SerializeToString()) for e in events)


def write(path, *events):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file_bytes(*events))
    return path


def history(path, steps, *, tag="w", start=EPOCH, seconds=1.0, first_count=1):
    """A file of one tag; the count of its first bucket numbers the records, from `first_count` on."""
    events = [version(start)]
    for i, step in enumerate(steps):
        events.append(event(step, count_of(tag, first_count + i), wall_time=start + seconds * (i + 1)))
    return write(path, *events)


def open_run(logdir, run=".", **options):
    return EventFileSource(logdir, **options).open_run(run)


def only(reader):
    (series,) = reader.read()
    return series


def first_counts(series):
    """What `history` numbered the records with."""
    return [series.at(i).count[0] for i in range(len(series))]


def reasons(skipped):
    return [(entry.reason, entry.where) for entry in skipped]

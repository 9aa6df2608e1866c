"""Reads histogram tensors from a TensorBoard data provider: many tags a request, the next while one is worked on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tb_histinsight.core.histogram import FloatArray, IntArray

EVERYTHING = 2**31 - 1
"""`downsample` that leaves nothing out of what the provider holds (it travels as a 64-bit integer)."""
BATCH_BYTES = 4 << 20
"""Bytes of buckets that one request should bring. Measured with the data server: 45 µs a histogram with 8 tags (0.6 MB)
a request, 12 µs from 2 MB on; TensorBoard refuses answers above 256 MB."""
LARGEST_ANSWER = 256 << 20
"""Bytes of an answer above which TensorBoard refuses it (tensorboard/data/server_ingester.py)."""
MOST_BUCKETS = 1548
"""Buckets of the widest histograms of any known writer (tensorboardX of 2017)."""
FIRST_BATCH = 64
"""Tags in the first request at most: enough for many a run to be read at once. Each request takes the data server up
to 40 ms of waiting."""

MANY_STEPS = 1000
"""Steps that a tag is taken to have where nothing is known: a first request of 7 tags."""
ROW_BYTES = 3 * 8
DT_DOUBLE = 2
"""TensorFlow's number of the type float64 (tensorflow/core/framework/types.proto)."""

# TensorBoard's own types are not annotated; `Any` stands for them here.


@dataclass(frozen=True)
class Records:
    """All records of one tag, as the provider gave them."""

    tag: str
    steps: IntArray
    wall_times: FloatArray
    rows: FloatArray
    """float64 [m, 3]: left, right, count"""
    offsets: IntArray
    """int64 [n + 1]"""
    odd: int
    """Records that were left out since they are no histogram"""

    @property
    def nbytes(self) -> int:
        """Bytes of the buckets."""
        return self.rows.nbytes


@dataclass(frozen=True)
class Unread:
    """A tag that cannot be read, and the key of the reason."""

    tag: str
    reason: str


class Asks(Protocol):
    """Asks a provider for the tensors of some tags of a run."""

    def __call__(self, tags: Sequence[str]) -> Iterator[Records]:
        """The records of those tags that the provider has, in any order."""


def read_in_batches(tags: Sequence[str], ask: Asks, steps: int | None) -> Iterator[Records | Unread]:
    """The records of tags, in their order.

    While one batch is worked on, the next is on its way. A batch that the provider refuses is asked for in halves.

    Args:
      steps: how many steps of a tag the provider keeps at most; None: not known.
    """
    todo = list(tags)
    # Nothing is known of the histograms yet: the widest ones must fit too.
    size = max(1, min(FIRST_BATCH, LARGEST_ANSWER // (MOST_BUCKETS * ROW_BYTES * (steps or MANY_STEPS))))
    with ThreadPoolExecutor(1, thread_name_prefix="insight-read") as pool:
        coming = pool.submit(_all_of, ask, todo[:size])
        while todo:
            batch = todo[:size]
            try:
                got = coming.result()
            except Exception as error:
                reason = _why_refused(error)
                if reason is None:
                    raise
                if len(batch) == 1:
                    yield Unread(batch[0], reason)
                    todo = todo[1:]
                size = max(1, len(batch) // 2)
                coming = pool.submit(_all_of, ask, todo[:size])
                continue
            todo = todo[len(batch) :]
            # Doubling at most: the next tags may be far larger than these.
            largest = max((records.nbytes for records in got.values()), default=1)
            size = max(1, min(BATCH_BYTES // max(largest, 1), 4 * len(batch)))
            coming = pool.submit(_all_of, ask, todo[:size])
            # A tag without records was purged between listing and reading: the next reload tells.
            yield from (got[tag] for tag in batch if tag in got)


def _all_of(ask: Asks, tags: Sequence[str]) -> dict[str, Records]:
    return {records.tag: records for records in ask(tags)} if tags else {}


def _why_refused(error: Exception) -> str | None:
    """The reason why a batch could not be had but parts of it may be; None: nothing of the kind."""
    if isinstance(error, (TypeError, ValueError)):
        return "not_a_histogram"  # TensorBoard could not make an array of one of the tensors
    code = getattr(error, "code", None)
    too_large = callable(code) and getattr(code(), "name", "") == "RESOURCE_EXHAUSTED"
    return "too_large" if too_large else None


def records_of(tag: str, steps: Sequence[int], wall_times: Sequence[float], tensors: Sequence[Any]) -> Records:
    """Records from arrays; an empty array of any shape is a histogram of nothing."""
    fits = [_is_histogram(tensor) for tensor in tensors]
    rows = [tensor.reshape(-1, 3) for tensor, fit in zip(tensors, fits, strict=True) if fit]
    kept = np.flatnonzero(fits)
    return Records(
        tag=tag,
        steps=np.array(steps, np.int64)[kept],
        wall_times=np.array(wall_times, np.float64)[kept],
        rows=np.concatenate(rows).astype(np.float64, copy=False) if rows else np.empty((0, 3)),
        offsets=_offsets([len(part) for part in rows]),
        odd=len(fits) - len(rows),
    )


def _is_histogram(tensor: Any) -> bool:
    if not isinstance(tensor, np.ndarray) or tensor.dtype.kind not in "fiu":
        return False
    return tensor.size == 0 or (tensor.ndim == 2 and tensor.shape[1] == 3)


def _offsets(lengths: Sequence[int]) -> IntArray:
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def ask_provider(provider: Any, context: Any, experiment_id: str, run: str, tags: Sequence[str]) -> Iterator[Records]:
    """Asks any provider, through TensorBoard's own interface: one array per record."""
    from tensorboard.data.provider import RunTagFilter

    answer = provider.read_tensors(
        context,
        experiment_id=experiment_id,
        plugin_name="histograms",
        downsample=EVERYTHING,
        run_tag_filter=RunTagFilter(runs=[run], tags=list(tags)),
    )
    for tag, data in answer.get(run, {}).items():
        yield records_of(
            tag,
            [datum.step for datum in data],
            [datum.wall_time for datum in data],
            [datum.numpy for datum in data],
        )


def ask_data_server(stub: Any, experiment_id: str, run: str, tags: Sequence[str]) -> Iterator[Records]:
    """Asks TensorBoard's data server directly: one array per tag.

    TensorBoard's interface to it makes an array of every record, which takes three times as long as the request.
    """
    from tensorboard.data.proto import data_provider_pb2

    request = data_provider_pb2.ReadTensorsRequest(experiment_id=experiment_id)
    request.plugin_filter.plugin_name = "histograms"
    request.run_tag_filter.runs.names.append(run)
    request.run_tag_filter.tags.names.extend(tags)
    request.downsample.num_points = EVERYTHING
    for found in stub.ReadTensors(request).runs:
        for entry in found.tags:
            yield _from_protos(entry.tag_name, entry.data)


def _from_protos(tag: str, data: Any) -> Records:
    content = _plain_content(data.value)
    if content is None:
        return records_of(tag, data.step, data.wall_time, [_array(value) for value in data.value])
    return Records(
        tag=tag,
        steps=np.array(data.step, np.int64),
        wall_times=np.array(data.wall_time, np.float64),
        rows=np.frombuffer(b"".join(content), "<f8").reshape(-1, 3).astype(np.float64, copy=False),
        offsets=_offsets([len(part) // ROW_BYTES for part in content]),
        odd=0,
    )


def _plain_content(tensors: Sequence[Any]) -> list[bytes] | None:
    """The bytes of tensors that all are float64 [k, 3] in one piece, k > 0; None where any is not."""
    content = []
    for tensor in tensors:
        part = tensor.tensor_content
        shape = tensor.tensor_shape.dim
        if tensor.dtype != DT_DOUBLE or len(shape) != 2 or shape[1].size != 3 or not part:
            return None
        if len(part) != shape[0].size * ROW_BYTES:
            return None
        content.append(part)
    return content


def _array(tensor: Any) -> Any:
    """A tensor as an array; None where it is none."""
    from tensorboard.util import tensor_util

    try:
        return tensor_util.make_ndarray(tensor)
    except (TypeError, ValueError):
        return None

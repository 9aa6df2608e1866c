"""Histograms from a running TensorBoard, through its `DataProvider`.

TensorBoard has the data loaded and its users expect the tab to follow reloads, run names and
`--samples_per_plugin`. What it holds is less than what was logged: a random sample of the steps (100 of a tag by
default under the data server, 500 under the Python loader), and no exact sums.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tb_histinsight.core.histogram import HistogramSeries, RawHistograms, normalise
from tb_histinsight.core.run import ScalarSeries, Skipped
from tb_histinsight.sources.order import natural_key
from tb_histinsight.sources.provider_steps import StepOrder, estimated_total, order_steps

HISTOGRAMS = "histograms"
"""TensorBoard's plugin name of histogram tags; old-style summaries are found under it as well."""
SCALARS = "scalars"
EVERYTHING = 2**31 - 1
"""`downsample` that leaves nothing out of what the provider holds (it travels as a 64-bit integer)."""
BATCH_BYTES = 16 << 20
"""Bytes of buckets that one request to the provider should bring. Measured: 33 µs a histogram when each tag is asked
for alone, 11 µs from 4 MB a request on; TensorBoard refuses answers above 256 MB."""
FIRST_BATCH = 8
"""Tags in the first request, when nothing is known of their size (1548 buckets and 500 steps make 150 MB of them)."""
DATA_SERVER_KEEPS = 100
"""Histograms of a tag that TensorBoard's data server keeps by default (its help says 500)."""
PYTHON_LOADER_KEEPS = 500
"""Histograms of a tag that TensorBoard's Python loader keeps by default."""

# TensorBoard's own types are not annotated; `Any` stands for them here.


class DataProviderSource:
    """All runs that a TensorBoard data provider holds, as they are when it is first asked (a `HistogramSource`)."""

    def __init__(
        self,
        provider: Any,
        *,
        context: Any = None,
        experiment_id: str = "",
        only: Sequence[str] | None = None,
        sample_hint: int | None = None,
    ) -> None:
        """Opens a provider; nothing is asked of it yet.

        Args:
          provider: a `tensorboard.data.provider.DataProvider`.
          context: the `RequestContext` of the request that this is for; default: an empty one.
          experiment_id: TensorBoard's experiment; "" for the logdir.
          only: names of the runs to look at; default: all.
          sample_hint: what the user gave as `--samples_per_plugin histograms=…`; 0 keeps every step.
        """
        if context is None:
            from tensorboard.context import RequestContext

            context = RequestContext()
        self._provider = provider
        self._context = context
        self._experiment_id = experiment_id
        self._only = only
        self.sample_limit = _sample_limit(provider, sample_hint)

    @cached_property
    def listing(self) -> dict[str, Mapping[str, Any]]:
        """Run -> tag -> `TensorTimeSeries`: what there is, without reading a tensor."""
        listed = self.ask("list_tensors", HISTOGRAMS, self._only)
        return {run: tags for run, tags in listed.items() if tags}

    @cached_property
    def scalar_listing(self) -> Mapping[str, Mapping[str, Any]]:
        """Run -> tag -> `ScalarTimeSeries`."""
        return self.ask("list_scalars", SCALARS, self._only)

    def runs(self) -> list[str]:
        """Names of the runs that hold histograms, in TensorBoard's order."""
        return sorted(self.listing, key=natural_key)

    def open_run(self, run: str) -> DataProviderRun:
        """Opens one run.

        Raises:
          KeyError: no such run.
        """
        return DataProviderRun(self, run, self.listing[run])

    def skipped(self) -> list[Skipped]:
        """Nothing: TensorBoard does not say what it left out."""
        return []

    @property
    def lists_by_appearance(self) -> bool:
        """Whether the provider lists tags as it met them (the Python loader); the data server's order is a hash's."""
        return _is_python_loader(self._provider)

    def ask(
        self,
        method: str,
        plugin: str,
        runs: Sequence[str] | None,
        tags: Sequence[str] | None = None,
        downsample: int | None = None,
    ) -> Mapping[str, Mapping[str, Any]]:
        """Calls one of the provider's `list_…` and `read_…` methods."""
        from tensorboard.data.provider import RunTagFilter

        extra = {} if downsample is None else {"downsample": downsample}
        answer: Mapping[str, Mapping[str, Any]] = getattr(self._provider, method)(
            self._context,
            experiment_id=self._experiment_id,
            plugin_name=plugin,
            run_tag_filter=RunTagFilter(runs=runs, tags=tags),
            **extra,
        )
        return answer


class DataProviderRun:
    """One run of a data provider (a `RunReader`)."""

    def __init__(self, source: DataProviderSource, run: str, listed: Mapping[str, Any]) -> None:
        self._source = source
        self._listed = listed
        self._skipped: list[Skipped] = []
        self.run = run

    @cached_property
    def _order(self) -> list[str]:
        if self._source.lists_by_appearance:
            return list(self._listed)
        # Every histogram of a step is written on its own and has its own wall time, so the last step tells the order.
        # Tags that are logged at other steps than most come after those.
        share = Counter(series.max_step for series in self._listed.values())

        def place(tag: str) -> tuple[int, int, float, Any]:
            series = self._listed[tag]
            return (-share[series.max_step], series.max_step, series.max_wall_time, natural_key(tag))

        return sorted(self._listed, key=place)

    def tags(self) -> list[str]:
        """All histogram tags, in order of first appearance as far as the provider lets it be known."""
        return list(self._order)

    def last_step(self) -> int | None:
        """The last step of any tag."""
        return max((series.max_step for series in self._listed.values() if series.max_step is not None), default=None)

    def tag_version(self, tag: str) -> tuple[int | None, float | None]:
        """Changes when the provider has new data of a tag.

        Raises:
          KeyError: no such tag.
        """
        return self._listed[tag].max_step, self._listed[tag].max_wall_time

    @cached_property
    def version(self) -> str:
        """Changes when the provider has new data of any histogram or scalar of the run; 16 hexadecimal digits."""
        digest = hashlib.blake2b(digest_size=8)
        for listed in (self._listed, self._source.scalar_listing.get(self.run, {})):
            for tag in sorted(listed):
                series = listed[tag]
                text = repr((tag, series.max_step, series.max_wall_time))
                digest.update(text.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def read(self, tags: Sequence[str] | None = None) -> Iterator[HistogramSeries]:
        """The normalised series of the given tags (default: all), in the order of `tags()`.

        Read in batches: one request per tag is slow, one for all can be more than TensorBoard sends.
        """
        wanted = None if tags is None else set(tags)
        todo = [tag for tag in self._order if wanted is None or tag in wanted]
        size = FIRST_BATCH
        while todo:
            batch = todo[:size]
            try:
                answer = self._source.ask("read_tensors", HISTOGRAMS, [self.run], batch, EVERYTHING)
            except Exception as error:
                if not _is_too_large(error):
                    raise
                if len(batch) == 1:
                    self._skipped.append(Skipped("too_large", tag=batch[0]))
                    todo = todo[1:]
                size = max(1, len(batch) // 2)
                continue
            todo = todo[len(batch) :]
            got = answer.get(self.run, {})
            largest = 1
            for tag in batch:
                data = got.get(tag)
                if not data:
                    continue  # purged between listing and reading: the next reload says so
                largest = max(largest, sum(getattr(datum.numpy, "nbytes", 0) for datum in data))
                series = self._series(tag, data)
                if series is not None:
                    yield series
            size = max(1, min(BATCH_BYTES // largest, 2 * max(size, FIRST_BATCH)))

    def _series(self, tag: str, data: Sequence[Any]) -> HistogramSeries | None:
        fitting = [datum for datum in data if _is_histogram(datum.numpy)]
        if len(fitting) < len(data):
            odd = len(data) - len(fitting)
            self._skipped.append(Skipped("not_a_histogram", tag=tag, count=odd))
        if not fitting:
            return None
        steps = np.array([datum.step for datum in fitting], np.int64)
        wall_times = np.array([datum.wall_time for datum in fitting], np.float64)
        rows = [datum.numpy.reshape(-1, 3) for datum in fitting]
        order = order_steps(steps, wall_times, lambda i, j: _same(rows[i], rows[j]))
        if len(order.kept) < len(rows):
            rows = [rows[i] for i in order.kept]
            steps, wall_times = steps[order.kept], wall_times[order.kept]
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        return normalise(
            RawHistograms(
                run=self.run,
                tag=tag,
                steps=steps,
                wall_times=wall_times,
                rows=np.concatenate(rows).astype(np.float64, copy=False),
                offsets=offsets,
                total_steps=estimated_total(steps, self._source.sample_limit),
                collisions=order.collisions,
                restarts=order.restarts,
            )
        )

    def scalars(self) -> list[ScalarSeries]:
        """All scalar tags; several values at one step: the last one."""
        answer = self._source.ask("read_scalars", SCALARS, [self.run], downsample=EVERYTHING)
        found = []
        for tag, data in answer.get(self.run, {}).items():
            steps = np.array([datum.step for datum in data], np.int64)
            wall_times = np.array([datum.wall_time for datum in data], np.float64)
            values = np.array([datum.value for datum in data], np.float64)
            order: StepOrder = order_steps(steps, wall_times)
            found.append(ScalarSeries(tag, steps[order.kept], wall_times[order.kept], values[order.kept]))
        return sorted(found, key=lambda series: natural_key(series.tag))

    def skipped(self) -> list[Skipped]:
        """What has been left out so far; complete after `read` has been exhausted."""
        return list(self._skipped)


def _is_histogram(tensor: Any) -> bool:
    """Whether a tensor is [k, 3] of numbers; an empty tensor of any shape is a histogram of nothing."""
    if not isinstance(tensor, np.ndarray) or tensor.dtype.kind not in "fiu":
        return False
    return tensor.size == 0 or (tensor.ndim == 2 and tensor.shape[1] == 3)


def _same(left: Any, right: Any) -> bool:
    return bool(np.array_equal(left, right, equal_nan=True))


def _is_data_server(provider: Any) -> bool:
    return type(provider).__name__ == "GrpcDataProvider"


def _is_python_loader(provider: Any) -> bool:
    return type(provider).__name__ == "MultiplexerDataProvider"


def _sample_limit(provider: Any, hint: int | None) -> int | None:
    """How many histograms of a tag the provider keeps at most; None: all, or not known."""
    if hint is not None:
        return hint or None
    if _is_data_server(provider):
        return DATA_SERVER_KEEPS
    return PYTHON_LOADER_KEEPS if _is_python_loader(provider) else None


def _is_too_large(error: Exception) -> bool:
    """Whether gRPC refused an answer because of its size."""
    code = getattr(error, "code", None)
    return callable(code) and getattr(code(), "name", "") == "RESOURCE_EXHAUSTED"

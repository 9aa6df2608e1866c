"""The runs and tags that a data provider holds, and their series in normal form."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np

from tb_histinsight.core.histogram import FloatArray, HistogramSeries, IntArray, RawHistograms, normalise
from tb_histinsight.core.run import ScalarSeries, Skipped
from tb_histinsight.sources.counts import only_negative
from tb_histinsight.sources.data_provider.reading import (
    EVERYTHING,
    Asks,
    Records,
    Unread,
    ask_data_server,
    ask_provider,
    read_in_batches,
)
from tb_histinsight.sources.data_provider.sampling import StepOrder, estimated_total, order_steps
from tb_histinsight.sources.order import NameKey, natural_key

HISTOGRAMS = "histograms"
"""TensorBoard's plugin name of histogram tags; old-style summaries are found under it as well."""
SCALARS = "scalars"
DATA_SERVER_KEEPS = 100
"""Histograms of a tag that TensorBoard's data server keeps by default (its help says 500)."""
PYTHON_LOADER_KEEPS = 500
"""Histograms of a tag that TensorBoard's Python loader keeps by default."""

# TensorBoard's own types are not annotated; `Any` stands for them here.

Listing: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Run -> tag -> `TensorTimeSeries`, `ScalarTimeSeries` or a list of data"""


class DataProviderSource:
    """All runs that a TensorBoard data provider holds, as they are when it is first asked (a `HistogramSource`)."""

    def __init__(
        self,
        provider: Any,
        *,
        context: Any = None,
        experiment_id: str = "",
        sample_hint: int | None = None,
    ) -> None:
        """Opens a provider; nothing is asked of it yet.

        Args:
          provider: a `tensorboard.data.provider.DataProvider`.
          context: the `RequestContext` of the request that this is for; default: an empty one.
          experiment_id: TensorBoard's experiment; "" for the logdir.
          sample_hint: what the user gave as `--samples_per_plugin histograms=…`; 0 keeps every step.
        """
        if context is None:
            from tensorboard.context import RequestContext

            context = RequestContext()
        self._provider = provider
        self._context = context
        self._experiment_id = experiment_id
        self._orders: dict[str, list[str]] = {}
        self.sample_limit = _sample_limit(provider, sample_hint)

    @cached_property
    def listing(self) -> Listing:
        """What there is, without reading a tensor; runs without histograms left out."""
        listed = self.ask("list_tensors", HISTOGRAMS)
        return {run: tags for run, tags in listed.items() if tags}

    @cached_property
    def scalar_listing(self) -> Listing:
        """What scalars there are."""
        return self.ask("list_scalars", SCALARS)

    def load(self) -> DataProviderSource:
        """Asks what there is now, both lists at once: each takes the data server up to 40 ms of waiting."""
        with ThreadPoolExecutor(1) as pool:
            scalars = pool.submit(lambda: self.scalar_listing)
            _ = self.listing
            scalars.result()
        return self

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

    def tags_in_order(self, run: str) -> list[str]:
        """Tags of a run in order of first appearance, as far as the provider lets it be known."""
        if run not in self._orders:
            listed = self.listing[run]
            # The Python loader lists tags as it met them; the data server's order is that of a hash table.
            self._orders[run] = list(listed) if _is_python_loader(self._provider) else _by_wall_time(listed)
        return self._orders[run]

    def tensors_of(self, run: str) -> Asks:
        """How to ask for tensors of a run, the quickest way that this provider allows."""
        stub = getattr(self._provider, "_stub", None) if _is_data_server(self._provider) else None
        if stub is not None and hasattr(stub, "ReadTensors"):
            return partial(ask_data_server, stub, self._experiment_id, run)
        return partial(ask_provider, self._provider, self._context, self._experiment_id, run)

    def ask(self, method: str, plugin: str, runs: Sequence[str] | None = None, **options: Any) -> Listing:
        """Calls one of the provider's methods that answer with run -> tag -> something."""
        from tensorboard.data.provider import RunTagFilter

        answer: Listing = getattr(self._provider, method)(
            self._context,
            experiment_id=self._experiment_id,
            plugin_name=plugin,
            run_tag_filter=RunTagFilter(runs=runs),
            **options,
        )
        return answer


class DataProviderRun:
    """One run of a data provider (a `RunReader`)."""

    def __init__(self, source: DataProviderSource, run: str, listed: Mapping[str, Any]) -> None:
        self._source = source
        self._listed = listed
        self._skipped: list[Skipped] = []
        self.run = run

    def tags(self) -> list[str]:
        """All histogram tags, in order of first appearance as far as the provider lets it be known."""
        return list(self._source.tags_in_order(self.run))

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
        """The normalised series of the given tags (default: all), in the order of `tags()`."""
        wanted = None if tags is None else set(tags)
        todo = [tag for tag in self.tags() if wanted is None or tag in wanted]
        for found in read_in_batches(todo, self._source.tensors_of(self.run), self._source.sample_limit):
            if isinstance(found, Unread):
                self._skipped.append(Skipped(found.reason, tag=found.tag))
                continue
            if found.odd:
                self._skipped.append(Skipped("not_a_histogram", tag=found.tag, count=found.odd))
            if only_negative([found.rows]):
                self._skipped.append(Skipped("not_a_histogram", tag=found.tag, count=len(found.steps)))
            elif len(found.steps):
                yield self._series(found)

    def _series(self, found: Records) -> HistogramSeries:
        def same(i: int, j: int) -> bool:
            one, other = (found.rows[found.offsets[k] : found.offsets[k + 1]] for k in (i, j))
            return bool(np.array_equal(one, other, equal_nan=True))

        order = order_steps(found.steps, found.wall_times, same)
        steps = found.steps[order.kept]
        rows, offsets = _rows_of(found, order.kept)
        return normalise(
            RawHistograms(
                run=self.run,
                tag=found.tag,
                steps=steps,
                wall_times=found.wall_times[order.kept],
                rows=rows,
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


def _by_wall_time(listed: Mapping[str, Any]) -> list[str]:
    """Tags by the time at which their last step was written: every histogram of a step has its own.

    Tags that are logged at other steps than most come after those.
    """
    share = Counter(series.max_step for series in listed.values())

    def place(tag: str) -> tuple[int, int, float, NameKey]:
        series = listed[tag]
        return (-share[series.max_step], series.max_step, series.max_wall_time, natural_key(tag))

    return sorted(listed, key=place)


def _rows_of(found: Records, kept: IntArray) -> tuple[FloatArray, IntArray]:
    """Rows and offsets of some of the records."""
    if len(kept) == len(found.steps):
        return found.rows, found.offsets
    parts = [found.rows[found.offsets[i] : found.offsets[i + 1]] for i in kept]
    return np.concatenate(parts), np.cumsum([0, *map(len, parts)], dtype=np.int64)


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

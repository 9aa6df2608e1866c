"""Reports on arrays and histograms that are at hand and in no log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tb_histinsight.analysis import analyse_tags, conclude
from tb_histinsight.api.pictures import pictures
from tb_histinsight.api.results import Report
from tb_histinsight.core.errors import UsageError
from tb_histinsight.core.histogram import HistogramSeries, Moments, RawHistograms, normalise
from tb_histinsight.core.run import ScalarSeries, Skipped
from tb_histinsight.explain import explain
from tb_histinsight.locales import catalogue
from tb_histinsight.logging.buckets import ladder, old_style_histogram
from tb_histinsight.rules import rule
from tb_histinsight.settings import Settings, load

Tensors: TypeAlias = Mapping[str, Any]
"""Name -> anything that NumPy can make an array of; PyTorch's tensors are taken to the processor first."""
Buckets: TypeAlias = tuple[int, npt.ArrayLike, npt.ArrayLike]
"""Step, edges [k + 1], counts [k]"""


def analyze_tensors(
    tensors: Tensors | Iterable[tuple[int, Tensors]],
    step: int = 0,
    *,
    run: str = ".",
    select: Collection[str] | None = None,
    ignore: Collection[str] = (),
    settings: Mapping[str, Any] | None = None,
    language: str = "en",
) -> Report:
    """The report on tensors, counted into the exponential buckets of old-style summaries, with exact sums.

    Args:
      tensors: by name, of one step; or (step, tensors by name) of several. Names are read as tags are:
        "dense_1/kernel", "gradients/dense_1/kernel", "dense_1/activations".
      step: of the tensors, where there is one step only.
      run: what the report calls them.
      select: ids of the rules to run (default: all).
      ignore: ids of rules to leave out.
      settings: as `tb-histinsight.toml` has them (docs/settings.md). Files of settings are for logs, and not read.

    Raises:
      UsageError: there is no tensor, one is no array of numbers, steps do not ascend, there is no such rule, or a
        setting makes no sense.
    """
    at_steps = [(step, tensors)] if isinstance(tensors, Mapping) else list(tensors)
    raw: dict[str, list[tuple[int, npt.NDArray[np.float64]]]] = {}
    for at, named in at_steps:
        for name, tensor in named.items():
            raw.setdefault(name, []).append((int(at), _array(name, tensor)))
    series = [_of_tensors(run, name, values) for name, values in raw.items()]
    return _report(run, series, load(None, given=settings or {}).overruled(select, ignore), language)


def analyze_histograms(
    histograms: Mapping[str, Sequence[Buckets]],
    *,
    run: str = ".",
    select: Collection[str] | None = None,
    ignore: Collection[str] = (),
    settings: Mapping[str, Any] | None = None,
    language: str = "en",
) -> Report:
    """The report on histograms that were counted elsewhere, as `numpy.histogram` gives them.

    Args:
      histograms: by name, (step, edges [k + 1], counts [k]) at ascending steps. The outer edges should be the least
        and the largest value: statistics are bounded by the edges.
      run, select, ignore, settings: as for `analyze_tensors`.

    Raises:
      UsageError: there is no histogram, edges or counts are not of the right number or order, steps do not ascend, or
        there is no such rule.
    """
    series = [_of_histograms(run, name, list(of_steps)) for name, of_steps in histograms.items()]
    return _report(run, series, load(None, given=settings or {}).overruled(select, ignore), language)


class _Run:
    """Series at hand, as a source of one run."""

    def __init__(self, run: str, series: Sequence[HistogramSeries]) -> None:
        self.run = run
        self._series = series

    def runs(self) -> Sequence[str]:
        return [self.run]

    def open_run(self, run: str) -> _Run:
        return self

    def tags(self) -> Sequence[str]:
        return [series.tag for series in self._series]

    def read(self, tags: Sequence[str] | None = None) -> Iterator[HistogramSeries]:
        wanted = None if tags is None else set(tags)
        return (series for series in self._series if wanted is None or series.tag in wanted)

    def scalars(self) -> Sequence[ScalarSeries]:
        return []

    def skipped(self) -> Sequence[Skipped]:
        return []


def _report(run: str, series: Sequence[HistogramSeries], settings: Settings, language: str) -> Report:
    catalogue(language)
    for rule_id in (*(settings.select or ()), *settings.ignore):
        rule(rule_id)
    if not series:
        raise UsageError("There is nothing to look at: give at least one tensor or histogram.")
    source = _Run(run, series)
    analysed = conclude(
        run,
        analyse_tags(source),
        select=settings.select,
        ignore=settings.ignore,
        adjustments=settings.rules,
        told=settings.names,
    )
    return Report.of(explain([analysed], language), lambda report: pictures(source, report))


def _array(name: str, tensor: Any) -> npt.NDArray[np.float64]:
    detached = tensor.detach() if hasattr(tensor, "detach") else tensor
    try:
        values = np.asarray(detached.cpu() if hasattr(detached, "cpu") else detached)
        if values.dtype.kind == "c":
            raise TypeError("complex numbers")
        return values.astype(np.float64).ravel()
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name!r} is no array of real numbers ({error}).") from None


def _steps(name: str, steps: Sequence[int]) -> npt.NDArray[np.int64]:
    if any(later <= earlier for earlier, later in pairwise(steps)):
        raise UsageError(f"The steps of {name!r} do not ascend.")
    return np.asarray(steps, np.int64)


def _of_tensors(run: str, name: str, tensors: Sequence[tuple[int, npt.NDArray[np.float64]]]) -> HistogramSeries:
    rows, ends, moments = [np.empty((0, 3))], [0], []
    for _, values in tensors:
        buckets = _counted(values)
        rows.append(buckets)
        ends.append(ends[-1] + len(buckets))
        with np.errstate(over="ignore", invalid="ignore"):
            extremes = (values.min(), values.max()) if len(values) else (0.0, 0.0)
            moments.append((*extremes, float(len(values)), values.sum(), values @ values))
    low, high, num, total, squares = np.array(moments, np.float64).T
    return normalise(
        RawHistograms(
            run=run,
            tag=name,
            steps=_steps(name, [step for step, _ in tensors]),
            wall_times=np.zeros(len(tensors)),
            rows=np.concatenate(rows),
            offsets=np.asarray(ends, np.int64),
            minimum=low,
            maximum=high,
            moments=Moments(num, total, squares),
        )
    )


def _counted(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows (left, right, count); none where no value can be counted."""
    limits = ladder()
    if not ((values >= limits[0]) & (values <= limits[-1])).any():
        return np.empty((0, 3))
    counted = old_style_histogram(values)
    left = np.concatenate([[-np.inf], counted.limits[:-1]])
    return np.stack([left, counted.limits, counted.counts], axis=1)


def _of_histograms(run: str, name: str, histograms: Sequence[Buckets]) -> HistogramSeries:
    rows, ends = [np.empty((0, 3))], [0]
    for step, given_edges, given_counts in histograms:
        edges, counts = np.asarray(given_edges, np.float64), np.asarray(given_counts, np.float64)
        if edges.ndim != 1 or counts.shape != (max(len(edges) - 1, 0),):
            raise UsageError(f"{name!r} at step {step}: k + 1 edges and k counts are needed.")
        if (np.diff(edges) < 0).any() or (counts < 0).any():
            raise UsageError(f"{name!r} at step {step}: edges must ascend, and counts must not be negative.")
        rows.append(np.stack([edges[:-1], edges[1:], counts], axis=1))
        ends.append(ends[-1] + len(counts))
    return normalise(
        RawHistograms(
            run=run,
            tag=name,
            steps=_steps(name, [int(step) for step, _, _ in histograms]),
            wall_times=np.zeros(len(histograms)),
            rows=np.concatenate(rows),
            offsets=np.asarray(ends, np.int64),
        )
    )

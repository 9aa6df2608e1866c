"""From histograms to facts: statistics, shapes and change of every tag, then the rules over the whole run.

A run's tags are independent of each other until the rules see them together, so that they can be analysed apart
(in other processes) and concluded in one place: `analyse_tags` here or there, then `conclude`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from tb_histinsight.changes import change_of
from tb_histinsight.core.histogram import Histogram, HistogramSeries, Moments
from tb_histinsight.core.names import TagName, read_tags
from tb_histinsight.core.run import RunAnalysis, ScalarSeries, Skipped, TagAnalysis
from tb_histinsight.core.stats import series_stats
from tb_histinsight.rules import run_rules
from tb_histinsight.shapes import shape_timeline, shape_values
from tb_histinsight.sources import RunReader

__all__ = ["RunAnalysis", "TagAnalysis", "analyse_run", "analyse_series", "analyse_tags", "conclude"]

MOMENTS_TOLERANCE = 1e-12
"""Relative difference of exact sums that rounding explains. Summing the same values in another order changes a
float64 sum by about 1e-14 (measured on 1e6 values); a tensor that moved changes it by far more."""


def analyse_series(series: HistogramSeries, name: TagName) -> TagAnalysis:
    """Everything about one tag that does not depend on other tags."""
    stats = series_stats(series)
    shapes = shape_timeline(series, stats, name.role)
    filled = np.flatnonzero(series.lengths > 0)
    first = _copy(series.at(int(filled[0]))) if len(filled) else _nothing()
    last = _copy(series.at(int(filled[-1]))) if len(filled) else _nothing()
    return TagAnalysis(
        name=name,
        steps=series.steps,
        wall_times=series.wall_times,
        layout=series.layout,
        stats=stats,
        shapes=shapes,
        change=change_of(series, stats),
        first=first,
        last=last,
        moments_agree=_moments_agree(series.moments),
        total_steps=series.total_steps,
        collisions=series.collisions,
        restarts=series.restarts,
        shape_values=shape_values(series, stats, shapes),
    )


def analyse_tags(
    reader: RunReader,
    tags: Sequence[str] | None = None,
    on_tag: Callable[[str], None] | None = None,
) -> list[TagAnalysis]:
    """Analyses the given tags of a run (default: all) one at a time; memory holds one tag's buckets.

    `on_tag` is told each tag that is done, for a progress display.
    """
    names = {name.tag: name for name in read_tags(reader.tags())}
    found = []
    for series in reader.read(tags):
        found.append(analyse_series(series, names[series.tag]))
        if on_tag is not None:
            on_tag(series.tag)
    return found


def conclude(
    run: str,
    tags: Iterable[TagAnalysis],
    scalars: Iterable[ScalarSeries] = (),
    skipped: Iterable[Skipped] = (),
    *,
    select: Collection[str] | None = None,
    ignore: Collection[str] = (),
) -> RunAnalysis:
    """Puts a run's tags in depth order and lets the rules judge them.

    Args:
      tags: in order of first appearance in the log.
      select: ids of the rules to run (default: all).
      ignore: ids of rules to leave out.
    """
    found = list(tags)
    # Sizes tell a normalisation's gain from a small kernel, so names are read again now that they are known.
    names = read_tags([tag.tag for tag in found], {tag.tag: tag.element_count for tag in found})
    named = [replace(tag, name=name) for tag, name in zip(found, names, strict=True)]
    named.sort(key=lambda tag: tag.name.depth)  # stable: first appearance decides within a layer
    analysis = RunAnalysis(
        run=run,
        tags=tuple(named),
        scalars={scalar.tag: scalar for scalar in scalars},
        skipped=tuple(skipped),
    )
    return replace(analysis, outcomes=run_rules(analysis, select=select, ignore=ignore))


def analyse_run(
    reader: RunReader,
    *,
    select: Collection[str] | None = None,
    ignore: Collection[str] = (),
    on_tag: Callable[[str], None] | None = None,
) -> RunAnalysis:
    """Reads and judges one run."""
    tags = analyse_tags(reader, on_tag=on_tag)
    scalars = reader.scalars()
    return conclude(reader.run, tags, scalars, reader.skipped(), select=select, ignore=ignore)


def _copy(histogram: Histogram) -> Histogram:
    """A histogram of its own: a view would keep every step's buckets in memory."""
    return Histogram(histogram.left.copy(), histogram.right.copy(), histogram.count.copy())


def _nothing() -> Histogram:
    return Histogram(np.empty(0), np.empty(0), np.empty(0))


def _moments_agree(moments: Moments | None) -> bool | None:
    if moments is None or not len(moments.num):
        return None
    if not (np.isfinite(moments.sum).all() and np.isfinite(moments.sum_squares).all()):
        return None
    squares = moments.sum_squares
    # A sum of values of both signs may cancel to almost nothing: measure it against sqrt(n * sum of squares).
    scale = np.sqrt(np.maximum(moments.num * squares, 0.0)).max()
    same_sum = np.ptp(moments.sum) <= MOMENTS_TOLERANCE * scale
    same_squares = np.ptp(squares) <= MOMENTS_TOLERANCE * squares.max()
    return bool(same_sum and same_squares)

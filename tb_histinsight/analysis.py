"""From histograms to facts: statistics, shapes and change of every tag, then the rules over the whole run.

A run's tags are independent of each other until the rules see them together, so that they can be analysed apart
(in other processes) and concluded in one place: `analyse_tags` here or there, then `conclude`.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from tb_histinsight.changes import Neighbours, changes_of, neighbours_of
from tb_histinsight.core.histogram import Histogram, HistogramSeries, Layout, Moments
from tb_histinsight.core.joined import join, spans, stats_at, views
from tb_histinsight.core.labels import Change, ShapeTimeline
from tb_histinsight.core.layout import detect_layouts
from tb_histinsight.core.names import TagName, read_tags
from tb_histinsight.core.neighbours import DifferencesByBlock
from tb_histinsight.core.run import RunAnalysis, ScalarSeries, Skipped, TagAnalysis
from tb_histinsight.core.stats import SeriesStats, StatsByBlock
from tb_histinsight.core.told import NOTHING_TOLD, Names, overrule
from tb_histinsight.rules import NOTHING_SET, run_rules
from tb_histinsight.rules.adjustment import Adjustment
from tb_histinsight.shapes import shape_timelines, shape_values_of
from tb_histinsight.sources import RunReader

__all__ = ["RunAnalysis", "TagAnalysis", "analyse_run", "analyse_series", "analyse_several", "analyse_tags", "conclude"]

MOMENTS_TOLERANCE = 1e-12
"""Relative difference of exact sums that rounding explains. Summing the same values in another order changes a
float64 sum by about 1e-14 (measured on 1e6 values); a tensor that moved changes it by far more."""
BATCH_ROWS = 1 << 19
"""Buckets that are worked on together: some blocks of `HistogramSeries.chunks`. Most of what is done for a batch takes
as long for forty tags as for ten."""
LARGE_ROWS = 1 << 17
"""A tag with as many buckets is worked on alone: with others, only memory would grow."""


def analyse_series(series: HistogramSeries, name: TagName) -> TagAnalysis:
    """Everything about one tag that does not depend on other tags."""
    (analysis,) = analyse_several([series], [name])
    return analysis


def analyse_several(series: list[HistogramSeries], names: Sequence[TagName]) -> list[TagAnalysis]:
    """Everything about some tags that does not depend on other tags; the same as one by one, in less time.

    The same but for rounding: matrices are as wide as the widest step of a batch, and NumPy sums a row of another width
    in another order. `movement` and `resolution` may differ by 1e-15 of themselves.

    Args:
      series: their places are taken by views into what they are joined to, so that no row is in memory twice.
    """
    alike: dict[Hashable, list[int]] = {}
    for i, one in enumerate(series):
        alike.setdefault(_kind(one), []).append(i)
    found: dict[int, TagAnalysis] = {}
    for group in alike.values():
        together = join([series[i] for i in group])
        for i, view in zip(group, views(together, [series[i] for i in group]), strict=True):
            series[i] = view
        ends = np.cumsum([0, *(len(series[i]) for i in group)])
        by_layout: dict[Layout, list[int]] = {}
        for i, layout in zip(group, detect_layouts(together.buckets, together.offsets, ends), strict=True):
            series[i].__dict__["layout"] = layout
            by_layout.setdefault(layout, []).append(i)
        for members in by_layout.values():
            own = [series[i] for i in members]
            joined = together if len(by_layout) == 1 else join(own)
            joined.__dict__["layout"] = own[0].layout
            analysed = _analyse_alike(joined, own, [names[i] for i in members])
            found.update(zip(members, analysed, strict=True))
    return [found[i] for i in range(len(series))]


def _kind(series: HistogramSeries) -> Hashable:
    """Series of one kind, and of one layout, can be worked on together.

    Matrices of buckets are as wide as their widest row, so these are alike too, to a factor of two.
    """
    width = int(series.lengths.max(initial=0)).bit_length()
    return series.moments is None, width


def _analyse_alike(
    joined: HistogramSeries, series: Sequence[HistogramSeries], names: Sequence[TagName]
) -> list[TagAnalysis]:
    """The same of series that are alike, given what `join` makes of them."""
    steps = [one.steps for one in series]
    stats, neighbours = _in_blocks(joined)
    changes = changes_of(joined, stats, neighbours, steps)
    timelines = shape_timelines(joined, stats, [name.role for name in names], steps)
    lengths = [len(one) for one in steps]
    values = shape_values_of(joined, stats, lengths)
    return [
        replace(_analysis(one, name, stats_at(stats, span), timeline, change), shape_values=said)
        for one, name, span, timeline, change, said in zip(
            series, names, spans(lengths), timelines, changes, values, strict=True
        )
    ]


def _in_blocks(joined: HistogramSeries) -> tuple[SeriesStats, Neighbours]:
    """Statistics, and how steps differ from the next: both work on a block's matrices while these are there."""
    stats, differences = StatsByBlock(joined), DifferencesByBlock(joined)
    for start, part in joined.chunks():
        stats.add(start, part)
        differences.add(start, part)
    return stats.complete(), neighbours_of(joined, differences.complete())


def _analysis(
    series: HistogramSeries, name: TagName, stats: SeriesStats, shapes: ShapeTimeline, change: Change
) -> TagAnalysis:
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
        change=change,
        first=first,
        last=last,
        distance=change.distance,
        moments_agree=_moments_agree(series.moments),
        total_steps=series.total_steps,
        collisions=series.collisions,
        restarts=series.restarts,
    )


def names_of(reader: RunReader, told: Names = NOTHING_TOLD) -> dict[str, TagName]:
    """What the names of a run's tags say, and what the user says of them; by tag."""
    return {name.tag: name for name in overrule(read_tags(reader.tags()), told)}


def analyse_tags(
    reader: RunReader,
    tags: Sequence[str] | None = None,
    on_tag: Callable[[str], None] | None = None,
    *,
    threads: int = 1,
    names: Mapping[str, TagName] | None = None,
) -> list[TagAnalysis]:
    """Analyses the given tags of a run (default: all), some at a time; memory holds the buckets of a few batches.

    Args:
      names: what `names_of(reader)` gives, for who asks for one part of a run after the other.
      on_tag: is told each tag that is done, for a progress display.
      threads: batches that are worked on at the same time. NumPy lets other threads run while it works on a batch.
    """
    known = names_of(reader) if names is None else names
    found: list[TagAnalysis] = []

    def analyse(batch: list[HistogramSeries]) -> list[TagAnalysis]:
        return analyse_several(batch, [known[series.tag] for series in batch])

    def take(analysed: Iterable[TagAnalysis]) -> None:
        for tag in analysed:
            found.append(tag)
            if on_tag is not None:
                on_tag(tag.tag)

    if threads == 1:
        for batch in _batches(reader.read(tags)):
            take(analyse(batch))
            batch.clear()
            # What is remembered of a batch's buckets refers to itself; Python would find that out only much later,
            # since it counts objects, not their size.
            gc.collect(1)
        return found
    with ThreadPoolExecutor(threads, thread_name_prefix="insight-analyse") as pool:
        pending: deque[Future[list[TagAnalysis]]] = deque()
        for batch in _batches(reader.read(tags)):
            if len(pending) > threads:
                take(pending.popleft().result())
            pending.append(pool.submit(analyse, batch))
        while pending:
            take(pending.popleft().result())
    return found


def _batches(series: Iterable[HistogramSeries]) -> Iterator[list[HistogramSeries]]:
    """Groups of neighbours with BATCH_ROWS buckets or a little more; large ones alone."""
    batch: list[HistogramSeries] = []
    rows = 0
    for one in series:
        size = len(one.buckets)
        if size >= LARGE_ROWS and batch:
            yield batch
            batch, rows = [], 0
        batch.append(one)
        del one  # so that nothing keeps its rows when it has been joined to others
        rows += size
        if size >= LARGE_ROWS or rows >= BATCH_ROWS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def conclude(
    run: str,
    tags: Iterable[TagAnalysis],
    scalars: Iterable[ScalarSeries] = (),
    skipped: Iterable[Skipped] = (),
    *,
    select: Collection[str] | None = None,
    ignore: Collection[str] = (),
    adjustments: Mapping[str, Adjustment] = NOTHING_SET,
    told: Names = NOTHING_TOLD,
) -> RunAnalysis:
    """Puts a run's tags in depth order and lets the rules judge them.

    Args:
      tags: in order of first appearance in the log.
      select: ids of the rules to run (default: all).
      ignore: ids of rules to leave out.
      adjustments: by a rule's id, what the user set about it.
      told: what the user says of tags.
    """
    found = list(tags)
    # Sizes tell a normalisation's gain from a small kernel, so names are read again now that they are known.
    guessed = read_tags([tag.tag for tag in found], {tag.tag: tag.element_count for tag in found})
    names = overrule(guessed, told)
    named = [replace(tag, name=name) for tag, name in zip(found, names, strict=True)]
    named.sort(key=lambda tag: tag.name.depth)  # stable: first appearance decides within a layer
    analysis = RunAnalysis(
        run=run,
        tags=tuple(named),
        scalars={scalar.tag: scalar for scalar in scalars},
        skipped=tuple(skipped),
    )
    return replace(analysis, outcomes=run_rules(analysis, select, ignore, adjustments))


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

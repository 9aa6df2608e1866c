"""Route `series`: the buckets of one tag at every step that TensorBoard keeps, and what was measured on them."""

from __future__ import annotations

from tb_histinsight.analysis import analyse_series, names_of
from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.core.run import TagAnalysis
from tb_histinsight.core.told import NOTHING_TOLD, Names
from tb_histinsight.page.series import packed_entry, series_entry
from tb_histinsight.report import TimelineEntry
from tb_histinsight.routes.answer import Answer, RequestError, to_json
from tb_histinsight.routes.report import no_such_run
from tb_histinsight.routes.store import AnalysisStore
from tb_histinsight.routes.versioned import VersionedReader, VersionedSource

CELLS = 150_000
"""Buckets of all steps up to which a tag is sent as plain numbers, about 8 MB of JSON: what TensorBoard keeps by
default. A tag with more of them, as when it was read in full, is packed."""
CELLS_PACKED = 1_000_000
"""Buckets that are sent packed, about 4 MB; beyond, a sample of the steps: far more than a picture has pixels."""
FEWEST_STEPS = 100
"""Steps that are sent however wide the histograms are."""


def series_impl(
    store: AnalysisStore,
    source: VersionedSource,
    run: str,
    tag: str,
    experiment: str = "",
    *,
    names: Names = NOTHING_TOLD,
) -> Answer:
    """The buckets of one tag of one run.

    Args:
      names: what the user says of tags.

    Raises:
      RequestError: there is no such run, or no such tag in it (at once, or when the body is made).
    """
    try:
        reader = source.open_run(run)
    except KeyError:
        raise no_such_run(run) from None
    if tag not in reader.tags():
        raise RequestError(404, f"TensorBoard holds no histograms called {tag!r} of run {run!r}.")

    def make() -> bytes:
        series = next(iter(reader.read([tag])), None)
        if series is None:
            raise RequestError(404, f"No histogram of {tag!r} in run {run!r} can be read.")
        return to_json(_entry(series, _analysis(store, reader, series, experiment, names)))

    version = repr(reader.tag_version(tag)) + (repr(names) if names.tellings else "")
    return Answer(("series", experiment, run, tag), version, make)


def _analysis(
    store: AnalysisStore, reader: VersionedReader, series: HistogramSeries, experiment: str, names: Names
) -> TagAnalysis:
    known = store.tag(experiment, reader, series.tag, names)
    # TensorBoard may have replaced a kept step by another since: the number of steps alone would not show it.
    if known is not None and known.steps.tolist() == series.steps.tolist():
        return known
    return analyse_series(series, names_of(reader, names)[series.tag])


def _entry(series: HistogramSeries, analysis: TagAnalysis) -> dict[str, object]:
    if len(series.buckets) > CELLS:
        spans = analysis.shapes.spans
        timeline = [
            TimelineEntry(shape=span.shape.value, first_step=span.first_step, last_step=span.last_step)
            for span in spans
        ]
        return packed_entry(series, timeline, max(FEWEST_STEPS, CELLS_PACKED * len(series) // len(series.buckets)))
    return series_entry(series, [label.shape.value for label in analysis.shapes.labels], analysis.stats)

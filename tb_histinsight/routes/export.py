"""Route `export`: the report over some runs as one file to keep or to send."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from tb_histinsight.api.pictures import pictures
from tb_histinsight.explain import explain
from tb_histinsight.formats import Options, by_name
from tb_histinsight.notes import NOTHING_NOTED, Notes
from tb_histinsight.routes.answer import Answer, RequestError
from tb_histinsight.routes.chosen import known_roles, only
from tb_histinsight.routes.report import compared, report_impl
from tb_histinsight.routes.store import AnalysisStore
from tb_histinsight.routes.versioned import VersionedSource
from tb_histinsight.settings import DEFAULTS, Settings

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
"""What can be had, and as what it is sent."""


def export_impl(
    store: AnalysisStore,
    source: VersionedSource,
    runs: Sequence[str],
    language: str,
    *,
    form: str,
    roles: Sequence[str] = (),
    text: str = "",
    experiment: str = "",
    settings_of: Callable[[str], Settings] = lambda run: DEFAULTS,
    notes_of: Callable[[str], Notes] = lambda run: NOTHING_NOTED,
) -> Answer:
    """The report over the given runs (all, where none is given) in a format for reading elsewhere.

    Args:
      roles: of the tags that are wanted; none given: any.
      text: what the names of the tags contain.

    Raises:
      RequestError: there is no such run, language, format or role.
    """
    roles = known_roles(roles)
    if form not in MEDIA_TYPES:
        raise RequestError(400, f"No format {form!r}. There are: {', '.join(MEDIA_TYPES)}.")
    report = report_impl(store, source, runs, language, experiment, settings_of=settings_of, notes_of=notes_of)
    chosen = [run for run in source.runs() if run in set(runs)] if runs else list(source.runs())

    def make() -> bytes:
        settings = [settings_of(run) for run in chosen]
        analyses = [
            store.run(experiment, source.open_run(run), told) for run, told in zip(chosen, settings, strict=True)
        ]
        judged, comparisons = compared(analyses, settings)
        stream = io.StringIO(newline="")
        options = Options(series=lambda shown: pictures(source, shown))
        notes = {run: notes_of(run) for run in chosen}
        told = explain(judged, language, source.skipped(), comparisons=comparisons, notes=notes)
        by_name(form).write(only(told, roles, text), stream, options)
        return stream.getvalue().encode("utf-8", "backslashreplace")

    return Answer(("export", form, text, *roles, "", *report.key), report.version, make, MEDIA_TYPES[form])

"""Route `report`: what the histograms of some runs, or of all, mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tb_histinsight.core.findings import Comparison
from tb_histinsight.core.run import RunAnalysis, Skipped
from tb_histinsight.explain import explain
from tb_histinsight.locales import languages
from tb_histinsight.notes import FILE_NAME, NOTHING_NOTED, Notes
from tb_histinsight.report import encode
from tb_histinsight.routes.answer import Answer, RequestError, digest
from tb_histinsight.routes.store import AnalysisStore
from tb_histinsight.routes.versioned import VersionedSource
from tb_histinsight.settings import DEFAULTS, Settings


def report_impl(
    store: AnalysisStore,
    source: VersionedSource,
    runs: Sequence[str],
    language: str,
    experiment: str = "",
    *,
    settings_of: Callable[[str], Settings] = lambda run: DEFAULTS,
    notes_of: Callable[[str], Notes] = lambda run: NOTHING_NOTED,
) -> Answer:
    """The report over the given runs, in the source's order; over all of them where none is given.

    Args:
      settings_of: what is set for a run.
      notes_of: what is said about a run.

    Raises:
      RequestError: there is no such run, or no such language.
    """
    language = known_language(language)
    present = source.runs()
    for run in runs:
        if run not in present:
            raise no_such_run(run)
    chosen = [run for run in present if run in set(runs)] if runs else list(present)
    readers = [source.open_run(run) for run in chosen]

    settings = [settings_of(run) for run in chosen]
    notes = {run: notes_of(run) for run in chosen}

    def make() -> bytes:
        analyses = [store.run(experiment, reader, told) for reader, told in zip(readers, settings, strict=True)]
        judged, comparisons = compared(analyses, settings)
        unread = dict.fromkeys(problem for said in notes.values() for problem in said.problems)
        skipped = [*source.skipped(), *(Skipped("bad_note", FILE_NAME, detail=problem) for problem in unread)]
        return encode(explain(judged, language, skipped, comparisons=comparisons, notes=notes))

    version = digest(
        *(reader.version for reader in readers),
        *(told.version for told in settings),
        *(said.version for said in notes.values()),
    )
    return Answer(("report", experiment, language, *chosen), version, make)


def compared(runs: Sequence[RunAnalysis], settings: Sequence[Settings]) -> tuple[list[RunAnalysis], list[Comparison]]:
    """The runs, each with what became of their comparison, and what differs between them."""
    # With the first report, not with the first request: the page is there sooner.
    from tb_histinsight.rules.comparing import compare_runs

    return compare_runs(runs, settings[0].rules.get("run-difference") if settings else None)


def known_language(language: str) -> str:
    """The language, if it is one of those that there are.

    Raises:
      RequestError: there is no such language.
    """
    if language not in languages():
        raise RequestError(400, f"No language {language!r}. There are: {', '.join(languages())}.")
    return language


def no_such_run(run: str) -> RequestError:
    """The answer to a run that is not there (any more)."""
    return RequestError(404, f"TensorBoard holds no histograms of a run called {run!r}; it may have been deleted.")

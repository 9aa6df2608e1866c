"""Route `comparisons`: how the runs differ from each other, without saying again what each of them is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tb_histinsight.core.findings import Comparison
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.explain import explain, outcome_entry
from tb_histinsight.locales import catalogue
from tb_histinsight.routes.answer import Answer, digest, to_json
from tb_histinsight.routes.report import compared, known_language
from tb_histinsight.routes.store import AnalysisStore
from tb_histinsight.routes.versioned import VersionedSource
from tb_histinsight.settings import DEFAULTS, Settings


def comparisons_impl(
    store: AnalysisStore,
    source: VersionedSource,
    language: str,
    experiment: str = "",
    *,
    settings_of: Callable[[str], Settings] = lambda run: DEFAULTS,
) -> Answer:
    """What differs between all runs, the most telling first, and what became of the rule on each of them.

    Raises:
      RequestError: there is no such language.
    """
    language = known_language(language)
    readers = [source.open_run(run) for run in source.runs()]
    settings = [settings_of(reader.run) for reader in readers]

    def make() -> bytes:
        analyses = [store.run(experiment, reader, told) for reader, told in zip(readers, settings, strict=True)]
        return _body(*compared(analyses, settings), language)

    version = digest(*(reader.version for reader in readers), *(told.version for told in settings))
    return Answer(("comparisons", experiment, language), version, make)


def _body(runs: Sequence[RunAnalysis], comparisons: Sequence[Comparison], language: str) -> bytes:
    words = catalogue(language)
    outcomes = {
        run.run: outcome_entry(outcome, words)
        for run in runs
        for outcome in run.outcomes
        if outcome.rule == "run-difference"
    }
    told = explain([], language, comparisons=comparisons).comparisons
    return to_json({"language": language, "comparisons": told, "outcomes": outcomes})

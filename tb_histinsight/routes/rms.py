"""Route `rms`: the root mean square of every tag of a run over its steps, for profiles over depth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tb_histinsight.core.histogram import FloatArray, IntArray
from tb_histinsight.core.run import TagAnalysis
from tb_histinsight.routes.answer import Answer, to_json
from tb_histinsight.routes.report import no_such_run
from tb_histinsight.routes.store import AnalysisStore
from tb_histinsight.routes.versioned import VersionedSource
from tb_histinsight.settings import DEFAULTS, Settings

MOST_STEPS = 120
"""Steps given of a tag, spread evenly; a run of 2000 tags stays below a megabyte on the wire."""
DIGITS = 5
"""Significant decimal digits: more than a picture shows, or the buckets prove."""


def rms_impl(
    store: AnalysisStore, source: VersionedSource, run: str, experiment: str = "", *, settings: Settings = DEFAULTS
) -> Answer:
    """The root mean square of each tag of one run, at every step or a sample of them.

    Args:
      settings: what the run's report was made with: the same analysis serves both.

    Raises:
      RequestError: there is no such run.
    """
    try:
        reader = source.open_run(run)
    except KeyError:
        raise no_such_run(run) from None

    def make() -> bytes:
        return to_json({"run": run, **rms_entries(store.run(experiment, reader, settings).tags)})

    return Answer(("rms", experiment, run), f"{reader.version} {settings.version}", make)


def rms_entries(tags: Iterable[TagAnalysis]) -> dict[str, Any]:
    """The lists of steps, and of each tag which list it has and its root mean squares; NaN where there is none."""
    lists: dict[tuple[int, ...], int] = {}
    entries = []
    for tag in tags:
        index = _sample(len(tag.steps))
        steps = tuple(tag.steps[index].tolist())
        values = _rounded(tag.stats.rms.value[index]).tolist()
        entries.append({"tag": tag.tag, "steps": lists.setdefault(steps, len(lists)), "rms": values})
    return {"steps": list(lists), "tags": entries}


def _sample(count: int) -> IntArray:
    """Indices of the steps that are given: the first, the last, and evenly between."""
    every = np.linspace(0, count - 1, min(count, MOST_STEPS)).round()
    index: IntArray = every.astype(np.int64)
    return index


def _rounded(values: FloatArray) -> FloatArray:
    """The values to DIGITS significant digits, so that they take less room as text."""
    return np.array([float(f"{value:.{DIGITS - 1}e}") for value in values.tolist()], np.float64)

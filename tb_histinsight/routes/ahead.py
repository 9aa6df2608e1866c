"""Begins with what the tab will ask for first, before it does: somebody has opened TensorBoard in a browser."""

from __future__ import annotations

import time
from collections.abc import Callable

from tb_histinsight.routes.kept import Kept
from tb_histinsight.routes.versioned import VersionedSource

RUNS_AHEAD = 4
"""Runs that the tab asks for at once when it opens (PARALLEL in frontend/src/state.js)."""
TAGS_AHEAD = 2000
"""Tags in these at most: about two seconds of work for a tab that may never be opened."""
SETTLED_SECONDS = 1.2
"""What TensorBoard holds is taken to be loaded when it has not changed for so long. A list of it is taken to hold for
almost as long (LISTING_SECONDS in plugin.py): with less, one list would be held against itself. TensorBoard's own page
is on its way meanwhile; of a log that was loaded before, the first runs are done when somebody gets to the tab."""
LOOKS = 25
"""Looks at it before that is given up: the log grows, or it is large."""


def look_ahead(listed: Callable[[], VersionedSource], kept: Kept) -> None:
    """Waits until TensorBoard has loaded the log, and analyses its first runs.

    Args:
      listed: gives what TensorBoard holds now.
    """
    before: list[str] = []
    for _ in range(LOOKS):
        source = listed()
        versions = [source.open_run(run).version for run in source.runs()]
        if versions and versions == before:
            from tb_histinsight.explain import explain  # noqa: F401 - what the first report needs

            analyse_first(source, kept, "")
            return
        before = versions
        time.sleep(SETTLED_SECONDS)  # TensorBoard's own page comes first


def analyse_first(source: VersionedSource, kept: Kept, experiment: str) -> None:
    """Analyses the runs that the tab asks for first, unless they are large."""
    tags = 0
    for run in source.runs()[:RUNS_AHEAD]:
        reader = source.open_run(run)
        tags += len(reader.tags())
        if tags > TAGS_AHEAD:
            return
        kept.analyses.run(experiment, reader, kept.settings.of(run))

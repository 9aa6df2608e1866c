"""Route `runs`: the runs that have histograms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tb_histinsight import __version__
from tb_histinsight.routes.answer import Answer, digest, to_json
from tb_histinsight.routes.versioned import VersionedReader, VersionedSource


def runs_impl(
    source: VersionedSource,
    experiment: str = "",
    problems: Sequence[str] = (),
    told_version: Callable[[str], str] = lambda run: "",
    log: str = "",
) -> Answer:
    """The names of the runs, how many tags each has, its last step, and its version; and what is wrong meanwhile.

    Args:
      told_version: what else a run's report depends on: what the user set.
      log: what tells this log from others.
    """

    def version(reader: VersionedReader) -> str:
        told = told_version(reader.run)
        return digest(reader.version, told) if told else reader.version

    entries = [
        {"run": reader.run, "tags": len(reader.tags()), "last_step": reader.last_step(), "version": version(reader)}
        for reader in map(source.open_run, source.runs())
    ]
    body = to_json({"runs": entries, "skipped": [], "problems": problems, "log": log, "plugin_version": __version__})
    return Answer(("runs", experiment), digest(body.decode()), lambda: body)

"""Route `runs`: the runs that have histograms."""

from __future__ import annotations

from tb_histinsight import __version__
from tb_histinsight.routes.answer import Answer, digest, to_json
from tb_histinsight.routes.versioned import VersionedSource


def runs_impl(source: VersionedSource, experiment: str = "") -> Answer:
    """The names of the runs, how many tags each has, its last step, and its version."""
    entries = [
        {"run": reader.run, "tags": len(reader.tags()), "last_step": reader.last_step(), "version": reader.version}
        for reader in map(source.open_run, source.runs())
    ]
    body = to_json({"runs": entries, "skipped": [], "plugin_version": __version__})
    return Answer(("runs", experiment), digest(body.decode()), lambda: body)

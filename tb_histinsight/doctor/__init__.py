"""Why the tab does not show, or shows nothing: the environment that TensorBoard runs in, and the log.

Each check gives symptoms: facts with the key of a sentence (`doctor.<key>` in the catalogue) and, where something is
wrong, of what to do about it (`doctor.<key>.do`).
"""

from __future__ import annotations

from collections.abc import Iterator

from tb_histinsight.doctor.symptoms import Symptom

__all__ = ["Symptom", "examine"]


def examine(logdir: str | None = None) -> Iterator[Symptom]:
    """Every symptom, one by one as it is found: first of the environment, then of the log."""
    from tb_histinsight.doctor.environment import examine_environment
    from tb_histinsight.doctor.log import examine_log

    yield from examine_environment()
    if logdir is not None:
        yield from examine_log(logdir)

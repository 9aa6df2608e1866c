"""Demonstration runs: small networks, trained for real in NumPy, to see what trouble looks like in a histogram."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tb_histinsight.core.errors import UsageError


@dataclass(frozen=True)
class Trained:
    """One demonstration run that has been trained and written."""

    name: str
    story: str
    quality: str


def write_demo(folder: Path) -> Iterator[Trained]:
    """Trains the demonstration networks one after the other and writes their event files below `folder`.

    What an earlier demonstration wrote there is replaced; everything else is left alone. The matrices are small: one
    thread (OPENBLAS_NUM_THREADS=1, before NumPy is imported) trains them ten times faster than several on a machine
    that has other things to do.

    Raises:
      UsageError: one of the run's folders holds event files of another training.
    """
    from tb_histinsight.demo.recorder import FILE_NAME, Recorder
    from tb_histinsight.demo.runs import demo_runs

    runs = demo_runs()
    for name in runs:
        strangers = [file.name for file in (folder / name).glob("*tfevents*") if file.name != FILE_NAME]
        if strangers:
            raise UsageError(
                f"{folder / name} holds event files of another training ({strangers[0]}). Choose another folder."
            )
    for name, run in runs.items():
        with Recorder(folder / name, run.ENCODING) as recorder:
            outcome = run.train(recorder)
        yield Trained(name, run.STORY, outcome.quality)

"""A log directory: whether it is the right one, and whether it holds what the tab shows."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from tb_histinsight.core.errors import InsightError, NothingToReadError, UsageError
from tb_histinsight.core.labels import Role
from tb_histinsight.core.names import read_tags
from tb_histinsight.core.run import Skipped
from tb_histinsight.doctor.symptoms import Status, Symptom
from tb_histinsight.sources.event_files import EventFileSource
from tb_histinsight.sources.event_files.discovery import EVENT_FILE, find_runs, is_here, roots_of
from tb_histinsight.sources.remote.address import shown
from tb_histinsight.sources.remote.trouble import RemoteError

KEPT = 100
"""Histograms of a tag that TensorBoard keeps unless --samples_per_plugin says otherwise. Measured on 2.16 and 2.21."""
NEAR = 3
"""Levels of folders that are looked at above and below a folder without event files."""
NAMED = 3
"""Names that a sentence lists before it counts the rest."""
KERAS_SCALARS = {"epoch_loss", "batch_loss", "evaluation_loss_vs_iterations"}
"""Scalars by which the log of Keras's TensorBoard callback is known."""
COLLIDING = {"kernel/histogram", "bias/histogram"}
"""Tags under which some releases of Keras 3 log every layer."""


def examine_log(logdir: str) -> Iterator[Symptom]:
    """Symptoms of a log directory."""
    try:
        yield from _examined(logdir)
    except InsightError as error:
        yield Symptom(Status.TROUBLE, "cannot_read", {"error": str(error)})


def _examined(logdir: str) -> Iterator[Symptom]:
    try:
        found = find_runs(logdir)
    except RemoteError:
        raise
    except NothingToReadError as error:
        yield from _nowhere(logdir, str(error))
        return
    if not is_here(logdir):
        yield Symptom(Status.NOTE, "remote")
    yield from _settings({home.folder for home in found.homes.values()})
    files = sum(map(len, found.runs.values()))
    yield Symptom(Status.FINE, "files", {"files": files, "runs": len(found.runs)})
    yield from _unreadable(found.skipped)
    source = EventFileSource(logdir)
    runs = list(source.runs())
    silent = [run for run in found.runs if run not in set(runs)]
    if not runs:
        yield from _without_histograms(source, silent)
        return
    yield Symptom(Status.FINE, "histograms", {"runs": len(runs), "names": _some(runs)})
    if silent:
        yield Symptom(Status.NOTE, "silent_runs", {"runs": len(silent), "names": _some(silent)})
    yield from _unreadable(source.skipped()[len(found.skipped) :])
    yield from _content(source, runs)


def _settings(folders: Collection[Path]) -> Iterator[Symptom]:
    """Whether what is set for the log's folders can be understood."""
    from tb_histinsight.settings import load

    wrong: dict[str, None] = {}
    for folder in sorted(folders):
        try:
            load(folder)
        except UsageError as error:
            wrong.setdefault(str(error))
    for sentence in wrong:
        yield Symptom(Status.TROUBLE, "settings_wrong", {"error": sentence})


def _nowhere(logdir: str, error: str) -> Iterator[Symptom]:
    """No such folder, or no event file in it: is the right one near?"""
    roots = [path for _, path in roots_of(logdir) if isinstance(path, Path)]
    where = shown(logdir)
    missing = [path for path in roots if not path.exists()]
    if missing:
        yield Symptom(Status.TROUBLE, "missing", {"where": where})
        return
    for path in roots:
        above = _above(path)
        if above is not None:
            yield Symptom(Status.TROUBLE, "one_level_off", {"where": where, "near": above})
            return
    yield Symptom(Status.TROUBLE, "no_files", {"where": where, "error": error})


def _above(path: Path) -> str | None:
    """A folder above, or beside one above, that holds event files; as one would type it."""
    for level, folder in zip(range(1, NEAR + 1), path.resolve().parents, strict=False):
        if folder == Path(folder.anchor):
            return None
        for place in (folder, *_folders(folder)):
            if _holds_events(place):
                steps = os.path.join(str(path), *[os.pardir] * level)
                return os.path.normpath(steps if place == folder else os.path.join(steps, place.name))
    return None


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if entry.is_dir())
    except OSError:
        return []


def _holds_events(folder: Path) -> bool:
    try:
        return any(EVENT_FILE in name for name in os.listdir(folder))
    except OSError:
        return False


def _unreadable(skipped: Sequence[Skipped]) -> Iterator[Symptom]:
    for entry in skipped:
        if entry.reason == "unreadable":
            yield Symptom(Status.TROUBLE, "unreadable", {"where": entry.where, "error": entry.detail})
        elif entry.reason in ("no_events", "bad_length"):
            yield Symptom(Status.TROUBLE, "damaged", {"where": entry.where})


def _without_histograms(source: EventFileSource, runs: list[str]) -> Iterator[Symptom]:
    scalars = {scalar.tag for run in runs for scalar in source.open_run(run).scalars()}
    if scalars & KERAS_SCALARS:
        yield Symptom(Status.TROUBLE, "keras_without", {"names": _some(sorted(scalars & KERAS_SCALARS))})
    elif scalars:
        yield Symptom(Status.TROUBLE, "scalars_only", {"scalars": len(scalars), "names": _some(sorted(scalars))})
    else:
        yield Symptom(Status.TROUBLE, "no_histograms")
    yield from _unreadable(source.skipped())


def _content(source: EventFileSource, runs: list[str]) -> Iterator[Symptom]:
    """What the histograms are of, and what TensorBoard will not show of them."""
    roles: set[Role] = set()
    longest, collided, few = 0, set(), 0
    for run in runs:
        reader = source.open_run(run)
        tags = list(reader.tags())
        roles |= {name.role for name in read_tags(tags)}
        most = 0
        for series in reader.read(tags):
            most = max(most, len(series))
            if len(series.collisions):
                collided.add(series.tag)
        longest, few = max(longest, most), few + (most < 3)
        yield from _unreadable(reader.skipped())
    if collided:
        key = "keras_collision" if collided & COLLIDING else "collision"
        yield Symptom(Status.TROUBLE, key, {"tags": len(collided), "names": _some(sorted(collided))})
    if few == len(runs):
        yield Symptom(Status.TROUBLE, "few_steps", {"steps": longest})
    if longest > KEPT:
        yield Symptom(Status.NOTE, "sampled", {"steps": longest, "kept": KEPT})
    for role, key in (
        (Role.WEIGHT, "no_weights"),
        (Role.GRADIENT, "no_gradients"),
        (Role.ACTIVATION, "no_activations"),
    ):
        if role not in roles:
            yield Symptom(Status.NOTE, key)


def _some(names: list[str]) -> str:
    more = f", … ({len(names)})" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more

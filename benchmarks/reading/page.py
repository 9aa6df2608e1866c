"""The tables of docs/performance.md, as they were measured."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.reading.logs import PRESETS
from benchmarks.reading.measured import Measured, medians
from benchmarks.reading.readers import OURS_REPORTING

PYTHON_LOADER = "TensorBoard's Python loader"
WITH_TENSORFLOW = f"{PYTHON_LOADER}, with TensorFlow"
DATA_SERVER = "TensorBoard's data server"
MEGABYTES = 300
Found = Mapping[str, Measured]


def replaced(page: str, name: str, text: str) -> str:
    """The page with other text between two marks.

    Raises:
      ValueError: the page has no such marks.
    """
    begin, end = f"<!-- measured: {name} -->\n", f"<!-- end: {name} -->"
    before, mark, rest = page.partition(begin)
    _, last, after = rest.partition(end)
    if not mark or not last:
        raise ValueError(f"The page has no place for {name!r}.")
    return f"{before}{begin}\n{text}\n\n{end}{after}"


def conditions() -> str:
    """Under which this is measured: other work, and the versions of what matters."""
    from importlib.metadata import PackageNotFoundError, version
    from platform import python_version

    said = [f"Python {python_version()}"]
    for package in ("numpy", "tensorboard"):
        try:
            said.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    load = f"; {os.getloadavg()[0]:.1f} processes wanted them when it began" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores{load}. {', '.join(said)}."


def aims(measured: Mapping[str, Found]) -> str:
    """What was aimed at, and what holds: a table of what can be told from these presets' results."""
    rows = ["| aim | measured | holds |", "|---|---|---|"]
    rows += [f"| {aim} | {said} | {'yes' if holds else 'no'} |" for aim, said, holds in _aims(measured)]
    return "\n".join(rows)


def _aims(measured: Mapping[str, Found]) -> Iterator[tuple[str, str, bool]]:
    for preset, other, times in (("tf2", PYTHON_LOADER, 25), ("tf2", WITH_TENSORFLOW, 4), ("torch", PYTHON_LOADER, 30)):
        found = measured.get(preset, {})
        if other in found:
            clock, processor = _ratios(found, other)
            said = f"{clock:.1f} times by the clock, {processor:.1f} by processor"
            yield f"`report` on {PRESETS[preset].title}: {times} times as fast as {other}", said, clock >= times
    for preset in ("sweep", "long"):
        if DATA_SERVER in measured.get(preset, {}):
            clock, processor = _ratios(measured[preset], DATA_SERVER)
            said = f"takes {1 / clock:.1f} times its time, {1 / processor:.1f} times its processor time"
            yield f"`report` on {PRESETS[preset].title}: ahead of the data server's reading", said, clock >= 1
    peaks = [measured[preset][OURS_REPORTING.name].peak for preset in ("tf2", "long", "torch") if preset in measured]
    if peaks:
        said = ", ".join(f"{peak:.0f}" for peak in peaks) + " MB"
        yield f"own memory below {MEGABYTES} MB on the large runs", said, max(peaks) < MEGABYTES
    if "tf2" in measured and "long" in measured:
        few, many = (measured[preset][OURS_REPORTING.name] for preset in ("tf2", "long"))
        more = PRESETS["long"].steps / PRESETS["tf2"].steps
        factor = statistics.median(many.processor) / statistics.median(few.processor)
        said = f"{more:.0f} times the steps: {factor:.1f} times the processor time"
        yield "ten times the steps: at most ten times the time", said, factor <= more


def _ratios(found: Found, other: str) -> tuple[float, float]:
    """How many times as long another reader takes as our report: by the clock, and on the processors."""
    ours = found[OURS_REPORTING.name]
    return medians(found[other].seconds, ours.seconds), medians(found[other].processor, ours.processor)


def written(page: Path, tables: str, measured: Mapping[str, Found]) -> None:
    """Puts what was measured into the page."""
    text = replaced(page.read_text("utf-8"), "reading", tables)
    page.write_text(replaced(text, "aims", aims(measured)), "utf-8")

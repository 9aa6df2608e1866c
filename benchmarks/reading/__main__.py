"""Time and memory that it takes to read a whole log, every step of it, and to report on it.

    python -m benchmarks.reading [--preset small|tf2|torch|sweep|long] [--rounds 5] [--logdir DIR] [--python PATH]

Each reader runs in processes of its own. `--python` names the interpreter of another environment (repeat it for more):
readers that are installed there alone are compared as well.

Readers take turns, so that whatever else the machine does hits all of them. Time is that of the whole process, from
its start to its end: by the clock, and on the processors (which a busy machine disturbs less). Memory is the most that
it had of its own (anonymous pages, its child processes included; pages of mapped files belong to the system's cache).
Prints a Markdown table: medians, quickest and slowest round, and the medians of the rounds' ratios to this project's
report. The data server keeps all histograms, and is stopped when it has loaded the log: it has handed none over.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.reading.logs import PRESETS, write_log
from benchmarks.reading.readers import OURS_REPORTING, Reader, installed

LOOK_EVERY = 0.01
"""Seconds between two looks at the memory."""


@dataclass
class Measured:
    """All rounds of one reader."""

    seconds: list[float] = field(default_factory=list)
    """By the clock, of each round"""
    processor: list[float] = field(default_factory=list)
    """On all processors, its children included"""
    peak: float = 0.0
    """MB"""
    histograms: int = 0


def measure(reader: Reader, logdir: str, into: Measured) -> None:
    """Runs a reader once."""
    start = time.perf_counter()
    with subprocess.Popen(
        reader.command(logdir), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            into.peak = max(into.peak, own_memory(process.pid))
            time.sleep(LOOK_EVERY)
        into.seconds.append(time.perf_counter() - start)
        into.processor.append(usage.ru_utime + usage.ru_stime)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.stdout is not None
        said = process.stdout.read().split()
    if process.returncode or not said:
        raise SystemExit(f"{reader.name} failed on {logdir}.")
    into.histograms = int(said[-1])


def own_memory(pid: int) -> float:
    """Anonymous memory of a process and its children, MB; 0 where the system does not tell (Linux does)."""
    total = 0.0
    try:
        for line in Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines():
            if line.startswith("RssAnon:"):
                total += int(line.split()[1]) / 1024
        for thread in Path(f"/proc/{pid}/task").iterdir():
            total += sum(own_memory(int(child)) for child in (thread / "children").read_text("ascii").split())
    except OSError:
        pass
    return total


def compare(logdir: str, rounds: int, readers: list[Reader]) -> dict[str, Measured]:
    """Lets the readers take turns."""
    found = {reader.name: Measured() for reader in readers}
    for reader in readers:
        if not reader.slow:
            measure(reader, logdir, Measured())  # fills the caches of files and byte code
    for turn in range(rounds):
        for reader in readers:
            if not reader.slow or turn < max(1, rounds // 2):
                measure(reader, logdir, found[reader.name])
    return found


def table(found: dict[str, Measured]) -> str:
    """The results in Markdown."""
    ours = found[OURS_REPORTING.name]
    lines = [
        "| reader | clock | quickest - slowest | times ours | processor | times ours | own memory |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, measured in found.items():
        seconds, processor = measured.seconds, measured.processor
        lines.append(
            f"| {name} | {statistics.median(seconds):.2f} s | {min(seconds):.2f} - {max(seconds):.2f} s "
            f"| {_ratio(seconds, ours.seconds):.2f} | {statistics.median(processor):.2f} s "
            f"| {_ratio(processor, ours.processor):.2f} | {measured.peak:.0f} MB |"
        )
    return "\n".join(lines)


def _ratio(theirs: list[float], ours: list[float]) -> float:
    """Median of the ratios of the same rounds."""
    return statistics.median(one / other for one, other in zip(theirs, ours, strict=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=PRESETS, default="small")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--logdir", help="an existing log instead of a preset's")
    parser.add_argument("--python", action="append", default=[], help="interpreter of another environment")
    parser.add_argument("--quick", action="store_true", help="leave out the readers that take long")
    chosen = parser.parse_args()
    readers = [reader for reader in installed(chosen.python) if not (chosen.quick and reader.slow)]
    with tempfile.TemporaryDirectory() as folder:
        logdir = chosen.logdir or folder
        title = Path(logdir).name
        if not chosen.logdir:
            write_log(Path(folder), PRESETS[chosen.preset])
            title = PRESETS[chosen.preset].title
        size = sum(file.stat().st_size for file in Path(logdir).rglob("*tfevents*"))
        found = compare(logdir, chosen.rounds, readers)
        counts = {measured.histograms for measured in found.values()} - {-1}
        print(f"{title}: {size / 1e6:.0f} MB, {max(counts)} histograms\n\n{table(found)}")
        if len(counts) > 1:
            raise SystemExit(f"The readers disagree on the number of histograms: {sorted(counts)}.")


if __name__ == "__main__":
    sys.exit(main())

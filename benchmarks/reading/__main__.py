"""Time and memory that it takes to read a whole log, every step of it, and to report on it.

    python -m benchmarks.reading [--preset small|tf2|sweep|long|torch ...] [--logdir DIR ...] [--python PATH]
    python -m benchmarks.reading --preset tf2 sweep long torch --rounds 3 --page docs/performance.md

Each reader runs in processes of its own. `--python` names the interpreter of another environment (repeat it for more):
readers that are installed there alone are compared as well. `--logdir` names logs that exist already; with `--preset`,
they stand for these presets, in the same order. `--page` puts the tables, and what holds of the aims, into the page.
The second line takes about ten minutes on two idle cores, and 2 GB of disk.

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
from pathlib import Path

from benchmarks.compiled import compile_package
from benchmarks.reading.logs import PRESETS, write_log
from benchmarks.reading.measured import Measured, medians
from benchmarks.reading.page import aims, conditions, written
from benchmarks.reading.readers import OURS_REPORTING, Reader, installed

LOOK_EVERY = 0.01
"""Seconds between two looks at the memory."""


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
            if not reader.slow or turn < _slow_rounds(rounds):
                measure(reader, logdir, found[reader.name])
    return found


def _slow_rounds(rounds: int) -> int:
    """Of readers that take long."""
    return max(1, rounds // 2)


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
            f"| {medians(seconds, ours.seconds):.2f} | {statistics.median(processor):.2f} s "
            f"| {medians(processor, ours.processor):.2f} | {measured.peak:.0f} MB |"
        )
    return "\n".join(lines)


def compared(title: str, logdir: str, rounds: int, readers: list[Reader]) -> tuple[str, dict[str, Measured]]:
    """A log's title and table, and what was measured.

    Raises:
      SystemExit: the readers disagree on what is in the log.
    """
    size = sum(file.stat().st_size for file in Path(logdir).rglob("*tfevents*"))
    found = compare(logdir, rounds, readers)
    counts = {measured.histograms for measured in found.values()} - {-1}
    if len(counts) > 1:
        raise SystemExit(f"The readers disagree on the number of histograms: {sorted(counts)}.")
    turns = f"{rounds} round{'s'[: rounds > 1]}"
    if any(reader.slow for reader in readers) and rounds > 1:
        turns += f", the slow ones {_slow_rounds(rounds)}"
    return f"**{title}** ({size / 1e6:.0f} MB, {max(counts):,} histograms; {turns})\n\n{table(found)}", found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=PRESETS, nargs="+", default=["small"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--logdir", nargs="+", help="existing logs, in the place of the presets' or alone")
    parser.add_argument("--python", action="append", default=[], help="interpreter of another environment")
    parser.add_argument("--quick", action="store_true", help="leave out the readers that take long")
    parser.add_argument("--page", type=Path, help="put the tables into this page as well")
    chosen = parser.parse_args()
    compile_package()
    readers = installed(chosen.python)
    before = conditions()
    print(before, flush=True)
    tables = [before]
    measured: dict[str, dict[str, Measured]] = {}
    for name, given in _logs(chosen.preset, chosen.logdir):
        preset = PRESETS.get(name)
        quick = chosen.quick or (preset is not None and not preset.every_reader)
        used = [reader for reader in readers if not (quick and reader.slow)]
        with tempfile.TemporaryDirectory() as folder:
            if given is None:
                write_log(Path(folder), PRESETS[name])
            title = name if preset is None else preset.title
            text, measured[name] = compared(title, given or folder, chosen.rounds, used)
        print(f"\n{text}", flush=True)
        tables.append(text)
    if len(measured) > 1:
        print(f"\n{aims(measured)}")
    if chosen.page is not None:
        written(chosen.page, "\n\n".join(tables), measured)


def _logs(presets: list[str], logdirs: list[str] | None) -> list[tuple[str, str | None]]:
    """Names and folders; of a log that is still to be written, the preset's name and None.

    Raises:
      SystemExit: several presets, but another number of folders.
    """
    if logdirs is None:
        return [(name, None) for name in presets]
    if len(presets) == len(logdirs) and presets != ["small"]:
        return list(zip(presets, logdirs, strict=True))
    if presets != ["small"]:
        raise SystemExit("Give as many folders as presets, in their order, or folders alone.")
    return [(Path(logdir).name, logdir) for logdir in logdirs]


if __name__ == "__main__":
    sys.exit(main())

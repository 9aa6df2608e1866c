#!/usr/bin/env python3
"""How long a log of many small runs takes, with how much memory, in how many processes.

    python -m benchmarks.many_runs [--runs 10 100 1000] [--format text] [--dask 1 2] [--keep FOLDER]

Writes a sweep: every run has eight histograms over fifteen steps and a loss, 80 KB; in every tenth something is wrong.
A hundred of them are trained apart, the others are copies. Then `tb-histinsight report` is started on it anew with
one and with two processes and, with `--dask`, on clusters of one and two workers that are started here. Prints a
Markdown table: seconds on the clock, processor seconds of all processes together, and the most memory that one of them
had (on a cluster: the one that asked). On a busy machine only the processor seconds say much.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tb_histinsight.logging.event_writer import EventWriter

DISTINCT = 100
"""Runs that are trained; the others are copies of these."""
STEPS = 15
WRONG = 10
"""In every tenth run something is wrong."""
FILE = "events.out.tfevents.1700000000.sweep.1.0"
DASK_WAIT = 30.0
"""Seconds that a scheduler or a worker has for its start."""


@dataclass(frozen=True)
class Measured:
    """What one report took."""

    seconds: float
    processor: float
    megabytes: float
    written: int
    """Bytes of the report"""


def write_runs(folder: Path, count: int) -> None:
    """Adds what is missing to `count` runs."""
    for number in range(count):
        run = folder / f"sweep_{number // 1000:03d}" / f"trial_{number:06d}"
        if run.exists():
            continue
        if number < DISTINCT:
            write_run(run, number)
        else:
            run.mkdir(parents=True)
            original = folder / "sweep_000" / f"trial_{number % DISTINCT:06d}" / FILE
            shutil.copyfile(original, run / FILE)


def write_run(run: Path, seed: int) -> None:
    """A small training: three layers whose weights move; in every tenth run the first gets no gradient."""
    rng = np.random.default_rng(seed)
    sizes = {"dense_1": (20, 32), "dense_2": (32, 32), "out": (32, 4)}
    kernels = {name: rng.normal(0, (2 / sum(size)) ** 0.5, size) for name, size in sizes.items()}
    biases = {name: np.zeros(size[1]) for name, size in sizes.items()}
    wrong = seed % WRONG == WRONG - 1
    with EventWriter(run / FILE, clock=lambda: 1.7e9) as writer:
        for step in range(0, STEPS * 100, 100):
            writer.scalar("loss", 2.0 / (1 + step / 300), step)
            for name in sizes:
                frozen = wrong and name == "dense_1"
                gradient = rng.normal(0, 1e-9 if frozen else 1e-2, kernels[name].shape)
                writer.histogram(f"{name}/kernel", kernels[name], step)
                writer.histogram(f"{name}/bias", biases[name], step)
                if name != "out":
                    writer.histogram(f"gradients/{name}/kernel", gradient, step)
                if not frozen:
                    kernels[name] -= gradient
                    biases[name] -= rng.normal(0, 1e-2, biases[name].shape)


def measured(logdir: Path, form: str, options: Sequence[str], others: Sequence[int]) -> Measured:
    """One report, in a process of its own; with the processor seconds that other processes had meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "report"
        command = [sys.executable, "-m", "tb_histinsight", "report", str(logdir), "--lang", "en"]
        command += ["--format", form, "-o", str(output), *options]
        before = processor_seconds(others)
        start = time.perf_counter()
        process = subprocess.Popen(command)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
        processor = used.ru_utime + used.ru_stime + processor_seconds(others) - before
        return Measured(seconds, processor, used.ru_maxrss / 1024, output.stat().st_size)


def processor_seconds(processes: Sequence[int]) -> float:
    """What processes have used so far (Linux: fields 14 and 15 of /proc/…/stat)."""
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def cluster(workers: int) -> Iterator[tuple[str, list[int]]]:
    """A Dask scheduler and so many workers of one thread on this machine; gives the address and the processes."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ends:
        file = Path(folder) / "scheduler.json"
        common = ["--scheduler-file", str(file), "--no-dashboard"]
        commands = [["scheduler", "--host", "127.0.0.1", "--port", "0", *common]]
        commands += [["worker", *common, "--nthreads", "1", "--no-nanny", "--local-directory", folder]] * workers
        processes = []
        for command in commands:
            quiet = subprocess.DEVNULL
            process = subprocess.Popen([sys.executable, "-m", "dask", *command], stdout=quiet, stderr=quiet)
            processes.append(process.pid)
            ends.callback(process.wait)
            ends.callback(process.terminate)
        from distributed import Client

        deadline = time.monotonic() + DASK_WAIT
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        with Client(scheduler_file=str(file), timeout=DASK_WAIT) as client:
            client.wait_for_workers(workers, timeout=DASK_WAIT)
            address = client.scheduler.address
        yield address, processes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--format", default="text")
    parser.add_argument("--jobs", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--dask", type=int, nargs="*", metavar="WORKERS", help="also on clusters of so many workers")
    parser.add_argument("--keep", type=Path, help="folder of the log, which is kept")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        print("| runs | log | processes | s | runs/s | CPU s | peak MB | report |")
        print("|--:|--:|---|--:|--:|--:|--:|--:|")
        for count in arguments.runs:
            logdir = folder / f"runs_{count}"
            write_runs(logdir, count)
            size = sum(file.stat().st_size for file in logdir.rglob(FILE)) / 1e6
            with contextlib.ExitStack() as clusters:
                ways: list[tuple[str, list[str], list[int]]] = [
                    (str(jobs), ["--jobs", str(jobs)], []) for jobs in arguments.jobs
                ]
                for workers in arguments.dask or ():
                    address, processes = clusters.enter_context(cluster(workers))
                    ways.append((f"Dask, {workers}", ["--scheduler", address], processes))
                for name, options, processes in ways:
                    took = measured(logdir, arguments.format, options, processes)
                    print(
                        f"| {count:,} | {size:,.1f} MB | {name} | {took.seconds:.1f} | {count / took.seconds:,.0f} "
                        f"| {took.processor:.1f} | {took.megabytes:.0f} | {took.written / 1e6:.2f} MB |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()

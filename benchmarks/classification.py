"""What telling shapes costs beside reading: `python -m benchmarks.classification LOGDIR ... [--rounds N] [--runs N]`.

Analyses whole logs in one process, as `report` does, and prints a Markdown table of processor time. *Reading* is what
the reader takes until histograms are in normal form, *shapes* everything in `tb_histinsight/shapes`: the shape of
every step and the numbers of its sentence. They take turns, tag by tag, so that a busy machine slows both alike.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from statistics import median
from typing import Any

from tb_histinsight import analysis
from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.shapes.judgement import Judgement
from tb_histinsight.sources.event_files import EventFileSource

SHAPES = ("shape_timelines", "shape_values_of")
"""What `analysis` calls to tell shapes."""


class Clock:
    """Seconds of processor time spent in what it wraps, by name; and how many steps were judged in full."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.steps = self.judged = 0

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, with a look at the clock before and after."""

        @wraps(function)
        def run(*given: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return function(*given, **named)
            finally:
                self.seconds[name] += time.process_time() - start

        return run

    def reading(self, series: Iterator[HistogramSeries]) -> Iterator[HistogramSeries]:
        """The same series, each with a look at the clock before and after."""
        fetch = self.timed("reading", lambda: next(series, None))
        while (one := fetch()) is not None:
            self.steps += len(one)
            yield one


def measure(logdir: Path, runs: int | None) -> Clock:
    """Reads and analyses the first runs of a log (None: all)."""
    clock = Clock()
    kept = {name: getattr(analysis, name) for name in SHAPES}
    fully = Judgement.fully

    def counted(judgement: Judgement, rows: Any) -> None:
        clock.judged += len(rows)
        fully(judgement, rows)

    Judgement.fully = counted  # type: ignore[method-assign]
    for name, function in kept.items():
        setattr(analysis, name, clock.timed("shapes", function))
    try:
        start = time.process_time()
        source = EventFileSource(str(logdir))
        names = source.runs()[:runs]
        clock.seconds["reading"] += time.process_time() - start
        for name in names:
            reader = clock.timed("reading", source.open_run)(name)
            tags = clock.timed("reading", reader.tags)()
            read = reader.read
            reader.read = lambda wanted=None, read=read: clock.reading(iter(read(wanted)))
            analysis.analyse_tags(reader, tags)
    finally:
        Judgement.fully = fully  # type: ignore[method-assign]
        for name, function in kept.items():
            setattr(analysis, name, function)
    return clock


def main() -> None:
    """Prints one row per log."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.classification", description=__doc__.splitlines()[0])
    parser.add_argument("logdir", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=3, help="how often; medians of the rounds are shown (3)")
    parser.add_argument("--runs", type=int, help="only the first runs of each log")
    options = parser.parse_args()
    print("| log | histograms | reading | shapes | shapes ÷ reading | a histogram | judged in full |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for logdir in options.logdir:
        rounds = []
        for number in range(options.rounds):
            print(f"{logdir.name}: round {number + 1} of {options.rounds} …", file=sys.stderr)
            rounds.append(measure(logdir, options.runs))
        steps, judged = rounds[0].steps, rounds[0].judged
        if not steps:
            print(f"No histograms in {logdir.name}.", file=sys.stderr)
            continue
        reading, shapes = (median(clock.seconds[name] for clock in rounds) for name in ("reading", "shapes"))
        ratio = median(clock.seconds["shapes"] / clock.seconds["reading"] for clock in rounds)
        print(
            f"| {logdir.name} | {steps:,} | {reading:.2f} s | {shapes:.2f} s | {ratio:.2f} | "
            f"{1e6 * shapes / steps:.1f} µs | {judged / steps:.1%} |"
        )


if __name__ == "__main__":
    main()

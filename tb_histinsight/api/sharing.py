"""Shares the work on a log out: to this process, to several, or to a cluster; the result is the same.

Work is shared out by the sizes of the files, before any is opened. A run is one task, from its scan to its rules,
unless it is a large part of the log: the tags of such a run are shared out, and put together again here. A run that
cannot be read is tried once more, when all others are done, and then told of; the others are reported without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tb_histinsight.api import OnProgress
from tb_histinsight.api.cores import available_cores
from tb_histinsight.api.digest import Digest
from tb_histinsight.api.executor import Executor, Tally, do_here
from tb_histinsight.api.memory import keep_freed_memory
from tb_histinsight.api.work import Failed, Part, Task, Whole, Work
from tb_histinsight.core.run import RunAnalysis, Skipped

WORTH_A_PROCESS = 4 << 20
"""Bytes of log for which another process is started: its start takes about as long as their analysis."""
TASKS_PER_PROCESS = 4
"""A run is divided where it is more than one part in so many of what each process has to do."""
MANY = 64
"""So many runs are kept in memory with all that is known of them; of more, each is put on the disk when it is told."""
ATTEMPTS = 2
"""How often a run is tried before it is given up. What comes and goes (a network's file system, another process that
needs all the memory) is mostly gone the second time; what does not is no better the third time."""


@dataclass(frozen=True)
class Analysed:
    """All runs."""

    runs: list[RunAnalysis]
    """Those that have histograms, in the order in which they were asked for"""
    skipped: list[Skipped]
    """What was left out of the others"""


def results(
    work: Work,
    sizes: Mapping[str, int],
    jobs: int | None = None,
    on_progress: OnProgress | None = None,
    executor: Executor | None = None,
) -> Iterator[tuple[str, Whole | Digest | Failed]]:
    """Analyses the named runs; gives each as soon as it is done.

    Args:
      sizes: names of the runs, with the bytes of their files.
      jobs: number of processes; None: as many as there are cores, fewer for small logs.
      executor: does the work instead of these; a run is not divided then.
    """
    keep_freed_memory()
    tally = Tally(len(sizes), on_progress)
    tasks = [Task(run) for run in sizes]
    if executor is None:
        total = sum(sizes.values())
        processes = min(available_cores(), 1 + total // WORTH_A_PROCESS) if jobs is None else jobs
        executor = do_here
        if processes > 1:
            from tb_histinsight.api.parallel import Processes

            executor = Processes(processes)
            tasks = _shared_out(work, sizes, total / (processes * TASKS_PER_PROCESS))
    for attempt in range(ATTEMPTS):
        failed: dict[str, Failed] = {}
        parts: dict[str, dict[int, Part]] = {}
        left = Counter(task.run for task in tasks)
        for number, found in executor(work, tasks, tally, again=attempt > 0):
            run, result = tasks[number].run, found
            left[run] -= 1
            if isinstance(found, Part):
                of_run = parts.setdefault(run, {})
                of_run[number] = found
                if left[run] or run in failed:
                    continue
                result = work.done(run, [of_run[place] for place in sorted(of_run)])
                tally.add(0, not isinstance(result, Failed))
                del parts[run]
            if isinstance(result, Failed):
                failed[run] = result
            elif not isinstance(result, Part):
                yield run, result
        tasks = [Task(run) for run in failed]
        for run in failed:
            work.close(run)
    yield from failed.items()


def _shared_out(work: Work, sizes: Mapping[str, int], large: float) -> list[Task]:
    """The tags of large runs first, then the other runs, the largest first."""
    tasks: list[Task] = []
    rest: list[str] = []
    for run, size in sizes.items():
        try:
            tasks += work.divided(run) if size >= large else []
        except Exception:  # to be met again, and told, where the run is read as a whole
            work.close(run)
        if not tasks or tasks[-1].run != run:
            rest.append(run)
    return tasks + [Task(run) for run in sorted(rest, key=lambda run: -sizes[run])]


def analyse_runs(
    work: Work,
    sizes: Mapping[str, int],
    jobs: int | None = None,
    on_progress: OnProgress | None = None,
) -> Analysed:
    """Analyses the named runs, all of which are kept; arguments as those of `results`."""
    found = dict(results(work, sizes, jobs, on_progress))
    runs: list[RunAnalysis] = []
    skipped: list[Skipped] = []
    for run in sizes:
        result = found[run]
        if isinstance(result, Failed):
            skipped.append(result.told())
        elif isinstance(result, Whole):
            if result.silent:
                skipped += result.run.skipped
            else:
                runs.append(result.run)
    return Analysed(runs, skipped)

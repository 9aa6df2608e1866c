"""Analyses what is left of a log in several processes."""

from __future__ import annotations

import math
import multiprocessing
import signal
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Event

from tb_histinsight.api.work import Part, Tally, Work
from tb_histinsight.core.errors import InsightError
from tb_histinsight.core.run import RunAnalysis

TASKS_PER_WORKER = 4
"""So many tasks even out what one tag costs more than another; more would only be more to hand over."""

_work: Work | None = None
"""In a worker process: the work that it has a part in."""
_stop: Event | None = None
"""In a worker process: set once nobody waits for results any more."""


def analyse_rest(
    work: Work, names: Sequence[str], parts: Sequence[Part], tags: Sequence[str], *, workers: int, tally: Tally
) -> list[RunAnalysis]:
    """Analyses the named runs, of whose first some parts are done and the given tags are left.

    Where there are many runs, each is one task; else their tags are shared out.

    Raises:
      InsightError: a worker process was killed.
    """
    global _work  # noqa: PLW0603 - forked processes find it there
    runs_as_tasks = len(names) > TASKS_PER_WORKER * workers
    context = _context()
    stop = context.Event()
    _work = work
    pool = ProcessPoolExecutor(workers, context, _start, (work, stop))
    try:
        shared: list[tuple[str, list[Part], list[Future[Part]]]] = []
        whole: list[Future[RunAnalysis]] = []
        shared.append((names[0], list(parts), [pool.submit(_part, names[0], some) for some in _shares(tags, workers)]))
        for name in names[1:]:
            if runs_as_tasks:
                whole.append(pool.submit(_run, name))
            else:
                futures = [pool.submit(_part, name, some) for some in _shares(list(work.reader(name).tags()), workers)]
                shared.append((name, [], futures))
        done = []
        for name, found, futures in shared:
            for future in futures:
                found.append(future.result())
                tally.tags(len(found[-1].tags))
            done.append(work.whole(name, found))
            tally.run()
        for analysed in whole:
            done.append(analysed.result())
            tally.run(len(done[-1].tags))
        return done
    except KeyboardInterrupt:
        # Killing the workers could leave half a result in the pipe, and us waiting for the other half.
        stop.set()
        raise
    except BrokenProcessPool:
        raise InsightError("A worker process was killed, perhaps for want of memory. Try --jobs 1.") from None
    finally:
        _work = None
        pool.shutdown(wait=True, cancel_futures=True)


def _shares(tags: Sequence[str], workers: int) -> list[Sequence[str]]:
    """The tags in about equal shares, neighbours together."""
    size = max(1, math.ceil(len(tags) / (TASKS_PER_WORKER * workers)))
    return [tags[start : start + size] for start in range(0, len(tags), size)]


def _context() -> BaseContext:
    """How processes are started: by fork where that is safe, since they then have the opened log at once."""
    forks = sys.platform.startswith("linux") and threading.active_count() == 1
    return multiprocessing.get_context("fork" if forks else "spawn")


def _start(work: Work, stop: Event) -> None:
    """Prepares a worker process. Ctrl-C reaches it too, and is the parent's to answer."""
    global _work, _stop  # noqa: PLW0603
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _work is None:
        _work = work
    _stop = stop


class _Stopped(Exception):
    """Ends a task whose result nobody waits for any more."""


def _go_on(_: str) -> None:
    if _stop is not None and _stop.is_set():
        raise _Stopped


def _part(run: str, tags: Sequence[str]) -> Part:
    assert _work is not None
    return _work.part(run, tags, _go_on)


def _run(run: str) -> RunAnalysis:
    assert _work is not None
    return _work.whole(run, [_work.part(run, on_tag=_go_on)])

"""Does tasks in several processes at once; this one does its share.

Each process takes the next task as soon as it has done one, so that all of them end together. What another process
has found comes through a pipe of its own, is received by a thread meanwhile, and unpacked when all is done.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import struct
import sys
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from tb_histinsight.api.work import Part, Result, Tally, Task, Work
from tb_histinsight.core.errors import InsightError

_HEADER = struct.Struct("<qqq")
"""Before each result: the number of its task, how many tags and how many runs that was."""
_FAILED = -1
"""Instead of a task's number: an exception follows."""


def do_all(work: Work, tasks: Sequence[Task], processes: int, tally: Tally) -> list[Result]:
    """Does all tasks; results in the order of the tasks.

    Raises:
      InsightError: a worker process was killed.
    """
    context = _context()
    taken = context.Value("q", 0)
    results: dict[int, Result] = {}
    helpers = [_Helper(context, work, tasks, taken) for _ in range(min(processes, len(tasks)) - 1)]
    try:
        for helper in helpers:
            helper.start(tally)
        while (number := _next(taken, len(tasks))) is not None:
            results[number] = work.do(tasks[number])
            tally.add(*_amount(results[number]))
            for helper in helpers:
                helper.check()
        for helper in helpers:
            results.update(helper.results())
    finally:
        for helper in helpers:
            helper.end()
    return [results[number] for number in range(len(tasks))]


class _Helper:
    """Another process, and what has come from it."""

    def __init__(self, context: Any, work: Work, tasks: Sequence[Task], taken: Any) -> None:
        self._mine, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_help, args=(work, tasks, taken, theirs), daemon=True)
        self._process.start()
        theirs.close()  # so that the pipe ends when the process does
        self._thread: threading.Thread | None = None
        self._received: list[tuple[int, bytes]] = []
        self._complete = False

    def start(self, tally: Tally) -> None:
        """Begins to receive. (Not before all processes are started: with a second thread, forking is not safe.)"""
        self._thread = threading.Thread(target=self._receive, args=(tally,), daemon=True)
        self._thread.start()

    def _receive(self, tally: Tally) -> None:
        try:
            while header := self._mine.recv_bytes():
                number, tags, runs = _HEADER.unpack(header)
                self._received.append((number, self._mine.recv_bytes()))
                tally.add(tags, runs)
            self._complete = True
        except (EOFError, OSError):
            pass  # the process has ended before it was done

    def check(self) -> None:
        """Does nothing if all is well.

        Raises:
          InsightError: the process was killed.
        """
        assert self._thread is not None
        if self._received and self._received[-1][0] == _FAILED:
            raise pickle.loads(self._received[-1][1])
        if not self._thread.is_alive() and not self._complete:
            raise InsightError("A worker process was killed, perhaps for want of memory. Try --jobs 1.")

    def results(self) -> dict[int, Result]:
        """What the process has found, by number of the task; waits until it has done its last one."""
        assert self._thread is not None
        self._thread.join()
        self.check()
        found = {}
        while self._received:
            number, data = self._received.pop()
            found[number] = pickle.loads(data)
        return found

    def end(self) -> None:
        """Ends the process, whatever it does: nobody else reads what it writes."""
        if not self._complete:
            self._process.kill()
        self._process.join()
        if self._thread is not None:
            self._thread.join()
        self._mine.close()


def _context() -> Any:  # the type that the standard library's stubs give it has no `Process`
    """How processes are started: by fork where that is safe, since they then have what is imported and scanned."""
    forks = sys.platform.startswith("linux") and threading.active_count() == 1
    return multiprocessing.get_context("fork" if forks else "spawn")


def _next(taken: Any, count: int) -> int | None:
    """The number of a task that nobody has taken yet."""
    with taken.get_lock():
        number = int(taken.value)
        if number >= count:
            return None
        taken.value = number + 1
    return number


def _amount(result: Result) -> tuple[int, int]:
    """How many tags and runs are done with this."""
    if isinstance(result, Part):
        return len(result.tags), 0
    return sum(len(part.tags) for part in result.parts), 1


def _help(work: Work, tasks: Sequence[Task], taken: Any, results: Connection) -> None:
    """What another process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches it too, and is the first process's to answer
    try:
        while (number := _next(taken, len(tasks))) is not None:
            result = work.do(tasks[number])
            _send(results, number, result, *_amount(result))
        results.send_bytes(b"")
    except BrokenPipeError:
        pass
    except Exception as error:  # to be raised where somebody hears of it
        _send(results, _FAILED, error)


def _send(results: Connection, number: int, content: object, tags: int = 0, runs: int = 0) -> None:
    data = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    results.send_bytes(_HEADER.pack(number, tags, runs))
    results.send_bytes(data)

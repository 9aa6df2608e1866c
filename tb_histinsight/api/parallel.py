"""Does tasks in several processes at once; this one does its share.

Each process takes the next task as soon as it has done one, so that all of them end together. What another process
has found comes through a pipe of its own, is received by a thread meanwhile, and unpacked between two tasks.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import struct
import sys
import threading
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, TypeAlias

from tb_histinsight.api.executor import Tally, amount
from tb_histinsight.api.work import Failed, Result, Task, Work

_HEADER = struct.Struct("<q")
"""Before each result: the number of its task."""
_FAILED = -1
"""Instead of a task's number: an exception follows."""


class Processes:
    """Does tasks in several processes, of which this is one (an `Executor`)."""

    def __init__(self, count: int) -> None:
        """Nothing is started yet.

        Args:
          count: of processes, with this one. What has failed before is done in another one than this.
        """
        self._count = count

    def __call__(self, work: Work, tasks: Sequence[Task], tally: Tally, *, again: bool) -> Iterator[tuple[int, Result]]:
        """Does the tasks; what a process had in hand when it was killed has failed."""
        taken = _context().Value("q", 0)
        left = set(range(len(tasks)))
        helpers = 1 if again else min(self._count, len(tasks)) - 1
        before = -1
        while before < taken.value < len(tasks):
            before = taken.value
            for number, result in _done(work, tasks, taken, helpers, here=not again):
                left.remove(number)
                tally.add(*amount(result))
                yield number, result
        for number in sorted(left):
            yield number, Failed(tasks[number].run, "run_killed")


def _done(work: Work, tasks: Sequence[Task], taken: Any, count: int, *, here: bool) -> Iterator[tuple[int, Result]]:
    """What is done until all tasks are taken, or all helpers were killed.

    Args:
      taken: how many tasks are taken.
      count: of helpers.
      here: whether this process takes tasks too.
    """
    context = _context()
    arrived: SimpleQueue[_Arrived | None] = SimpleQueue()
    helpers = [_Helper(context, work, tasks, taken, arrived) for _ in range(count)]
    try:
        for helper in helpers:
            helper.start()
        while here and (number := _next(taken, len(tasks))) is not None:
            yield number, work.do(tasks[number])
            while not arrived.empty():
                if (entry := arrived.get()) is None:
                    count -= 1
                else:
                    yield entry[0], _unpacked(*entry)
        while count:
            if (entry := arrived.get()) is None:
                count -= 1
            else:
                yield entry[0], _unpacked(*entry)
    finally:
        for helper in helpers:
            helper.end()


_Arrived: TypeAlias = "tuple[int, bytes]"
"""The number of a task, and its result as it came through the pipe."""


def _unpacked(number: int, data: bytes) -> Result:
    found = pickle.loads(data)
    if number == _FAILED:
        raise found
    result: Result = found
    return result


class _Helper:
    """Another process, and the thread that receives what comes from it."""

    def __init__(
        self, context: Any, work: Work, tasks: Sequence[Task], taken: Any, arrived: SimpleQueue[_Arrived | None]
    ) -> None:
        self._mine, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_help, args=(work, tasks, taken, theirs), daemon=True)
        self._process.start()
        theirs.close()  # so that the pipe ends when the process does
        self._thread: threading.Thread | None = None
        self._arrived = arrived

    def start(self) -> None:
        """Begins to receive. (Not before all processes are started: with a second thread, forking is not safe.)"""
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        try:
            while header := self._mine.recv_bytes():
                (number,) = _HEADER.unpack(header)
                self._arrived.put((number, self._mine.recv_bytes()))
        except (EOFError, OSError):
            pass  # the process has ended before it was done
        self._arrived.put(None)

    def end(self) -> None:
        """Ends the process, whatever it does: nobody else reads what it writes."""
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


def _help(work: Work, tasks: Sequence[Task], taken: Any, results: Connection) -> None:
    """What another process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches it too, and is the first process's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        while (number := _next(taken, len(tasks))) is not None:
            _send(results, number, work.do(tasks[number]))
        results.send_bytes(b"")
    except BrokenPipeError:
        pass
    except Exception as error:  # to be raised where somebody hears of it
        _send(results, _FAILED, error)


def _end_with_parent() -> None:
    """Waits for the end of the process that this one works for, which may have been killed.

    To write to it would not tell: a forked process holds the other end of its own pipe, and would wait for ever.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _send(results: Connection, number: int, content: object) -> None:
    data = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    results.send_bytes(_HEADER.pack(number))
    results.send_bytes(data)

"""What does tasks, in this process or elsewhere, and how it is counted what is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from tb_histinsight.api import OnProgress
from tb_histinsight.api.digest import Digest
from tb_histinsight.api.work import Failed, Part, Result, Task, Work


class Tally:
    """Counts what is done, for whoever shows progress."""

    def __init__(self, runs: int, on_progress: OnProgress | None) -> None:
        self._runs = runs
        self._tags_done = self._runs_done = 0
        self._on_progress = on_progress

    def tag(self, _: str) -> None:
        """Notes that a tag is done."""
        self.add(1, 0)

    def add(self, tags: int, runs: int) -> None:
        """Notes that so many tags and runs more are done."""
        self._tags_done += tags
        self._runs_done += runs
        if self._on_progress is not None:
            self._on_progress(self._tags_done, self._runs_done, self._runs)


class Executor(Protocol):
    """Does tasks somewhere; gives their numbers and results in any order, each as soon as it is there."""

    def __call__(self, work: Work, tasks: Sequence[Task], tally: Tally, *, again: bool) -> Iterator[tuple[int, Result]]:
        """Does the tasks.

        Args:
          again: whether these have failed before; this process is too precious for them then.
        """


def do_here(work: Work, tasks: Sequence[Task], tally: Tally, *, again: bool) -> Iterator[tuple[int, Result]]:
    """Does the tasks in this process (an `Executor`)."""
    for number, task in enumerate(tasks):
        result = work.do(task, tally.tag)
        tally.add(0, not isinstance(result, Failed))
        yield number, result


def amount(result: Result) -> tuple[int, int]:
    """How many tags and runs are done with this."""
    if isinstance(result, Failed):
        return 0, 0
    if isinstance(result, Part):
        return len(result.tags), 0
    if isinstance(result, Digest):
        return len(result.tag_names), 1
    return sum(len(part.tags) for part in result.parts), 1

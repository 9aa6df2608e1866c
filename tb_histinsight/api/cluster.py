"""Does the work on a Dask cluster: its scheduler hands out runs as this machine's processes take them.

Whatever can be waited for has an end: the connection, a first worker, and an answer of a scheduler that fell silent.
A run that takes long is waited for as long as there are workers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from tb_histinsight import __version__
from tb_histinsight.api.executor import Tally, amount
from tb_histinsight.api.work import Failed, Result, Task, Work
from tb_histinsight.core.errors import ClusterError, UsageError
from tb_histinsight.sources.event_files import EventFileSource

CONNECT = 10.0
"""Seconds in which a scheduler must answer."""
WORKERS = 30.0
"""Seconds in which a first worker must be there."""
RESTART = 60.0
"""Seconds for which a cluster may be without any worker later: several that died start anew meanwhile."""
LOOK = 2.0
"""Seconds without a result after which it is looked whether the cluster is still there."""
ANSWER = 60.0
"""Seconds in which a worker must say what it sees, and hand over a result that it has."""
BUNDLE_BYTES = 2 << 20
"""Bytes of small runs that are one task of the cluster, at most: some tenths of a second, beside which the some
milliseconds that a task costs its scheduler are little."""
BUNDLE_RUNS = 32
"""Runs of such a task, at most: so much is done again when a worker dies."""
BUNDLES_PER_THREAD = 4
"""Tasks that wait for each of the cluster's threads: none is idle while results come back, and few results wait."""
SHARES = 8
"""Of a small log each of the cluster's threads gets so many tasks, so that all end together."""
FILES_LOOKED_AT = 3
"""Event files of which every worker must say whether it sees them."""
_ADDRESS = re.compile(r"((tcp|tls|wss?|ucx)://)?(\[[0-9a-fA-F:.%]+\]|[^\s:/\[\]]+):\d{1,5}/?")


@contextlib.contextmanager
def connected(address: str, source: EventFileSource) -> Iterator[Cluster]:
    """A cluster whose workers can read this log.

    Args:
      address: of its scheduler, such as tcp://10.0.0.1:8786.

    Raises:
      UsageError: that is no address.
      ClusterError: there is none, it has no workers, or these could not do the work.
    """
    if not _ADDRESS.fullmatch(address):
        raise UsageError(f"{address!r} is no address of a Dask scheduler, such as tcp://10.0.0.1:8786.")
    try:
        import distributed
    except ImportError:
        raise ClusterError("--scheduler needs Dask: pip install 'tb-histinsight[dask]'.") from None
    import dask

    limits = {"distributed.comm.timeouts.connect": CONNECT, "distributed.comm.retry.count": 0}
    with dask.config.set(limits), _silence("distributed", "tornado"), contextlib.ExitStack() as ends:
        try:
            # Dask's client waits without end for a server that accepts the connection and says nothing.
            kind = asyncio.run(asyncio.wait_for(_kind(address), CONNECT))
            if kind != "Scheduler":
                raise ClusterError(f"At {address} is a {kind} of Dask. Give the address of the scheduler.")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of versions: those that matter are looked at below
                client = distributed.Client(address, timeout=CONNECT, set_as_default=False, direct_to_workers=False)
        except ClusterError:
            raise
        except Exception:
            raise ClusterError(
                f"No Dask scheduler answers at {address} within {CONNECT:g} s. Start one with `dask scheduler`, and "
                "give the address that it says."
            ) from None
        ends.callback(_close, client)
        cluster = Cluster(client, address)
        cluster.examine(source)
        yield cluster


@contextlib.contextmanager
def _silence(*loggers: str) -> Iterator[None]:
    """Keeps libraries from saying beside our sentence what it says."""
    before = {name: logging.getLogger(name).level for name in loggers}
    for name in loggers:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def _close(client: Any) -> None:
    """Says goodbye; what the cluster makes of it no longer matters."""
    with contextlib.suppress(Exception):
        client.close(timeout=LOOK)


async def _kind(address: str) -> str:
    """What of Dask's listens there."""
    from distributed.comm import connect
    from distributed.security import Security

    comm = await connect(address, timeout=CONNECT, **Security().get_connection_args("client"))
    try:
        await comm.write({"op": "identity", "reply": True})
        return str((await comm.read())["type"])
    finally:
        comm.abort()


class Cluster:
    """A Dask cluster that does tasks (an `Executor`)."""

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address

    def examine(self, source: EventFileSource) -> None:
        """Looks whether the workers can do the work.

        Raises:
          ClusterError: they cannot.
        """
        import distributed

        there = self._threads()
        deadline = time.monotonic() + WORKERS
        while not there:
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"The Dask cluster at {self._address} has had no worker for {WORKERS:g} s. "
                    f"Start some with `dask worker {self._address}`."
                )
            time.sleep(0.2)
            there = self._threads()
        theirs = self._asked(lambda: self._client.run_on_scheduler(_versions))
        if theirs["distributed"] != distributed.__version__:
            raise ClusterError(
                f"The scheduler at {self._address} has distributed {theirs['distributed']}, here is "
                f"{distributed.__version__}. Install the same on both."
            )
        looked_at = source.some_files(FILES_LOOKED_AT)
        seen = self._asked(lambda: self._client.run(_examined, looked_at, on_error="return"))
        for worker, found in seen.items():
            if problem := _problem(found):
                raise ClusterError(f"Worker {worker} of the Dask cluster at {self._address} {problem}")

    def __call__(self, work: Work, tasks: Sequence[Task], tally: Tally, *, again: bool) -> Iterator[tuple[int, Result]]:
        """Does the tasks; what several workers in a row died of has failed, and what was in hand with it.

        What is done again is done one by one: nobody then dies of another one's fault.
        """
        threads = max(1, sum(self._threads().values()))
        waiting = deque([[number] for number in range(len(tasks))] if again else _bundles(work, tasks, threads))
        most = 1 if again else BUNDLES_PER_THREAD * threads
        done: SimpleQueue[Any] = SimpleQueue()
        at_work: dict[Any, list[int]] = {}
        silent_since = time.monotonic()
        try:
            while waiting or at_work:
                while waiting and len(at_work) < most:
                    bundle = waiting.popleft()
                    some = [tasks[number] for number in bundle]
                    part = work.only([task.run for task in some])
                    future = self._client.submit(_do, part, some, pure=False)
                    at_work[future] = bundle
                    future.add_done_callback(done.put)
                try:
                    future = done.get(timeout=LOOK)
                except Empty:
                    if found := sum(self._threads().values()):
                        silent_since = time.monotonic()
                        most = 1 if again else BUNDLES_PER_THREAD * found
                    elif time.monotonic() - silent_since > RESTART:
                        raise ClusterError(
                            f"The Dask cluster at {self._address} has had no worker for {RESTART:g} s."
                        ) from None
                    continue
                silent_since = time.monotonic()
                bundle = at_work.pop(future)
                for number, result in zip(bundle, self._results(future, [tasks[n] for n in bundle]), strict=True):
                    tally.add(*amount(result))
                    yield number, result
        finally:
            if at_work:
                with contextlib.suppress(ClusterError):
                    self._asked(lambda: self._client.cancel(list(at_work), force=True))

    def _results(self, future: Any, tasks: Sequence[Task]) -> list[Result]:
        """What came of a task of the cluster."""
        from distributed import KilledWorker

        if future.cancelled():
            raise ClusterError(f"The Dask cluster at {self._address} has stopped.")
        try:
            results: list[Result] = future.result(timeout=ANSWER)
            return results
        except KilledWorker:
            return [Failed(task.run, "run_killed") for task in tasks]
        except (OSError, TimeoutError) as error:
            raise self._silent() from error
        except Exception as error:  # its own: what a run breaks by is a result
            return [Failed(task.run, "run_failed", f"{type(error).__name__}: {error}") for task in tasks]
        finally:
            future.release()

    def _threads(self) -> dict[str, int]:
        """The workers that there are, with their threads."""
        found: dict[str, int] = self._asked(self._client.nthreads)
        return found

    def _asked(self, question: Any) -> Any:
        """An answer of the cluster's.

        Raises:
          ClusterError: there is none, or none in time: Dask itself waits without end for who fell silent.
        """
        answers: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put((question(), None))
            except Exception as error:
                answers.put((None, error))

        threading.Thread(target=ask, name="insight-cluster", daemon=True).start()
        try:
            answer, error = answers.get(timeout=ANSWER)
        except Empty:
            raise self._silent() from None
        if error is not None:
            raise self._silent() from error
        return answer

    def _silent(self) -> ClusterError:
        return ClusterError(f"The Dask cluster at {self._address} does not answer any more.")


def _bundles(work: Work, tasks: Sequence[Task], threads: int) -> list[list[int]]:
    """Numbers of the tasks in groups of about the same size, the large ones first."""
    sizes = work.sizes()
    most = min(BUNDLE_BYTES, sum(sizes.values()) // (SHARES * threads))
    ordered = sorted(range(len(tasks)), key=lambda number: -sizes[tasks[number].run])
    bundles: list[list[int]] = []
    size = 0
    for number in ordered:
        one = sizes[tasks[number].run]
        if not bundles or size + one > most or len(bundles[-1]) >= BUNDLE_RUNS:
            bundles.append([])
            size = 0
        bundles[-1].append(number)
        size += one
    return bundles


def _do(work: Work, tasks: Sequence[Task]) -> list[Result]:
    """What a worker does."""
    return [work.do(task) for task in tasks]


def _versions() -> dict[str, str]:
    import distributed

    return {"distributed": distributed.__version__}


def _examined(files: Sequence[tuple[str, Path]]) -> dict[str, Any]:
    """What a worker is, and which of the files it does not see."""
    return {
        "version": __version__,
        "numpy": np.__version__,
        "missing": [name for name, path in files if not path.is_file()],
    }


def _problem(found: Any) -> str:
    """Why a worker cannot do the work; empty where it can."""
    if isinstance(found, BaseException) and "No module named 'tb_histinsight'" in str(found):
        return f"cannot import tb_histinsight. Install it there: pip install 'tb-histinsight[dask]=={__version__}'."
    if isinstance(found, BaseException):
        return f"cannot do the work ({type(found).__name__}: {found})."
    if found["version"] != __version__:
        return f"has tb-histinsight {found['version']}, here is {__version__}. Install the same on both."
    if found["numpy"].split(".")[:2] != np.__version__.split(".")[:2]:
        return f"has NumPy {found['numpy']}, here is {np.__version__}; results could differ. Install the same on both."
    if found["missing"]:
        return f"cannot see {found['missing'][0]}. The log must be at the same path on all machines of the cluster."
    return ""

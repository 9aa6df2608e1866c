"""What has been read at full resolution, and the reading that is under way."""

from __future__ import annotations

import pickle
import subprocess
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tb_histinsight.core.errors import InsightError
from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.routes.answer import RequestError, digest
from tb_histinsight.routes.reading.channel import RunDone, TagDone, messages, start
from tb_histinsight.settings import Settings
from tb_histinsight.sources.event_files import EventFileSource
from tb_histinsight.sources.event_files.discovery import is_here

KEPT_BYTES = 256 << 20
"""Bound of the analyses kept, as they come from the process that reads: some 2 million histograms."""
LOOK_SECONDS = 2.0
"""For how long the sizes of files are taken to hold."""


@dataclass(frozen=True)
class FullRun:
    """A run of which every step was read."""

    analysis: RunAnalysis
    settings: Settings
    """What was set for it then"""
    file_bytes: int
    """Of its event files when they were read"""
    held: int
    """Bytes of memory, roughly"""
    time: float
    """Seconds since 1970 when it was read"""

    @property
    def version(self) -> str:
        """Differs from any other reading of the run."""
        return digest("full", str(self.file_bytes), repr(self.time), self.settings.version)


@dataclass
class _Job:
    """A reading that is under way."""

    runs: list[str]
    runs_done: int = 0
    tags_done: int = 0
    cancelled: bool = False
    """Given up; what is asked for from now on is another reading's"""


class FullReadings:
    """Runs by TensorBoard's names. One process reads at a time; who asks for more meanwhile joins it."""

    def __init__(self, logdir: str, settings_of: Callable[[str], Settings], budget: int = KEPT_BYTES) -> None:
        """Reads nothing yet.

        Args:
          logdir: what TensorBoard was given as `--logdir` or `--logdir_spec`.
          settings_of: what is set for a run.
          budget: bytes of analyses to keep at most.
        """
        self._logdir = logdir
        self._settings_of = settings_of
        self._budget = budget
        self._lock = threading.RLock()
        self._reading_lock = threading.Lock()
        self._found: OrderedDict[str, FullRun] = OrderedDict()
        self._source: EventFileSource | None = None
        self._looked = float("-inf")
        self._sizes: dict[str, int] = {}
        self._queue: list[str] = []
        self._job: _Job | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.trouble: tuple[str, str, str] | None = None
        """Why the last reading ended early: "died", "full" or "unreadable", the run, and more where it is known"""

    def sizes(self) -> dict[str, int]:
        """Bytes of the event files by run, as the folders name it; empty where they are not on this machine."""
        with self._lock:
            if time.monotonic() - self._looked >= LOOK_SECONDS:
                try:
                    # A log at an address is TensorBoard's alone to read: to list it could take a request long.
                    here = bool(self._logdir) and is_here(self._logdir)
                    self._sizes = EventFileSource(self._logdir).sizes() if here else {}
                except (InsightError, OSError):
                    self._sizes = {}
                self._looked = time.monotonic()  # afterwards: to look at many folders may take longer than it holds
            return self._sizes

    def size(self, run: str) -> int | None:
        """Bytes of the event files of a run; None where they are not on this machine."""
        return self.sizes().get(own_name(run))

    def found(self, run: str) -> FullRun | None:
        """What was read of a run."""
        with self._lock:
            found = self._found.get(run)
            if found is not None:
                self._found.move_to_end(run)
            return found

    def is_stale(self, run: str) -> bool:
        """Whether the log, or what is set for it, has changed since the run was read."""
        found = self.found(run)
        if found is None:
            return False
        return self.size(run) != found.file_bytes or self._settings_of(run).version != found.settings.version

    def progress(self) -> dict[str, object] | None:
        """How far the reading under way has come; None where nothing is read."""
        with self._lock:
            job = self._job
            if job is None:
                return None
            runs = [*job.runs, *self._queue]
            return {"runs": runs, "runs_done": job.runs_done, "tags_done": job.tags_done}

    def ask(self, runs: Sequence[str]) -> None:
        """Reads runs in the background; those that are being read already are not read twice.

        Raises:
          RequestError: the files of one of them are not on this machine.
        """
        for run in runs:
            if self.size(run) is None:
                raise RequestError(409, f"The event files of run {run!r} are not on this machine.")
        with self._lock:
            job = self._job
            under_way = {*self._queue, *(job.runs[job.runs_done :] if job is not None and not job.cancelled else ())}
            self._queue += [run for run in runs if run not in under_way]
            if self._job is None and self._queue:
                self.trouble = None
                self._job = _Job([])
                threading.Thread(target=self._read_all, name="insight-full", daemon=True).start()

    def cancel(self) -> None:
        """Gives up what is under way; runs that are done stay."""
        with self._lock:
            self._queue.clear()
            if self._job is not None:
                self._job.cancelled = True
            if self._process is not None:
                self._process.kill()

    def series(self, run: str, tags: Sequence[str] | None) -> Iterator[HistogramSeries]:
        """The histograms of some tags, every step of them, one tag after the other.

        Raises:
          RequestError: the files are gone.
        """
        try:
            with self._reading_lock:
                source = self._source = self._source or EventFileSource(self._logdir)
                source.keep(own_name(run))
            for one in source.open_run(own_name(run)).read(tags):
                yield one if one.run == run else replace(one, run=run)
        except (InsightError, KeyError, OSError):
            raise RequestError(404, f"The event files of run {run!r} can no longer be read.") from None

    def _read_all(self) -> None:
        try:
            while True:
                with self._lock:
                    if not self._queue:
                        self._job = None
                        return
                    runs, self._queue = self._queue, []
                    self._job = _Job(runs)
                self._read(runs)
        except Exception:
            with self._lock:
                self._job, self.trouble = None, ("died", "", "")
            raise

    def _read(self, runs: Sequence[str]) -> None:
        from tb_histinsight.api.work import Work

        try:
            source = EventFileSource(self._logdir)
        except (InsightError, OSError):
            self.trouble = "unreadable", runs[0], ""
            return
        sizes = source.sizes()
        names = {own_name(run): run for run in runs if own_name(run) in sizes}
        if not names:
            self.trouble = "unreadable", runs[0], ""
            return
        settings = {own: self._settings_of(run) for own, run in names.items()}
        with self._lock:
            if self._job is None or self._job.cancelled:
                return
            process = self._process = start(Work(source, settings).only(list(names)), list(names))
        try:
            whole = self._receive(process, names, settings, sizes)
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
        with self._lock:
            self._process = None
            given_up = self._job is None or self._job.cancelled
            if not whole and not given_up and self.trouble is None:
                self.trouble = "died", "", ""

    def _receive(
        self,
        process: subprocess.Popen[bytes],
        names: Mapping[str, str],
        settings: Mapping[str, Settings],
        sizes: Mapping[str, int],
    ) -> bool:
        """Keeps what the process finds; whether it did all that it was asked for.

        Args:
          names: TensorBoard's names of the runs, by those of the folders.
        """
        held = 0
        assert process.stdout is not None
        while message := messages(process.stdout):
            said = pickle.loads(message[0])
            with self._lock:
                assert self._job is not None
                if isinstance(said, TagDone):
                    self._job.tags_done += 1
                    continue
                assert isinstance(said, RunDone)
                self._job.runs_done += 1
                run = names[said.run]
                if said.whole is None:
                    self.trouble = "unreadable", run, said.why
                    continue
                held += len(message[0])
                if held > self._budget and held > len(message[0]):
                    # What was read first would have to go for what comes last.
                    self.trouble = "full", run, ""
                    self._queue.clear()
                    return False
                analysis = replace(said.whole.run, run=run)
                self._keep(run, FullRun(analysis, settings[said.run], sizes[said.run], len(message[0]), time.time()))
        with self._lock:
            return self._job is not None and self._job.runs_done == len(names)

    def _keep(self, run: str, found: FullRun) -> None:
        with self._lock:
            self._found[run] = found
            self._found.move_to_end(run)
            while len(self._found) > 1 and sum(one.held for one in self._found.values()) > self._budget:
                self._found.popitem(last=False)
            # Its files may have grown since they were scanned for a tag's histograms.
            self._source = None


def own_name(run: str) -> str:
    """A run's name as the folders have it: TensorBoard's Python loader calls the folder `name:path` itself `name/.`."""
    return run.removesuffix("/.") or run

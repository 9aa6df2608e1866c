"""Finds a log's files, and scans the run that is most of them, while the analysis is still being imported."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tb_histinsight.sources.event_files import EventFileSource

MOST = 0.5
"""A run of more than this share of the log's bytes is scanned here; smaller ones are scanned side by side later."""


class Beginning:
    """A source that is being made in a thread of its own."""

    def __init__(
        self,
        make: Callable[[], EventFileSource],
        *,
        here: bool = True,
        on_bytes: Callable[[int, int], None] | None = None,
    ) -> None:
        """Begins.

        Args:
          make: makes the source; what it raises, `source` raises.
          here: whether the files are read on this machine.
          on_bytes: is told how much of a log on another machine has come, and of how much.
        """
        self._make, self._here, self._on_bytes = make, here, on_bytes
        self._source: EventFileSource | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._begin, name="insight-scan", daemon=True)
        self._thread.start()

    def _begin(self) -> None:
        try:
            self._source = self._make()
            if not self._here:
                return
            self._source.bring(self._on_bytes)
            sizes = self._source.sizes()
            for run, size in sizes.items():
                if size > MOST * sum(sizes.values()):
                    self._source.keep(run)
        except BaseException as error:  # for who waits
            self._error = error

    def source(self) -> EventFileSource:
        """The source, when it is there; the thread has ended then, so that processes can be forked."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._source is not None
        return self._source

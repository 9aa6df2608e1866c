"""What the terminal can show, and the progress that is shown on it while a long log is read."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from types import TracebackType
from typing import TextIO

from tb_histinsight.core.errors import UsageError
from tb_histinsight.formats import Options

PATIENCE = 1.0
"""Seconds before progress is shown at all."""
LINE_EVERY = 60.0
"""Seconds between two lines of it in the log of a job, where nothing goes away."""
REFRESH = 0.1
"""Seconds between two refreshes of it."""
WIDEST = 110
"""Columns beyond which lines of text are hard to read."""


def options(stream: TextIO, top: int | None) -> Options:
    """What this stream can show; NO_COLOR (https://no-color.org) is honoured."""
    terminal = stream.isatty()
    width = shutil.get_terminal_size((100, 24)).columns if terminal or "COLUMNS" in os.environ else 100
    return Options(
        width=max(40, min(width, WIDEST)),
        colour=terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        symbols=_can_show_symbols(stream),
        top=top,
    )


def _can_show_symbols(stream: TextIO) -> bool:
    try:
        "✖▲•✓…–×→".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class Progress:
    """How much has been read: on a terminal on one line that goes away again, elsewhere as a line now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._terminal = stream, stream.isatty()
        self._next = time.monotonic() + (PATIENCE if self._terminal else LINE_EVERY)
        self._shown = False

    def __call__(self, tags_done: int, runs_done: int, runs: int) -> None:
        """Notes how much is done."""
        self._show(f"{tags_done} tags, {runs_done} of {runs} runs")

    def of_bytes(self, come: int, to_come: int) -> None:
        """Notes how much has come of a log on another machine."""
        self._show(f"{come / 1e6:.0f} of {to_come / 1e6:.0f} MB fetched")

    def _show(self, text: str) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + (REFRESH if self._terminal else LINE_EVERY)
        self._shown = self._terminal
        self._stream.write(f"\r{text}\x1b[K" if self._terminal else f"tb-histinsight: {text}\n")
        self._stream.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def opened(file: Path) -> TextIO:
    """The file, opened for a report.

    Raises:
      UsageError: it cannot be written.
    """
    try:
        return file.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise UsageError(f"Cannot write {file}: {error.strerror}.") from None

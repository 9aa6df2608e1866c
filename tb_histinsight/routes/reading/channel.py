"""What goes between TensorBoard and the process that reads for it: what to do through its standard input, what it finds
through its standard output, as messages of a length and a pickle.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from tb_histinsight.api.work import Whole, Work

LENGTH = struct.Struct("<q")
"""Before each message: its length in bytes."""
PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from tb_histinsight.routes.reading.worker import main; main()"
"""What the process runs. It finds modules where this one does: not in the working directory, as `python -m` would,
where somebody's `random.py` may lie."""


@dataclass(frozen=True)
class TagDone:
    """One more tag has been analysed."""


@dataclass(frozen=True)
class RunDone:
    """A run has been analysed, or could not be."""

    run: str
    whole: Whole | None
    why: str = ""
    """Why it could not be, in a sentence"""


def start(work: Work, runs: Sequence[str]) -> subprocess.Popen[bytes]:
    """Starts the process on some runs; `messages` gives what it finds."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
    )
    assert process.stdin is not None
    try:
        pickle.dump((work, list(runs)), process.stdin)
        process.stdin.flush()
    except BrokenPipeError:
        pass  # it has ended already; whoever waits for its messages finds out
    return process


def messages(stream: IO[bytes]) -> list[bytes]:
    """The next message, if there is one: its bytes in a list, or an empty list at the end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return []
    (length,) = LENGTH.unpack(head)
    content = stream.read(length)
    return [content] if len(content) == length else []


def send(stream: IO[bytes], message: TagDone | RunDone) -> None:
    """Sends a message."""
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()

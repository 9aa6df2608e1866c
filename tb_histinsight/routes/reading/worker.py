"""The process that reads and analyses runs in full, one after the other, at the lowest priority.

It ends when whoever started it does.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading

from tb_histinsight.routes.reading.channel import RunDone, TagDone, send

LOWEST = 19
"""Niceness: everything else goes first."""


def main() -> None:
    """Does what standard input says."""
    found = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what anything prints must not come in between
    if hasattr(os, "nice"):
        os.nice(LOWEST)
    work, runs = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for run in runs:
        try:
            send(found, RunDone(run, work.whole(run, lambda _: send(found, TagDone()))))
        except BrokenPipeError:
            os._exit(1)  # nobody listens any more
        except Exception as error:  # whatever it is, the other runs are read
            send(found, RunDone(run, None, getattr(error, "strerror", None) or type(error).__name__))
    found.close()


def _end_with_parent() -> None:
    """Waits for the end of standard input: whoever started this has ended."""
    # Past Python's own buffer: while that waits for bytes the interpreter cannot end by itself.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)

"""Starts TensorBoard on a folder, waits until it answers, and stops it with everything that it started."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from tb_histinsight.core.errors import InsightError

START_LIMIT = 120.0
"""Seconds that TensorBoard may take until it answers: generous, for cold disks."""
STOP_LIMIT = 5.0
"""Seconds that it may take to stop before it is killed."""
POLL = 0.2
"""Seconds between two looks."""
PORTS_TRIED = 20
"""How many ports are tried from the default on where the user asks for none."""


def serve(folder: Path, port: int | None, default_port: int, out: TextIO) -> int:
    """Serves until interrupted; gives the exit code.

    Args:
      port: the port that the user asks for; None: the first free one from `default_port` on.

    Raises:
      InsightError: the port is taken, or TensorBoard does not start.
    """
    with _terminated_like_interrupted():
        for candidate in [port] if port is not None else range(default_port, default_port + PORTS_TRIED):
            if not _is_free(candidate):
                continue
            process = _start(folder, candidate)
            try:
                _wait_for_answer(process, candidate)
                out.write(f"\nTensorBoard is up: http://localhost:{candidate}/#histinsight     Ctrl-C stops it.\n")
                out.flush()
                process.communicate()
                raise InsightError(f"TensorBoard ended by itself (exit code {process.returncode}).")
            except _PortTaken:
                continue  # somebody took it since we looked
            except KeyboardInterrupt:
                out.write("\nStopped.\n")
                return 0
            finally:
                _stop(process)
    if port is not None:
        raise _taken(port)
    raise InsightError(f"Ports {default_port} to {default_port + PORTS_TRIED - 1} are in use. Give one with --port.")


def require_free(port: int) -> None:
    """Says so before anything is trained for it.

    Raises:
      InsightError: the port is taken.
    """
    if not _is_free(port):
        raise _taken(port)


def _taken(port: int) -> InsightError:
    return InsightError(f"Port {port} is in use. Give another one with --port.")


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = ["-m", "tensorboard.main", "--logdir", str(folder), "--port", str(port), "--host", "localhost"]
    return subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # A session of its own, so that its data server can be stopped with it, and that Ctrl-C reaches us alone.
        start_new_session=os.name == "posix",
    )


class _PortTaken(Exception):
    """TensorBoard found its port in use."""


def _is_free(port: int) -> bool:
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError:
            if family == socket.AF_INET:
                return False
            # A machine without IPv6 is no reason against a port; one where the port is taken is.
            with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=POLL):
                return False
    return True


def _wait_for_answer(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_LIMIT
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy knows nothing of this machine
    while time.monotonic() < deadline:
        if process.poll() is not None:
            assert process.stderr is not None
            said = process.stderr.read().decode(errors="replace").strip().splitlines()
            if any("in use" in line for line in said):
                raise _PortTaken
            raise InsightError(f"TensorBoard does not start: {said[-1] if said else 'it gives no reason'}")
        try:
            with direct.open(f"http://localhost:{port}/data/environment", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(POLL)
    raise InsightError(f"TensorBoard has not answered for {START_LIMIT:.0f} seconds.")


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Lets SIGTERM end the serving as Ctrl-C does, so that no TensorBoard stays behind."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stops TensorBoard and its data server: asks first, then insists."""
    _signal_all(process, "SIGTERM")
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_LIMIT)
    _signal_all(process, "SIGKILL")
    process.wait()


def _signal_all(process: subprocess.Popen[bytes], name: str) -> None:
    """Sends a signal to the process and to what it has started; where there are no process groups, ends it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.Signals[name])
        else:
            process.terminate()

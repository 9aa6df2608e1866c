"""`tb-histinsight demo`: trains small networks on the spot, writes their logs, and shows them in TensorBoard."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from tb_histinsight.core.errors import UsageError

SUMMARY = "trains small demonstration networks and writes their logs; --serve starts TensorBoard on them"
FOLDER = "histinsight_demo"
"""Where the runs go unless another folder is given."""
PORT = 6006
"""TensorBoard's own default."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=Path(FOLDER), help=f"default: {FOLDER}")
    parser.add_argument("--serve", action="store_true", help="start TensorBoard on the runs; Ctrl-C stops it")
    parser.add_argument(
        "--port", metavar="PORT", type=_port, help=f"port of TensorBoard (default: {PORT}, or the next that is free)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Trains, writes, says what to type next; serves if asked."""
    if arguments.port is not None and not arguments.serve:
        raise UsageError("--port says where --serve serves; give --serve too.")
    from tb_histinsight.demo.serving import require_free, serve

    if arguments.port is not None:
        require_free(arguments.port)
    # Before NumPy is imported: see write_demo.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(variable, "1")
    from tb_histinsight.demo import write_demo

    folder: Path = arguments.folder
    try:
        for trained in write_demo(folder):
            print(f"{trained.name}: {trained.story}; {trained.quality}", flush=True)
    except OSError as error:
        raise UsageError(f"Cannot write into {folder}: {error.strerror}.") from None
    command = f"tb-histinsight report {shlex.quote(str(folder))}"
    if not arguments.serve:
        print(f"\nThe logs are in {folder}. Now type\n")
        print(f"    {command}")
        print(f"    tensorboard --logdir {shlex.quote(str(folder))}     and open the tab Insight")
        return 0
    print(f"\nThe logs are in {folder}. In words: {command}", flush=True)
    return serve(folder, arguments.port, PORT, sys.stdout)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, 1 to 65535")
    return int(text)

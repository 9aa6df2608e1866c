"""Logs what the rules need of a training: weights, gradients, updates and activations, under names that they read.

One convention, of which nothing has to be guessed (docs/logging.md):

    <layer>/weight   <layer>/bias   gradients/<layer>/weight   updates/<layer>/weight   <layer>/activations

`TensorLogger` needs no framework; `tb_histinsight.torch` and `tb_histinsight.keras` feed it.
"""

from __future__ import annotations

import functools
import itertools
import logging
import os
import re
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.logging.event_writer import Encoding, EventWriter

LOG = logging.getLogger("tb_histinsight")
_NUMBER = itertools.count()
ACTIVATION_VALUES = 1 << 16
"""Values of an activation that are counted, by default; chosen: a share of them is right to 0.2 per cent of all, and a
layer of millions costs no more than its kernel."""
Method = TypeVar("Method", bound=Callable[..., Any])


def harmless(method: Method) -> Method:
    """A method of a logger that never raises into the training: trouble is a warning, and the end of the logging."""

    @functools.wraps(method)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.broken is not None:
            return None
        try:
            return method(self, *args, **kwargs)
        except Exception as error:
            self.broken = error
            LOG.warning("Insight: histograms are no longer logged (%s: %s); the training goes on.", _kind(error), error)
            return None

    return cast("Method", guarded)


class TensorLogger:
    """Writes tensors of one run as histograms; a context manager.

    Nothing that goes wrong in it (a full disk, a folder that cannot be written, a tensor of an odd type) reaches the
    training: it is a warning of the logger "tb_histinsight", once, and then no more is logged. NaN and infinite
    values are counted as such.
    """

    def __init__(self, logdir: str | os.PathLike[str]) -> None:
        """Begins an event file of its own, with the first tensor."""
        self.logdir = Path(logdir)
        self.broken: Exception | None = None
        """Why nothing is logged any more"""
        self._writer: EventWriter | None = None

    @harmless
    def log(
        self,
        step: int,
        *,
        weights: Mapping[str, Any] | None = None,
        gradients: Mapping[str, Any] | None = None,
        updates: Mapping[str, Any] | None = None,
        activations: Mapping[str, Any] | None = None,
    ) -> None:
        """Logs tensors of a step, and lets readers see them.

        Args:
          weights: parameters by "<layer>/<parameter>", such as "dense_1/kernel".
          gradients: by the name of their parameter.
          updates: new minus old value, by the name of the parameter.
          activations: by layer.
        """
        writer = self._open()
        for name, tensor in (weights or {}).items():
            writer.histogram(name, tensor, step)
        for name, tensor in (gradients or {}).items():
            writer.histogram(f"gradients/{name}", tensor, step)
        for name, tensor in (updates or {}).items():
            writer.histogram(f"updates/{name}", tensor, step)
        for name, tensor in (activations or {}).items():
            writer.histogram(f"{name}/activations", tensor, step)
        writer.flush()

    @harmless
    def scalar(self, tag: str, value: float, step: int) -> None:
        """Logs a number beside them, such as the loss, which some rules take as a witness."""
        self._open().scalar(tag, value, step)

    @harmless
    def close(self) -> None:
        """Closes the file; further tensors begin another one."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _open(self) -> EventWriter:
        if self._writer is None:
            # Unlike any file that another process, or this one before, may have begun in the same second.
            name = f"events.out.tfevents.{int(time.time())}.{_host()}.{os.getpid()}.{next(_NUMBER)}.insight"
            self._writer = EventWriter(self.logdir / name, Encoding.OLD_STYLE, lenient=True)
        return self._writer

    def __enter__(self) -> TensorLogger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@functools.lru_cache(maxsize=64)
def places_of_sample(size: int, count: int) -> IntArray:
    """Places of `count` of `size` values: one from each of as many equal parts, so that all channels have their share.

    The same at every call, and drawn apart from the training's own random numbers; int64 [count], ascending.
    """
    starts: IntArray = np.arange(count + 1) * size // count
    within = np.random.default_rng(0).random(count) * np.diff(starts)
    return starts[:-1] + within.astype(np.int64)


def is_due(step: int, every: int) -> bool:
    """Whether a step is one of those that are logged: 0, every, 2 * every, ..."""
    return step % every == 0


def _host() -> str:
    return re.sub(r"[^\w.-]", "-", socket.gethostname()) or "localhost"


def _kind(error: Exception) -> str:
    return type(error).__name__

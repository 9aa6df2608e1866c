"""The demonstration runs: one file per network, found because it is there."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tb_histinsight.demo.network import Tensor
from tb_histinsight.demo.recorder import Recorder
from tb_histinsight.logging.event_writer import Encoding


@dataclass(frozen=True)
class Outcome:
    """What became of a training."""

    quality: str
    """One clause: how good the network is, on data that it never saw."""
    accuracy: float | None = None
    """Share of right answers on data that it never saw; None for a regression."""
    tensors: Mapping[str, Mapping[int, Tensor]] = field(default_factory=dict)
    """Raw tensors by tag and step, where they were kept."""


class DemoRun(Protocol):
    """What a module of this package offers."""

    STORY: str
    """One sentence: what was done to the network."""
    ENCODING: Encoding

    def train(self, recorder: Recorder) -> Outcome:
        """Trains the network and logs it."""


def demo_runs() -> dict[str, DemoRun]:
    """All demonstration runs by name, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}

"""Runs as a comparison sees them, made of names and sizes alone."""

from types import SimpleNamespace

import numpy as np

from tb_histinsight.core.names import read_tags
from tb_histinsight.differences.summary import RunSummary


def summary(tags: dict[str, int], run: str = "run", place: int = 0, troubles: tuple[int, int] = (0, 0)) -> RunSummary:
    """A run with these tags and numbers of values; its tensors have no history."""
    names = sorted(read_tags(list(tags), tags), key=lambda name: name.depth)
    made = tuple(SimpleNamespace(name=name, tag=name.tag, steps=np.arange(3)) for name in names)
    return RunSummary(run, place, troubles, made, tuple(tags[name.tag] for name in names))  # type: ignore[arg-type]


def dense(*layers: tuple[str, int, int]) -> dict[str, int]:
    """Kernels, biases and gradients of dense layers (name, fan-in, fan-out)."""
    tags = {}
    for name, fan_in, fan_out in layers:
        tags |= {
            f"{name}/kernel": fan_in * fan_out,
            f"{name}/bias": fan_out,
            f"gradients/{name}/kernel": fan_in * fan_out,
        }
    return tags

"""Logs to read: tensors drawn from closed forms, written as TF 2 and as PyTorch write them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tb_histinsight.logging import wire
from tb_histinsight.logging.buckets import OldStyleHistogram, ladder
from tb_histinsight.logging.event_writer import record

START = 1.7e9
"""Wall time of the first event, s"""
SCALARS = ("loss", "accuracy", "learning_rate")
BUCKETS = 30


@dataclass(frozen=True)
class Preset:
    """The size of a log, and who writes it."""

    title: str
    runs: int
    tags: int
    steps: int
    old_style: bool = False
    every_reader: bool = True
    """Whether the readers that take long read it too"""


PRESETS = {
    "small": Preset("3 runs × 20 tags × 100 steps, TF 2", 3, 20, 100),
    "small-torch": Preset("3 runs × 20 tags × 100 steps, PyTorch", 3, 20, 100, old_style=True),
    "tf2": Preset("ResNet-50: 322 tags × 500 steps, TF 2", 1, 322, 500),
    "torch": Preset("ResNet-50: 322 tags × 500 steps, PyTorch", 1, 322, 500, old_style=True),
    "sweep": Preset("50 runs × 60 tags × 200 steps, TF 2", 50, 60, 200, every_reader=False),
    "long": Preset("322 tags × 3000 steps, TF 2", 1, 322, 3000, every_reader=False),
}


def write_log(folder: Path, preset: Preset) -> None:
    """Writes the runs of a preset below a folder; the same bytes every time."""
    for run in range(preset.runs):
        rng = np.random.default_rng(run)
        file = folder / f"run_{run}" / f"events.out.tfevents.{int(START)}.benchmark.{run}.0"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as stream:
            stream.write(record(wire.event(START, 0, file_version="brain.Event:2")))
            for step in range(preset.steps):
                values = _old_style(preset.tags, rng) if preset.old_style else _equal_widths(preset.tags, rng)
                for place, value in enumerate((*values, *_scalars(preset, rng))):
                    stream.write(record(wire.event(START + 10 * step + 1e-4 * place, step, values=[value])))


def _names(tags: int) -> list[str]:
    return [f"stage{tag // 12}/block{tag // 2 % 6}/{'bias' if tag % 2 else 'kernel'}" for tag in range(tags)]


def _equal_widths(tags: int, rng: np.random.Generator) -> Iterator[bytes]:
    low, high = -rng.uniform(0.5, 1.5, tags), rng.uniform(0.5, 1.5, tags)
    edges = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, BUCKETS + 1)
    bell = np.exp(-0.5 * np.linspace(-3, 3, BUCKETS) ** 2)
    counts = rng.poisson(1000 * bell, (tags, BUCKETS))
    rows = np.stack([edges[:, :-1], edges[:, 1:], counts], axis=2)
    for tag, own in zip(_names(tags), rows, strict=True):
        yield wire.tensor_value(tag, "histograms", own.shape, own.astype("<f8").tobytes(), double=True)


def _old_style(tags: int, rng: np.random.Generator) -> Iterator[bytes]:
    limits = ladder()
    limits = limits[np.abs(limits) < 1e19]
    middle = len(limits) // 2
    for tag in _names(tags):
        reach = int(rng.integers(280, 300))  # up to about 1
        own = limits[middle - reach : middle + reach]
        counts = rng.poisson(np.abs(np.diff(own, prepend=own[0])) * 1e5).astype(float)
        counts[0], counts[1], counts[-1] = 0, counts[1] + 1, counts[-1] + 1
        centre = own - 0.5 * np.diff(own, prepend=own[0])
        yield wire.old_style_histogram(
            tag,
            OldStyleHistogram(
                minimum=float(own[0]),
                maximum=float(own[-1]),
                num=float(counts.sum()),
                sum=float((counts * centre).sum()),
                sum_squares=float((counts * centre**2).sum()),
                limits=own,
                counts=counts,
            ),
        )


def _scalars(preset: Preset, rng: np.random.Generator) -> Iterator[bytes]:
    for name in SCALARS:
        number = float(rng.random())
        if preset.old_style:
            yield wire.old_style_scalar(name, number)
        else:
            yield wire.tensor_value(name, "scalars", (), struct.pack("<f", number), double=False)

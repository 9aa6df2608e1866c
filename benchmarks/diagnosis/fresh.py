"""Hunts false alarms on networks drawn at random: `python -m benchmarks.diagnosis.fresh --out FOLDER --seed 1`.

Each is healthy by what its loss does: it falls to less than 0.7 of what it was (the rest is not judged). Depth, width,
activation, normalisation, shortcuts, initialisation, optimiser, schedule, decay, batch, length and the writer are
drawn; a third is trained in plain NumPy. Prints every finding above info.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.diagnosis import data
from benchmarks.diagnosis.truth import Recorder
from tb_histinsight.api import analyze

FALLS = 0.7
"""Last loss / first loss below which a training counts as healthy"""


class EqualWidths:
    """Writes histograms of 30 equal buckets, as TensorFlow 2 does, without TensorFlow."""

    def __init__(self, folder: str) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(folder)

    def add_histogram(self, tag: str, values: Any, step: int) -> None:
        from tensorboard.plugins.histogram.summary_v2 import histogram_pb

        self._writer.file_writer.add_summary(histogram_pb(tag, np.asarray(values, np.float64)), step)

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        self._writer.add_scalar(tag, value, step)

    def close(self) -> None:
        self._writer.close()


def writer_of(rng: np.random.Generator) -> Any:
    from torch.utils.tensorboard import SummaryWriter

    return EqualWidths if rng.random() < 0.5 else SummaryWriter


def torch_network(rng: np.random.Generator, folder: Path) -> dict[str, Any]:
    """A random network in PyTorch; gives what was drawn and the losses."""
    import torch
    from torch import nn

    from benchmarks.diagnosis import torch_loop

    torch.manual_seed(int(rng.integers(1 << 30)))
    inputs = int(rng.choice([4, 16, 64]))
    widths = [int(rng.choice([8, 32, 128, 400])) for _ in range(int(rng.integers(1, 7)))]
    activation = str(rng.choice(["ReLU", "Tanh", "GELU", "SiLU", "ELU", "LeakyReLU", "Softplus"]))
    norm = str(rng.choice(["none", "none", "LayerNorm", "BatchNorm1d"]))
    parts: dict[str, nn.Module] = {}
    before = inputs
    start = str(rng.choice(["default", "default", "xavier_normal_", "kaiming_uniform_", "orthogonal_"]))
    for i, width in enumerate(widths, 1):
        parts[f"layer{i}"] = nn.Linear(before, width, bias=norm == "none" or rng.random() < 0.5)
        if norm != "none":
            parts[f"norm{i}"] = getattr(nn, norm)(width)
        parts[f"act{i}"] = getattr(nn, activation)()
        before = width
    parts["out"] = nn.Linear(before, 5)
    model = nn.Sequential(torch.nn.modules.container.OrderedDict(parts))
    if start != "default":
        for layer in model:
            if isinstance(layer, nn.Linear):
                getattr(nn.init, start)(layer.weight)
    name = str(rng.choice(["SGD", "momentum", "Adam", "AdamW", "RMSprop", "Adagrad"]))
    rate = 10 ** rng.uniform(-3.3, -2.3)
    decay = float(rng.choice([0.0, 1e-4, 1e-2]))
    optimizer: Any = {
        "SGD": lambda p: torch.optim.SGD(p, lr=20 * rate, weight_decay=decay),
        "momentum": lambda p: torch.optim.SGD(p, lr=4 * rate, momentum=0.9, weight_decay=decay),
        "Adam": lambda p: torch.optim.Adam(p, lr=rate),
        "AdamW": lambda p: torch.optim.AdamW(p, lr=rate, weight_decay=10 * decay),
        "RMSprop": lambda p: torch.optim.RMSprop(p, lr=rate),
        "Adagrad": lambda p: torch.optim.Adagrad(p, lr=5 * rate),
    }[name](model.parameters())
    steps = int(rng.choice([60, 150, 300]))
    kind = str(rng.choice(["constant", "cosine", "linear to zero early", "warm-up", "step"]))
    factor = {
        "constant": lambda t: 1.0,
        "cosine": lambda t: 0.5 * (1 + np.cos(np.pi * min(1.0, t / steps))),
        "linear to zero early": lambda t: max(0.0, 1 - t / (0.8 * steps)),
        "warm-up": lambda t: min(1.0, t / (0.3 * steps)),
        "step": lambda t: 0.1 ** (t // (steps // 3)),
    }[kind]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    recorder = Recorder(folder)
    torch_loop.train(
        recorder,
        model,
        optimizer,
        torch_loop.cross_entropy,
        data.blobs(rng, 2000, inputs=inputs),
        rng=rng,
        steps=steps,
        log_every=max(1, steps // int(rng.choice([6, 15, 30]))),
        batch=int(rng.choice([16, 64, 256] if norm == "BatchNorm1d" else [1, 16, 64, 256])),
        gradients=bool(rng.random() < 0.7),
        outputs_of=[part for part in parts if part.startswith("act")] if rng.random() < 0.5 else (),
        updates=bool(rng.random() < 0.3),
        schedule=schedule,
        writer_type=writer_of(rng),
    )
    drawn = {"inputs": inputs, "widths": widths, "activation": activation, "norm": norm, "start": start}
    return {
        **drawn,
        "optimizer": name,
        "rate": rate,
        "decay": decay,
        "steps": steps,
        "schedule": kind,
        **recorder.notes,
    }


def numpy_network(rng: np.random.Generator, folder: Path) -> dict[str, Any]:
    """A network in plain NumPy with sigmoid, tanh or ReLU units and plain descent: as students write them."""
    inputs, wanted = data.blobs(rng, 1500, inputs=16)
    widths = [16, *(int(rng.choice([8, 24, 80])) for _ in range(int(rng.integers(1, 4)))), 5]
    unit = str(rng.choice(["sigmoid", "tanh", "relu"]))
    gain = 2.0 if unit == "relu" else 1.0
    weights = [rng.normal(0, (gain / a) ** 0.5, (a, b)) for a, b in itertools.pairwise(widths)]
    biases = [np.zeros(b) for b in widths[1:]]
    rate = {"sigmoid": 1.0, "tanh": 0.1, "relu": 0.05}[unit]
    steps = 400 if unit == "sigmoid" else 200
    names = str(rng.choice(["W{}", "layer{}/weights", "dense_{}/kernel", "weights_{}"]))
    bias_names = {"W{}": "b{}", "layer{}/weights": "layer{}/biases", "dense_{}/kernel": "dense_{}/bias"}.get(
        names, "biases_{}"
    )
    writer = writer_of(rng)(str(folder))
    losses = []
    for step in range(steps + 1):
        chosen = rng.integers(0, len(inputs), 64)
        signals = [inputs[chosen].astype(np.float64)]
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            z = signals[-1] @ w + b
            signals.append(1 / (1 + np.exp(-z)) if unit == "sigmoid" else np.tanh(z) if unit == "tanh" else z * (z > 0))
        z = signals[-1] @ weights[-1] + biases[-1]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        losses.append(float(-np.log(p[np.arange(64), wanted[chosen]] + 1e-12).mean()))
        delta = p.copy()
        delta[np.arange(64), wanted[chosen]] -= 1
        delta /= 64
        if step % (steps // 20) == 0:
            writer.add_scalar("loss", losses[-1], step)
            for i, (w, b) in enumerate(zip(weights, biases, strict=True), 1):
                writer.add_histogram(names.format(i), w, step)
                writer.add_histogram(bias_names.format(i), b, step)
        for i in range(len(weights) - 1, -1, -1):
            back = delta @ weights[i].T
            gradient = signals[i].T @ delta
            if step % (steps // 20) == 0:
                writer.add_histogram(f"gradients/{names.format(i + 1)}", gradient, step)
            biases[i] -= rate * delta.sum(axis=0)
            weights[i] -= rate * gradient
            a = signals[i]
            delta = back * (a * (1 - a) if unit == "sigmoid" else 1 - a**2 if unit == "tanh" else a > 0)
    writer.close()
    return {"widths": widths, "unit": unit, "names": names, "first_loss": losses[0], "last_loss": losses[-1]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=30)
    args = parser.parse_args()
    found: Counter[str] = Counter()
    judged = 0
    for i in range(args.count):
        rng = np.random.default_rng([args.seed, i])
        folder = args.out / f"{args.seed}_{i}"
        drawn = (numpy_network if i % 3 == 2 else torch_network)(rng, folder)
        if not drawn["last_loss"] < FALLS * drawn["first_loss"]:
            print(f"{folder.name}: not judged, loss {drawn['first_loss']:.3g} to {drawn['last_loss']:.3g}", flush=True)
            continue
        judged += 1
        for run in analyze(folder, jobs=1).to_dict()["runs"]:
            for finding in run["findings"]:
                found[f"{finding['severity']} {finding['rule']}"] += 1
                if finding["severity"] != "info":
                    print(
                        f"{folder.name}: [{finding['severity']}] {finding['message']}\n  {json.dumps(drawn)}",
                        flush=True,
                    )
    print(f"{judged} healthy networks:", ", ".join(f"{n} × {what}" for what, n in sorted(found.items())) or "nothing")
    sys.exit(any(not what.startswith("info") for what in found))


if __name__ == "__main__":
    main()

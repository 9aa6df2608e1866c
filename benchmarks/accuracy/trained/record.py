"""Trains and keeps, per tag, two logs and the facts about the raw tensors: `python -m …record GROUP --out DIR`.

GROUP is `torch`, `keras`, or a family of `benchmarks.diagnosis`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.trained.raw import facts_of
from benchmarks.diagnosis.generate import seed_frameworks
from benchmarks.diagnosis.truth import Recorder
from tb_histinsight.logging.event_writer import Encoding, EventWriter

ENCODINGS = {"tf2": Encoding.TF2, "old": Encoding.OLD_STYLE}
MOST_STEPS = 20
"""Logged steps of a tag that are kept"""


class RawRecorder(Recorder):
    """Keeps the raw tensors of one training in memory."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.raw: dict[str, dict[int, np.ndarray]] = {}

    def take(self, tag: str, step: int, values: Any) -> None:
        self.raw.setdefault(tag, {})[int(step)] = np.array(values)

    def keep(self, tag: str, step: int, values: Any) -> np.ndarray:
        self.take(tag, step, values)
        return super().keep(tag, step, values)


def write(recorder: RawRecorder, out: Path, name: str) -> None:
    """Writes the log in both encodings and the facts; the raw tensors go."""
    truth = {}
    writers = {
        key: EventWriter(out / "logs" / key / name / "events.out.tfevents.1", encoding)
        for key, encoding in ENCODINGS.items()
    }
    for tag, by_step in recorder.raw.items():
        steps = sorted(by_step)
        steps = [steps[i] for i in sorted(set(np.linspace(0, len(steps) - 1, MOST_STEPS).round().astype(int)))]
        rows, first, before = [], None, None
        for step in steps:
            values = by_step[step]
            facts = facts_of(values)
            flat = np.sort(values.astype(np.float64).ravel())
            if np.isfinite(flat).all() and len(flat):
                comparable = before is not None and len(before) == len(flat)
                facts["moved"] = float(np.abs(flat - before).mean()) if comparable else None
                first = flat if first is None else first
                facts["from_first"] = float(np.abs(flat - first).mean()) if len(first) == len(flat) else None
                before = flat
            for key, writer in writers.items():
                if key == "tf2" or np.isfinite(values).any():
                    writer.histogram(tag, values, step)
            rows.append({"step": step, **facts})
        truth[tag] = rows
    for writer in writers.values():
        writer.close()
    file = out / "truth" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(truth))


def trainings(group: str) -> list[tuple[str, Any]]:
    """Names and functions of a group's trainings; each function takes a recorder and a generator."""
    if group in ("torch", "keras"):
        from benchmarks.accuracy.trained import networks

        chosen = networks.TORCH if group == "torch" else networks.KERAS
        return [(one.__name__, lambda recorder, rng, one=one: one(recorder.take, rng)) for one in chosen]
    from benchmarks.diagnosis.training import family

    return [(training.name, training.train) for training in family(group)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("group")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    if args.group != "keras":
        import torch

        torch.set_num_threads(1)
    for name, train in trainings(args.group):
        seed = args.seed + zlib.crc32(name.encode()) % 1000
        seed_frameworks(seed)
        with tempfile.TemporaryDirectory() as folder:
            recorder = RawRecorder(Path(folder))
            with np.errstate(all="ignore"):
                train(recorder, np.random.default_rng(seed))
                write(recorder, args.out, name)
        print(name, len(recorder.raw), flush=True)


if __name__ == "__main__":
    main()

"""Trains one family and writes its logs and the truth about them: `python -m benchmarks.diagnosis.generate FAMILY`."""

from __future__ import annotations

import argparse
import json
import time
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.diagnosis.training import SEEDS, Training, family
from benchmarks.diagnosis.truth import Recorder


def seed_frameworks(seed: int) -> None:
    """Seeds PyTorch where it is loaded; Keras trainings seed themselves from their generator."""
    import sys

    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def generate(training: Training, out: Path, seed: int) -> dict[str, Any]:
    """Trains, logs into `out/logs/NAME`, and gives the manifest's entry."""
    own_seed = seed + zlib.crc32(training.name.encode()) % 1000
    seed_frameworks(own_seed)
    recorder = Recorder(out / "logs" / training.name)
    start = time.perf_counter()
    training.train(recorder, np.random.default_rng(own_seed))
    expected = []
    for expect in training.expects:
        step = expect.proof(recorder.facts, expect.tag)
        if step is None:
            raise SystemExit(f"{training.name}: the raw tensors do not show {expect.rule} on {expect.tag}")
        expected.append({"rule": expect.rule, "tag": expect.tag, "first_step": step})
    (out / "truth").mkdir(parents=True, exist_ok=True)
    (out / "truth" / f"{training.name}.json").write_text(json.dumps(recorder.as_dict()))
    return {
        "name": training.name,
        "family": training.family,
        "sick": training.sick,
        "expected": expected,
        "also": sorted(training.also),
        "steps": sorted({step for facts in recorder.facts.values() for step in facts.steps}),
        "seed": own_seed,
        "seconds": round(time.perf_counter() - start, 1),
        "notes": recorder.notes,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", choices=SEEDS, default="tuning")
    parser.add_argument("--only", help="the name of one training")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    for training in family(args.family):
        if args.only in (None, training.name):
            print(json.dumps(generate(training, args.out, SEEDS[args.seeds])), flush=True)


if __name__ == "__main__":
    main()

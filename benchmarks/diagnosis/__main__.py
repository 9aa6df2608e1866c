"""Trains the collection, reports on it, and says how often the rules are right: `python -m benchmarks.diagnosis`."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.diagnosis.score import score, text_of
from benchmarks.diagnosis.training import SEEDS, families
from tb_histinsight.api import analyze


def generate(out: Path, seeds: str, only: list[str] | None) -> list[dict[str, Any]]:
    """Trains every family in a process of its own, since the frameworks do not share one gladly."""
    shutil.rmtree(out / "logs", ignore_errors=True)
    manifest = []
    for family in only or families():
        print(f"training {family} …", file=sys.stderr)
        command = [sys.executable, "-m", "benchmarks.diagnosis.generate", family, "--out", str(out), "--seeds", seeds]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{family} failed:\n{done.stderr[-2000:]}")
        manifest += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1))
    return manifest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="where logs, truth and manifest are kept")
    parser.add_argument("--seeds", choices=SEEDS, default="tuning")
    parser.add_argument("--family", action="append", help="only this family (may be repeated)")
    parser.add_argument("--reuse", action="store_true", help="report on the logs that are there")
    args = parser.parse_args()
    if args.reuse:
        manifest = json.loads((args.out / "manifest.json").read_text())
    else:
        manifest = generate(args.out, args.seeds, args.family)
    reports, truth = {}, {}
    for name in (training["name"] for training in manifest):  # each as its user has it: alone
        reports[name] = analyze(args.out / "logs" / name, jobs=1).to_dict()
        truth[name] = json.loads((args.out / "truth" / f"{name}.json").read_text())
    (args.out / "reports.json").write_text(json.dumps(reports))
    result = score(manifest, reports, truth)
    print(text_of(result))
    sys.exit(1 if result.false_alarms or result.uncertain else 0)


if __name__ == "__main__":
    main()

"""Accuracy on trained networks: `python -m benchmarks.accuracy.trained --out DIR [--reuse]`.

Trains small networks, logs every tensor in both encodings, and compares the labels with what the raw tensors allow.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.score import CONFIDENCES
from benchmarks.accuracy.shapes import ENOUGH_BUCKETS
from benchmarks.accuracy.trained.right_changes import right_changes
from benchmarks.accuracy.trained.right_shapes import right_shapes
from tb_histinsight.changes import change_of
from tb_histinsight.core.names import read_tags
from tb_histinsight.core.percentiles import quantiles
from tb_histinsight.core.stats import series_stats
from tb_histinsight.shapes import shape_timeline
from tb_histinsight.sources.event_files import EventFileSource

GROUPS = (
    *("torch", "keras", "dense", "convolutional", "recurrent", "attention", "embedding", "autoencoder"),
    *("silent_units", "collapsing", "bad_start", "diverging", "not_trained", "unusual"),
)

SEED = 4000
"""Seeds from 3000 on are those on which the tests of the raw tensors were set."""
NEED_NO_BUCKETS = frozenset({"constant", "collapsed", "non_finite", "empty", "spiky"})


def train(out: Path, seed: int, groups: Sequence[str]) -> None:
    """Trains every group in a process of its own, since the frameworks do not share one gladly."""
    for part in ("logs", "truth"):
        shutil.rmtree(out / part, ignore_errors=True)
    for group in groups:
        print(f"training {group} …", file=sys.stderr)
        command = [sys.executable, "-m", "benchmarks.accuracy.trained.record", group, "--out", str(out)]
        command += ["--seed", str(seed)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{group} failed:\n{done.stderr[-2000:]}")


def judged(out: Path, encoding: str) -> Any:
    """One record per tag and step (question `shape`) and per tag (question `change`)."""
    source = EventFileSource(out / "logs" / encoding)
    for run in source.runs():
        truth = json.loads((out / "truth" / f"{run}.json").read_text())
        reader = source.open_run(run)
        names = read_tags(reader.tags(), {tag: rows[0]["n"] for tag, rows in truth.items()})
        roles = {name.tag: name.role for name in names}
        for series in reader.read():
            role = roles[series.tag]
            rows = {row["step"]: row for row in truth[series.tag]}
            stats = series_stats(series)
            middle, cell = _resolution(series)
            where = {"run": run, "tag": series.tag, "role": role.value, "encoding": encoding}
            for i, label in enumerate(shape_timeline(series, stats, role).labels):
                facts = rows[int(series.steps[i])]
                right, demanded = right_shapes(facts, role.value, encoding)
                resolved = bool(middle[i] >= ENOUGH_BUCKETS) or bool(
                    right & {"constant", "collapsed", "non_finite", "spiky"}
                )
                yield {
                    **where,
                    "question": "shape",
                    "step": int(series.steps[i]),
                    "label": label.shape.value,
                    "confidence": label.confidence.value,
                    "right": right,
                    "demanded": bool(demanded and resolved),
                    "given": label.shape.value != "unresolved",
                    "facts": facts,
                }
            change = change_of(series, stats)
            right, sharp = right_changes(list(rows.values()), cell)
            yield {
                **where,
                "question": "change",
                "label": change.label.value,
                "confidence": change.confidence.value,
                "right": right,
                "demanded": bool(sharp),
                "given": True,
                "facts": {"rows": list(rows.values()), "cell": cell},
            }


def _resolution(series: Any) -> tuple[np.ndarray, float]:
    """Filled buckets under the middle 95 % of each step, and the mean width of buckets, the largest of all steps."""
    middle, cell = np.zeros(len(series)), 0.0
    for i in range(len(series)):
        part = series.select(i, i + 1)
        if not len(part.buckets):
            continue
        left, right, count = part.buckets.T
        low, high = quantiles(part.buckets, part.offsets, np.array([0.025, 0.975]))[0][0]
        middle[i] = ((right > low) & (left < high) & (count > 0)).sum()
        cell = max(cell, float(((right - left) * count).sum() / count.sum()))
    return middle, cell


def report(records: list[dict[str, Any]], question: str) -> None:
    rows = [record for record in records if record["question"] == question]
    print(f"## {question}s: {len(rows)} judged, {len({(r['run'], r['tag'], r['encoding']) for r in rows})} series\n")
    print("| role | encoding | judged | labels given | right | decidable | answered |\n|---|---|---|---|---|---|---|")
    for key in [*sorted({(r["role"], r["encoding"]) for r in rows}), ("all", "both")]:
        part = [r for r in rows if key == ("all", "both") or key == (r["role"], r["encoding"])]
        given = [r for r in part if r["given"]]
        demanded = [r for r in part if r["demanded"]]
        print(
            f"| {key[0]} | {key[1]} | {len(part)} | {len(given)} | {_share(given, _is_right)} | {len(demanded)} | "
            f"{_share(demanded, lambda r: r['given'])} |"
        )
    print("\n| confidence | labels given | right |\n|---|---|---|")
    for name in CONFIDENCES:
        part = [r for r in rows if r["given"] and r["confidence"] == name]
        print(f"| {name} | {len(part)} | {_share(part, _is_right)} |")
    _by_role(rows)
    for role in ["every role", *sorted({r["role"] for r in rows})]:
        part = [r for r in rows if role in ("every role", r["role"])]
        if any(len(r["right"]) == 1 and r["right"] != {"unresolved"} for r in part):
            _confusion(part, role)
    _worst(rows)


def _is_right(record: dict[str, Any]) -> bool:
    return record["label"] in record["right"]


def _share(rows: list[dict[str, Any]], test: Any) -> str:
    return f"{sum(map(test, rows)) / len(rows):.2%}" if rows else "–"


def _by_role(rows: list[dict[str, Any]]) -> None:
    """What was said where one label alone is right, a row for each role and right label."""
    said: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        if len(row["right"]) == 1 and row["right"] != {"unresolved"}:
            said.setdefault((row["role"], next(iter(row["right"]))), Counter())[row["label"]] += 1
    print("\n| role | the only right one | cases | said | open | other labels |\n|---|---|---|---|---|---|")
    for (role, right), labels in sorted(said.items()):
        others = ", ".join(f"{name} {n}" for name, n in labels.most_common() if name not in (right, "unresolved"))
        print(f"| {role} | {right} | {labels.total()} | {labels[right]} | {labels['unresolved']} | {others} |")


def _confusion(rows: list[dict[str, Any]], role: str) -> None:
    """Label given against label allowed, where the raw numbers allow one alone."""
    counts = Counter((next(iter(r["right"])), r["label"]) for r in rows if len(r["right"]) == 1)
    given = sorted({label for _, label in counts})
    print(f"\n| {role}: the only right one | " + " | ".join(given) + " |\n|" + "---|" * (len(given) + 1))
    for one in sorted({right for right, _ in counts}):
        print(f"| {one} | " + " | ".join(str(counts[one, label] or "") for label in given) + " |")


def _worst(rows: list[dict[str, Any]], most: int = 12) -> None:
    wrong = [r for r in rows if r["given"] and not _is_right(r)]
    cells = Counter((r["label"], "/".join(sorted(r["right"])), r["role"], r["encoding"]) for r in wrong)
    print("\n| wrong label | right ones | role | encoding | times | for instance |\n|---|---|---|---|---|---|")
    for cell, count in cells.most_common(most):
        one = next(r for r in wrong if (r["label"], "/".join(sorted(r["right"])), r["role"], r["encoding"]) == cell)
        print(f"| {' | '.join(cell)} | {count} | {one['run']} {one['tag']} {one.get('step', '')} |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy.trained", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="where logs and facts are kept")
    parser.add_argument("--reuse", action="store_true", help="only the report, on the logs that are there")
    parser.add_argument("--details", type=Path, help="writes every wrong label with its numbers here")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--group", action="append", choices=GROUPS, help="only this one (may be repeated)")
    options = parser.parse_args()
    if not options.reuse:
        train(options.out, options.seed, options.group or GROUPS)
    records = [record for encoding in ("tf2", "old") for record in judged(options.out, encoding)]
    for question in ("shape", "change"):
        report(records, question)
    if options.details:
        wrong = [r for r in records if r["given"] and not _is_right(r)]
        options.details.write_text(
            "\n".join(json.dumps({**r, "right": sorted(r["right"])}, default=float) for r in wrong)
        )


if __name__ == "__main__":
    main()

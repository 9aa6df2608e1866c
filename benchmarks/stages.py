#!/usr/bin/env python3
"""Where the time of a report goes: processor seconds of one process, stage by stage.

    python -m benchmarks.stages LOGDIR ... [--rounds 3] [--page docs/performance.md]

Each log is read in a process of its own, as often as there are rounds; the least of each stage is told. Reading alone
is measured before the analysis, and taken off it: the analysis reads the histograms itself. Prints a Markdown table;
`--page` puts it into the page.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.compiled import compile_package
from benchmarks.reading.page import replaced

STAGES = {
    "imports": "interpreter, NumPy, imports",
    "scan": "scan: framing, checksums, fields",
    "read": "histograms, normal form",
    "analyse": "statistics, shapes, changes",
    "rules": "names, rules",
    "sentences": "sentences, JSON",
}
CHILD = """
import json, sys, time
from tb_histinsight.analysis import analyse_tags, conclude, names_of
from tb_histinsight.api.memory import keep_freed_memory
from tb_histinsight.explain import explain
from tb_histinsight.report import encode
from tb_histinsight.rules import all_rules
from tb_histinsight.sources.event_files import EventFileSource
all_rules()
keep_freed_memory()
marks = [0.0, time.process_time()]
spent = dict.fromkeys(("scan", "read", "analyse", "rules"), 0.0)
def took(stage):
    now = time.process_time()
    spent[stage] += now - marks[-1]
    marks.append(now)
source = EventFileSource(sys.argv[1])
concluded = []
for run in source.sizes():
    marks.append(time.process_time())
    reader = source.open_run(run)
    reader.tags()
    took("scan")
    for series in reader.read():
        pass
    took("read")
    tags = analyse_tags(reader, names=names_of(reader))
    took("analyse")
    concluded.append(conclude(run, tags, reader.scalars(), reader.skipped()))
    took("rules")
before = time.process_time()
encode(explain(concluded, "en"))
done = time.process_time()
spent["analyse"] -= spent["read"]
print(json.dumps({"imports": marks[1], **spent, "sentences": done - before}))
"""


def measured(logdir: str, rounds: int) -> dict[str, float]:
    """Seconds of each stage."""
    found = []
    for _ in range(rounds):
        command = [sys.executable, "-c", CHILD, logdir]
        found.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    return {stage: min(one[stage] for one in found) for stage in STAGES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logdir", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--page", type=Path)
    chosen = parser.parse_args()
    compile_package()
    columns = []
    for logdir in chosen.logdir:
        size = sum(file.stat().st_size for file in Path(logdir).rglob("*tfevents*"))
        columns.append((f"{Path(logdir).name}, {size / 1e6:.0f} MB", measured(logdir, chosen.rounds)))
    rows = ["| | " + " | ".join(name for name, _ in columns) + " |", "|---|" + "---:|" * len(columns)]
    rows += [
        f"| {said} | " + " | ".join(f"{one[stage]:.2f}" for _, one in columns) + " |" for stage, said in STAGES.items()
    ]
    table = "\n".join(rows)
    print(table)
    if chosen.page is not None:
        chosen.page.write_text(replaced(chosen.page.read_text("utf-8"), "stages", table), "utf-8")


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""What the plugin adds to TensorBoard's start, and to its first list of tabs.

    python -m benchmarks.startup [--repeat 15]

Each round starts Python anew, without and with the plugin by turns: imports what the `tensorboard` command imports,
builds the application over an empty log, and asks for the list of tabs (which asks every plugin whether it is
active). Prints a Markdown table of the quickest of all rounds, which other work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile

from benchmarks.compiled import compile_package

CHILD = """
import json, sys, time
start = time.perf_counter()
from tensorboard import default, main, program
imported = time.perf_counter()
plugins = default.get_static_plugins()
if sys.argv[2] == "with":
    from tb_histinsight.plugin import HistInsightPlugin
    plugins.append(HistInsightPlugin)
loaded = time.perf_counter()
apps = []
class Server:
    def __init__(self, app, flags):
        apps.append(app)
    def serve_forever(self):
        pass
    def get_url(self):
        return ""
board = program.TensorBoard(plugins, server_class=Server)
board.configure(["tensorboard", "--logdir=" + sys.argv[1], "--load_fast=false", "--reload_interval=0"])
board.launch()
built = time.perf_counter()
from werkzeug.test import Client
client = Client(apps[0])
ready = time.perf_counter()
listed = client.get("/data/plugins_listing").json
done = time.perf_counter()
assert ("histinsight" in listed) == (sys.argv[2] == "with")
print(json.dumps({"import": imported - start, "plugin import": loaded - imported, "build": built - loaded,
                  "list": done - ready, "all": done - start - (ready - built), "modules": len(sys.modules)}))
"""


def one(logdir: str, way: str) -> dict[str, float]:
    command = [sys.executable, "-c", CHILD, logdir, way]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=15)
    repeat = parser.parse_args().repeat
    compile_package()
    rounds: dict[str, list[dict[str, float]]] = {"without": [], "with": []}
    with tempfile.TemporaryDirectory() as logdir:
        for way in rounds:
            one(logdir, way)  # fills the caches of files and byte code
        for _ in range(repeat):
            for way, found in rounds.items():
                found.append(one(logdir, way))
    print("| ms | without | with | difference |")
    print("|---|---:|---:|---:|")
    for key in ("plugin import", "build", "list", "all"):
        without, with_it = (1e3 * min(found[key] for found in rounds[way]) for way in rounds)
        print(f"| {key} | {without:.2f} | {with_it:.2f} | {with_it - without:+.2f} |")
    without, with_it = (statistics.median(found["modules"] for found in rounds[way]) for way in rounds)
    print(f"| modules | {without:.0f} | {with_it:.0f} | {with_it - without:+.0f} |")


if __name__ == "__main__":
    sys.exit(main())

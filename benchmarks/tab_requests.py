#!/usr/bin/env python3
"""How long the Insight tab's requests take beside those of TensorBoard's Histograms dashboard, on the same log.

    python -m benchmarks.tab_requests LOGDIR [--load_fast true|false] [--repeat 3] [--page docs/performance.md]

Starts TensorBoard with the plugin, waits until the log is loaded, and asks over HTTP as a browser does: six requests
at a time, compressed answers. "stock" is what the Histograms dashboard asks for to draw every chart of the log, "cold"
what the Insight tab asks for to open its overview for the first time, its own files included, "cached" the same again,
and "opened" the first time on a TensorBoard whose page has been open for some seconds, as it is before anybody gets to
the tab: the first runs have been analysed in the meantime (what that takes is in the column "before").
Prints Markdown tables of the medians, of the ratios (which depend less on the machine), and of what these say of the
aims. Run it on a quiet machine: the stock requests wait much of the time, the cold ones compute. CPU seconds are those
of TensorBoard's Python process.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from benchmarks.compiled import compile_package
from benchmarks.reading.page import replaced
from tb_histinsight.routes.frontend import frontend_files, frontend_folder

OPEN_FOR = 12.0
"""Seconds for which TensorBoard's page is open before the tab is."""
AIMS = (
    (
        "opened for the first time, on a TensorBoard that nobody has opened: an eighth of the dashboard's time",
        "cold",
        8,
    ),
    ("opened for the first time, some seconds after TensorBoard's page: an eighth", "opened", 8),
    ("opened again: a fortieth", "cached", 40),
)
"""What is aimed at, the way of which that is said, and the least ratio."""
AT_A_TIME = 6
"""Requests that a browser sends to one HTTP/1.1 server at a time."""


def serve(logdir: str, load_fast: str, parent) -> None:
    """Runs TensorBoard with the plugin until the process is ended; tells its port, then its CPU time when asked."""
    from tensorboard import default, program

    from tb_histinsight.plugin import HistInsightPlugin

    board = program.TensorBoard([*default.get_static_plugins(), HistInsightPlugin])
    flags = [f"--logdir={logdir}", f"--load_fast={load_fast}", "--port=0", "--reload_interval=3600"]
    board.configure(["tensorboard", *flags])
    url = board.launch()
    parent.send(int(url.rstrip("/").rsplit(":", 1)[1]))
    while True:
        parent.recv()
        parent.send(time.process_time())


class Browser:
    """Six connections that are kept open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(AT_A_TIME)
        self._etags: dict[str, str] = {}

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[bytes, dict[str, str]]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600)
        connection.request("GET", path, headers={"Accept-Encoding": "identity", **(headers or {})})
        response = connection.getresponse()
        body = response.read()
        if response.status not in (200, 304):
            raise RuntimeError(f"{path}: {response.status} {body[:200]!r}")
        return body, dict(response.headers)

    def get_all(self, paths: list[str]) -> int:
        """Bytes received. Of what is kept from an earlier time it asks whether it still holds, as a browser does."""
        return sum(self._pool.map(self._received, paths))

    def _received(self, path: str) -> int:
        known = {"If-None-Match": self._etags[path]} if path in self._etags else {}
        body, headers = self.get(path, {"Accept-Encoding": "gzip", **known})
        if "ETag" in headers:
            self._etags[path] = headers["ETag"]
        return len(body)

    def json(self, path: str):
        return json.loads(self.get(path)[0])


def wait_until_loaded(browser: Browser) -> dict[str, dict]:
    """Runs and tags of the Histograms dashboard, once they and the last steps have stopped changing."""
    before, since = None, time.monotonic()
    while time.monotonic() - since < 3.0:
        time.sleep(0.5)
        runs = browser.json("/data/plugin/histinsight/runs")["runs"]
        if runs != before or not runs:
            before, since = runs, time.monotonic()
    return browser.json("/data/plugin/histograms/tags")


def measure(logdir: str, load_fast: str, *, opened: bool) -> dict[str, float]:
    """Seconds of each way, on a TensorBoard of its own.

    Args:
      opened: whether its page is opened some time before the tab is.
    """
    spawn = multiprocessing.get_context("spawn")
    child, parent = spawn.Pipe()
    server = spawn.Process(target=serve, args=(logdir, load_fast, parent), daemon=True)
    server.start()
    try:
        browser = Browser(child.recv())
        tags = wait_until_loaded(browser)
        stock = ["/data/plugin/histograms/tags"] + [
            f"/data/plugin/histograms/histograms?tag={quote(tag, safe='')}&run={quote(run, safe='')}"
            for run in tags
            for tag in tags[run]
        ]
        insight = "/data/plugin/histinsight/"
        files = [f"{insight}static/{name}" for name in frontend_files(frontend_folder())]
        ours = [f"{insight}runs", f"{insight}words?lang=en"]
        reports = [f"{insight}report?run={quote(run, safe='')}&lang=en" for run in tags]

        def open_tab() -> int:
            """What the tab does: its module, the other files, what there is, the reports."""
            stages = ([f"{insight}static/index.js"], files, ours, reports)
            return sum(browser.get_all(paths) for paths in stages)

        def cpu() -> float:
            child.send(None)
            return float(child.recv())

        found: dict[str, float] = {"requests": len(stock) - 1}
        ways = [("cold", open_tab), ("cached", open_tab), ("stock", lambda: browser.get_all(stock))]
        if opened:
            before = cpu()
            browser.get("/data/plugins_listing")
            time.sleep(OPEN_FOR)
            found["opened before"] = cpu() - before
            ways = [("opened", open_tab)]
        for name, action in ways:
            before, start = cpu(), time.perf_counter()
            found[f"{name} bytes"] = action()
            found[name] = time.perf_counter() - start
            found[f"{name} cpu"] = cpu() - before
        return found
    finally:
        server.terminate()
        server.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logdir")
    parser.add_argument("--load_fast", choices=("true", "false"), default="true")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--page", type=Path, help="put the table into this page as well")
    options = parser.parse_args()
    compile_package()
    rounds = [
        {
            **measure(options.logdir, options.load_fast, opened=True),
            **measure(options.logdir, options.load_fast, opened=False),
        }
        for _ in range(options.repeat)
    ]
    middle = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
    told = _table(middle, f"{middle['requests']:.0f} charts in the Histograms dashboard, load_fast={options.load_fast}")
    print(told)
    if options.page is not None:
        options.page.write_text(replaced(options.page.read_text("utf-8"), "tab", told), "utf-8")


def _table(middle: dict[str, float], title: str) -> str:
    """The medians in Markdown, and what they say of the aims."""
    lines = [f"{title}.", "", "| | seconds | of stock | CPU seconds | of stock | before | MB received |"]
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    of_stock: dict[str, tuple[float, float]] = {}
    for name in ("stock", "cold", "opened", "cached"):
        wall, cpu = middle["stock"] / middle[name], middle["stock cpu"] / max(middle[f"{name} cpu"], 1e-9)
        of_stock[name] = wall, cpu
        times = f"{middle[name]:.3f} | 1/{wall:.1f} | {middle[f'{name} cpu']:.3f} | 1/{cpu:.1f}"
        before = f"{middle[f'{name} before']:.3f}" if f"{name} before" in middle else ""
        lines.append(f"| {name} | {times} | {before} | {middle[f'{name} bytes'] / 1e6:.2f} |")
    lines += ["", "| aim | by the clock | by processor | holds |", "|---|---:|---:|---|"]
    for aim, name, least in AIMS:
        wall, cpu = of_stock[name]
        lines.append(f"| {aim} | 1/{wall:.1f} | 1/{cpu:.1f} | {'yes' if min(wall, cpu) >= least else 'no'} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

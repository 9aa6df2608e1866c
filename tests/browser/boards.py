"""A log to look at, a real TensorBoard in a process of its own, and a page of Chromium that shows the tab."""

import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from urllib.parse import quote

import numpy as np
from tensorboards import Log

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_PATIENCE = 60.0  # seconds for TensorBoard to print its address
LOAD_PATIENCE = 30.0  # seconds for it to load a small log
PATIENCE = 15_000  # milliseconds for something to appear
ODD_RUN = "<img src=x onerror=alert(1)>"
STEPS = range(0, 200, 10)


def write_logs(folder):
    """Three runs: one in which only the last layer learns, one that diverges, one with hostile names."""
    rng = np.random.default_rng(7)
    kernels = [rng.uniform(-0.15, 0.15, 4000) for _ in range(3)]
    with Log(folder / "only_last") as log:
        for step in STEPS:
            for layer, kernel in enumerate(kernels, 1):
                log.histogram(f"dense_{layer}/kernel", step, kernel)
            log.histogram("dense_4/kernel", step, rng.normal(0, 0.1 + 0.01 * step, 2000))
            log.old_style("dense_4/activations", step, np.maximum(rng.normal(size=2000), 0))
    with Log(folder / "diverging") as log:
        for step in STEPS:
            scale = 0.1 * 1.1 ** (step / 2)
            log.histogram("dense_1/kernel", step, rng.normal(0, scale, 2000))
            if step < 150:
                log.histogram("dense_2/kernel", step, rng.normal(0, scale, 2000))
            else:
                log.rows("dense_2/kernel", step, np.column_stack([np.full((30, 2), np.nan), np.zeros(30)]))
    with Log(folder / ODD_RUN) as log:
        for step in STEPS:
            log.histogram("</script><b>bold</b>/kernel", step, rng.normal(size=1000))


class Board:
    """A TensorBoard that listens at `url` (which ends with a slash)."""

    def __init__(self, url):
        self.url = url

    def json(self, route, **parameters):
        query = "&".join(f"{name}={quote(value)}" for name, value in parameters.items())
        with urllib.request.urlopen(f"{self.url}data/plugin/histinsight/{route}?{query}") as answer:
            return json.load(answer)

    def wait_for_runs(self, names):
        """Until the last step of every one of these runs is loaded."""
        end = time.monotonic() + LOAD_PATIENCE
        while True:
            loaded = {run["run"] for run in self.json("runs")["runs"] if run["last_step"] == STEPS[-1]}
            if names <= loaded:
                return self
            assert time.monotonic() < end, f"TensorBoard loaded {loaded}, not {names}"
            time.sleep(0.1)

    def address(self, **parts):
        return f"{self.url}#histinsight" + "".join(
            f"&p.histinsight.{key}={quote(value)}" for key, value in parts.items()
        )


@contextmanager
def tensorboard_process(logdir, plugin_path, *flags):
    """Starts TensorBoard on a free port."""
    path = os.pathsep.join([*plugin_path, *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", f"--logdir={logdir}", "--host=127.0.0.1", "--port=0", *flags],
        env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    # Read to the end, so that a full pipe never stops TensorBoard.
    lines = queue.SimpleQueue()
    threading.Thread(target=lambda: [lines.put(line) for line in process.stderr], daemon=True).start()
    try:
        yield Board(_address(lines))
    finally:
        process.terminate()
        process.wait(timeout=60)


def _address(lines):
    end, seen = time.monotonic() + START_PATIENCE, []
    while time.monotonic() < end:
        try:
            seen.append(lines.get(timeout=1))
        except queue.Empty:
            continue
        if found := re.search(r"TensorBoard \S+ at (http://\S+)", seen[-1]):
            return found[1]
    raise AssertionError("TensorBoard did not start:\n" + "".join(seen))


class Tab:
    """A browser page that shows the Insight tab; what it must never do is collected in `trouble`."""

    def __init__(self, page, board):
        self.page = page
        self.board = board
        self.trouble = []
        host = re.match(r"https?://[^/]+/", board.url)[0]
        page.set_default_timeout(PATIENCE)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("dialog", lambda dialog: (self.trouble.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((host, "data:", "blob:")) or self.trouble.append(f"asked for {request.url}")
            ),
        )

    def _console(self, message):
        # TensorBoard itself looks for its typeface in the wrong place when it has a path prefix.
        if message.type == "error" and "/font-roboto/" not in message.location.get("url", ""):
            self.trouble.append(message.text)

    @property
    def frame(self):
        return self.page.frame_locator('iframe[src*="name=histinsight"]')

    def open(self, **address):
        self.page.goto(self.board.address(**address))
        return self

    def find(self, selector, **options):
        return self.frame.locator(selector, **options)

    def wait(self, selector, **options):
        found = self.find(selector, **options).first
        found.wait_for()
        return found

    def run(self, script):
        """The result of a script within the tab's frame; it may use import()."""
        frame = next(frame for frame in self.page.frames if "plugin_entry" in frame.url)
        return frame.evaluate(script)

    def wait_until(self, script, value):
        """Until a script within the tab's frame gives this value."""
        end = time.monotonic() + PATIENCE / 1000
        while (found := self.run(script)) != value:
            assert time.monotonic() < end, f"{script} is {found!r}, not {value!r}"
            self.page.wait_for_timeout(50)


@contextmanager
def quiet_tabs(chromium):
    """Opens tabs of a TensorBoard; at the end none may have had an error or asked another host for anything."""
    opened = []

    def make(board, **context):
        page = chromium.new_context(**{"viewport": {"width": 1400, "height": 1000}, **context}).new_page()
        opened.append(Tab(page, board))
        return opened[-1]

    yield make
    for tab in opened:
        tab.page.context.close()
    troubles = [trouble for tab in opened for trouble in tab.trouble]
    assert troubles == [], "\n".join(map(str, troubles))

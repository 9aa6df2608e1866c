#!/usr/bin/env python3
"""How quick the Insight tab is for who looks at it: in Chromium, on a TensorBoard that has loaded the log.

    python -m benchmarks.tab_browser LOGDIR ... [--chromium PATH]

Of each log a line of a Markdown table. Seconds are counted from the address to what is seen, for the first time after
TensorBoard was started: its frame, the first finding (or verdict, where there is none), and the verdicts on all runs;
*again* is the first finding when the tab is opened once more. *Server* is the processor time of TensorBoard's process,
and *page* that of the page's main thread (TensorBoard's own part included), until all verdicts are there.

Then milliseconds between frames (median; 16.7 is the least), and of the main thread's processor time for a frame,
while the layer table is scrolled by 400 pixels a frame, the step slider of a tag is moved, and a part of the steps is
marked with the mouse. Without a graphics card Chromium draws with the processor. Clocks need a quiet machine, processor
time does not. Needs playwright and a Chromium.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import statistics
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.compiled import compile_package
from benchmarks.tab_requests import serve

CHROMIUM_FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PATIENCE = 180_000
"""Milliseconds for anything to be seen"""
SETTLED = 3
"""Looks at a second's distance at which nothing has changed: the log is loaded"""
RECORD = """() => {
    const times = [];
    let last = performance.now();
    const note = (now) => {
        times.push(now - last);
        last = now;
        if (window.stopped) window.stopped(times.slice(1));
        else requestAnimationFrame(note);
    };
    window.stopped = null;
    requestAnimationFrame(note);
}"""
STOP = "() => new Promise((done) => { window.stopped = done; })"
MOVES = 120
"""Times that something is moved, once a frame"""
MOVE = f"""async (change) => {{
    for (let i = 0; i < {MOVES}; i += 1) {{
        change(i);
        await new Promise(requestAnimationFrame);
    }}
}}"""
SCROLL = "(i) => document.querySelector('.table-box').scrollBy(0, i < 60 ? 400 : -400)"
SLIDE = """(() => {
    const slider = document.querySelector('.slider input');
    const last = Number(slider.max);
    return (i) => {
        slider.value = String(Math.round(last * (i < 60 ? 1 - i / 60 : (i - 60) / 60)));
        slider.dispatchEvent(new Event('input', { bubbles: true }));
    };
})()"""


def loaded(url: str) -> None:
    """Waits until TensorBoard has loaded the log."""
    before, same = None, 0
    while same < SETTLED:
        time.sleep(1)
        with urllib.request.urlopen(f"{url}data/plugin/histinsight/runs") as answer:
            runs = json.load(answer)["runs"]
        same = same + 1 if runs and runs == before else 0
        before = runs


def measure(logdir: str, chromium: str) -> list[str]:
    """The numbers of one log, as text."""
    from playwright.sync_api import sync_playwright

    mine, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(logdir, "auto", theirs), daemon=True)
    server.start()
    url = f"http://localhost:{mine.recv()}/"

    def server_time() -> float:
        mine.send(None)
        return float(mine.recv())

    try:
        loaded(url)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
            before = server_time()
            first = opened(browser, url)
            used = server_time() - before
            again = opened(browser, url)["finding"]
            page = browser.new_context(viewport=WINDOW).new_page()
            page.set_default_timeout(PATIENCE)
            frames = [moved(page, url, *what) for what in WHAT]
            browser.close()
    finally:
        server.kill()
    seconds = [first["frame"], first["finding"], first["every"], again, used, first["page"]]
    return [*(f"{value:.1f} s" for value in seconds), *(f"{median:.1f}, {own:.1f} ms" for median, own in frames)]


WINDOW = {"width": 1400, "height": 1000}
WHAT = (("layers", "a.cell", SCROLL), ("tag", ".plots canvas", SLIDE), ("tag", ".plots canvas", None))
"""View, what shows that it is there, and what moves something in it; None: the mouse, with its button down."""


def main_thread(page: Any) -> Callable[[], float]:
    """Processor seconds of a page's main thread so far."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds() -> float:
        found = session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in found if metric["name"] == "TaskDuration"))

    return seconds


def opened(browser: Any, url: str) -> dict[str, float]:
    """Seconds until frame, first finding and all verdicts are there, in a browser that knows nothing yet."""
    page = browser.new_context(viewport=WINDOW).new_page()
    page.set_default_timeout(PATIENCE)
    used = main_thread(page)
    begin = time.monotonic()
    page.goto(f"{url}#histinsight")
    frame = page.frame_locator('iframe[src*="name=histinsight"]')
    found = {}
    for what, shown, state in (
        ("frame", ".nav-item", "visible"),
        ("finding", "ol.findings h3, .quiet-mark", "visible"),
        ("every", ".progress progress", "detached"),
    ):
        (frame.locator(shown).first if state == "visible" else frame.locator(shown)).wait_for(state=state)
        found[what] = time.monotonic() - begin
    found["page"] = used()
    page.context.close()
    return found


def moved(page: Any, url: str, view: str, ready: str, change: str | None) -> tuple[float, float]:
    """Milliseconds between frames, and of the main thread for one, while something is moved."""
    page.goto("about:blank")
    used = main_thread(page)
    page.goto(f"{url}#histinsight&p.histinsight.view={view}")
    page.frame_locator('iframe[src*="name=histinsight"]').locator(ready).first.wait_for()
    page.wait_for_timeout(2000)
    frame = next(frame for frame in page.frames if "plugin_entry" in frame.url)
    box = frame.locator(ready).first.bounding_box()
    frame.evaluate(RECORD)
    before = used()
    if change is not None:
        frame.evaluate(f"({MOVE})({change})")
    else:
        page.mouse.move(box["x"] + 120, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] - 60, box["y"] + 60, steps=MOVES)
    own = used() - before
    times = frame.evaluate(STOP)
    if change is None:
        page.mouse.up()
    return statistics.median(times), 1000 * own / max(len(times), 1)


def main() -> None:
    """Measures each log."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logdir", nargs="+")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome") or "chrome")
    chosen = parser.parse_args()
    compile_package()
    heads = (
        *("frame", "first finding", "all verdicts", "again", "server", "page"),
        *("scrolling", "slider", "marking steps"),
    )
    print("| log | " + " | ".join(heads) + " |")
    print("|---|" + "---:|" * len(heads))
    for logdir in chosen.logdir:
        print(f"| {Path(logdir).name} | " + " | ".join(measure(logdir, chosen.chromium)) + " |", flush=True)


if __name__ == "__main__":
    main()

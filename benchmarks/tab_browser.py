#!/usr/bin/env python3
"""How quick the Insight tab is for who looks at it: in Chromium, on a TensorBoard that has loaded the log.

    python -m benchmarks.tab_browser LOGDIR ... [--chromium PATH]

Of each log a line of a Markdown table. Seconds are counted from the address to what is seen, for the first time after
TensorBoard was started: its frame, the first finding (or verdict, where there is none), and the verdicts on all runs;
then the first finding when the tab is opened again. Milliseconds between frames (median, and 95 %) while the layer
table is scrolled, the step slider of a tag is moved, and a part of the steps is marked on its percentiles: 16.7 is the
least. Without a graphics card Chromium draws with the processor. Needs playwright and a Chromium.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import time
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks.compiled import compile_package
from benchmarks.tab_requests import serve

CHROMIUM_FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PATIENCE = 180_000
"""Milliseconds for anything to be seen"""
SETTLED = 3
"""Looks at a second's distance at which nothing has changed: the log is loaded"""
FRAMES = """async (change) => {
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    for (let i = 0; i < 120; i += 1) {
        change(i);
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
    }
    times.sort((a, b) => a - b);
    return [times[60], times[114]];
}"""
SCROLL = "(i) => document.querySelector('.table-box').scrollBy(0, i < 60 ? 400 : -400)"
SLIDE = """(() => {
    const slider = document.querySelector('.slider input');
    const last = Number(slider.max);
    return (i) => {
        slider.value = String(Math.round(last * (i < 60 ? 1 - i / 60 : (i - 60) / 60)));
        slider.dispatchEvent(new Event('input', { bubbles: true }));
    };
})()"""
RECORD = """() => {
    const times = [];
    let last = performance.now();
    const note = (now) => {
        times.push(now - last);
        last = now;
        window.stopped ? window.stopped(times.slice(1).sort((a, b) => a - b)) : requestAnimationFrame(note);
    };
    window.stopped = null;
    requestAnimationFrame(note);
}"""
STOP = """() => new Promise((done) => {
    window.stopped = (times) => done([times[times.length >> 1], times[Math.floor(times.length * 0.95)]]);
})"""


def loaded(url: str) -> int:
    """Waits until TensorBoard has loaded the log; gives the number of runs."""
    before, same = None, 0
    while same < SETTLED:
        time.sleep(1)
        with urllib.request.urlopen(f"{url}data/plugin/histinsight/runs") as answer:
            runs = json.load(answer)["runs"]
        same = same + 1 if runs and runs == before else 0
        before = runs
    return len(before or ())


def measure(logdir: str, chromium: str) -> list[str]:
    """The numbers of one log, as text."""
    from playwright.sync_api import sync_playwright

    mine, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(logdir, "auto", theirs), daemon=True)
    server.start()
    url = f"http://localhost:{mine.recv()}/"
    try:
        runs = loaded(url)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
            first = opened(browser, url, runs)
            again = opened(browser, url, runs)[1]
            page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
            page.set_default_timeout(PATIENCE)
            frames = [moved(page, url, view, ready, change) for view, ready, change in MOVES]
            browser.close()
    finally:
        server.kill()
    seconds = [f"{value:.1f} s" for value in (*first, again)]
    return [*seconds, *(f"{median:.1f}, {most:.1f} ms" for median, most in frames)]


MOVES = (("layers", "a.cell", SCROLL), ("tag", ".plots canvas", SLIDE), ("tag", ".plots canvas", None))


def opened(browser: Any, url: str, runs: int) -> tuple[float, float, float]:
    """Seconds until the frame, the first finding, and all verdicts are there, in a browser that knows nothing yet."""
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.set_default_timeout(PATIENCE)
    begin = time.monotonic()
    page.goto(f"{url}#histinsight")
    frame = page.frame_locator('iframe[src*="name=histinsight"]')
    frame.locator(".nav-item").first.wait_for()
    there = time.monotonic() - begin
    frame.locator("ol.findings h3, .quiet-mark").first.wait_for()
    finding = time.monotonic() - begin
    frame.locator(".verdict .sentence").first.wait_for()
    frame.locator(".progress progress").wait_for(state="detached")
    every = time.monotonic() - begin
    page.context.close()
    return there, finding, every


def moved(page: Any, url: str, view: str, ready: str, change: str | None) -> tuple[float, float]:
    """Milliseconds between frames while something is moved; None: the mouse, over the steps, with its button down."""
    page.goto("about:blank")
    page.goto(f"{url}#histinsight&p.histinsight.view={view}")
    page.frame_locator('iframe[src*="name=histinsight"]').locator(ready).first.wait_for()
    page.wait_for_timeout(1500)
    frame = next(frame for frame in page.frames if "plugin_entry" in frame.url)
    if change is not None:
        median, most = frame.evaluate(f"({FRAMES})({change})")
        return median, most
    box = frame.locator(ready).first.bounding_box()
    frame.evaluate(RECORD)
    page.mouse.move(box["x"] + 120, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 60, box["y"] + 60, steps=120)
    median, most = frame.evaluate(STOP)
    page.mouse.up()
    return median, most


def main() -> None:
    """Measures each log."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logdir", nargs="+")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome") or "chrome")
    chosen = parser.parse_args()
    compile_package()
    heads = ("frame", "first finding", "all verdicts", "again", "scrolling", "slider", "marking steps")
    print("| log | " + " | ".join(heads) + " |")
    print("|---|" + "---:|" * len(heads))
    for logdir in chosen.logdir:
        print(f"| {Path(logdir).name} | " + " | ".join(measure(logdir, chosen.chromium)) + " |", flush=True)


if __name__ == "__main__":
    main()

"""What a notebook shows: the page within a sandboxed frame, which has neither history nor storage."""

import numpy as np
import pytest

from tb_histinsight import analyze_tensors

pytestmark = pytest.mark.browser


def test_the_frame_shows_the_report_and_its_views(chromium):
    rng = np.random.default_rng(1)
    report = analyze_tensors([(step, {"dense/kernel": rng.normal(size=500) * 2**step}) for step in range(5)])
    page = chromium.new_context().new_page()
    page.set_default_timeout(15_000)
    trouble = []
    page.on("console", lambda message: message.type == "error" and trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.set_content(f"<!doctype html><h1>Notebook</h1>{report._repr_html_()}")
    frame = page.frame_locator("iframe")
    frame.locator("main").get_by_text(report.runs[0].verdict).first.wait_for()
    frame.get_by_role("link", name="Tag", exact=True).click()
    frame.locator("canvas").first.wait_for()
    assert frame.locator("h2.name").inner_text() == "dense/kernel"
    page.context.close()
    assert trouble == []

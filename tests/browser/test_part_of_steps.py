"""A part of the steps of a tag, and what is seen as files."""

import csv
import io
import re
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"
TAG = {"view": "tag", "run": "only_last", "tag": "dense_4/kernel"}


def saved(tab, button):
    with tab.page.expect_download() as download:
        tab.find(button).click()
    return download.value


def test_a_part_of_the_steps_is_drawn_kept_in_the_address_and_saved_as_numbers(new_tab, board):
    series = board.json("series", run="only_last", tag="dense_4/kernel")
    tab = new_tab(board).open(**TAG, step="50")
    tab.wait(".zoom button", has_text="from step 50 on").click()
    tab.wait(".zoom .label", has_text="Steps 50–190")
    tab.page.wait_for_url(re.compile("p.histinsight.from=50"))
    download = saved(tab, '.saving button:has-text("CSV")')
    assert download.suggested_filename == "only_last-dense_4-kernel.csv"
    rows = list(csv.DictReader(io.StringIO(download.path().read_text("utf-8"))))
    assert [int(row["step"]) for row in rows] == list(range(50, 200, 10))
    at = series["steps"].index(50)
    assert float(rows[0]["rms"]) == series["stats"]["rms"][at]
    assert float(rows[0]["p50"]) == series["percentiles"][at][4]
    assert rows[0]["shape"] == series["shapes"][at]
    tab.find(".zoom button", has_text="All steps").click()
    tab.find(".zoom button", has_text="All steps").wait_for(state="detached")


@pytest.mark.parametrize("chart", [".histograms", ".percentile-bands"])
def test_drawing_along_a_chart_shows_that_part(new_tab, board, chart):
    tab = new_tab(board).open(**TAG)
    over = tab.wait(f"{chart} canvas")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    tab.page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 60)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=6)
    tab.page.mouse.up()
    shown = tab.wait(".zoom .label", has_text="are drawn").inner_text()
    first, last = map(int, re.findall(r"\d+", shown))
    assert 40 <= first <= 70 and 100 <= last <= 130
    assert tab.find(".numbers h3").inner_text() == f"Step {last}"


def test_every_chart_is_saved_as_png_and_as_svg_that_needs_nothing_else(new_tab, board):
    tab = new_tab(board, color_scheme="dark").open(**TAG)
    tab.wait(".percentile-bands canvas")
    charts = {"Heat map": "heat-map", "Percentiles over time": "percentiles", "Step 190": "step-190"}
    for chart, name in charts.items():
        content = saved(tab, f'[aria-label="{chart} as PNG"]').path().read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) > 3000
        picture = saved(tab, f'[aria-label="{chart} as SVG"]')
        assert picture.suggested_filename == f"only_last-dense_4-kernel-{name}.svg"
        root = ElementTree.fromstring(picture.path().read_text("utf-8"))
        assert root.tag == f"{SVG}svg"
        written = [text.text for text in root.iter(f"{SVG}text")]
        assert "dense_4/kernel · only_last" in written
        assert chart == "Step 190" or {"0", "40", "160"} <= set(written)
        assert len(list(root.iter(f"{SVG}path"))) >= 5
        # For paper, whatever the colours of the page.
        assert next(root.iter(f"{SVG}path")).get("fill") == "#ffffff"
        drawn = {element.get(key) for element in root.iter() for key in ("fill", "stroke")} - {None, "none"}
        assert all(re.fullmatch(r"#[0-9a-f]{6}|rgb\([\d ]+\)", colour) for colour in drawn), drawn
        assert not re.search(r"var\(|url\(h|href|<script|<style", picture.path().read_text("utf-8"))

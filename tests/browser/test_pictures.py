"""Pictures of the other views, and how shapes are told apart without colour."""

from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"


def written(tab):
    """The texts of the picture behind the view's SVG button."""
    with tab.page.expect_download() as download:
        tab.wait('.saving button:text-is("SVG")').click()
    root = ElementTree.fromstring(download.value.path().read_text("utf-8"))
    return [text.text for text in root.iter(f"{SVG}text")]


def test_the_layer_table_is_saved_whole_with_strips_and_lines(tab):
    tab.open(view="layers", run="only_last").wait("a.cell .spark")
    texts = written(tab)
    assert {"dense_1", "dense_4", "uniform", "Gaussian", "identical"} <= set(texts)


def test_the_profile_over_depth_is_saved(tab):
    tab.open(view="depth", run="only_last").wait(".depth canvas")
    assert {"dense_1", "dense_4"} <= set(written(tab))


def test_what_the_cross_over_the_depth_means_is_said(tab):
    tab.open(view="depth", run="diverging").wait(".depth canvas")
    assert "NaN, infinite" in tab.wait(".caption", has_text="×").inner_text()
    assert "1 tensor has no finite number, the first in “dense_2”" in tab.find(".depth-said").inner_text()
    tab.find(".layers-slider").focus()
    tab.page.keyboard.press("End")
    tab.wait(".layer-numbers li", has_text="not finite")


def test_narrow_spans_have_a_texture_that_the_legend_shows(tab):
    tab.open(view="layers", run="diverging").wait("a.cell")
    legend = set(tab.find(".legend [fill^='url']").evaluate_all("(all) => all.map((one) => one.getAttribute('fill'))"))
    assert "url(#texture-non_finite)" in legend
    assert tab.run("document.getElementById('texture-non_finite').tagName") == "pattern"
    spans = tab.run(
        """import(new URL('static/charts/span.js', document.baseURI))
        .then((m) => [5, 12, 30, 120].map((room) => m.fitting(room, 'sparse')))"""
    )
    assert [(span["scale"], span["named"]) for span in spans] == [(0, False), (0.6, False), (1, False), (1, True)]


def test_the_rows_of_the_layer_table_come_in_the_order_that_is_chosen(tab, board):
    run = next(run for run in board.json("report")["runs"] if run["run"] == "only_last")
    moved = {tag["layer"]: tag["change"]["movement_in_spread"] or 0 for tag in run["tags"] if tag["role"] == "weight"}
    tab.open(view="layers", run="only_last").wait("a.cell")
    assert tab.find("tbody th").all_inner_texts() == ["dense_1", "dense_2", "dense_3", "dense_4"]
    tab.find(".bar label", has_text="Order").locator("select").select_option("moved")
    tab.wait("tbody tr:first-child th", has_text=max(moved, key=moved.get))
    tab.page.wait_for_url(lambda url: "p.histinsight.order=moved" in url)
    tab.find(".bar label", has_text="Order").locator("select").select_option("findings")
    accused = run["findings"][0]["layer"]
    tab.wait("tbody tr:first-child th", has_text=accused)

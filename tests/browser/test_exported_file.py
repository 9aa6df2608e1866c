"""An exported file, opened from the disk: the same views, the same numbers, nothing from the network."""

import json
import re
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def exported(logs, tmp_path_factory):
    file = tmp_path_factory.mktemp("exported") / "report.html"
    subprocess.run([sys.executable, "-m", "tb_histinsight", "report", str(logs), "-o", str(file)], check=True)
    return file


@pytest.fixture
def opened(chromium, exported):
    """Opens the file at some address within it; there must be no trouble and no request."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    trouble = []

    def open_at(fragment=""):
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: message.type == "error" and trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("dialog", lambda dialog: (trouble.append("dialog"), dialog.dismiss()))
        page.on("request", lambda r: r.url.startswith(("file:", "data:", "blob:")) or trouble.append(r.url))
        page.goto(exported.as_uri() + fragment)
        return page

    yield open_at
    context.close()
    assert trouble == []


def test_it_opens_on_the_same_findings_as_the_tab(opened, board):
    page = opened()
    page.locator("ol.findings h3").first.wait_for()
    told = page.locator("main").inner_text()
    for run in board.json("report")["runs"]:
        assert run["verdict"] in told
        for finding in run["findings"]:
            if finding["cause"] is None and finding["severity"] == "critical":
                assert finding["message"] in told
    assert page.locator(".export").count() == 0


@pytest.mark.parametrize("tag", ["dense_4/kernel", "dense_4/activations", "dense_1/kernel"])
def test_a_tag_has_its_picture_and_the_numbers_of_the_last_step(opened, board, tag):
    page = opened(f"#view=tag&run=only_last&tag={tag.replace('/', '%2F')}")
    page.locator("canvas").first.wait_for()
    series = board.json("series", run="only_last", tag=tag)
    packed = page.evaluate(
        """async ([run, tag]) => {
            const { embeddedSource } = await import('insight/source.js');
            const source = await embeddedSource(document.getElementById('insight-data'));
            return source.series(run, tag);
        }""",
        ["only_last", tag],
    )
    assert packed["steps"] == series["steps"]
    assert packed["offsets"] == series["offsets"]
    assert packed["shapes"] == series["shapes"]
    assert packed["count"] == series["count"]
    assert packed["non_finite"] == series["non_finite"]
    rounding = 1e-6 * max(map(abs, series["left"]))
    for name in ("left", "right"):
        assert packed[name] == pytest.approx(series[name], rel=1e-6, abs=rounding)
    for mine, theirs in zip(packed["percentiles"], series["percentiles"], strict=True):
        assert mine == pytest.approx(theirs, rel=1e-6, abs=rounding)


def test_the_profile_over_depth_is_drawn_from_what_the_file_carries(opened, board):
    page = opened("#view=depth&run=only_last&at=dense_4")
    rms = next(entry["rms"] for entry in board.json("rms", run="only_last")["tags"] if entry["tag"] == "dense_4/kernel")
    page.locator(".depth canvas").first.wait_for()
    shown = page.locator(".layer-numbers li", has_text="dense_4/kernel").locator(".value").inner_text()
    assert float(shown) == pytest.approx(rms[-1], rel=1e-3)


def test_charts_are_read_by_keyboard_and_saved_as_svg_without_a_network(opened):
    page = opened("#view=tag&run=only_last&tag=dense_4%2Fkernel&x=log&together=1&against=0")
    page.locator(".sibling canvas").first.wait_for()
    page.locator(".histograms canvas").first.focus()
    page.keyboard.press("Home")
    page.locator("#bucket-read[aria-live=polite]", has_text="Step 0: ").wait_for()
    with page.expect_download() as download:
        page.locator('[aria-label="Heat map as SVG"]').click()
    assert download.value.path().read_text("utf-8").startswith("<svg ")


def test_a_tag_that_was_left_out_is_told_from_one_that_there_never_was(opened):
    page = opened("#view=tag&run=only_last&tag=left%2Fout")
    page.locator(".notice.empty", has_text="not in this file").wait_for()


def test_nothing_of_the_machine_is_in_it(exported, logs):
    assert str(logs) not in exported.read_text("utf-8")


def test_the_tab_exports_what_is_looked_at_and_says_how_large_it_is(new_tab, board, tmp_path):
    tab = new_tab(board).open(view="layers", run="diverging")
    tab.wait("table.layers")
    tab.find("button.export").click()
    shown = tab.wait(".export-size", has_text="kB").inner_text()
    with tab.page.expect_download() as download:
        tab.find("a.save-export").click()
    assert download.value.suggested_filename == "insight-diverging.html"
    download.value.save_as(tmp_path / "saved.html")
    assert re.search(r"<title>Insight: diverging</title>", (tmp_path / "saved.html").read_text("utf-8"))
    size = (tmp_path / "saved.html").stat().st_size
    assert float(re.search(r"[\d.]+", shown)[0]) == pytest.approx(size / 1000, rel=0.05)


@pytest.mark.parametrize("form", ["CSV", "JSON"])
def test_runs_and_tags_of_an_export_can_be_chosen(new_tab, board, form):
    tab = new_tab(board).open()
    tab.wait("ol.findings h3")
    tab.find("button.export").click()
    dialog = tab.wait("dialog.export-dialog")
    dialog.locator(".segmented button", has_text=form).click()
    dialog.locator(".choices label", has_text="<img").click()
    dialog.get_by_role("checkbox", name="weight").uncheck()
    assert "Tags: 1 of 7" in dialog.locator("legend").last.inner_text()
    dialog.locator("input[type=search]").fill("DENSE_4")
    with tab.page.expect_download() as download:
        tab.find("a.save-export").click()
    text = download.value.path().read_text("utf-8")
    assert "dense_4/activations" in text.replace("\\", "")
    assert "dense_1/kernel" not in (text if form == "CSV" else "")
    assert "<img" not in text
    if form == "JSON":
        assert [[tag["tag"] for tag in run["tags"]] for run in json.loads(text)["runs"]] == [
            [],
            ["dense_4/activations"],
        ]
    dialog.locator("input[type=search]").fill("nothing is called so")
    assert "Nothing is chosen" in tab.wait(".export-size").inner_text()
    assert tab.find("a.save-export").count() == 0
    dialog.get_by_role("button", name="Close").focus()
    tab.page.keyboard.press("Escape")
    dialog.wait_for(state="detached")

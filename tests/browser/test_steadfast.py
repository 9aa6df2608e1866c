"""The tab while things go wrong or change under it: slow, silent, gone; and what a reader finds again."""

import json
import re
import shutil

import numpy as np
import pytest
from boards import STEPS, tensorboard_process
from tensorboards import Log

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TAG = {"view": "tag", "run": "only_last", "tag": "dense_4/kernel"}
TEN_SECONDS = 11_000  # milliseconds after which the tab says that it takes long


@pytest.fixture
def held_tab(new_tab, board):
    """A tab, and a list of routes: requests whose address has one of them in it get no answer."""
    tab, held = new_tab(board), []

    def hold(route):
        if not any(name in route.request.url for name in held):
            route.continue_()

    tab.page.route("**/plugin/histinsight/*", hold)
    return tab, held


@pytest.mark.parametrize("name", ["words?", "runs", "report?run=only_last", "series?"])
def test_a_server_that_stops_answering_is_said_and_asked_again_on_demand(held_tab, name):
    tab, held = held_tab
    held.append(name)
    tab.page.clock.install()
    tab.open(**TAG).wait(".spinner")
    tab.page.wait_for_timeout(1000)
    tab.page.clock.fast_forward(TEN_SECONDS)
    tab.wait("main", has_text=re.compile("have stopped"))
    held.clear()
    tab.find("main button", has_text="Try again").click()
    tab.wait(".numbers h3")


def test_a_reload_that_is_not_answered_leaves_what_is_shown(held_tab):
    tab, held = held_tab
    tab.open(**TAG).wait(".numbers h3")
    tab.page.clock.install()
    held.append("runs")
    tab.page.locator('button[title^="Last Updated"]').click()
    tab.page.wait_for_timeout(500)
    tab.page.clock.fast_forward(TEN_SECONDS)
    assert "has not answered for some time" in tab.wait(".progress.trouble").inner_text()
    assert tab.find(".numbers h3").inner_text() == "Last step, 190"
    held.clear()
    tab.find(".progress button").click()
    tab.find(".progress.trouble").wait_for(state="detached")


def test_a_server_that_is_gone_leaves_what_is_shown_and_is_asked_again_on_demand(new_tab, board):
    tab = new_tab(board)
    tab.open(**TAG).wait(".numbers h3")
    tab.page.route("**/plugin/histinsight/*", lambda route: route.abort())
    tab.page.locator('button[title^="Last Updated"]').click()
    assert "does not answer" in tab.wait(".progress.trouble").inner_text()
    assert tab.find(".numbers h3").inner_text() == "Last step, 190"
    tab.find(".steps-through a", has_text="previous").click()
    assert "does not answer" in tab.wait(".notice.failed").inner_text()
    tab.page.unroute("**/plugin/histinsight/*")
    tab.find(".notice.failed button").click()
    tab.wait(".numbers h3")
    tab.find(".progress button").click()
    tab.find(".progress.trouble").wait_for(state="detached")
    assert all("Failed to load resource" in text for text in tab.trouble)
    tab.trouble.clear()


def test_requests_that_nobody_waits_for_any_more_are_cancelled(held_tab):
    tab, held = held_tab
    cancelled = []
    tab.page.on("requestfailed", lambda request: cancelled.append((request.url, request.failure)))
    tab.open(**TAG).wait(".numbers h3")
    held.append("series?")
    for layer in (3, 2, 1):
        with tab.page.expect_request(f"**/series?*dense_{layer}*"):
            tab.find(".steps-through a", has_text="previous").click()
    tab.find("nav a", has_text="Layers").click()
    tab.wait("a.cell")
    tab.page.wait_for_timeout(200)
    assert [re.search(r"dense_\d", url)[0] for url, _ in cancelled] == ["dense_3", "dense_2", "dense_1"]
    assert {failure for _, failure in cancelled} == {"net::ERR_ABORTED"}


def test_new_data_come_in_place_and_keep_the_brush_the_cursor_and_the_position(tmp_path, plugin_path, new_tab):
    rng = np.random.default_rng(5)
    with (
        Log(tmp_path / "run") as log,
        tensorboard_process(tmp_path, plugin_path, "--reload_interval=1") as board,
    ):
        for step in STEPS:
            log.histogram("fc/kernel", step, rng.normal(size=1000))
        log.flush()
        board.wait_for_runs({"run"})
        tab = new_tab(board, viewport={"width": 1200, "height": 500})
        tab.open(view="tag", run="run", tag="fc/kernel", **{"from": "50", "to": "120", "step": "100", "x": "log"})
        tab.wait(".zoom .label", has_text="Steps 50–120")
        tab.run("window.scrollTo(0, 300)")
        tab.page.get_by_role("tab", name=re.compile("histograms", re.I)).click()
        tab.page.locator("tf-histogram-dashboard").wait_for()
        for step in (200, 210):
            log.histogram("fc/kernel", step, rng.normal(size=1000))
        log.flush()
        tab.page.get_by_text("Insight", exact=True).first.click()
        seen = board.json("runs")["runs"][0]["last_step"]
        while seen != 210:
            tab.page.wait_for_timeout(200)
            seen = board.json("runs")["runs"][0]["last_step"]
        tab.page.locator('button[title^="Last Updated"]').click()
        tab.wait(".facts", has_text="22 steps")
        assert "Steps 50–120" in tab.find(".zoom .label").first.inner_text()
        assert tab.find(".numbers h3").inner_text() == "Step 100"
        assert tab.run("window.scrollY") == 300

        # The log is taken away while it is looked at.
        shutil.rmtree(tmp_path / "run")
        while board.json("runs")["runs"]:
            tab.page.wait_for_timeout(200)
        tab.page.locator('button[title^="Last Updated"]').click()
        assert "no longer has any run" in tab.wait(".progress.trouble").inner_text()
        assert tab.find(".numbers h3").inner_text() == "Step 100"
        tab.page.goto("about:blank")  # before the server ends, of which it would still ask something


def test_the_way_back_leads_to_where_one_was(new_tab, board):
    tab = new_tab(board, viewport={"width": 1200, "height": 420}).open()
    tab.wait("ol.findings > li")
    tab.run("window.scrollTo(0, 350)")
    tab.find("ol.findings .tag-link").nth(1).evaluate("(link) => link.click()")
    tab.wait(".tag-head h2")
    assert tab.run("window.scrollY") == 0
    tab.page.go_back()
    tab.wait("ol.findings > li")
    tab.wait_until("window.scrollY", 350)


def test_ten_thousand_findings_are_paged(new_tab, board):
    def many(route):
        answer = route.fetch()
        body = json.loads(answer.body())
        for run in body["runs"]:
            first = run["findings"][0]
            run["findings"] = [
                {**first, "id": f"f{i}", "cause": None, "rule": f"rule-{i % 200}", "layer": f"layer_{i}"}
                for i in range(10_000)
            ]
        route.fulfill(response=answer, body=json.dumps(body))

    tab = new_tab(board)
    tab.page.route("**/plugin/histinsight/report?run=only_last*", many)
    tab.open(run="only_last").wait("ol.findings > li")
    assert "10,000 findings" in tab.find("#findings-title").inner_text()
    assert tab.find("ol.findings > li").count() == 50
    tab.find("button", has_text="Show more").click()
    tab.wait("ol.findings > li:nth-child(100)")
    assert tab.run("document.querySelectorAll('*').length") < 20_000
    tab.find(".findings-title, .filters input").last.fill("layer_9999")
    tab.wait("#findings-title", has_text=re.compile("^50 findings|^1 finding"))

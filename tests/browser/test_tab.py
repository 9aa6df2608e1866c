"""What a person sees in the Insight tab of a real TensorBoard."""

import re

import pytest

pytestmark = pytest.mark.browser
ODD_TAG = "</script><b>bold</b>/kernel"


def worst_finding(board):
    """What must stand first: the API's own order, over all runs."""
    runs = board.json("report")["runs"]
    ranks = [["critical", "warning", "info"], ["certain", "likely", "suspect"]]
    found = [(run["run"], finding) for run in runs for finding in run["findings"] if finding["cause"] is None]
    return min(found, key=lambda pair: (ranks[0].index(pair[1]["severity"]), ranks[1].index(pair[1]["confidence"])))


def is_drawn(tab, canvas):
    """Whether a canvas holds more than one colour."""
    return (
        canvas.evaluate(
            """(element) => {
            const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height);
            const colours = new Set();
            for (let i = 0; i < data.length; i += 4) colours.add(data.slice(i, i + 4).join());
            return colours.size;
        }"""
        )
        > 4
    )


def test_the_dashboard_is_called_insight_and_opens_on_the_worst_finding(new_tab, board):
    tab = new_tab(board)
    run, finding = worst_finding(board)
    tab.page.goto(board.url)
    tab.page.get_by_text("Insight", exact=True).first.click()
    assert tab.wait("ol.findings h3").inner_text() == finding["title"]
    first = tab.find("ol.findings > li").first
    assert finding["message"] in first.inner_text()
    assert run in first.inner_text()
    assert finding["advice"][0] in first.inner_text()
    assert finding["innocent"][0] in first.inner_text()
    assert finding["evidence"][0]["name"] in first.inner_text()


def test_each_run_has_its_verdict(tab, board):
    tab.open().wait(".verdict .sentence")
    tab.wait(".quiet-mark, .verdict .count")
    for run in board.json("report")["runs"]:
        row = tab.wait(".verdict", has_text=run["run"])
        assert run["verdict"] in row.inner_text()


def test_what_could_not_be_checked_is_said(tab, board):
    skipped = [o for run in board.json("report")["runs"] for o in run["outcomes"] if o["status"] == "skipped"]
    assert skipped
    tab.open().wait(".unchecked button").click()
    assert skipped[0]["reason"] in tab.wait(".unchecked .outcomes").inner_text()


def test_findings_are_filtered_by_severity_rule_run_and_layer(tab, board):
    run, finding = worst_finding(board)
    tab.open().wait("ol.findings h3")
    tab.find(".filters select").nth(2).select_option(run)
    tab.find(".filters select").nth(1).select_option(finding["rule"])
    assert set(tab.find("ol.findings > li > .finding-head h3").all_inner_texts()) == {finding["title"]}
    tab.find(".filters input").fill("no layer has this name")
    tab.wait(".nothing")
    tab.page.wait_for_url(re.compile(r"p\.histinsight\.rule="))
    tab.find(".filters button").click()
    tab.wait("ol.findings h3")


def test_what_differs_between_runs_is_said_with_links_to_both(tab, board):
    (first, *_) = board.json("comparisons")["comparisons"]
    entry = tab.open().wait(".comparisons li")
    assert first["message"] in entry.inner_text()
    links = entry.locator("a.tag-link")
    assert links.all_inner_texts() == [first["run"], first["other"]]
    links.last.click()
    tab.wait(".tag-view, h1, h2", has_text=first["tags"][1])
    assert first["other"] in tab.wait("main").inner_text()


def test_a_chosen_run_shows_its_own_differences_only(tab, board):
    every = board.json("comparisons")["comparisons"]
    quiet = next(
        run["run"] for run in board.json("runs")["runs"] if all(run["run"] not in (c["run"], c["other"]) for c in every)
    )
    tab.open(run=quiet).wait(".unchecked")
    assert tab.find(".comparisons li").count() == 0


def test_a_tag_opens_from_a_finding_and_back_leads_to_the_findings(tab, board):
    _, finding = worst_finding(board)
    tab.open().wait("ol.findings .tag-link").click()
    assert tab.wait(".tag-head h2").inner_text() == finding["tags"][0]
    assert is_drawn(tab, tab.wait(".plots canvas"))
    assert "p.histinsight.view=tag" in tab.page.url
    tab.page.go_back()
    tab.wait("ol.findings h3")
    tab.page.go_forward()
    tab.wait(".tag-head h2")


def test_the_layer_table_has_a_row_per_layer_and_a_column_per_role(tab):
    tab.open(view="layers", run="only_last").wait("table.layers tbody tr")
    assert tab.find("tbody th").all_inner_texts() == ["dense_1", "dense_2", "dense_3", "dense_4"]
    assert [text.lower() for text in tab.find("thead th").all_inner_texts()] == ["layer", "weight", "activation"]
    tab.find("tbody tr").first.locator("a.cell").click()
    assert tab.wait(".tag-head h2").inner_text() == "dense_1/kernel"


def test_a_link_opens_exactly_one_step_of_one_tag_with_its_numbers(tab, board):
    series = board.json("series", run="only_last", tag="dense_4/kernel")
    tab.open(view="tag", run="only_last", tag="dense_4/kernel", step="50").wait(".numbers .lines")
    assert tab.find(".numbers h3").inner_text() == "Step 50"
    shown = tab.find(".lines .line-4 td").first.inner_text().replace("\N{MINUS SIGN}", "-")
    median = series["percentiles"][series["steps"].index(50)][4]
    assert re.fullmatch(r"-?[\d.]+(×10.+)?", shown)
    if "×" not in shown:
        assert float(shown) == pytest.approx(median, rel=1e-3)


def test_the_same_tag_of_another_run_is_laid_over_with_its_numbers(tab, board):
    other = board.json("series", run="diverging", tag="dense_1/kernel")
    tab.open(view="tag", run="only_last", tag="dense_1/kernel").wait(".overlay select").select_option("diverging")
    shown = tab.wait(".lines .line-8 .other").inner_text()
    assert float(shown) == pytest.approx(other["percentiles"][-1][8], rel=1e-3)
    tab.page.wait_for_url(re.compile("p.histinsight.with=diverging"))


def test_the_bucket_under_the_pointer_is_read_exactly(tab, board):
    series = board.json("series", run="only_last", tag="dense_1/kernel")
    canvas = tab.open(view="tag", run="only_last", tag="dense_1/kernel").wait(".plots canvas")
    canvas.hover(position={"x": 300, "y": 160})
    text = tab.wait(".readout", has_text="values from").inner_text()
    counts = {f"{count:.0f} values" for count in series["count"]}
    assert any(count in text for count in counts), text


def test_the_last_step_comes_first_and_the_keyboard_walks_through_the_steps(tab):
    tab.open(view="tag", run="only_last", tag="dense_4/kernel").wait(".numbers h3")
    assert tab.find(".numbers h3").inner_text() == "Last step, 190"
    tab.find(".slider input").focus()
    tab.page.keyboard.press("ArrowLeft")
    tab.wait(".numbers h3", has_text="Step 180")


def test_steps_without_finite_values_are_said(tab):
    tab.open(view="tag", run="diverging", tag="dense_2/kernel").wait(".remarks .broken-mark")
    assert "5 steps have NaN or infinite values" in tab.find(".remarks").inner_text()


def test_both_charts_draw_on_both_axes(tab):
    tab.open(view="tag", run="only_last", tag="dense_4/activations").wait(".plots canvas")
    for chart in ("Ridgeline", "Heat map"):
        for axis in ("Log", "Linear"):
            tab.find(".segmented button", has_text=chart).click()
            tab.find('[aria-label="Value axis"] button', has_text=axis).click()
            tab.wait('[aria-label="Value axis"] button[aria-pressed=true]', has_text=axis)
            assert is_drawn(tab, tab.wait(".plots canvas")), f"{chart}, {axis}"


def test_tensorboards_own_dashboards_are_linked_with_the_tag_filter(tab):
    tab.open(view="tag", run="only_last", tag="dense_4/kernel").wait(".stock a").click()
    tab.page.wait_for_url(re.compile("#histograms"))
    tab.page.locator("tf-histogram-dashboard").wait_for()
    assert "tagFilter=%5Edense_4%2Fkernel%24" in tab.page.url


def test_names_from_the_log_are_text_and_nothing_else(tab, board):
    tab.open().wait(".verdict", has_text="<img src=x onerror=alert(1)>")
    tab.open(view="layers", run="<img src=x onerror=alert(1)>").wait("tbody th")
    assert ODD_TAG.rpartition("/")[0] in tab.find("tbody th").first.inner_text()
    tab.find("a.cell").first.click()
    assert tab.wait(".tag-head h2").inner_text() == ODD_TAG
    assert tab.find("img").count() == 0
    assert tab.find(".tag-head b").count() == 0


def test_dark_mode_is_followed_while_the_page_is_open(tab):
    tab.open(view="tag", run="only_last", tag="dense_4/kernel").wait(".plots canvas")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert tab.run(ground) == "rgb(255, 255, 255)"
    tab.page.get_by_label("Menu for changing light or dark theme").click()
    tab.page.get_by_text("Dark", exact=True).click()
    tab.wait_until(ground, "rgb(48, 48, 48)")
    assert is_drawn(tab, tab.wait(".plots canvas"))
    tab.page.get_by_label("Menu for changing light or dark theme").click()
    tab.page.get_by_text("Light", exact=True).click()


def test_an_unknown_run_and_an_unknown_tag_are_said(tab):
    tab.open(view="layers", run="nowhere")
    assert "nowhere" in tab.wait(".notice.empty").inner_text()
    tab.open(view="tag", run="only_last", tag="nothing")
    assert "nothing" in tab.wait(".notice.empty").inner_text()


def test_when_the_server_fails_the_tab_says_so_and_tries_again_on_demand(new_tab, board):
    tab = new_tab(board)
    tab.page.route("**/histinsight/runs*", lambda route: route.abort())
    tab.open().wait(".notice.failed")
    assert "does not answer" in tab.find(".notice.failed").inner_text()
    tab.page.unroute("**/histinsight/runs*")
    tab.find(".notice.failed button").click()
    tab.wait("ol.findings h3")
    assert all("Failed to load resource" in text for text in tab.trouble)
    tab.trouble.clear()


def test_one_run_or_tag_that_cannot_be_read_is_said_beside_the_others(new_tab, board):
    tab = new_tab(board)
    refuse = {"status": 500, "content_type": "application/json", "body": '{"error": "The disk is on fire."}'}
    tab.page.route("**/histinsight/report?run=diverging*", lambda route: route.fulfill(**refuse))
    tab.page.route("**/histinsight/series*", lambda route: route.fulfill(**refuse))
    row = tab.open().wait(".verdict", has_text="The disk is on fire.")
    tab.wait("ol.findings h3")
    tab.page.unroute("**/histinsight/report?run=diverging*")
    row.locator("button").click()
    tab.find(".verdict", has_text="The disk is on fire.").wait_for(state="detached")
    tab.open(view="tag", run="only_last", tag="dense_1/kernel").wait(".notice.failed")
    assert "The disk is on fire." in tab.find(".notice.failed").inner_text()
    tab.page.unroute("**/histinsight/series*")
    tab.find(".notice.failed button").click()
    tab.wait(".numbers h3")
    tab.trouble.clear()


def test_the_layer_table_can_be_cut_down_to_layers_with_findings(tab, board):
    run = next(run for run in board.json("report")["runs"] if run["run"] == "diverging")
    accused = {finding["tags"][0] for finding in run["findings"] if finding["tags"]}
    layers = {tag["layer"] for tag in run["tags"] if tag["tag"] in accused}
    tab.open(view="layers", run="diverging").wait("a.cell")
    tab.find(".bar input[type=checkbox]").check()
    assert set(tab.find("tbody th").all_inner_texts()) == layers


@pytest.mark.parametrize("width", [380, 700])
def test_nothing_is_wider_than_a_narrow_window(new_tab, board, width):
    tab = new_tab(board, viewport={"width": width, "height": 900})
    for view, landmark in (("overview", ".findings"), ("layers", "table"), ("tag", ".lines"), ("guide", ".words")):
        tab.open(view=view, run="only_last").wait(landmark)
        too_wide = tab.run("document.documentElement.scrollWidth - window.innerWidth")
        assert too_wide <= 0, view

"""What a filter leaves of the findings, and what to log where little could be checked."""

import pytest

pytestmark = pytest.mark.browser


def test_a_filter_leaves_the_findings_that_match_and_what_they_follow_from(new_tab, board):
    report = board.json("report", run="diverging")
    (run,) = report["runs"]
    first = {**run["findings"][0], "layer": "cause", "cause": None, "severity": "critical", "mark": None}
    run["findings"] = [
        {**first, "id": "a", "message": "The cause."},
        *({**first, "id": f"b{i}", "rule": "other", "layer": f"layer_{i}", "message": f"Of {i}."} for i in range(60)),
        {**first, "id": "c", "cause": "a", "rule": "third", "layer": "follower", "message": "It follows."},
    ]
    tab = new_tab(board)
    tab.page.route("**/histinsight/report?run=diverging*", lambda route: route.fulfill(json=report))
    tab.open(run="diverging").wait("ol.findings h3")
    entries = tab.find("section > ol.findings > li")
    assert entries.count() == 2
    field = tab.find(".filters input")
    field.fill("layer_59")
    entries.nth(1).wait_for(state="detached")
    assert "Of 59." in entries.inner_text()
    assert tab.find("#findings-title").inner_text() == "1 finding"
    field.fill("follower")
    tab.wait("ol.findings", has_text="The cause.")
    assert "1 more finding follows" in entries.inner_text()


def test_what_to_log_is_said_in_the_words_of_the_framework(new_tab, board):
    tab = new_tab(board).open(run="only_last")
    tab.wait(".unchecked .disclose").click()
    said = tab.wait(".snippets").inner_text()
    assert "gradient" in said
    assert "Keras" in said
    assert "InsightCallback" in said

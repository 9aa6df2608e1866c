"""Which runs are shown: a regular expression, as in TensorBoard's own list of runs."""

import re

import pytest

pytestmark = pytest.mark.browser


def shown(tab):
    return set(tab.find(".verdict .run-name").all_inner_texts())


def test_runs_are_filtered_by_a_regular_expression_that_the_address_keeps(tab):
    tab.open().wait(".verdict")
    field = tab.wait(".run-filter input")
    field.fill("^ONLY|div")
    tab.wait(".run-filter .label", has_text="2 of 3 runs")
    assert shown(tab) == {"only_last", "diverging"}
    tab.page.wait_for_url(re.compile("p.histinsight.runs="))
    field.fill("^only")
    tab.wait(".run-filter .label", has_text="1 of 3 runs")
    assert shown(tab) == {"only_last"}
    assert tab.find("ol.findings .run-chip", has_text="diverging").count() == 0


def test_what_is_no_expression_is_said_and_hides_nothing(tab):
    tab.open(runs="(only").wait(".run-filter .failed-text")
    assert len(shown(tab)) == 3
    assert tab.find(".run-filter input").get_attribute("aria-invalid") == "true"

"""The tab in other languages: which one is spoken, that nothing of it is missing, and that it fits."""

import re

import pytest

from tb_histinsight.locales import INTERFACE, catalogue, languages

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TRANSLATIONS = [code for code in languages() if code != "en"]
VIEWS = {
    "overview": "ol.findings",
    "layers": "table.layers",
    "depth": ".depth",
    "tag": ".numbers",
    "guide": ".guide",
}
"""In the order of the navigation, with something that each shows."""
WIDE_AND_NARROW = (1300, 700)


def spoken(tab):
    return tab.run("document.documentElement.lang")


def open_in(tab, code, **address):
    tab.open(lang=code, **address).wait(".nav-item")
    tab.wait_until("document.documentElement.lang", code)


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_every_view_speaks_the_language_and_fits(new_tab, board, code):
    words = catalogue(code)
    tab = new_tab(board)
    open_in(tab, code, run="only_last")
    keys = set(words.under(INTERFACE))
    for place, (view, shown) in enumerate(VIEWS.items()):
        tab.find(".nav-item").nth(place).click()
        tab.wait(shown)
        text = tab.find("body").inner_text()
        assert words.text(f"{INTERFACE}nav.{view}") in text
        assert keys & set(text.split()) == set(), "a key without its sentence"
        assert "{" not in text, "a placeholder without its value"
        assert "undefined" not in text
        for width in WIDE_AND_NARROW:
            tab.page.set_viewport_size({"width": width, "height": 900})
            # Charts follow the window's width a moment later.
            tab.wait_until("document.documentElement.scrollWidth <= document.documentElement.clientWidth", True)


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_findings_are_told_in_the_language(new_tab, board, code):
    run = next(run for run in board.json("report", lang=code)["runs"] if run["run"] == "only_last")
    tab = new_tab(board)
    open_in(tab, code, run="only_last")
    first = tab.wait("ol.findings > li")
    assert run["findings"][0]["title"] in first.inner_text()
    assert run["findings"][0]["message"] in first.inner_text()
    assert re.search(r"[\u3040-\u30ff\u3400-\u9fff]", run["findings"][0]["message"])


@pytest.mark.parametrize(("locale", "code"), [("ja-JP", "ja"), ("zh-CN", "zh"), ("zh-Hans-SG", "zh"), ("de-DE", "en")])
def test_the_browsers_language_is_spoken_where_there_is_a_translation(new_tab, board, locale, code):
    tab = new_tab(board, locale=locale)
    tab.open(view="guide").wait(".guide")
    assert spoken(tab) == code


def test_the_choice_is_remembered_and_carried_by_links(new_tab, board):
    tab = new_tab(board)
    tab.open().wait(".language").select_option("ja")
    tab.wait_until("document.documentElement.lang", "ja")
    tab.find(".nav-item").nth(1).click()
    tab.wait("table.layers")
    assert "histinsight.lang=ja" in tab.page.url
    assert "histinsight.lang=ja" in tab.find("a.cell").first.get_attribute("href")
    tab.page.goto("about:blank")
    tab.open(view="guide").wait(".guide")
    assert spoken(tab) == "ja"
    tab.page.goto("about:blank")
    tab.open(view="guide", lang="zh").wait(".guide")
    assert spoken(tab) == "zh"


def test_an_unknown_language_in_a_link_is_passed_over(new_tab, board):
    tab = new_tab(board)
    tab.open(view="guide", lang="xx").wait(".guide")
    assert spoken(tab) == "en"


def test_a_link_to_a_run_that_is_gone_says_so_and_leads_on(new_tab, board):
    tab = new_tab(board)
    for view in ("layers", "tag"):
        tab.open(view=view, run="gone\u202eabc")
        notice = tab.wait(".notice")
        assert "“gone\\u202eabc”" in notice.inner_text()
        assert notice.locator("bdi").count() == 1
        notice.locator("a").click()
        tab.wait("ol.findings > li")
        tab.page.goto("about:blank")

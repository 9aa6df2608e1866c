"""What axe-core finds in every view, light and dark: nothing serious."""

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.npm]

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = {
    "overview": ".findings h3",
    "layers": "a.cell",
    "depth": ".layer-numbers",
    "tag": ".numbers .lines",
    "guide": ".guide",
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_view_has_a_serious_barrier(new_tab, board, dark):
    tab = new_tab(board)
    tab.open(view="guide").wait(".guide")
    if dark:
        tab.page.get_by_label("Menu for changing light or dark theme").click()
        tab.page.get_by_text("Dark", exact=True).click()
        tab.wait_until("document.documentElement.classList.contains('dark')", True)
    found = []
    for view, landmark in {**VIEWS, "overview&": "dialog.export-dialog", "tag&": ".numbers td.kept"}.items():
        more = {"tag": "dense_1/kernel", "with": "diverging", "against": "0", "chart": "ridge", "x": "log"}
        tab.open(view=view.strip("&"), run="only_last", **(more if view == "tag&" else {})).wait(".nav-item")
        if view == "overview&":
            tab.wait(".unchecked .disclose").click()
            tab.find("button.export").click()
        tab.wait(landmark)
        if not tab.run("'axe' in window"):
            tab.run(AXE.read_text("utf-8") + "; true")
        result = tab.run("axe.run(document, { resultTypes: ['violations'] })")
        found += [
            (view, violation["id"], [node["html"][:160] for node in violation["nodes"][:3]])
            for violation in result["violations"]
            if violation["impact"] in ("serious", "critical")
        ]
    assert found == []

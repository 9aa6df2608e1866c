"""The tab under the ways in which a TensorBoard can be started, and while its log grows."""

import numpy as np
import pytest
from boards import ODD_RUN, STEPS, tensorboard_process
from tensorboards import Log

pytestmark = pytest.mark.browser


def test_the_tab_works_with_the_other_loader_and_under_a_path_prefix(logs, plugin_path, new_tab):
    flags = ["--load_fast=false", "--path_prefix=/some/where", "--reload_interval=600"]
    with tensorboard_process(logs, plugin_path, *flags) as board:
        board.wait_for_runs({"only_last", "diverging", ODD_RUN})
        tab = new_tab(board)
        tab.open().wait("ol.findings .tag-link").click()
        tab.wait(".plots canvas")
        tab.page.reload()
        tab.wait(".tag-head h2")
        tab.page.goto("about:blank")  # before the server ends, of which it would still ask something


def test_an_empty_log_is_met_with_how_to_log_and_what_is_written_later_appears(tmp_path, plugin_path, new_tab):
    rng = np.random.default_rng(3)
    with (
        Log(tmp_path / "first") as log,
        tensorboard_process(tmp_path, plugin_path, "--reload_interval=1") as board,
    ):
        log.scalar("loss", 0, 1.0)
        log.flush()
        tab = new_tab(board)
        assert "add_histogram" in tab.open().wait(".notice.empty").inner_text()

        for step in STEPS:
            log.histogram("dense/kernel", step, rng.normal(size=1000))
        log.flush()
        board.wait_for_runs({"first"})
        reload = tab.page.locator('button[title^="Last Updated"]')
        reload.click()
        tab.wait(".verdict", has_text="first").locator(".to-layers").click()
        tab.wait("a.cell").click()
        tab.wait(".numbers h3", has_text=f"Last step, {STEPS[-1]}")

        log.histogram("dense/kernel", 200, rng.normal(size=1000))
        log.flush()
        with Log(tmp_path / "second") as other:
            for step in STEPS:
                other.histogram("dense/kernel", step, rng.normal(size=1000))
        board.wait_for_runs({"second"})
        reload.click()
        tab.wait(".numbers h3", has_text="Last step, 200")
        tab.find("nav a").first.click()
        tab.wait(".verdict", has_text="second")
        tab.page.goto("about:blank")

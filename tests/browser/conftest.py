"""What every test in the browser starts from."""

import os
import shutil
from importlib import metadata
from pathlib import Path

import pytest
from boards import CHROMIUM_FLAGS, ODD_RUN, quiet_tabs, tensorboard_process, write_logs

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="session")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    write_logs(folder)
    return folder


@pytest.fixture(scope="session")
def plugin_path(tmp_path_factory):
    """What must be on the path for a TensorBoard to find the plugin; nothing where the package is installed."""
    if any(point.name == "histinsight" for point in metadata.entry_points(group="tensorboard_plugins")):
        return []
    folder = tmp_path_factory.mktemp("installed")
    info = folder / "tb_histinsight-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tb-histinsight\nVersion: 0\n")
    (info / "entry_points.txt").write_text(
        "[tensorboard_plugins]\nhistinsight = tb_histinsight.plugin:HistInsightPlugin\n"
    )
    return [str(folder), str(Path(__file__).parents[2])]


@pytest.fixture(scope="session")
def board(logs, plugin_path):
    """One TensorBoard for the tests that only look."""
    with tensorboard_process(logs, plugin_path, "--reload_interval=600") as running:
        yield running.wait_for_runs({"only_last", "diverging", ODD_RUN})


@pytest.fixture(scope="session")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("TB_HISTINSIGHT_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        pytest.skip("no Chromium: set TB_HISTINSIGHT_CHROMIUM, or have chromium on the PATH")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def new_tab(chromium):
    with quiet_tabs(chromium) as make:
        yield make


@pytest.fixture(scope="module")
def shared_tab(chromium, board):
    """One page for many tests, since TensorBoard takes seconds to open."""
    with quiet_tabs(chromium) as make:
        tab = make(board)
        yield tab
        tab.trouble.clear()


@pytest.fixture
def tab(shared_tab):
    """The tab at its beginning."""
    shared_tab.trouble.clear()
    shared_tab.open(view="guide").wait(".guide")
    yield shared_tab
    assert shared_tab.trouble == []

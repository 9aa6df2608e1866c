"""Notes and marks that the browser keeps, where the log is not to be written."""

import shutil

import pytest
from boards import tensorboard_process

from tb_histinsight.notes import FILE_NAME, Kind, read_notes

pytestmark = pytest.mark.browser
RUN = "diverging"


@pytest.fixture(scope="module")
def read_only(logs, plugin_path, tmp_path_factory):
    """A TensorBoard that may not write, on a log of its own."""
    folder = tmp_path_factory.mktemp("read_only")
    shutil.copytree(logs / RUN, folder / RUN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TB_HISTINSIGHT_READ_ONLY", "1")
        with tensorboard_process(folder, plugin_path, "--reload_interval=600") as running:
            yield running.wait_for_runs({RUN}), folder


def write(tab, text, within=".notes", author="Ada"):
    tab.find(f"{within} .add-note button").first.click()
    form = tab.find(f"{within} .note-form").first
    form.locator("textarea").fill(text)
    form.locator("input[type=text]").fill(author)
    form.locator("button[type=submit]").click()


def mark(tab, reason):
    tab.find("ol.findings > li .mark-buttons button", has_text="This is intended").first.click()
    form = tab.find("ol.findings > li .note-form").first
    form.locator("textarea").fill(reason)
    form.locator("input[type=text]").fill("Grace")
    form.locator("button[type=submit]").click()


def test_where_nothing_may_be_written_the_browser_keeps_it_saves_it_and_reads_it(new_tab, read_only, tmp_path):
    board, folder = read_only
    tab = new_tab(board).open(run=RUN)
    title = tab.wait("ol.findings h3").inner_text()
    tab.find(".notes .add-note button").click()
    assert "kept by this browser alone" in tab.wait(".notes .read-only").inner_text()
    tab.find(".notes .add-note button").first.click()
    write(tab, "looks odd")
    tab.wait(".note", has_text="looks odd")
    mark(tab, "meant so")
    tab.wait(".marked-findings", has_text="One finding")
    tab.page.reload()
    tab.wait(".note", has_text="looks odd").get_by_role("button", name="Edit").click()
    tab.find(".note textarea").fill("looks odd to me")
    tab.find(".note button[type=submit]").click()
    tab.wait(".note", has_text="looks odd to me")
    assert "3 entries" in tab.wait(".own-notes").inner_text()
    assert not (folder / FILE_NAME).exists()

    with tab.page.expect_download() as download:
        tab.find(".own-notes button", has_text="Save").click()
    assert download.value.suggested_filename == FILE_NAME
    saved = tmp_path / FILE_NAME
    download.value.save_as(saved)
    kept = read_notes(tmp_path)
    assert kept.problems == ()
    assert [(entry.kind, entry.text, entry.run) for entry in kept.entries] == [
        (Kind.NOTE, "looks odd to me", RUN),
        (Kind.INTENDED, "meant so", RUN),
    ]

    tab.find(".own-notes button", has_text="Remove all").click()
    tab.find(".own-notes button", has_text="Remove all").click()
    tab.find(".note").wait_for(state="detached")
    tab.wait(".own-notes")
    with saved.open("a") as file:
        file.write("no JSON\n")
    tab.find(".own-notes input").set_input_files(saved)
    tab.wait(".own-notes", has_text="3 lines were added; 1 could not be understood")
    tab.wait(".note", has_text="looks odd to me")
    tab.find(".marked-findings > button").click()
    assert "meant so" in tab.wait(".marked-findings li", has_text=title).inner_text()
    tab.find(".own-notes input").set_input_files(saved)
    tab.wait(".own-notes", has_text="0 lines were added")

"""What the user says beside the log, as the tab shows it: settings, names of tags, marked findings."""

import json

import pytest
from boards import tensorboard_process, write_logs

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = '[[tags]]\ntag = "dense_2/kernel"\nlayer = "the middle"\nrole = "weight"\n'
POST = """async () => {
    const { token } = await (await fetch('notes')).json();
    const { findings } = (await (await fetch('report?run=only_last')).json()).runs[0];
    const { rule, layer, tags } = findings[0];
    const answer = await fetch('notes', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Histinsight-Token': token },
        body: JSON.stringify({
            run: 'only_last', mark: 'intended', reason: 'a <b>backbone</b>', author: 'mk', rule, layer, tags,
        }),
    });
    return [answer.status, findings[0].title];
}"""


@pytest.fixture(scope="module")
def told(tmp_path_factory, plugin_path):
    """A TensorBoard on a log with a file of names, and the folder of its log."""
    folder = tmp_path_factory.mktemp("told")
    write_logs(folder)
    (folder / "names.toml").write_text(NAMES)
    (folder / "tb-histinsight.toml").write_text('names = "names.toml"\n')
    with tensorboard_process(folder, plugin_path, "--reload_interval=600") as running:
        yield folder, running.wait_for_runs({"only_last"})


def test_a_mark_sent_from_the_page_sets_the_finding_apart(new_tab, told):
    folder, board = told
    tab = new_tab(board).open(run="only_last")
    tab.wait("ol.findings h3")
    status, title = tab.run(POST)
    assert status == 200
    assert (folder / "tb-histinsight.notes.jsonl").is_file()
    tab = new_tab(board).open(run="only_last")
    tab.wait(".marked-findings button").click()
    marked = tab.wait(".marked-findings li.finding")
    assert title in marked.inner_text()
    assert "a <b>backbone</b>" in marked.inner_text()
    assert "Intended:" in marked.inner_text()
    assert title not in tab.find("ol.findings").first.inner_text()


def test_what_was_told_is_marked_in_the_layer_table(new_tab, told):
    _, board = told
    tab = new_tab(board).open(view="layers", run="only_last")
    row = tab.wait("table.layers tr", has_text="the middle")
    assert row.locator(".told").first.get_attribute("title") == (
        "Told by the file of names: layer, role. The name alone says: layer dense_2, weight."
    )
    assert tab.find("table.layers .told").count() == 1


def test_a_mistake_in_the_settings_is_said_and_the_rest_is_shown(new_tab, told):
    folder, board = told
    file = folder / "tb-histinsight.toml"
    before = file.read_text()
    try:
        file.write_text("selekt = []\n")
        tab = new_tab(board).open()
        assert "line 1: There is no key 'selekt'. Did you mean 'select'?" in tab.wait(".problems").inner_text()
        tab.wait("ol.findings h3")
    finally:
        file.write_text(before)


def say(form, text, author="mk"):
    """Fills in the form for a note or a mark and sends it."""
    if text is not None:
        form.locator("textarea").fill(text)
    form.locator("input[type=text]").fill(author)
    form.locator("button[type=submit]").click()


def test_a_finding_is_marked_and_the_mark_is_changed_and_taken_back(new_tab, told):
    folder, board = told
    tab = new_tab(board).open(run="diverging")
    finding = tab.wait("ol.findings > li.finding")
    title = finding.locator("h3").inner_text()
    layer = finding.locator(".layer").first.inner_text()
    mine = {"has_text": layer}
    finding.locator(".finding-actions button", has_text="This is intended").click()
    # Whoever types at once writes into the form, and does not press the button again with the first space.
    tab.wait_until("document.activeElement.tagName", "TEXTAREA")
    say(finding.locator(".note-form"), "a test of limits")
    tab.wait(".marked-findings button").click()
    marked = tab.wait(".marked-findings li.finding", **mine)
    assert title in marked.inner_text()
    assert "a test of limits" in marked.inner_text()
    assert "mk, " in marked.locator(".mark").inner_text()
    marked.locator(".mark button", has_text="Edit").click()
    say(marked.locator(".note-form"), "a test of **limits**")
    tab.wait(".marked-findings .mark", has_text="a test of **limits**")
    marked.locator(".mark button", has_text="Take back").click()
    say(marked.locator(".note-form"), None)
    tab.find(".marked-findings .mark").first.wait_for(state="detached")
    lines = (folder / "tb-histinsight.notes.jsonl").read_text("utf-8").splitlines()
    said = [json.loads(line) for line in lines[-3:]]
    assert (said[0]["run"], said[0]["mark"], said[0]["reason"]) == ("diverging", "intended", "a test of limits")
    assert [next(iter(entry)) for entry in said[1:]] == ["edit", "remove"]


def test_a_note_on_a_step_is_written_read_as_markdown_changed_and_removed(new_tab, told):
    _, board = told
    tab = new_tab(board).open(view="tag", run="only_last", tag="dense_1/kernel", step="50")
    tab.wait(".notes .add-note button").click()
    tab.wait(".notes .note-form input[type=checkbox]").check()
    hostile = '<img src=x onerror="alert(1)">'
    say(
        tab.find(".notes .note-form"),
        f"**bold** and `code` {hostile}\n\n- https://example.org/x.\n- [no](javascript:alert)",
    )
    note = tab.wait(".notes .note")
    assert note.locator("strong").inner_text() == "bold"
    assert note.locator("code").inner_text() == "code"
    assert note.locator("li").count() == 2
    assert note.locator(".note-text a").all_inner_texts() == ["https://example.org/x"]
    assert hostile in note.inner_text()
    assert tab.find("img").count() == 0
    assert "step 50" in note.locator(".note-where").inner_text()
    note.locator("button", has_text="Edit").click()
    say(note.locator(".note-form"), "shorter")
    tab.wait(".notes .note-text", has_text="shorter")
    assert "changed: mk" in tab.find(".notes .note").inner_text()
    overview = new_tab(board).open(run="only_last")
    assert "dense_1/kernel" in overview.wait(".notes .note", has_text="shorter").inner_text()
    note.locator("button", has_text="Remove").click()
    say(note.locator(".note-form"), None)
    tab.find(".notes .note").wait_for(state="detached")


def test_a_note_on_a_finding_stands_under_it_and_in_the_exported_file(new_tab, told, tmp_path):
    _, board = told
    tab = new_tab(board).open(run="diverging")
    finding = tab.wait("ol.findings > li.finding")
    finding.locator(".add-note button").click()
    say(finding.locator(".note-form"), "seen on Monday")
    tab.wait("ol.findings > li.finding .note", has_text="seen on Monday")
    tab.find("button.export").click()
    with tab.page.expect_download() as download:
        tab.wait("a.save-export").click()
    download.value.save_as(tmp_path / "saved.html")
    page = tab.page.context.new_page()
    page.goto((tmp_path / "saved.html").as_uri())
    page.locator("ol.findings > li.finding .note", has_text="seen on Monday").wait_for()
    assert page.locator(".add-note, .mark-buttons").count() == 0

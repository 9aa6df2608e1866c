"""What the user says beside the log, as the tab shows it: settings, names of tags, marked findings."""

import pytest
from boards import tensorboard_process, write_logs

pytestmark = pytest.mark.browser

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

"""Every step instead of TensorBoard's sample: read in place from the event files, in a real TensorBoard."""

import re

import numpy as np
import pytest
from boards import tensorboard_process
from tensorboards import Log

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TAG = "dense/kernel"
STEPS = 190  # the last step that `wait_for_runs` waits for
KEPT = 20


@pytest.fixture(scope="module")
def sampled(plugin_path, tmp_path_factory):
    """A TensorBoard that keeps 20 of the 191 steps of two runs."""
    folder = tmp_path_factory.mktemp("sampled")
    rng = np.random.default_rng(3)
    for run in ("long", "other"):
        with Log(folder / run) as log:
            for step in range(STEPS + 1):
                log.histogram(TAG, step, rng.normal(0, 0.1, 500))
    with tensorboard_process(folder, plugin_path, f"--samples_per_plugin=histograms={KEPT}") as running:
        yield running.wait_for_runs({"long", "other"})


def test_all_steps_are_read_in_place_shown_everywhere_and_kept_over_a_reload(new_tab, sampled):
    tab = new_tab(sampled).open(run="long")
    assert f"{KEPT} of about" in tab.wait(".sampled").inner_text()
    tab.wait(".read-full").click()
    tab.wait(".sampled", has_text="All steps are seen here")
    assert "about" not in tab.find(".sampled").inner_text()
    assert "p.histinsight.resolution=full" in tab.page.url
    tab.page.reload()
    tab.wait(".sampled", has_text="All steps are seen here")
    tab.find(".verdict.chosen .to-layers").click()
    tab.wait("a.cell").click()
    assert f"{STEPS + 1} steps" in tab.wait(".tag-head .facts").inner_text()
    tab.wait(".plots canvas")
    tab.page.go_back()
    tab.page.go_back()
    tab.wait(".sampled button", has_text="sample").click()
    tab.wait(".sampled", has_text=f"{KEPT} of about")
    tab.wait(".sampled button", has_text="Show all steps")


def test_a_link_to_all_steps_of_a_tag_reads_its_run(new_tab, sampled):
    tab = new_tab(sampled).open(view="tag", run="other", tag=TAG, resolution="full")
    tab.wait(".tag-head .facts", has_text=f"{STEPS + 1} steps")
    assert set(sampled.json("full")["read"]) <= {"other", "long"}
    tab.wait(".plots canvas")


def test_a_reading_can_be_given_up_and_says_how_far_it_is(new_tab, sampled):
    tab = new_tab(sampled)
    job = {"runs": ["long"], "runs_done": 0, "tags_done": 0}
    answer = {"bytes": {"long": 130_000_000}, "read": {}, "job": None, "trouble": None, "token": "x"}
    asked = []

    def reply(route):
        if route.request.method == "POST":
            asked.append(route.request.post_data_json)
            answer["job"] = job if "read" in asked[-1] else None
        route.fulfill(json=answer)

    tab.page.route("**/histinsight/full*", reply)
    button = tab.open(run="long").wait(".read-full")
    assert "130 MB" in button.inner_text()
    button.click()
    tab.wait(".full-progress", has_text="0 of 1 tags")
    tab.find(".full-progress button").click()
    tab.find(".full-progress").wait_for(state="detached")
    assert asked == [{"read": ["long"]}, {"cancel": True}]


def test_a_log_elsewhere_says_how_to_see_all_steps(new_tab, sampled):
    tab = new_tab(sampled)
    tab.page.route(
        "**/histinsight/full*",
        lambda route: route.fulfill(json={"bytes": {}, "read": {}, "job": None, "trouble": None, "token": "x"}),
    )
    said = tab.open(run="long").wait(".sampled", has_text="not on TensorBoard's machine").inner_text()
    assert re.search(r"--samples_per_plugin histograms=0", said)
    assert tab.find(".read-full").count() == 0


def test_a_tag_with_as_many_steps_as_a_sample_is_not_taken_for_complete(shared_tab):
    shared_tab.open(view="guide").wait(".guide")
    body = """const tag = (step_count, total_steps) => ({ step_count, total_steps });
        const run = (name, ...tags) => ({ info: { run: name }, report: { kind: 'ready', value: { tags } } });
        const value = [run('sample', tag(100, 500)), run('uneven', tag(100, null)), run('short', tag(20, null))];
        const state = { runs: { kind: 'ready', value }, full: { read: {} }, address: {} };
        const read = { ...state, full: { read: { sample: {} } }, address: { resolution: 'full' } };
        return [m.incomplete(state), m.incomplete({ ...read, address: {} }), m.incomplete(read)]"""
    found = shared_tab.run(f"import(new URL('static/full.js', document.baseURI)).then((m) => {{ {body} }})")
    assert found == [["sample", "uneven"], ["sample", "uneven"], []]


def test_all_steps_are_not_claimed_while_a_run_of_unknown_length_is_a_sample(new_tab, sampled):
    tab = new_tab(sampled)
    read = {"long": {"time": "2024-05-01T12:00:00Z", "bytes": 1000, "stale": False}}
    answer = {"bytes": {}, "read": read, "job": None, "trouble": None, "token": "x"}
    tab.page.route("**/histinsight/full*", lambda route: route.fulfill(json=answer))

    def of_unknown_length(route):
        response = route.fetch()
        report = response.json()
        for tag in (tag for run in report["runs"] for tag in run["tags"]):
            tag["total_steps"] = None
        route.fulfill(response=response, json=report)

    tab.page.route("**/histinsight/report*", of_unknown_length)
    tab.open(resolution="full").wait(".sampled", has_text="Of 1 run out of 2 all steps are seen here")

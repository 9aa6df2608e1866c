"""What a person reads off the charts of one tag: axes, exact numbers by keyboard, curves, other steps and runs."""

import re

import numpy as np
import pytest
from boards import STEPS, quiet_tabs, tensorboard_process
from tensorboards import Log

pytestmark = pytest.mark.browser

START = 1_700_000_000.0
LAYER = ("kernel", "bias", "kernel/gradient", "activations")


@pytest.fixture(scope="module")
def shapes(tmp_path_factory, plugin_path):
    """A run whose steps take longer and longer, with a plateau, a bell and a Laplace; and one that diverges."""
    folder = tmp_path_factory.mktemp("shapes")
    rng = np.random.default_rng(11)
    plateau, bell, peak = rng.uniform(-0.2, 0.2, 20000), rng.normal(0.5, 0.1, 20000), rng.laplace(0, 0.01, 20000)
    for run, growth in (("calm", 1.0), ("diverged", 1e6)):
        with Log(folder / run) as log:
            for k, step in enumerate(STEPS):
                log.wall_time = START + 60 * k * k
                for name, values in zip(LAYER, (plateau, bell[:100], peak, bell), strict=True):
                    log.histogram(f"fc/{name}", step, values * (1 + 0.02 * k) * growth ** (k / len(STEPS)))
    with Log(folder / "backwards") as log:
        for step in STEPS:
            log.wall_time = START - step
            log.histogram("fc/kernel", step, bell)
    with tensorboard_process(folder, plugin_path, "--reload_interval=600") as running:
        yield running.wait_for_runs({"calm", "diverged", "backwards"})


@pytest.fixture(scope="module")
def one_tab(chromium, shapes):
    """One page for all tests, since TensorBoard takes seconds to open."""
    with quiet_tabs(chromium) as make:
        yield make(shapes)


@pytest.fixture
def calm(one_tab):
    tab = one_tab
    # Another view first: no test begins with the cursor of the one before.
    tab.open(view="guide").wait(".guide")

    def open_at(tag="fc/kernel", **address):
        tab.open(view="tag", run="calm", tag=tag, **address).wait(".percentile-bands canvas")
        return tab

    return open_at


def test_steps_are_drawn_by_their_logarithm_and_by_the_time_they_took(calm, shapes):
    tab = calm()
    for name, key in (("Log", "log"), ("Since start", "relative"), ("Clock", "wall")):
        tab.find('.segmented[aria-label="Step axis"] button', has_text=name).click()
        tab.page.wait_for_url(re.compile(f"p.histinsight.x={key}"))
        tab.wait('.segmented[aria-label="Step axis"] [aria-pressed=true]', has_text=name)
    tab.page.reload()
    tab.wait('.segmented[aria-label="Step axis"] [aria-pressed=true]', has_text="Clock")
    assert "6 h 1 min after the first step" in tab.find(".numbers .when").inner_text()


def test_without_times_that_go_forward_steps_keep_their_numbers(one_tab):
    tab = one_tab.open(view="tag", run="backwards", tag="fc/kernel", x="wall")
    assert "no times that go forward" in tab.wait("p[role=status]", has_text="times").inner_text()
    assert tab.find('.segmented[aria-label="Step axis"] button').count() == 2


def test_the_keyboard_reads_every_bucket_of_every_step(calm, shapes):
    series = shapes.json("series", run="calm", tag="fc/kernel")
    tab = calm()
    tab.find(".histograms canvas").first.focus()
    tab.page.keyboard.press("Home")
    first = tab.wait(".readout[aria-live=polite]").inner_text()
    assert first.startswith("Step 0: ")
    counts = [f"{count:,.0f}" if count >= 1e4 else f"{count:.0f}" for count in series["count"][: series["offsets"][1]]]
    read = set()
    for key in ["PageDown"] * 3 + ["ArrowUp"] * 29:
        tab.page.keyboard.press(key)
        text = tab.find(".readout[aria-live=polite]").inner_text()
        read.add(re.search(r": ([\d,]+) value", text)[1])
    assert read >= set(counts)
    tab.page.keyboard.press("ArrowRight")
    tab.wait(".readout[aria-live=polite]", has_text=f"Step {STEPS[1]}: ")
    tab.page.wait_for_url(re.compile(f"p.histinsight.step={STEPS[1]}"))
    tab.page.keyboard.press("Escape")
    tab.wait("#bucket-read[aria-live=off]")


def test_the_keyboard_reads_every_percentile(calm, shapes):
    series = shapes.json("series", run="calm", tag="fc/kernel")
    tab = calm()
    tab.find(".percentile-bands canvas").first.focus()
    tab.page.keyboard.press("ArrowUp")
    tab.wait("#line-read[aria-live=polite]", has_text="median")
    for _ in range(9):
        tab.page.keyboard.press("ArrowUp")
    told = tab.wait("#line-read", has_text="largest value").inner_text()
    assert float(told.split()[-1]) == pytest.approx(series["percentiles"][-1][8], rel=1e-3)


@pytest.mark.parametrize(
    ("tag", "told"),
    [("kernel", "plateau from −0.27"), ("activations", "normal fitted"), ("kernel/gradient", "Laplace")],
)
def test_the_curve_of_the_label_is_drawn_and_named(calm, tag, told):
    assert told in calm(f"fc/{tag}").wait(".curve-said").inner_text()


def test_one_step_is_held_against_another(calm):
    tab = calm()
    tab.wait(".against button", has_text="first step").click()
    tab.page.wait_for_url(re.compile("p.histinsight.against=0"))
    share = re.search(r"About (\d+) % of the values", tab.wait(".difference").inner_text())[1]
    # A plateau that grew 1.38-fold: 1 - 1 / 1.38 of its values lie where there were none.
    assert float(share) == pytest.approx(100 * (1 - 1 / 1.38), abs=1)
    assert tab.find(".lines td.kept").count() == 9
    tab.find(".against button", has_text="Stop").click()
    tab.find(".lines td.kept").first.wait_for(state="detached")


def test_a_diverged_run_laid_over_leaves_the_axis_readable_and_is_said(calm):
    tab = calm(**{"with": "diverged"})
    said = tab.wait(".remarks .beyond").inner_text()
    assert re.search(r"diverged: [\d,]+ values outside the drawn range at this step", said)
    tab.find(".remarks .beyond button").click()
    tab.find(".remarks .beyond").wait_for(state="detached")


def test_several_runs_are_laid_over_each_with_its_mark(calm):
    tab = calm()
    for k, run in enumerate(["diverged", "backwards"]):
        tab.wait(f".overlaid:nth-of-type({k + 2}) select").select_option(run)
        tab.wait(f".lines td.{['other', 'other-2'][k]}")
    tab.page.wait_for_url(re.compile("p.histinsight.with=diverged.*p.histinsight.with2=backwards"))
    assert tab.find(".overlaid").count() == 2
    tab.wait(".overlaid select").select_option("")
    tab.find(".lines td.other-2").first.wait_for(state="detached")
    tab.page.wait_for_url(re.compile("p.histinsight.with=backwards"))


def test_the_layer_stands_on_one_page_with_one_cursor(calm):
    tab = calm()
    tab.wait(".together .disclose").click()
    tab.wait(".sibling canvas")
    tab.page.wait_for_url(re.compile("p.histinsight.together=1"))
    assert [link.split("fc/")[1] for link in tab.find(".sibling .tag-link").all_inner_texts()] == [
        "bias",
        "kernel/gradient",
        "activations",
    ]
    tab.find(".histograms canvas").first.focus()
    tab.page.keyboard.press("Home")
    for k in range(3):
        tab.wait(".sibling .label", has_text="step 0:")
        assert "step 0:" in tab.find(".sibling").nth(k).inner_text()

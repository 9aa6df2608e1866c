"""Root mean squares against the depth of the network, and their lines in the layer table."""

import re

import numpy as np
import pytest
from boards import STEPS, tensorboard_process
from tensorboards import Log

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAYERS = 6


@pytest.fixture(scope="module")
def deep(tmp_path_factory, plugin_path):
    """A run whose gradient shrinks a hundredfold from each layer to the one before it, but for the last step."""
    folder = tmp_path_factory.mktemp("deep")
    rng = np.random.default_rng(3)
    with Log(folder / "vanishing") as log:
        for step in STEPS:
            for layer in range(LAYERS):
                fading = 100.0 ** (layer - LAYERS + 1) if step < STEPS[-1] else 1.0
                log.histogram(f"fc{layer}/kernel", step, rng.normal(0, 0.1, 3000))
                log.histogram(f"fc{layer}/kernel/gradient", step, rng.normal(0, fading, 3000))
    with tensorboard_process(folder, plugin_path, "--reload_interval=600") as running:
        yield running.wait_for_runs({"vanishing"})


def said_of_gradients(tab):
    return tab.wait(".depth-said li", has_text="gradient").inner_text()


def test_where_a_gradient_vanishes_is_seen_and_said_at_every_step(new_tab, deep):
    tab = new_tab(deep).open(view="depth", run="vanishing", step=str(STEPS[-2]))
    assert "in “fc0”" in said_of_gradients(tab)
    assert re.search(r"a factor of (\d\.?\d?×10⁹|1?\.?\d?×?10¹⁰)", said_of_gradients(tab))
    tab.find(".steps-slider").focus()
    tab.page.keyboard.press("End")
    tab.wait(".slider-row", has_text=f"Last step, {STEPS[-1]}")
    assert re.search(r"a factor of 1\.\d|a factor of 1\b", said_of_gradients(tab))


def test_the_keyboard_reads_the_exact_numbers_of_every_layer(new_tab, deep):
    tab = new_tab(deep).open(view="depth", run="vanishing")
    rms = {entry["tag"]: entry["rms"] for entry in deep.json("rms", run="vanishing")["tags"]}
    tab.wait(".layers-slider").focus()
    tab.page.keyboard.press("ArrowRight")
    tab.wait(".layer-numbers h3", has_text="fc1")
    assert tab.find(".layers-slider").get_attribute("aria-valuetext") == "fc1"
    shown = tab.find(".layer-numbers li", has_text="fc1/kernel/gradient").locator(".value").inner_text()
    assert float(shown) == pytest.approx(rms["fc1/kernel/gradient"][-1], rel=1e-3)
    tab.page.wait_for_url(re.compile("p.histinsight.at=fc1"))
    tab.find(".layer-numbers .tag-link", has_text="gradient").click()
    assert tab.wait(".tag-head h2").inner_text() == "fc1/kernel/gradient"


def test_kinds_of_tensors_are_hidden_and_movement_is_drawn_instead(new_tab, deep):
    tab = new_tab(deep).open(view="depth", run="vanishing")
    tab.wait(".family", has_text="weight").click()
    tab.wait('.family[aria-pressed="false"]')
    assert tab.find(".depth-said li").count() == 1
    tab.find(".segmented button", has_text="Movement").click()
    tab.wait(".caption", has_text="Distance from the first")
    assert tab.find(".steps-slider").count() == 0
    tab.page.wait_for_url(re.compile("p.histinsight.of=movement"))


def test_the_layer_table_has_a_line_of_the_rms_in_every_cell(new_tab, deep):
    tab = new_tab(deep).open(view="layers", run="vanishing")
    tab.wait(".cell .spark")
    assert tab.find(".cell .spark").count() == 2 * LAYERS
    label = tab.find(".cell .spark").first.get_attribute("aria-label")
    assert label.startswith("RMS over the steps, from 0.")


@pytest.mark.parametrize("width", [380, 700])
def test_it_fits_a_narrow_window(new_tab, deep, width):
    tab = new_tab(deep, viewport={"width": width, "height": 900}).open(view="depth", run="vanishing")
    tab.wait(".layer-numbers")
    assert tab.run("document.documentElement.scrollWidth - window.innerWidth") <= 0

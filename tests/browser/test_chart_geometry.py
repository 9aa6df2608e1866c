"""Axes of steps and times, fitted curves, and what is read bucket by bucket: pure functions, run in the browser."""

import math
import re

import numpy as np
import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def call(shared_tab):
    """The value of an expression about a module `m` of the tab's charts."""
    shared_tab.open(view="guide").wait(".guide")
    return lambda module, body: shared_tab.run(
        f"import(new URL('static/charts/{module}.js', document.baseURI)).then((m) => {{ {body} }})"
    )


def one_step(values, shape, buckets=30):
    """A histogram of 30 equal buckets as the tab gets it, with exact percentiles."""
    count, edges = np.histogram(values, buckets)
    lines = np.percentile(values, [0, 6.68, 15.87, 30.85, 50, 69.15, 84.13, 93.32, 100])
    return f"""{{layout: 'equal', steps: [0], offsets: [0, {buckets}], shapes: ['{shape}'], wall_times: [0],
        left: {edges[:-1].tolist()}, right: {edges[1:].tolist()}, count: {count.tolist()},
        percentiles: [{lines.tolist()}]}}"""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (2.5, "2.5 s"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (7199.9, "2 h"),
        (90000, "1 d 1 h"),
        (-90, "−1 min 30 s"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(call, seconds, text):
    assert call("time_ticks", f"return m.duration({seconds});") == text


@pytest.mark.parametrize("span", [0.3, 7, 95, 4000, 50_000, 700_000, 3e7])
def test_ticks_of_time_are_round_few_and_inside(call, span):
    for body in (f"m.durationTicks(0, {span}, 8)", f"m.clockTicks(1.7e9, 1.7e9 + {max(span, 20)}, 8)"):
        ticks = call("time_ticks", f"return {body};")
        assert 2 <= len(ticks) <= 12, body
        apart = np.diff([tick["at"] for tick in ticks])
        assert apart == pytest.approx([apart[0]] * len(apart))
        assert len({tick["text"] for tick in ticks}) == len(ticks)


def test_a_clock_that_goes_back_or_stands_still_is_no_axis(call):
    code = "return [[0, 1, 5], [0, 5, 1], [3, 3, 3], [0, 1, 1]].map((wall_times) => m.hasTimes({ wall_times }));"
    assert call("step_axis", code) == [True, False, False, True]


def test_steps_between_those_logged_have_their_place_on_every_axis(call):
    places = call(
        "step_axis",
        """const series = { steps: [0, 10, 1000], wall_times: [100, 200, 210] };
        return ['step', 'log', 'relative', 'wall'].map((kind) => {
            const s = m.stepScale(series, kind);
            return [0, 5, 10, 500, 1000].map(s.place).concat(s.index(s.place(1000)), s.index(s.place(0)));
        });""",
    )
    for *along, last, first in places:
        assert along == sorted(along)
        assert along[0] >= 0
        assert along[-1] <= 1
        assert (first, last) == (0, 2)
    by_time = places[2]
    assert by_time[2] - by_time[0] == pytest.approx(10 * (by_time[4] - by_time[2]))


def test_no_tick_lies_where_no_step_is(call):
    texts = call(
        "step_axis",
        """const s = m.stepScale({ steps: [0, 10, 20, 30, 40], wall_times: [] }, 'step');
        return s.ticks(10).map(({ text }) => text);""",
    )
    assert texts[0] == "0" and texts[-1] == "40"


def test_a_run_of_five_thousand_steps_has_few_ticks_on_the_log_axis(call):
    texts = call(
        "step_axis",
        """const steps = [...Array(5000).keys()];
        return m.stepScale({ steps, wall_times: [] }, 'log').ticks(16).map(({ text }) => text);""",
    )
    assert {"0", "10", "100", "1000"} <= set(texts)
    assert len(texts) <= 16


def bell(x, centre=0.0, sigma=1.0):
    return np.exp(-0.5 * ((x - centre) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


def below(z):
    """Share of a normal below so many sigmas."""
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def cut_normal(rng):
    values = rng.normal(size=110_000)
    return values[np.abs(values) < 2]


# Long tails leave few of 30 buckets to the peak.
def soft_plateau(x, edge):
    """Density of a uniform on [-1, 1] plus a normal."""
    return np.array([(math.erf((v + 1) / edge / 2**0.5) - math.erf((v - 1) / edge / 2**0.5)) / 4 for v in x])


BUCKETS = {"laplace": 60, "student": 300}
SAMPLES = {
    "normal": ("gaussian", lambda rng: rng.normal(2, 0.5, 100_000), lambda x: bell(x, 2, 0.5)),
    "uniform": ("uniform", lambda rng: rng.uniform(-1, 1, 100_000), lambda x: np.where(np.abs(x) <= 1, 0.5, 0)),
    "soft_uniform": (
        "uniform",
        lambda rng: rng.uniform(-1, 1, 100_000) + 0.15 * rng.normal(size=100_000),
        lambda x: soft_plateau(x, 0.15),
    ),
    "laplace": ("heavy_tailed", lambda rng: rng.laplace(0, 0.1, 100_000), lambda x: 5 * np.exp(-10 * np.abs(x))),
    "student": (
        "heavy_tailed",
        lambda rng: 1 + 0.2 * rng.standard_t(4, 100_000),
        lambda x: 0.375 / 0.2 * (1 + ((x - 1) / 0.2) ** 2 / 4) ** -2.5,
    ),
    "cut_normal": ("gaussian", cut_normal, lambda x: np.where(np.abs(x) <= 2, bell(x) / (2 * below(2) - 1), 0)),
}


@pytest.mark.parametrize("family", SAMPLES)
def test_the_fitted_curve_is_that_of_the_values_and_holds_all_of_them(call, family):
    shape, sample, density = SAMPLES[family]
    values = sample(np.random.default_rng(3))
    series = one_step(values, shape, BUCKETS.get(family, 30))
    grid = np.linspace(values.min(), values.max(), 801)
    curve = call(
        "curves",
        f"""const c = m.fittedCurve({series}, {values.mean()}, {values.std()});
        return {{ family: c.family, drawn: {grid.tolist()}.map(c.density) }};""",
    )
    assert curve["family"] == family.removeprefix("soft_")
    drawn, truth = np.array(curve["drawn"]), density(grid)
    # 100,000 values in buckets: a few per cent of the peak.
    assert np.abs(drawn - truth)[2:-2].max() < 0.06 * truth.max()
    assert ((drawn[1:] + drawn[:-1]) / 2 * np.diff(grid)).sum() == pytest.approx(1, abs=0.02)


def test_shapes_that_name_no_curve_get_none(call):
    values = np.random.default_rng(0).normal(size=1000)
    for shape in ("sparse", "spiky", "unresolved", "other", "multimodal"):
        assert call("curves", f"return m.fittedCurve({one_step(values, shape)}, 0, 1);") is None


def test_the_share_of_a_normal_below_so_many_sigmas(call):
    z = [0, 0.5, 1, 2, 4]
    assert call("curves", f"return {z}.map(m.below);") == pytest.approx([below(sigmas) for sigmas in z], abs=1e-7)


def test_how_many_values_lie_elsewhere(call):
    plateau = """{ offsets: [0, 1], left: [0], right: [1], count: [10] }"""
    moved = """{ offsets: [0, 1], left: [0.25], right: [1.25], count: [40] }"""
    zeros = """{ offsets: [0, 1], left: [0], right: [0], count: [5] }"""
    code = "return [[0, 0], [0, 1], [0, 2]].map(([i, j]) => m.shareElsewhere(all[i], 0, all[j], 0));"
    found = call("buckets", f"const all = [{plateau}, {moved}, {zeros}]; {code}")
    assert found == pytest.approx([0, 0.25, 1])


def test_a_run_laid_over_gets_room_but_does_not_squeeze_the_rest(call):
    def wide(width):
        return f"""{{layout: 'equal', steps: [0], offsets: [0, 2], shapes: ['other'],
            left: [{-width}, 0], right: [0, {width}], count: [500, 500]}}"""

    code = """return others.map((other) => {
        const { scale } = m.chooseScale(own, 'linear', false, other);
        return [scale.low, scale.high];
    });"""
    (alone, little, much, both) = call(
        "value_range",
        f"""const own = {wide(1)};
        const others = [[], [{wide(2)}], [{wide(1e9)}], [{wide(1e9)}, {wide(1e12)}]]; {code}""",
    )
    assert little[1] > 2
    room = alone[1] - alone[0]
    assert much == pytest.approx([alone[0] - room, alone[1] + room])
    assert both == pytest.approx(much)


@pytest.mark.parametrize(
    ("key", "across", "turned"),
    [("ArrowRight", [1, 0], [0, 1]), ("ArrowUp", [0, 1], [-1, 0]), ("PageDown", [0, -10], [10, 0]), ("a", None, None)],
)
def test_keys_walk_along_the_axes_that_are_seen(call, key, across, turned):
    code = f"return [m.moveOf('{key}'), m.moveOf('{key}', true)].map((move) => move && [move.steps, move.buckets]);"
    assert call("reading", code) == [across, turned]


def test_a_value_between_two_buckets_is_in_the_upper_one_and_single_values_are_found(call):
    series = "{ offsets: [0, 4], left: [0, 1, 2, 2], right: [1, 2, 2, 3], count: [1, 1, 7, 1], steps: [0] }"
    code = f"const s = {series}; return [0, 0.5, 1, 2, 2.5, 3, 9, -4].map((value) => m.bucketNear(s, 0, value));"
    assert call("reading", code) == [0, 0, 1, 2, 3, 3, 3, 0]


def test_hostile_text_is_text_within_a_picture(call):
    document = call(
        "svg",
        """const pen = new m.SvgDrawing('"A" <b>, sans-serif', 11);
        pen.fillText('</text><img src=x onerror=alert(1)>"\\'& \\u0000\\u0007', 1, 2);
        const text = pen.document(10, 10, '#fff', '<script>alert(1)</script>');
        const read = new DOMParser().parseFromString(text, 'image/svg+xml');
        const tags = [...read.querySelectorAll('*')].map((element) => element.tagName);
        return [text, read.querySelector('parsererror') === null, tags];""",
    )
    text, well_formed, tags = document
    assert well_formed
    assert sorted(tags) == ["path", "svg", "text", "title"]
    assert not re.search(r"<(img|script|b)\b", text)

"""The pure geometry under the charts, run where it runs for users: in the browser."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def geometry(shared_tab):
    """Calls functions of modules of the tab, all of which are in `m`."""
    shared_tab.open(view="guide").wait(".guide")
    return lambda modules, body: shared_tab.run(
        f"""Promise.all({modules.split()}.map((name) => import(new URL('static/' + name, document.baseURI))))
        .then((all) => {{ const m = Object.assign({{}}, ...all); {body} }})"""
    )


WHOLE = "const { scale } = m.chooseScale(series, 'linear', true); "
SERIES = """const series = {
    layout: 'exponential', steps: [0, 10], offsets: [0, 3, 6], shapes: ['other', 'other'],
    left: [-1, 0, 1e-12, -2, 0, 1], right: [0, 1e-12, 4, 0, 1, 2], count: [25, 50, 25, 10, 20, 10]};"""


def test_density_is_share_per_width_not_count(geometry):
    grid = geometry(
        "charts/density.js charts/value_range.js",
        SERIES + WHOLE + "return m.densityGrid(series, scale, 200);",
    )
    middle = [sum(map(float, pair)) / 2 for pair in zip(grid["edges"], grid["edges"][1:], strict=False)]
    inside = [height for value, height in zip(middle, grid["density"][1], strict=True) if 0.1 < value < 0.9]
    assert inside == pytest.approx([0.5] * len(inside))
    wide = [height for value, height in zip(middle, grid["density"][0], strict=True) if 0.2 < value < 3.8]
    assert wide == pytest.approx([0.25 / 4] * len(wide))


def test_exact_zeros_are_a_mass_of_their_own(geometry):
    points = geometry(
        "charts/density.js charts/value_range.js",
        SERIES + WHOLE + "return m.densityGrid(series, scale, 50).points;",
    )
    assert points == [[{"value": 0, "share": 0.5}], []]


def test_all_of_the_density_is_in_the_picture_when_nothing_is_cut(geometry):
    area = geometry(
        "charts/density.js charts/value_range.js",
        SERIES
        + """const { scale } = m.chooseScale(series, 'log', true); const grid = m.densityGrid(series, scale, 300);
        const widths = grid.edges.slice(1).map((edge, k) => edge - grid.edges[k]);
        return grid.density.map((row) => row.reduce((sum, height, k) => sum + height * widths[k], 0));""",
    )
    assert area == pytest.approx([0.5, 1.0], rel=1e-9)


def test_values_beyond_the_drawn_range_are_counted(geometry):
    left = "[...Array(30).keys()].map((k) => k * 10)"
    grid = geometry(
        "charts/density.js charts/value_range.js",
        f"""const left = {left};
        const series = {{layout: 'equal', steps: [5], offsets: [0, 30], shapes: ['other'], left,
            right: left.map((x) => x + 10), count: left.map((x, k) => (k === 0 ? 99999 : k === 29 ? 1 : 0))}};
        const {{ range, scale }} = m.chooseScale(series, null, false);
        return {{ cut: range.cut, high: range.high, ...m.densityGrid(series, scale, 50) }};""",
    )
    assert grid["cut"]
    assert grid["high"] < 20
    assert grid["above"] == [1]


def test_columns_meet_half_way_between_uneven_steps(geometry):
    scale = geometry(
        "charts/step_axis.js",
        """const s = m.stepScale({ steps: [0, 10, 100], wall_times: [] }, 'step');
        return [s.edges, ...[0.99, 0, 0.2].map(s.index)];""",
    )
    assert scale == [[-5, 5, 55, 145], 2, 0, 1]


def test_one_step_has_a_column(geometry):
    edges = geometry("charts/step_axis.js", "return m.stepScale({ steps: [7], wall_times: [] }, 'step').edges;")
    assert edges == [6.5, 7.5]


def test_the_log_axis_is_symmetric_and_has_zero(geometry):
    ticks = geometry("charts/scale.js", "return m.logTicks(-100, 100, 1e-4);")
    assert ticks == [-tick for tick in reversed(ticks)]
    assert 0 in ticks
    assert 4 <= len(ticks) <= 9


def test_ticks_are_round_and_inside(geometry):
    assert geometry("charts/scale.js", "return m.linearTicks(-0.152, 0.152, 6);") == pytest.approx(
        [-0.15, -0.1, -0.05, 0, 0.05, 0.1, 0.15]
    )


def test_the_last_step_is_always_a_ridge(geometry):
    chosen = geometry("charts/ridgeline.js", "return m.chosenSteps(1000, 36);")
    assert chosen[0] == 0
    assert chosen[-1] == 999
    assert len(set(chosen)) == 36


def test_spans_cover_the_strip_without_gap(geometry):
    parts = geometry(
        "charts/strip.js",
        """const span = (first_step, last_step) => ({ first_step, last_step, shape: 'other' });
        return m.segments([span(0, 40), span(60, 100)], 200);""",
    )
    assert [(part["x"], part["width"]) for part in parts] == [(0, 100), (100, 100)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("0.15234", "0.1523"),
        ("-1.5e-7", "−1.5×10⁻⁷"),
        ("1e25", "10²⁵"),
        ("null", "–"),
        ("2000", "2000"),
        ("16384", "16,384"),
        ("12345.6", "12,350"),
        ("0.1 + 0.2", "0.3"),
    ],
)
def test_numbers_are_short_and_exact_enough(geometry, value, text):
    assert geometry("format.js", f"return m.number({value});") == text


def test_a_share_is_never_rounded_to_none_or_all(geometry):
    shown = geometry("format.js", "return [0, 0.0004, 0.052, 0.5, 0.9996, 1].map(m.percent);")
    assert shown == ["0 %", "< 0.1 %", "5.2 %", "50 %", "> 99.9 %", "100 %"]


def test_names_cannot_turn_what_stands_around_them(geometry):
    code = """return ['a\\u202egpj.exe', 'x\\ny\\u2069', '\u5c64 \u00e9 \u05e9'].map(m.printable);"""
    assert geometry("format.js", code) == ["a\\u202egpj.exe", "x\\u000ay\\u2069", "層 é ש"]


def test_numbers_in_sentences_are_written_as_beside_them(geometry):
    code = "return ['at 2.37e18 and 1e-3, 3 times', 'from -0.15 to 1.5e-7', 'conv1-2e3x 1-3'].map(m.typeset);"
    assert geometry("format.js", code) == [
        "at 2.37×10¹⁸ and 10⁻³, 3 times",
        "from −0.15 to 1.5×10⁻⁷",
        "conv1-2e3x 1-3",
    ]


def test_addresses_survive_every_character(geometry):
    result = geometry(
        "host.js",
        """const written = m.writeHash({'': 'histinsight', 'p.histinsight.tag': 'a&b=c %/#é'});
        return m.readHash('#' + written + '&cut=%E4');""",
    )
    assert result == {"": "histinsight", "p.histinsight.tag": "a&b=c %/#é"}


def test_exact_zeros_do_not_make_the_axis_logarithmic(geometry):
    axis = geometry(
        "charts/density.js charts/value_range.js",
        """const rows = [...Array(12).keys()].map((k) => 0.01 * 1.1 ** k);
        const series = { layout: 'exponential', steps: [0], offsets: [0, 12], shapes: ['sparse'],
            left: [0, ...rows.slice(0, 11)], right: [1e-12, ...rows.slice(1)], count: [1000, ...Array(11).fill(5)] };
        return m.drawnRange(series, false).axis;""",
    )
    assert axis == "linear"


def test_narrow_buckets_near_zero_are_drawn_together_and_no_value_is_lost(geometry):
    pooled = geometry(
        "charts/pool.js",
        """const edges = [...Array(200).keys()].map((k) => 1e-7 * 1.1 ** k);
        const left = edges.slice(0, -1), right = edges.slice(1);
        const mass = left.map((edge, k) => (k % 3 ? right[k] - edge : 0));
        const sum = mass.reduce((a, b) => a + b, 0);
        const share = mass.map((value) => value / sum);
        return m.pooled({ left, right, share, total: 100000 }, 10, () => false);""",
    )
    assert sum(pooled["share"]) == pytest.approx(1, rel=1e-12)
    assert pooled["right"][:-1] == pooled["left"][1:]
    widths = [right - left for left, right in zip(pooled["left"], pooled["right"], strict=True)]
    narrow = 25 * 10 / (0.6826 * 100000)
    assert min(widths) >= narrow
    # What is wide enough stays as it was logged, gaps and all.
    assert 0 in pooled["share"]


def test_single_values_are_never_pooled(geometry):
    pooled = geometry(
        "charts/pool.js",
        """const left = [-2e-12, -1e-12, 0, 1e-12], right = [-1e-12, 0, 1e-12, 2e-12];
        const point = (a, b) => a === 0 || b === 0;
        return m.pooled({ left, right, share: [0.1, 0.2, 0.3, 0.4], total: 1000 }, 1, point);""",
    )
    assert pooled["share"] == [0.1, 0.2, 0.3, 0.4]

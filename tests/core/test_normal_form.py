"""Every encoding of every writer, and anything else, comes out in normal form."""

import numpy as np
import pytest
from agreement import assert_same_histogram
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_histinsight.core.histogram import Moments, RawHistograms, normalise
from tb_histinsight.core.normal_form import _brought_there, to_normal_form

TF1_END = 1.7976931348623157e308
nan, inf = np.nan, np.inf


def steps_of(tables, minimum=None, maximum=None, moments=None):
    rows = [np.asarray(table, np.float64).reshape(-1, 3) for table in tables]
    n = len(rows)
    return normalise(
        RawHistograms(
            run="r",
            tag="t",
            steps=np.arange(n),
            wall_times=np.arange(n, dtype=float),
            rows=np.concatenate([np.empty((0, 3)), *rows]),
            offsets=np.concatenate([[0], np.cumsum([len(table) for table in rows])]).astype(np.int64),
            minimum=None if minimum is None else np.array(minimum, float),
            maximum=None if maximum is None else np.array(maximum, float),
            moments=None if moments is None else Moments(*np.array(moments, float).T),
        )
    )


def tensor(*rows):
    """One step as TF 2 and the data server give it."""
    return steps_of([rows])


def old_style(limits, counts, minimum, maximum, *, num=None, total=0.0):
    """One step as an old-style summary says it."""
    rows = np.column_stack([[-inf, *limits[:-1]], limits, counts]) if len(limits) else np.empty((0, 3))
    num = sum(counts) if num is None else num
    return steps_of([rows], [minimum], [maximum], [(num, total, 0.0)])


def rows_of(series):
    return series.buckets.tolist()


# -- tensors -----------------------------------------------------------------------------------------------------


def test_buckets_without_oddity_are_passed_on():
    assert rows_of(tensor([0, 1, 2], [1, 2, 0], [2, 3, 5])) == [[0, 1, 2], [1, 2, 0], [2, 3, 5]]


def test_a_constant_of_tf2_is_one_bucket_of_no_width():
    series = tensor(*[[2.5, 2.5, 0]] * 29, [2.5, 2.5, 7])
    assert rows_of(series) == [[2.5, 2.5, 7]]


@pytest.mark.parametrize("value", [0.0, 0.5, 3.7, -2.0, 0.1, 1e6 + 0.25, -1e9])
def test_a_constant_of_tf21_is_the_middle_of_its_bucket(value):
    series = tensor([value - 0.5, value + 0.5, 7])
    assert rows_of(series) == [[pytest.approx(value, rel=1e-15), pytest.approx(value, rel=1e-15), 7]]


def test_a_lonely_bucket_of_another_width_stays():
    assert rows_of(tensor([0, 1.01, 7])) == [[0, 1.01, 7]]
    assert rows_of(old_style([1.0, 2.5], [0, 7], 1.2, 2.2)) == [[1.2, 2.2, 7]]


def test_whole_numbers_within_one_rung_are_no_constant():
    assert rows_of(tensor([20, 21, 7])) == [[20, 21, 7]]


@pytest.mark.parametrize("rows", [[[0, 0, 0]] * 30, np.empty((0, 3)), [[1, 2, 0], [2, 3, 0]]])
def test_an_empty_tensor_has_no_bucket(rows):
    series = steps_of([rows])
    assert rows_of(series) == []
    assert series.non_finite.tolist() == [0]


def test_nan_in_tf2_is_an_unknown_number_of_values():
    series = tensor(*[[nan, nan, 0]] * 30)
    assert rows_of(series) == []
    assert np.isnan(series.non_finite).all()


@pytest.mark.parametrize(
    "rows",
    [
        [[nan, inf, 5], [inf, inf, 0], [inf, inf, 1]],
        [[0.0, inf, 5], [inf, inf, 0], [inf, inf, 1]],
        [[-inf, nan, 1], [nan, nan, 0], [nan, 3.0, 5]],
        [[-inf, inf, 6]],
    ],
)
def test_infinities_in_tf2_leave_no_edge_to_trust(rows):
    series = tensor(*rows)
    assert rows_of(series) == []
    assert np.isnan(series.non_finite).all()


def test_edges_that_float32_made_equal():
    series = tensor([1.0, 1.0, 3], [1.0, 2.0, 4], [2.0, 2.0, 5], [2.0, 3.0, 6], [3.0, 3.0, 7])
    assert rows_of(series) == [[1.0, 2.0, 7], [2.0, 3.0, 18]]


def test_narrow_buckets_with_room_beside_them_take_it():
    assert rows_of(tensor([1, 1, 2], [5, 5, 3])) == [[1, 5, 5]]
    assert rows_of(tensor([0, 1, 5], [7, 7, 3])) == [[0, 1, 5], [1, 7, 3]]
    assert rows_of(tensor([0, 0, 3], [2, 3, 1])) == [[0, 2, 3], [2, 3, 1]]


def test_unsorted_and_overlapping_buckets():
    assert rows_of(tensor([2, 3, 4], [0, 1, 2], [1, 2, 3])) == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert rows_of(tensor([0, 10, 1], [1, 2, 2], [3, 4, 3])) == [[0, 10, 6]]
    assert rows_of(tensor([0, 1, 1], [2, 1, 2], [2, 3, 4])) == [[0, 1, 1], [1, 2, 2], [2, 3, 4]]


@pytest.mark.parametrize("count", [nan, inf, -1, 1e308])
def test_counts_that_are_none(count):
    series = tensor([0, 1, 2], [1, 2, count], [2, 3, 4])
    assert rows_of(series) == [[0, 1, 2], [1, 2, 0], [2, 3, 4]]
    assert np.isnan(series.non_finite[0]) == (count != -1)


def test_huge_counts_stay():
    assert rows_of(tensor([0, 1, 2**53], [1, 2, 1e18])) == [[0, 1, 2**53], [1, 2, 1e18]]


def test_tiny_and_negative_zero_edges():
    assert rows_of(tensor([-0.0, 5e-324, 1], [5e-324, 1e-310, 2])) == [[0, 5e-324, 1], [5e-324, 1e-310, 2]]
    assert rows_of(tensor([-0.0, 0.0, 4])) == [[0, 0, 4]]


# -- old-style summaries -----------------------------------------------------------------------------------------


def test_minimum_and_maximum_become_the_outer_edges():
    series = old_style([0.0, 1.0, 2.0, 3.0], [0, 2, 0, 4], 0.5, 2.75)
    assert rows_of(series) == [[0.5, 1.0, 2], [1.0, 2.0, 0], [2.0, 2.75, 4]]


def test_a_first_bucket_with_values_begins_at_the_minimum():
    assert rows_of(old_style([0.0, 1.0], [2, 3], -4.0, 0.5)) == [[-4, 0, 2], [0, 0.5, 3]]


def test_the_last_limit_of_tf1_is_no_edge():
    assert rows_of(old_style([0.0, 1.0, TF1_END], [0, 2, 3], 0.5, 7.0)) == [[0.5, 1, 2], [1, 7, 3]]
    assert rows_of(old_style([0.0, 1.0, TF1_END], [0, 2, 0], 0.5, 0.9)) == [[0.5, 0.9, 2]]


def test_a_constant_in_one_bucket():
    assert rows_of(old_style([0.9, 1.1, TF1_END], [0, 5, 0], 1.0, 1.0)) == [[1, 1, 5]]
    assert rows_of(old_style([0.0, 1e-12], [0, 5], 0.0, 0.0)) == [[0, 0, 5]]


@pytest.mark.parametrize("extremes", [(0, 0), (TF1_END, -TF1_END), (inf, -inf), (nan, nan)])
def test_no_values_at_all(extremes):
    for limits, counts in ([], []), ([TF1_END], [0]):
        series = old_style(limits, counts, *extremes, num=0)
        assert rows_of(series) == []
        assert (series.non_finite.tolist(), series.uncounted.tolist()) == ([0], [0])


def test_nan_among_the_values_of_pytorch():
    series = old_style([0.0, 1e-12, 1.1e-12], [0, 2, 3], nan, nan, num=8, total=nan)
    assert rows_of(series) == [[0, 1e-12, 2], [1e-12, 1.1e-12, 3]]
    assert (series.non_finite.tolist(), series.uncounted.tolist()) == ([3], [0])


def test_infinity_among_the_values():
    series = old_style([1.0, 1.1, 1.21], [0, 2, 3], 1.05, inf, num=6, total=inf)
    assert rows_of(series) == [[1.05, 1.1, 2], [1.1, 1.21, 3]]
    assert series.non_finite.tolist() == [1]


def test_nan_that_the_writer_did_not_count():
    series = old_style([0.0, 1.0], [0, 2], nan, nan, num=2, total=nan)
    assert np.isnan(series.non_finite).all()


def test_an_open_end_without_extremes_is_closed_by_the_next_rung():
    series = old_style([1.0, 1.1, TF1_END], [2, 3, 4], nan, nan, num=10, total=nan)
    assert rows_of(series) == [
        [pytest.approx(1 / 1.1), 1.0, 2],
        [1.0, 1.1, 3],
        [1.1, pytest.approx(1.21), 4],
    ]


def test_values_beyond_the_ladder_are_uncounted():
    series = old_style([1e19, 1e20], [0, 3], 5e19, 1e25, num=10, total=1e26)
    assert rows_of(series) == [[5e19, 1e25, 3]]
    assert (series.non_finite.tolist(), series.uncounted.tolist()) == ([0], [7])
    nothing = old_style([1e20], [0], 1e21, 1e25, num=10, total=1e26)
    assert rows_of(nothing) == []
    assert nothing.uncounted.tolist() == [10]
    assert nothing.element_count.tolist() == [10]


def test_values_outside_of_buckets_that_the_user_chose_are_no_alarm():
    series = old_style([0.0, 1.0], [0, 3], -5.0, 5.0, num=10, total=1.0)
    assert (series.non_finite.tolist(), series.uncounted.tolist()) == ([0], [0])


def test_a_sum_that_overflowed_is_no_infinite_value():
    series = old_style([1e19, 1e20], [0, 3], 5e19, 6e19, total=inf)
    assert (series.non_finite.tolist(), series.uncounted.tolist()) == ([0], [0])


def test_extremes_that_contradict_the_limits_yield():
    assert rows_of(old_style([0.0, 1.0, 2.0], [0, 2, 3], 1.5, 1.7)) == [[1.0, 1.7, 5]]
    assert rows_of(old_style([0.0, 1.0, 2.0], [0, 2, 3], 1.9, 0.3)) == [[1.0, 1.0, 5]]
    assert rows_of(old_style([0.0, 1.0], [0, 2], 7.0, 3.0)) == [[3.0, 7.0, 2]]


# -- one odd step among many -------------------------------------------------------------------------------------


def test_an_odd_step_changes_no_other():
    plain, odd = [[0, 1, 2], [1, 2, 3]], [[nan, nan, 0]] * 2
    series = steps_of([plain, odd, plain, [[5, 5, 0], [5, 5, 4]], plain, odd, plain])
    assert series.lengths.tolist() == [2, 0, 2, 1, 2, 0, 2]
    assert np.isnan(series.non_finite).tolist() == [False, True, False, False, False, True, False]
    for i in (0, 2, 4, 6):
        assert np.column_stack([series.at(i).left, series.at(i).right, series.at(i).count]).tolist() == plain


def test_no_step_at_all():
    assert len(steps_of([])) == 0


# -- laws --------------------------------------------------------------------------------------------------------

edge = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 1e-12, 1.1e-12, -1.0, 1e20, -1e25, TF1_END, nan, inf, -inf, 5e-324]),
    st.floats(allow_nan=True),
    st.integers(-5, 5).map(float),
)
count = st.one_of(st.sampled_from([0.0, 0.0, 1.0, nan, inf, -1.0, 1e300]), st.integers(0, 10**6).map(float))
tables = st.lists(st.lists(st.tuples(edge, edge, count), max_size=6), max_size=4)


def assert_laws(series):
    for i in range(len(series)):
        histogram = series.at(i)
        left, right, counts = histogram.left, histogram.right, histogram.count
        assert np.isfinite(left).all() and np.isfinite(right).all()
        assert ((counts >= 0) & (counts < inf)).all()
        assert (left[1:] >= right[:-1]).all()
        if len(counts):
            assert counts[0] > 0 and counts[-1] > 0
            assert (left < right).all() or (len(counts) == 1 and left[0] == right[0])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(tables)
def test_any_rows_come_out_normal(given_tables):
    series = steps_of(given_tables)
    assert_laws(series)
    for i, table in enumerate(given_tables):
        usable = all(np.isfinite([left, right]).all() for left, right, _ in table)
        if usable:
            assert series.at(i).total == sum(c for _, _, c in table if 0 <= c <= 1e290)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_any_old_style_summary_comes_out_normal(data):
    limits = data.draw(st.lists(edge, max_size=6))
    counts = data.draw(st.lists(count, min_size=len(limits), max_size=len(limits)))
    series = old_style(limits, counts, data.draw(edge), data.draw(edge), num=data.draw(count), total=data.draw(edge))
    assert_laws(series)
    assert not (series.uncounted < 0).any()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(tables)
def test_the_normal_form_of_a_normal_form_is_itself(given_tables):
    once = steps_of(given_tables)
    again = steps_of([once.buckets[a:b] for a, b in zip(once.offsets[:-1], once.offsets[1:], strict=True)])
    for i in range(len(once)):
        rows = once.buckets[once.offsets[i] : once.offsets[i + 1]]
        if len(rows) == 1 and abs(rows[0, 1] - rows[0, 0] - 1) < 1e-9:
            continue  # could be a constant of TF 2.1
        assert again.buckets[again.offsets[i] : again.offsets[i + 1]].tolist() == rows.tolist()


# -- one histogram by three ways ---------------------------------------------------------------------------------

values = st.one_of(
    st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=40),
    st.lists(st.sampled_from([0.0, 1.0, -1.0, 1e-12, 3e19, -2e25, 1e30]), min_size=1, max_size=10),
    st.lists(st.floats(-1e-10, 1e-10), min_size=1, max_size=40),
    st.tuples(st.floats(-100, 100), st.integers(1, 50)).map(lambda pair: [pair[0]] * pair[1]),
)
spoilt = st.lists(st.sampled_from([nan, inf, -inf]), max_size=2)


def ladder():
    rungs = 1e-12 * 1.1 ** np.arange(774)
    return np.concatenate([-rungs[::-1], [0.0], rungs[rungs < 1e20]])


def summary(numbers, style):
    """Limits, counts, extremes and moments, as the writers make them."""
    numbers = np.array(numbers)
    limits = ladder()
    place = np.searchsorted(limits, numbers[np.isfinite(numbers)], side="right")
    if style == "tf1":
        limits = np.append(limits, TF1_END)
    counts = np.bincount(place, minlength=len(limits))[: len(limits)].astype(float)
    counts[0] = 0 if style != "tf1" else counts[0]
    filled = np.flatnonzero(counts)
    if style == "pytorch" and len(filled):
        kept = slice(max(filled[0] - 1, 0), filled[-1] + 1)
        limits, counts = limits[kept], counts[kept]
    if style == "tf1":  # runs of empty buckets become one
        last_of_run = (counts > 0) | np.append(counts[1:] > 0, True)
        limits, counts = limits[last_of_run], counts[last_of_run]
    with np.errstate(invalid="ignore", over="ignore"):
        return limits, counts, numbers.min(), numbers.max(), len(numbers), numbers.sum()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(values, spoilt, st.sampled_from(["pytorch", "tensorboardX of 2017", "tf1"]))
def test_a_summary_is_the_same_from_its_file_and_from_both_loaders(numbers, more, style):
    from tensorboard import data_compat
    from tensorboard.compat.proto import summary_pb2
    from tensorboard.util import tensor_util

    limits, counts, low, high, num, total = summary([*numbers, *more], style)
    from_file = old_style(limits, counts, low, high, num=num, total=total)
    rows = np.column_stack([[low, *limits[:-1]], [*limits[:-1], high], counts])
    by_data_server = steps_of([rows])
    histo = summary_pb2.HistogramProto(min=low, max=high, num=num, sum=total, bucket_limit=limits, bucket=counts)
    with np.errstate(over="ignore"):
        migrated = data_compat.migrate_value(summary_pb2.Summary.Value(tag="t", histo=histo))
    by_python = steps_of([tensor_util.make_ndarray(migrated.tensor)])
    for series in (from_file, by_data_server, by_python):
        assert_laws(series)
    assert_same_histogram(from_file.at(0), by_data_server.at(0), "data server")
    filled = np.count_nonzero(counts)
    if more and filled == 1:
        return  # with one bucket, both of whose edges were lost, nothing is left for the Python loader to show
    assert_same_histogram(from_file.at(0), by_python.at(0), "Python loader")


ROW = st.tuples(
    st.floats(-2, 2) | st.sampled_from([np.nan, np.inf, -np.inf, 0.0]),
    st.floats(-2, 2) | st.sampled_from([np.nan, np.inf, 0.0]),
    st.sampled_from([0.0, 1.0, 5.0, -1.0, np.nan, 1e300]),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(ROW, max_size=4) | st.integers(0, 4), max_size=6),
)
def test_steps_that_need_nothing_come_out_as_by_the_long_way(steps):
    """A number stands for so many buckets that are in normal form."""
    made = [
        [(float(i), i + 1.0, 3.0) for i in range(step)] if isinstance(step, int) else sorted(step, key=str)
        for step in steps
    ]
    rows = np.array([row for step in made for row in step], np.float64).reshape(-1, 3)
    offsets = np.cumsum([0, *map(len, made)]).astype(np.int64)
    short = to_normal_form(rows.copy(), offsets)
    long = _brought_there(rows.copy(), offsets, None, None)
    np.testing.assert_array_equal(short.rows, long.rows)
    np.testing.assert_array_equal(short.offsets, long.offsets)
    np.testing.assert_array_equal(short.non_finite, long.non_finite)

"""Every writer through every reader: normal form, counts, bounds, what is not finite, and the unmistakable shapes."""

import numpy as np
import pytest
from cases import STEPS, cases

from tb_histinsight.core.histogram import LADDER_BASE, LADDER_END, Layout
from tb_histinsight.core.labels import Role, Shape
from tb_histinsight.core.stats import series_stats
from tb_histinsight.shapes import shape_timeline

OLD_STYLE = {"tf1", "pytorch", "tensorboardx"}
DROPS_HUGE = {"pytorch", "tensorboardx"}
"""Writers that do not count values from 1e20 on."""
FLOAT32 = 2e-7
"""Relative error of an edge in the Python loader; the data server and the event files keep float64."""


def every_step(read):
    """(case, series, index, raw tensor) of everything that was written."""
    for case, series in read.series.items():
        if case not in cases():
            continue  # the Keras model has a layer of its own
        for index, step in enumerate(series.steps.tolist()):
            yield case, series, index, read.written.values(case, step)


def finite(values):
    return values[np.isfinite(values)].astype(np.float64)


def is_clean(values):
    """Nothing that a writer leaves out: all finite and below the end of the ladder."""
    return values.size > 0 and bool(np.isfinite(values).all()) and np.abs(values.astype(float)).max() < LADDER_END


def edge_error(read, values):
    """How far an edge may be off, given the reader; two roundings."""
    return FLOAT32 * np.abs(values).max() if read.reader == "python loader" else 1e-12 * np.abs(values).max()


def test_every_run_is_found_by_its_name(read):
    assert set(read.runs) == set(read.written.runs)


def test_every_case_and_step_that_was_written_is_read(read):
    for case in cases():
        expected = read.written.steps(case)
        if expected:
            assert read.series[case].steps.tolist() == expected, case
        else:
            assert case not in read.series


def test_buckets_are_in_normal_form(read):
    for case, series, index, _ in every_step(read):
        histogram = series.at(index)
        if not len(histogram.count):
            continue
        assert np.isfinite(histogram.left).all(), case
        assert np.isfinite(histogram.right).all(), case
        assert np.isfinite(histogram.count).all() and (histogram.count >= 0).all(), case
        assert histogram.count[0] > 0 and histogram.count[-1] > 0, case
        assert (histogram.left[1:] >= histogram.right[:-1]).all(), case
        if len(histogram.count) > 1:
            assert (histogram.left < histogram.right).all(), case


def test_the_outer_edges_are_minimum_and_maximum(read):
    for case, series, index, values in every_step(read):
        if is_clean(values):
            near = edge_error(read, finite(values))
            assert series.minimum[index] == pytest.approx(values.min(), rel=0, abs=near), case
            assert series.maximum[index] == pytest.approx(values.max(), rel=0, abs=near), case


def test_element_counts_are_those_of_the_tensors(read):
    for case, series, index, values in every_step(read):
        if is_clean(values) or (read.exact and read.written.writer in OLD_STYLE):
            assert series.element_count[index] == values.size, case


def test_values_beyond_the_ladder_are_noted_where_the_writer_did_not_count_them(read):
    if not read.exact:
        pytest.skip("TensorBoard drops the number that tells")
    series = read.series["huge"]
    left_out = 40.0 if read.written.writer in DROPS_HUGE else 0.0
    assert series.uncounted.tolist() == [left_out if step == 2 else 0.0 for step in series.steps]
    assert not series.non_finite.any()


def test_what_is_not_finite_is_noted_at_its_step_and_nowhere_else(read):
    for case, series, index, values in every_step(read):
        odd = int((~np.isfinite(values)).sum()) if values.dtype.kind == "f" else 0
        noted = series.non_finite[index]
        if odd:
            assert np.isnan(noted) or noted == odd, case
        else:
            assert noted == 0, case
        if odd and read.exact and read.written.writer in OLD_STYLE:
            assert noted == odd, case


def test_bounds_hold_the_true_values(read):
    for case, series, index, values in every_step(read):
        if not is_clean(values):
            continue
        stats = series_stats(series)
        x = finite(values)
        # Nothing smaller can be told from zero in an old-style histogram.
        smallest = LADDER_BASE if read.written.writer in OLD_STYLE else 0.0
        truth = {
            "mean": x.mean(),
            "std": x.std(),
            "rms": np.sqrt(np.mean(x**2)),
            "mean_abs": np.abs(x).mean(),
            "l2_norm": np.sqrt(np.sum(x**2)),
            "zero_share": (np.abs(x) < smallest).mean() if smallest else (x == 0).mean(),
        }
        for name, true in truth.items():
            bounded = getattr(stats, name)
            scale = 1.0 if name == "zero_share" else np.abs(x).max() * (np.sqrt(x.size) if name == "l2_norm" else 1)
            slack = (FLOAT32 * 4 if read.reader == "python loader" else 1e-12) * scale
            low, high = bounded.lower[index], bounded.upper[index]
            assert low - slack <= true <= high + slack, (case, name, low, true, high)
            assert low <= bounded.value[index] <= high, (case, name)


def test_event_files_keep_the_exact_sums_of_old_style_summaries(read):
    exact = read.exact and read.written.writer in OLD_STYLE
    for case, series, index, values in every_step(read):
        if not exact:
            assert series.moments is None
        elif is_clean(values):
            x = finite(values)
            assert series.moments.num[index] == x.size, case
            near = 1e-6 * np.abs(x).sum()  # PyTorch sums float32 tensors in float32
            assert series.moments.sum[index] == pytest.approx(x.sum(), rel=0, abs=near), case
            assert series.moments.sum_squares[index] == pytest.approx(np.sum(x**2), rel=1e-5), case


def test_the_layout_is_the_writer_s(read):
    expected = Layout.EXPONENTIAL if read.written.writer in OLD_STYLE else Layout.EQUAL
    assert read.series["normal"].layout is expected
    assert read.series["uniform"].layout is expected


def test_shapes_that_cannot_be_mistaken(read):
    expected = {
        "normal": Shape.GAUSSIAN,
        "uniform": Shape.UNIFORM,
        "constant": Shape.CONSTANT,
        "negative constant": Shape.CONSTANT,
        "zeros": Shape.COLLAPSED,
        "empty": Shape.EMPTY,
        "one element": Shape.CONSTANT,
        "two elements": Shape.UNRESOLVED,
        "sparse": Shape.SPARSE,
    }
    for case, series in read.series.items():
        if case not in cases():
            continue
        timeline = shape_timeline(series, series_stats(series), Role.OTHER)
        labels = dict(zip(series.steps.tolist(), (label.shape for label in timeline.labels), strict=True))
        if case in expected:
            assert set(labels.values()) == {expected[case]}, case
        for step, label in labels.items():
            odd = not np.isfinite(read.written.values(case, step)).all()
            assert (label is Shape.NON_FINITE) == odd, (case, step)
        if case == "near constant" and read.written.writer in OLD_STYLE:
            assert set(labels.values()) == {Shape.UNRESOLVED}


def test_refusals_are_those_that_are_known(written):
    """What each writer does with bad input; a writer that changes its mind must be looked at again."""
    nothing = {("empty", step) for step in STEPS}
    odd = {("one nan", 2), ("all nan", 2), ("plus inf", 1), ("minus inf", 1)}
    unnameable = {(case, step) for case in ("größe/重み", "<script>alert(1)</script>") for step in STEPS}
    expected = {
        "tf2": set(),
        "keras": set(),
        "tf1": odd | unnameable,
        "pytorch": nothing | {("all nan", 2)},
        "tensorboardx": nothing | {("all nan", 2)},
    }
    assert written.refused == expected[written.writer]
